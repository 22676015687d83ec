"""How careful the forecast must be, from how often it was wrong.

The promise to STANDARD is a number: of its starts at most one in a thousand is delayed by more than
a second because of FLEX, where schedules tell of them, and one in a hundred where nothing does.
There each burst is a surprise, and to foresee them all would leave no room for FLEX. Every delay
makes the forecast more careful, and every start without one a little bolder, so that the share of
delayed starts is drawn to what is aimed at, however wrong the forecast is (Gibbs, Candès, Adaptive
Conformal Inference Under Distribution Shift, NeurIPS 2021; here the steps are of the logarithm of
the risk). The quota of GFS, ASPLOS 2026, arXiv 2509.11134, is corrected by the rate of evictions in
a similar way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from glueball.core.forecast_demand import DAYS

#: of STANDARD starts that may be delayed where schedules tell of half of them or more: less than
#: half of what is promised, so that a bad week keeps the promise, too
AIM_SHARE = 0.0004
#: and where they tell of none
SURPRISED_AIM_SHARE = 0.0025
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
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOfStarts:
    """STANDARD runs that started on one day."""

    starts: int = 0
    foreseen: int = 0  #: those of them that a schedule told of
    delayed: int = 0  #: by more than `LATE_SECONDS`, because of FLEX

    @property
    def expected(self) -> float:
        """How many delays are aimed at."""
        told = min(1.0, 2 * self.foreseen / self.starts) if self.starts else 1.0
        share = SURPRISED_AIM_SHARE * math.pow(AIM_SHARE / SURPRISED_AIM_SHARE, told)
        return self.starts * share

    def and_one(self, flex_delay: float | None, *, foreseen: bool) -> DayOfStarts:
        """Return the day with one more start.

        Args:
            flex_delay: seconds that it waited because of FLEX; None if nobody knows.
            foreseen: whether a schedule told of it.
        """
        late = flex_delay is not None and flex_delay > LATE_SECONDS
        return DayOfStarts(
            starts=self.starts + 1, foreseen=self.foreseen + foreseen, delayed=self.delayed + late
        )


class DaysOfStarts:
    """STANDARD's starts of the last weeks, by day."""

    def __init__(self) -> None:
        self._days: dict[int, DayOfStarts] = {}
        self._judged = (-1, probability_after([]))  # on which day, and what was found

    def count(self, time: float, flex_delay: float | None, *, foreseen: bool) -> None:
        """Count a start; see `DayOfStarts.and_one`.

        Args:
            time: of the start, epoch seconds.
        """
        day = _day(time)
        before = self._days.get(day, DayOfStarts())
        self._days[day] = before.and_one(flex_delay, foreseen=foreseen)

    def probability(self, now: float) -> float:
        """Return what the days that are over have taught; it changes once a day.

        Args:
            now: epoch seconds.
        """
        today = _day(now)
        if today != self._judged[0]:
            self._days = {day: of for day, of in self._days.items() if day >= today - DAYS}
            over = range(min(self._days, default=today), today)
            days = [self._days.get(day, DayOfStarts()) for day in over]
            self._judged = today, probability_after(days)
        return self._judged[1]


def probability_after(days: Sequence[DayOfStarts]) -> float:
    """Return the probability with which the forecast is to hold from now on.

    Args:
        days: whole days that are over, in order, beginning with the first that is remembered.

    Returns:
        From 0.95 to 0.9995; 0.99 in the first week.
    """
    risk = 1 - DEFAULT_PROBABILITY
    for day in days[_LEARNING_DAYS:]:
        step = math.exp(_GAIN * (day.expected - day.delayed) / max(1.0, day.expected))
        risk = min(_MOST_RISK, max(_LEAST_RISK, risk * max(_MOST_CAREFUL, step)))
    return 1 - risk


def _day(time: float) -> int:
    return math.floor(time / _DAY_SECONDS)
