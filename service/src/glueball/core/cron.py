"""AWS's cron(): six fields, in UTC. https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html

A date is found month by month, in the years and months that the schedule names, by masks of days:
the rarest schedule (a fifth Friday in February, every 28 or 40 years) takes some forty steps.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from calendar import isleap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from glueball.core.cron_days import day_masks, place_of_kind
from glueball.core.cron_fields import HOURS, MINUTES, MONTH, NOT_VALID, YEAR, values
from glueball.core.errors import InvalidInput

DAY_SECONDS = 86_400
#: epoch seconds of the first moment that no schedule knows: the year after the last
END_OF_YEARS = (date(YEAR.last + 1, 1, 1).toordinal() - date(1970, 1, 1).toordinal()) * DAY_SECONDS

_EPOCH = date(1970, 1, 1).toordinal()
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cron:
    """A cron() that was understood. Days are counted from 1970-01-01."""

    times: Sequence[int]  #: seconds of the day, in order
    masks: Sequence[int]  #: the days of each kind of month
    months: Sequence[int]
    years: Sequence[int]

    def next_after(self, time: float, anchor: float) -> float | None:
        """Return the first due time after both `time` and `anchor` (epoch seconds); None: never."""
        after = math.floor(min(max(time, anchor, -1), END_OF_YEARS))
        day, second = divmod(after, DAY_SECONDS)
        place = bisect_right(self.times, second)
        today = place < len(self.times)
        found = self._day_from(day if today else day + 1)
        if found is None:
            return None
        return float(found * DAY_SECONDS + self.times[place if today and found == day else 0])

    def last_until(self, time: float, anchor: float) -> float | None:
        """Return the last due time that is not after `time`, if it is after `anchor`."""
        until = math.floor(min(max(time, -1), END_OF_YEARS - 1))
        day, second = divmod(until, DAY_SECONDS)
        place = bisect_right(self.times, second)
        found = self._day_until(day if place else day - 1)
        if found is None:
            return None
        due = found * DAY_SECONDS + self.times[place - 1 if place and found == day else -1]
        return float(due) if due > anchor else None

    def _day_from(self, day: int) -> int | None:
        """Return the first day of the schedule that is not before `day`."""
        start = date.fromordinal(_EPOCH + day)
        for year, month in self._months_from(start.year, start.month):
            first, mask = self._days_of(year, month)
            if first < day:
                mask = mask >> (day - first) << (day - first)
            if mask:
                return first + (mask & -mask).bit_length() - 1
        return None

    def _day_until(self, day: int) -> int | None:
        """Return the last day of the schedule that is not after `day`."""
        end = date.fromordinal(_EPOCH + day)
        for year, month in self._months_until(end.year, end.month):
            first, mask = self._days_of(year, month)
            mask &= (1 << max(day - first + 1, 0)) - 1
            if mask:
                return first + mask.bit_length() - 1
        return None

    def _days_of(self, year: int, month: int) -> tuple[int, int]:
        """Return the number of the first day of a month, and the mask of its days."""
        ordinal = date(year, month, 1).toordinal()
        length = 29 if month == 2 and isleap(year) else _LENGTHS[month - 1]
        # the ordinal of a Sunday is a multiple of seven
        return ordinal - _EPOCH, self.masks[place_of_kind(ordinal % 7, length)]

    def _months_from(self, year: int, month: int) -> Iterator[tuple[int, int]]:
        for one in self.years[bisect_left(self.years, year) :]:
            start = bisect_left(self.months, month) if one == year else 0
            yield from ((one, other) for other in self.months[start:])

    def _months_until(self, year: int, month: int) -> Iterator[tuple[int, int]]:
        for one in reversed(self.years[: bisect_right(self.years, year)]):
            end = bisect_right(self.months, month) if one == year else len(self.months)
            yield from ((one, other) for other in reversed(self.months[:end]))


def parse_cron(fields: str, shortest_seconds: int) -> Cron:
    """Understand what stands in the brackets of cron().

    Args:
        fields: minutes, hours, day of month, month, day of week and year.
        shortest_seconds: what is due more often is refused.

    Raises:
        InvalidInput: the sentence says what is wrong and what is allowed.
    """
    texts = fields.split()
    if len(texts) != 6:
        raise InvalidInput(
            f"{NOT_VALID}: cron has six fields between white space, Minutes Hours Day-of-month "
            f"Month Day-of-week Year, and here are {len(texts)}: cron({fields})."
        )
    minutes, hours, day_of_month, month, day_of_week, year = texts
    cron = Cron(
        times=_times(values(MINUTES, minutes), values(HOURS, hours)),
        masks=day_masks(day_of_month, day_of_week),
        months=values(MONTH, month),
        years=values(YEAR, year),
    )
    _refuse_too_often(cron, shortest_seconds)
    _refuse_never(cron, fields)
    return cron


def _times(minutes: Sequence[int], hours: Sequence[int]) -> tuple[int, ...]:
    return tuple(hour * 3600 + minute * 60 for hour in hours for minute in minutes)


def _refuse_too_often(cron: Cron, shortest_seconds: int) -> None:
    """Compare neighbours; the last of a day is followed by the first, as if every day were due."""
    following = [*cron.times[1:], cron.times[0] + DAY_SECONDS]
    gap = min(after - before for before, after in zip(cron.times, following, strict=True))
    if gap < shortest_seconds:
        raise InvalidInput(
            f"Cron expressions that lead to rates faster than {shortest_seconds // 60} minutes "
            f"are not supported: two times are {gap // 60} min apart. Name fewer values in the "
            "Minutes field, 0/5 for example."
        )


def _refuse_never(cron: Cron, fields: str) -> None:
    if cron.next_after(-1, -1) is None:
        raise InvalidInput(
            f"{NOT_VALID}: cron({fields}) never fires: no month of its Month and Year fields has "
            "such a day."
        )
