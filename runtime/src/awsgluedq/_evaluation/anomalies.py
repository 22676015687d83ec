"""When a statistic is an anomaly, given the values that it had in earlier runs.

AWS tells neither its method nor its bounds. Here a value is one when it is further from the mean
of the earlier values than three of their standard deviations.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

#: Fewer earlier values tell nothing.
LEAST = 3
#: How many earlier values count.
MOST = 100
#: How many standard deviations a value may be off.
WIDTH = 3
#: How far a value may be off in any case, as a part of the mean: earlier values may all be equal.
SLACK = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Where a value is expected, ends included."""

    low: float
    high: float

    def hold(self, value: float) -> bool:
        """Tell whether a value is within."""
        return self.low <= value <= self.high


def bounds(earlier: Sequence[float]) -> Bounds | None:
    """Return where the next value is expected; None when too few are known.

    Args:
        earlier: the values of earlier runs.
    """
    if len(earlier) < LEAST:
        return None
    mean = statistics.fmean(earlier)
    reach = max(WIDTH * statistics.pstdev(earlier), SLACK * abs(mean))
    return Bounds(low=mean - reach, high=mean + reach)
