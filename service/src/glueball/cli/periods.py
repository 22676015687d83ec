"""The time that a report looks back at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

_DAY_SECONDS = 86400.0
#: a hundred years
_MOST_DAYS = 36525.0

SinceOption = Annotated[
    str | None,
    typer.Option("--since", metavar="DATE", help="From this day on: 2026-11-01, or with a time."),
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="DATE", help="Up to the end of this day, or to a time."),
]
DaysOption = Annotated[
    float | None,
    typer.Option(
        "--days", min=0.0, max=_MOST_DAYS, help="As many days back from the end (by default now)."
    ),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From `since` on and before `until`, epoch seconds."""

    since: float
    until: float

    @property
    def days(self) -> float:
        return (self.until - self.since) / _DAY_SECONDS

    def __str__(self) -> str:
        return f"{_minute(self.since)} to {_minute(self.until)} UTC"


def period(
    since: str | None, until: str | None, days: float | None, *, default_days: float, now: float
) -> Period:
    """Return the time that the options mean. Dates and times without a zone are UTC's.

    Raises:
        typer.BadParameter: they cannot be read, contradict each other or mean no time at all.
    """
    if since is not None and days is not None:
        raise typer.BadParameter("Say --since or --days, not both.")
    end = now if until is None else _moment(until, "--until", end_of_day=True)
    if since is None:
        start = end - _DAY_SECONDS * (default_days if days is None else days)
    else:
        start = _moment(since, "--since", end_of_day=False)
    if start >= end:
        raise typer.BadParameter("That is no time at all: the end is not after the beginning.")
    return Period(since=start, until=end)


def iso(time: float) -> str:
    """Write a time as 2026-11-21T06:00:00Z."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str, option: str, *, end_of_day: bool) -> float:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        if end_of_day and _is_date(text):
            moment += timedelta(days=1)
        return moment.timestamp()
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"{option} cannot be {text!r}: write a day as 2026-11-21, or a time as "
            "2026-11-21T06:00."
        ) from error


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _minute(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M")
