"""How careful the forecast must be, from how often it was wrong.

The promise to STANDARD is a number: of its starts in seven days at most one in a thousand is
delayed by more than a second because of FLEX. A day that breaks it makes the forecast more
careful at once, by the square root of how far it was broken, as a few delays may be chance; days
that keep it well make it bolder, slowly. (The quota of GFS, ASPLOS 2026,
arXiv 2509.11134, is corrected by the rate of evictions in the same way.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: of STANDARD starts in the window
TARGET_SHARE = 0.001
WINDOW_DAYS = 7
#: a wait of a STANDARD run that is no longer counts as none
LATE_SECONDS = 1.0
DEFAULT_PROBABILITY = 0.99
#: the bounds of 1 − p
_LEAST_RISK, _MOST_RISK = 0.0005, 0.05
#: the least and the most by which one day changes it
_MOST_CAREFUL, _BOLDER = 0.4, 1.1


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOfStarts:
    """STANDARD runs that started on one day."""

    starts: int
    delayed: int  #: by more than `LATE_SECONDS`, because of FLEX


def probability_after(days: Sequence[DayOfStarts]) -> float:
    """Return the probability with which the forecast is to hold from now on.

    Args:
        days: whole days that are over, in order, beginning with the first that is remembered.

    Returns:
        From 0.95 to 0.9995; 0.99 before any day.
    """
    risk = 1 - DEFAULT_PROBABILITY
    for end in range(1, len(days) + 1):
        window = days[max(0, end - WINDOW_DAYS) : end]
        starts = sum(day.starts for day in window)
        delayed = sum(day.delayed for day in window)
        if days[end - 1].delayed and delayed > TARGET_SHARE * starts:
            risk *= max(_MOST_CAREFUL, math.sqrt(TARGET_SHARE * starts / delayed))
        elif delayed <= TARGET_SHARE / 2 * starts and starts >= 1 / TARGET_SHARE:
            risk *= _BOLDER
        risk = min(_MOST_RISK, max(_LEAST_RISK, risk))
    return 1 - risk
