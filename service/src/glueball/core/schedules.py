"""Schedules of triggers and crawlers: AWS's cron() and rate(), in UTC.

Sources: https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

from glueball.core.cron import END_OF_YEARS, parse_cron
from glueball.core.cron_fields import NOT_VALID
from glueball.core.errors import InvalidInput

#: Glue: "rates faster than 5 minutes are not supported", for jobs as for crawlers
SHORTEST_SECONDS = 300
#: of a ScheduleExpression in EventBridge
LONGEST_TEXT = 256

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}


class Schedule(Protocol):
    """When something is due: at whole seconds, after its activation, before the year 2200."""

    def next_after(self, time: float, anchor: float) -> float | None:
        """Return the first due time after `time`; None: never again.

        Args:
            time: epoch seconds.
            anchor: the activation, epoch seconds: rate() counts from it, nothing is due before it.
        """

    def last_until(self, time: float, anchor: float) -> float | None:
        """Return the last due time that is not after `time`; None: none since `anchor`."""


@dataclass(frozen=True, slots=True)
class Rate:
    """rate(): due whenever a period has passed since the activation."""

    period: int  #: seconds

    def next_after(self, time: float, anchor: float) -> float | None:
        """Return the first due time after both `time` and `anchor` (epoch seconds); None: never."""
        start = math.floor(anchor)
        passed = math.floor(max(time, anchor)) - start
        due = start + (passed // self.period + 1) * self.period
        return float(due) if due < END_OF_YEARS else None

    def last_until(self, time: float, anchor: float) -> float | None:
        """Return the last due time that is not after `time`, if it is after `anchor`."""
        start = math.floor(anchor)
        periods = (math.floor(min(time, END_OF_YEARS - 1)) - start) // self.period
        return float(start + periods * self.period) if periods > 0 else None


@lru_cache(maxsize=16_384)
def parse_schedule(text: str, shortest_seconds: int = SHORTEST_SECONDS) -> Schedule:
    """Understand a schedule.

    Args:
        text: `cron(fields)` or `rate(value unit)`.
        shortest_seconds: what is due more often is refused; Glue's limit by default.

    Raises:
        InvalidInput: the sentence says what is wrong and what is allowed.
    """
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(
            f"{NOT_VALID}: it has {len(text)} characters, and {LONGEST_TEXT} are allowed. Name "
            "ranges (2026-2030) and steps (0/15) in place of single values."
        )
    match = re.fullmatch(r"\s*(cron|rate)\((.*)\)\s*", text, re.DOTALL)
    if match is None:
        raise InvalidInput(
            f"{NOT_VALID}: '{text}' is neither cron(fields) nor rate(value unit). For example, "
            "cron(15 12 * * ? *) is every day at 12:15 UTC, and rate(1 hour) every hour."
        )
    if match[1] == "cron":
        return parse_cron(match[2], shortest_seconds)
    return _parse_rate(match[2], shortest_seconds)


def require_due(schedule: Schedule, time: float) -> None:
    """Refuse a schedule that is over, cron(0 0 1 1 ? 2020) today.

    Args:
        schedule: as it was understood.
        time: epoch seconds.

    Raises:
        InvalidInput: it is never due after `time`.
    """
    if schedule.next_after(time, time) is None:
        last = schedule.last_until(time, -1)
        when = "" if last is None else f": the last time was {_date(last)}"
        raise InvalidInput(
            f"{NOT_VALID}: it never fires again{when}. Name a later year, or * for every year."
        )


def _date(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _parse_rate(text: str, shortest_seconds: int) -> Rate:
    match = re.fullmatch(r"\s*([0-9]+)\s+(minute|hour|day)(s?)\s*", text)
    if match is None or int(match[1]) == 0:
        raise InvalidInput(
            f"{NOT_VALID}: rate({text}). A rate is a positive number and a unit between white "
            "space; units are minute, minutes, hour, hours, day and days: rate(5 minutes)."
        )
    value = int(match[1])
    if (value > 1) is not bool(match[3]):
        right = match[2] + ("s" if value > 1 else "")
        raise InvalidInput(
            f"{NOT_VALID}: rate({text}). If the value is equal to 1, then the unit must be "
            "singular. If the value is greater than 1, the unit must be plural: "
            f"rate({value} {right})."
        )
    return _checked_rate(value * _UNITS[match[2]], text, shortest_seconds)


def _checked_rate(period: int, text: str, shortest_seconds: int) -> Rate:
    if period < shortest_seconds:
        raise InvalidInput(
            f"Rates faster than {shortest_seconds // 60} minutes are not supported: rate({text}). "
            f"Use rate({shortest_seconds // 60} minutes)."
        )
    if period >= END_OF_YEARS:
        raise InvalidInput(f"{NOT_VALID}: rate({text}) never fires: the last year is 2199.")
    return Rate(period)
