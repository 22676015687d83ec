"""Percentiles of what was seen."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all values do not exceed.

    It is always a value that was seen (the nearest rank): nothing is made up between two of them.

    Args:
        values: in rising order, at least one.
        share: above 0 and up to 1.

    >>> percentile([1.0, 2.0, 3.0, 40.0], 0.5), percentile([1.0, 2.0, 3.0, 40.0], 0.95)
    (2.0, 40.0)
    """
    return values[max(0, math.ceil(len(values) * share) - 1)]
