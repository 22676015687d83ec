"""Events, delays and restarts, as the engine brings them about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.test_loop import World
from glueball.core.runs import HOLDING, Run, RunState
from glueball.core.workflows import WorkflowRun
from glueball.orchestration.account import Account
from glueball.orchestration.workflow_runs import stop_run
from glueball.stores import events, runs, workflows
from support.event_rules import add_event, add_rule, event_trigger
from support.runs import BASE_TIME, active_runs, make_run
from support.workflows import add_all

_WEEK = 7 * 86_400.0
#: BASE_TIME is a Tuesday, 22:13:20 UTC
_NEXT_FRIDAY_AT_TWO = BASE_TIME + _WEEK + 2 * 86_400 + 3 * 3600 + 46 * 60 + 40


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(home=tmp_path)
    yield world
    world.close()


def _told(world: World) -> list[tuple[str, str]]:
    """Return the kind and the state of every event of Glue, oldest first."""
    with world.database.read() as connection:
        found = events.by_source(connection, "aws.glue", limit=100)
    return [(event.detail_type, event.detail["state"]) for event in reversed(found)]


def _active(world: World) -> list[Run]:
    with world.database.read() as connection:
        return active_runs(connection)


def _workflow_runs(world: World) -> list[WorkflowRun]:
    with world.database.read() as connection:
        page = workflows.page_of_runs(connection, workflow_name="w", before=None, limit=100)
    return [run for _, run in page]


def _stream(**document: Any) -> Run:
    return make_run(
        command="gluestreaming",
        timeout_minutes=0,
        dpus=1.0,
        document={"Arguments": {}, "MaxCapacity": 1.0, **document},
    )


def _running(world: World, run: Run) -> None:
    world.submit(run)
    world.engine.step()
    world.launcher.runs(run.id, world.clock.now())
    world.engine.step()
    assert world.run(run.id).state is RunState.RUNNING


def test_ends_are_announced_and_delivered(world: World) -> None:
    _running(world, make_run())
    world.launcher.ends("jr_1", BASE_TIME + 5)
    assert world.engine.step() > 0.0  # rules have seen it in the same round
    assert _told(world) == [("Glue Job State Change", "SUCCEEDED")]
    with world.database.read() as connection:
        assert not events.any_undelivered(connection)


def test_a_launch_that_is_refused_is_announced(world: World) -> None:
    world.refuse = "no Java"
    world.submit(make_run())
    world.engine.step()
    assert _told(world) == [("Glue Job State Change", "FAILED")]


def test_an_event_starts_jobs_and_survives_a_crash(world: World) -> None:
    account = Account(account_id="123456789012", region="us-east-1", new_id=lambda: "")
    with world.database.write() as connection:
        add_all(connection, event_trigger())
        add_rule(connection, account)
        add_event(connection)
    world.crash()
    world.engine.step()
    (run,) = _active(world)
    assert (run.job_name, run.state, run.trigger_name) == ("a", RunState.STARTING, "t")
    world.crash()
    world.engine.step()
    assert len(_active(world)) == len(_workflow_runs(world)) == 1


def test_a_run_that_ends_starts_a_workflow_in_the_next_round(world: World) -> None:
    account = Account(account_id="123456789012", region="us-east-1", new_id=lambda: "")
    with world.database.write() as connection:
        add_all(connection, event_trigger())
        add_rule(connection, account, {"detail": {"jobName": ["etl"]}})
    _running(world, make_run())
    world.launcher.ends("jr_1", BASE_TIME + 5)
    assert world.engine.step() == 0.0
    world.engine.step()
    assert [(run.job_name, run.state) for run in _active(world)] == [("a", RunState.STARTING)]


def test_the_engine_wakes_when_a_window_is_over(world: World) -> None:
    account = Account(account_id="123456789012", region="us-east-1", new_id=lambda: "")
    with world.database.write() as connection:
        add_all(connection, event_trigger(BatchSize=5, BatchWindow=60))
        add_rule(connection, account)
        add_event(connection)
    world.engine.step()
    assert _workflow_runs(world) == []
    world.clock.advance(59.5)
    assert world.engine.step() == pytest.approx(0.5)
    world.clock.advance(0.5)
    world.engine.step()
    assert [run.batch for run in _workflow_runs(world)] == [{"BatchSize": 0, "BatchWindow": 60}]


def test_a_run_that_lasts_is_announced_on_time(world: World) -> None:
    document = {"Arguments": {}, "NotificationProperty": {"NotifyDelayAfter": 2}}
    _running(world, make_run(document=document))
    world.clock.advance(119.75)
    assert world.engine.step() == pytest.approx(0.25)
    assert _told(world) == []
    world.clock.advance(0.25)
    world.engine.step()
    world.engine.step()
    assert _told(world) == [("Glue Job Run Status", "RUNNING")]
    assert world.run("jr_1").notified == BASE_TIME + 120


@pytest.mark.parametrize(
    ("window", "due"),
    [(None, BASE_TIME + _WEEK), ("Fri:2", _NEXT_FRIDAY_AT_TWO)],
)
def test_a_stream_is_restarted_for_maintenance(
    world: World, window: str | None, due: float
) -> None:
    _running(world, _stream(**({} if window is None else {"MaintenanceWindow": window})))
    world.clock.advance(due - BASE_TIME - 0.5)
    assert world.engine.step() == pytest.approx(0.5)
    assert world.run("jr_1").state is RunState.RUNNING
    world.clock.advance(0.5)
    world.engine.step()
    assert world.launcher.stopped == ["jr_1"]
    world.launcher.ends("jr_1", world.clock.now(), code=None, stopped=True)
    world.engine.step()
    ended = world.run("jr_1")
    assert ended.state is RunState.EXPIRED
    assert "restarted for maintenance" in (ended.error_message or "")
    (restarted,) = _active(world)
    assert (restarted.id, restarted.attempt) == ("jr_1_restart_1", 0)
    assert (restarted.previous_run_id, restarted.state in HOLDING) == ("jr_1", True)
    assert _told(world) == []  # AWS does not announce EXPIRED


def test_a_restarted_stream_that_fails_is_tried_again_as_its_attempt(world: World) -> None:
    run = make_run(
        "jr_1_restart_2", command="gluestreaming", timeout_minutes=0, max_retries=1, dpus=1.0
    )
    _running(world, run)
    world.launcher.ends(run.id, BASE_TIME + 5, code=1)
    world.engine.step()
    assert [retried.id for retried in _active(world)] == ["jr_1_attempt_1"]


def test_who_stops_a_stream_during_maintenance_stops_it(world: World) -> None:
    _running(world, _stream())
    world.clock.advance(_WEEK)
    world.engine.step()
    run = world.run("jr_1")
    assert run.stop_cause is RunState.EXPIRED
    with world.database.write() as connection:
        stop_run(connection, run, world.clock.now())
        # an engine that looked before cannot end it as it saw it
        now = world.clock.now()
        assert not runs.change(connection, run, to=RunState.EXPIRED, now=now)
    world.launcher.ends("jr_1", world.clock.now(), code=None, stopped=True)
    world.engine.step()
    assert world.run("jr_1").state is RunState.STOPPED
    assert _active(world) == []
