from __future__ import annotations

from datetime import UTC, datetime

import pytest

from glueball.core.deadlines import next_deadline, parse_deadline
from glueball.core.errors import InvalidInput


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("deadline", "after", "expected"),
    [
        ("06:00", "2026-11-21 00:00", "2026-11-21 06:00"),  # later today
        ("06:00", "2026-11-21 06:00", "2026-11-22 06:00"),  # now is too late for today's
        ("06:00", "2026-11-21 23:59", "2026-11-22 06:00"),
        ("00:00", "2026-12-31 12:00", "2027-01-01 00:00"),  # midnight ends the day
        ("23:59", "2028-02-28 23:59", "2028-02-29 23:59"),  # a leap day
    ],
)
def test_the_next_moment_with_this_time_of_the_day(
    deadline: str, after: str, expected: str
) -> None:
    assert next_deadline(deadline, at(after)) == at(expected)


@pytest.mark.parametrize(
    "text", ["", "6:00", "24:00", "06:60", "06:00:00", "6am", "06:00 ", "0٦:00"]
)
def test_what_is_no_time_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="HH:MM"):
        parse_deadline(text)
