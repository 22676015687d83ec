"""High quantiles of few values.

Of a hundred values the highest says what is exceeded once in a hundred times, and nothing says what
is exceeded once in a thousand. How far the highest few lie above those before them does: beyond a
high threshold excesses fall off about exponentially (peaks over threshold: Pickands, Statistical
Inference Using Extreme Order Statistics, Annals of Statistics 3, 1975).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice

from glueball.core.forecast_lengths import rank

#: of so many values, the highest few are the tail
_TAIL_SHARE = 0.1


def high_quantile(values: Sequence[float], probability: float) -> float:
    """Return the value that is not exceeded with a probability.

    Args:
        values: at least one, in rising order.
        probability: 0.99, say. Where so many values cannot tell, their tail is prolonged.
    """
    count = len(values)
    expected = count * (1 - probability)  # of as many values would be higher
    tail = math.floor(count * _TAIL_SHARE)
    if expected >= 1 or not tail:
        return values[rank(count, probability)]
    threshold = values[count - tail - 1]
    excess = sum(islice(values, count - tail, None)) / tail - threshold
    return max(values[-1], threshold + excess * math.log(tail / expected))
