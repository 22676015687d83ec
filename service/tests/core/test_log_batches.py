from __future__ import annotations

import pytest

from glueball.core.log_batches import DAY_MS, Event, InvalidBatch, sort_out

NOW = 1_700_000_000_000
HOUR_MS = 3_600_000


def events(*ages: int, message: str = "x") -> list[Event]:
    """Return events as old as this, in milliseconds."""
    return [Event(timestamp=NOW - age, message=message) for age in ages]


@pytest.mark.parametrize(
    ("ages", "retention", "accepted", "too_old", "expired", "first_too_new"),
    [
        ((5, 4, 4, 0), None, 4, 0, 0, None),
        # two hours ahead and not more
        ((0, -2 * HOUR_MS, -2 * HOUR_MS - 1), None, 2, 0, 0, 2),
        # fourteen days and not more
        ((14 * DAY_MS + 1, 14 * DAY_MS), None, 1, 1, 0, None),
        # what the group would not keep is not taken
        ((2 * DAY_MS, DAY_MS, 0), 1, 2, 0, 1, None),
        # nothing is left
        ((20 * DAY_MS, 19 * DAY_MS), 7, 0, 2, 2, None),
        ((-3 * HOUR_MS,), None, 0, 0, 0, 0),
        # rejected events do not count for the span
        ((15 * DAY_MS, 0), None, 1, 1, 0, None),
    ],
)
def test_batches_are_divided_by_age(
    ages: tuple[int, ...],
    retention: int | None,
    accepted: int,
    too_old: int,
    expired: int,
    first_too_new: int | None,
) -> None:
    found = sort_out(events(*ages), now=NOW, retention_days=retention)
    assert (len(found.accepted), found.too_old, found.expired, found.first_too_new) == (
        accepted,
        too_old,
        expired,
        first_too_new,
    )


@pytest.mark.parametrize(
    ("batch", "says"),
    [
        (events(1, 2), "must be in chronological order"),
        (events(DAY_MS + 1, 0), "cannot span more than 24 hours"),
        (events(0, message="é" * 600_000), "Log event too large: 1200026 bytes exceeds limit"),
        (events(0, message="x" * 262_119), "Log event too large: 262145 bytes exceeds limit"),
        (events(*[0] * 5, message="x" * 250_000), "Upload too large: 1250130 bytes exceeds"),
    ],
)
def test_batches_refused_as_a_whole(batch: list[Event], says: str) -> None:
    with pytest.raises(InvalidBatch, match=says):
        sort_out(batch, now=NOW, retention_days=None)
