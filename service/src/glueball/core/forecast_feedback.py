"""How careful the forecast must be, from how often it was wrong.

The promise to STANDARD is a number: of its starts at most one in a thousand is delayed by more than
a second because of FLEX. Every delay makes the forecast more careful, and every start without one a
little bolder, so that the share of delayed starts is drawn to what is aimed at, however wrong the
forecast is (Gibbs, Candès, Adaptive Conformal Inference Under Distribution Shift,
NeurIPS 2021; here the steps are of the logarithm of the risk). The quota of GFS, ASPLOS 2026,
arXiv 2509.11134, is corrected by the rate of evictions in a similar way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: of STANDARD starts that may be delayed: less than half of what is promised, so that a bad week
#: keeps the promise, too
AIM_SHARE = 0.0004
#: a wait of a STANDARD run that is no longer counts as none
LATE_SECONDS = 1.0
DEFAULT_PROBABILITY = 0.99
#: the bounds of 1 - p
_LEAST_RISK, _MOST_RISK = 0.0005, 0.05
#: how far one day moves the logarithm of the risk for each delay that was expected and not seen, or
#: seen and not expected; in units of those that were expected where these are more than one
_GAIN = 0.5
#: the least by which one day multiplies it: several runs are often delayed by one event
_MOST_CAREFUL = 0.6
#: so many first days of a history say more of how short it is than of how careful one must be
_LEARNING_DAYS = 7


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
        From 0.95 to 0.9995; 0.99 in the first week.
    """
    risk = 1 - DEFAULT_PROBABILITY
    for day in days[_LEARNING_DAYS:]:
        expected = AIM_SHARE * day.starts
        step = math.exp(_GAIN * (expected - day.delayed) / max(1.0, expected))
        risk = min(_MOST_RISK, max(_LEAST_RISK, risk * max(_MOST_CAREFUL, step)))
    return 1 - risk
