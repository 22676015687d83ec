from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from glueball.core.maintenance import is_restarted, longest_seconds, restart_due
from glueball.core.runs import RunState
from support.runs import make_run


def _at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


#: a Monday
_STARTED = _at("2024-07-01 00:00")


def _stream(window: str | None = None, **changes: Any) -> Any:
    document: dict[str, Any] = {"Arguments": {}}
    if window is not None:
        document["MaintenanceWindow"] = window
    values: dict[str, Any] = {
        "command": "gluestreaming",
        "timeout_minutes": 0,
        "state": RunState.RUNNING,
        "started": _STARTED,
        "running": _STARTED + 30,
        "document": document,
    }
    return make_run(**(values | changes))


@pytest.mark.parametrize(
    ("window", "started", "due"),
    [
        # the page's own example: without a window seven days after the start
        (None, "2024-07-01 00:00", "2024-07-08 00:00"),
        # the window opens right when the seven days are over
        ("Mon:0", "2024-07-01 00:00", "2024-07-08 00:00"),
        # … and is open for three hours
        ("Mon:0", "2024-07-01 02:59", "2024-07-08 02:59"),
        ("Mon:0", "2024-07-01 03:00", "2024-07-15 00:00"),
        # the first window after the seven days, not one within them
        ("Sun:02", "2024-07-01 00:00", "2024-07-14 02:00"),
        ("Mon:10", "2024-07-01 00:00", "2024-07-08 10:00"),
        # a window over midnight, and over the end of the week
        ("Sun:23", "2024-07-01 01:00", "2024-07-08 01:00"),
        ("Sat:23", "2024-06-30 01:30", "2024-07-07 01:30"),
        # a year's end
        ("Wed:5", "2024-12-25 12:00", "2025-01-08 05:00"),
    ],
)
def test_when_a_stream_is_restarted(window: str | None, started: str, due: str) -> None:
    assert restart_due(_stream(window, started=_at(started))) == _at(due)


@pytest.mark.parametrize(
    "changes",
    [
        {"timeout_minutes": 10080},  # "If the timeout is less than 7 days, … not be restarted"
        {"command": "glueetl"},
        {"state": RunState.STOPPING},  # it ends as it is
        {"state": RunState.WAITING, "started": None},
        {"state": RunState.SUCCEEDED},
    ],
)
def test_what_is_never_restarted(changes: dict[str, Any]) -> None:
    assert restart_due(_stream("Sun:02", **changes)) is None


def test_no_stream_lasts_two_weeks() -> None:
    for hour in range(7 * 24):
        started = _STARTED + hour * 3600
        due = restart_due(_stream("Thu:17", started=started))
        assert due is not None
        assert 7 * 86_400 <= due - started < longest_seconds(_stream()) == 14 * 86_400


def test_only_an_expired_stream_is_replaced() -> None:
    asked = _stream(state=RunState.STOPPING, stop_cause=RunState.EXPIRED)
    assert is_restarted(asked, RunState.EXPIRED)
    assert not is_restarted(asked, RunState.FAILED)
    # one that waited too long in its queue is EXPIRED for good
    assert not is_restarted(_stream(state=RunState.WAITING), RunState.EXPIRED)
