"""The two day fields of AWS's cron(): which days of a month they mean.

What a month's days are depends on two things only: the weekday of its first and its length. So
there are 28 kinds of month, and a schedule knows its days in each: as a mask, whose lowest bit is
the first of the month.

Sources: https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html (L and W),
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html (#, and that W is
the weekday nearest to a day). `LW`, `L-3`, `6L` and that W stays in its month are as Quartz has
them, whose syntax AWS's is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from glueball.core.cron_fields import DAY_OF_MONTH, DAY_OF_WEEK, NOT_VALID, value, values
from glueball.core.errors import InvalidInput

SHORTEST_MONTH = 28
SUNDAY, SATURDAY = 1, 7  #: AWS counts weekdays from SUN=1


class MonthKind(NamedTuple):
    """All that the days of a schedule in a month depend on."""

    first_weekday: int  #: of its first day, 1 (SUN) to 7 (SAT)
    length: int

    def weekday(self, day: int) -> int:
        """Return the weekday of a day, 1 (SUN) to 7 (SAT)."""
        return (self.first_weekday + day - 2) % 7 + 1


_Rule: TypeAlias = Callable[[MonthKind], Iterable[int]]

_KINDS = [
    MonthKind(weekday, length)
    for length in range(SHORTEST_MONTH, 32)
    for weekday in range(SUNDAY, SATURDAY + 1)
]


def place_of_kind(weekday_from_zero: int, length: int) -> int:
    """Return where the days of a month are in a table of masks.

    Args:
        weekday_from_zero: of the month's first day, 0 (SUN) to 6 (SAT).
        length: of the month, in days.
    """
    return (length - SHORTEST_MONTH) * 7 + weekday_from_zero


@lru_cache(maxsize=4096)
def day_masks(day_of_month: str, day_of_week: str) -> Sequence[int]:
    """Return the days that the two fields mean, a mask for each kind of month.

    Raises:
        InvalidInput: not exactly one of them is `?`, or the other means nothing.
    """
    if (day_of_month == "?") is (day_of_week == "?"):
        raise _not_one(day_of_month)
    if day_of_month == "?":
        rule = _rule_of_week(day_of_week.upper())
    else:
        rule = _rule_of_month(day_of_month.upper())
    return tuple(sum(1 << (day - 1) for day in rule(kind)) for kind in _KINDS)


def _not_one(day_of_month: str) -> InvalidInput:
    if day_of_month == "?":
        return InvalidInput(
            f"{NOT_VALID}: both day fields are ?. Say which days in one of the Day-of-month and "
            "Day-of-week fields; * is every day."
        )
    return InvalidInput(
        "You can't specify the Day-of-month and Day-of-week fields in the same cron expression. "
        "If you specify a value in one of the fields, you must use a ? (question mark) in the "
        "other."
    )


def _rule_of_month(text: str) -> _Rule:
    if text == "LW":
        return lambda kind: _nearest_working_day(kind, kind.length)
    if match := re.fullmatch(r"L(?:-([0-9]{1,2}))?", text):
        before = int(match[1] or 0)
        if before > 30:
            raise DAY_OF_MONTH.refusal(text, "L-30 is the first of a month with 31 days")
        return lambda kind: [kind.length - before] if before < kind.length else []
    if match := re.fullmatch(r"([0-9]{1,2})W", text):
        near = value(DAY_OF_MONTH, match[1])
        return lambda kind: _nearest_working_day(kind, near)
    _refuse_in_list(text, "LW", "L, LW and W stand alone: L, L-3, LW, 15W")
    days = values(DAY_OF_MONTH, text)
    return lambda kind: [day for day in days if day <= kind.length]


def _rule_of_week(text: str) -> _Rule:
    if match := re.fullmatch(r"(\w+)#([1-5])", text):
        weekday, number = value(DAY_OF_WEEK, match[1]), int(match[2])
        return lambda kind: _all_of_weekday(kind, weekday)[number - 1 : number]
    if match := re.fullmatch(r"(\w+)L", text):
        last = value(DAY_OF_WEEK, match[1])
        return lambda kind: _all_of_weekday(kind, last)[-1:]
    if "#" in text:
        raise DAY_OF_WEEK.refusal(
            text, "# makes one expression of a day and a number from 1 to 5: 3#2, FRI#1"
        )
    # the last day of the week is Saturday
    text = "SAT" if text == "L" else text
    if re.search(r"L(,|-|$)", text):
        raise DAY_OF_WEEK.refusal(text, "L stands alone or after one day: L, 6L, FRIL")
    days = frozenset(values(DAY_OF_WEEK, text))
    return lambda kind: [d for d in range(1, kind.length + 1) if kind.weekday(d) in days]


def _refuse_in_list(text: str, letters: str, why: str) -> None:
    if any(letter in text for letter in letters):
        raise DAY_OF_MONTH.refusal(text, why)


def _nearest_working_day(kind: MonthKind, day: int) -> list[int]:
    """Return the day from Monday to Friday that is nearest, and in the same month."""
    if day > kind.length:
        return []
    weekday = kind.weekday(day)
    if weekday == SATURDAY:
        return [day - 1 if day > 1 else day + 2]
    if weekday == SUNDAY:
        return [day + 1 if day < kind.length else day - 2]
    return [day]


def _all_of_weekday(kind: MonthKind, weekday: int) -> range:
    first = 1 + (weekday - kind.first_weekday) % 7
    return range(first, kind.length + 1, 7)
