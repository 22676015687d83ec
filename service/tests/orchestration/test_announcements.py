from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glueball.api.context import Context
from glueball.core.events import Event
from glueball.core.runs import Run, RunState
from glueball.orchestration.announcements import announce_delays, announce_end, delayed
from glueball.orchestration.workflow_runs import stop_run
from glueball.stores import events, runs
from support.contexts import make_context
from support.runs import BASE_TIME, make_run
from support.workflows import end


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    context = make_context(tmp_path)
    yield context
    context.database.close()


def _told(context: Context) -> list[Event]:
    with context.database.read() as connection:
        return events.by_source(connection, "aws.glue", limit=100)


def _stored(context: Context, run_id: str) -> Run:
    with context.database.read() as connection:
        run = runs.get(connection, run_id)
    assert run is not None
    return run


@pytest.mark.parametrize("state", [RunState.SUCCEEDED, RunState.FAILED])
def test_every_end_is_announced_with_it(context: Context, state: RunState) -> None:
    with context.database.write() as connection:
        runs.insert(connection, make_run(max_retries=1))
        end(connection, context.account, make_run(max_retries=1), state)
    assert [event.detail["state"] for event in _told(context)] == [state]


def test_a_run_that_is_stopped_in_the_queue(context: Context) -> None:
    with context.database.write() as connection:
        runs.insert(connection, make_run())
        assert stop_run(connection, make_run(), BASE_TIME)
        announce_end(connection, "jr_1", BASE_TIME)  # told twice, announced once
    assert [event.detail["message"] for event in _told(context)] == ["Job run stopped"]


def test_what_goes_on_is_not_announced(context: Context) -> None:
    with context.database.write() as connection:
        runs.insert(connection, make_run())
        announce_end(connection, "jr_1", BASE_TIME)
        announce_end(connection, "jr_none", BASE_TIME)
    assert _told(context) == []


def test_a_delay_is_announced_once_for_each_state(context: Context) -> None:
    document = {"Arguments": {}, "NotificationProperty": {"NotifyDelayAfter": 1}}
    with context.database.write() as connection:
        runs.insert(connection, make_run(document=document))
        runs.start(connection, "jr_1", now=BASE_TIME, dpus=1.0, memory_mb=1, detail=None)
    for now in (BASE_TIME + 59, BASE_TIME + 60, BASE_TIME + 70):
        _look(context, now)
    (event,) = _told(context)
    assert (event.time, event.detail["state"]) == (BASE_TIME + 60, "STARTING")
    run = _stored(context, "jr_1")
    with context.database.write() as connection:
        stop_run(connection, run, BASE_TIME + 80)
    _look(context, BASE_TIME + 80)
    _look(context, BASE_TIME + 90)
    assert [event.detail["state"] for event in _told(context)] == ["STOPPING", "STARTING"]


def _look(context: Context, now: float) -> None:
    late = delayed([_stored(context, "jr_1")], now)
    with context.database.write() as connection:
        announce_delays(connection, late, now)
