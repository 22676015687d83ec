from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from glueball.core.crawls import own_schedule
from glueball.core.runs import Run, RunState
from glueball.core.triggers import TriggerState, TriggerType
from glueball.stores import runs, triggers
from glueball.stores.database import Database
from glueball.stores.demand import began_by_schedule, ended_since
from support.runs import BASE_TIME, make_run
from support.workflows import add_triggers, make_trigger


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "glueball.db")
    yield database
    database.close()


def ended(run_id: str, after: float, **changes: Any) -> Run:
    values: dict[str, Any] = {
        "state": RunState.SUCCEEDED,
        "submitted": BASE_TIME + after,
        "started": BASE_TIME + after + 1,
        "running": BASE_TIME + after + 2,
        "completed": BASE_TIME + after + 60,
    }
    return make_run(run_id, **(values | changes))


def test_what_has_ended_since_a_time_the_newest_first(database: Database) -> None:
    with database.write() as connection:
        for run in (
            ended("old", 0),
            ended("first", 100, job_name="a", flex_delay=2.0),
            make_run("waits", submitted=BASE_TIME + 150),
            ended("failed", 200, job_name="b", state=RunState.FAILED, started=None, running=None),
        ):
            runs.insert(connection, run)
        found = list(ended_since(connection, BASE_TIME + 100))
    assert [(run.job_name, run.succeeded) for run in found] == [("b", False), ("a", True)]
    assert found[1].flex_delay == 2.0
    assert found[1].completed - found[1].submitted == 60
    assert found[0].started is None


@pytest.mark.parametrize(
    ("schedule", "foreseen"),
    [
        # a schedule tells of it beforehand
        ("cron(0 2 * * ? *)", True),
        # somebody asked for it
        (None, False),
    ],
)
def test_whether_a_schedule_told_of_a_chain(
    database: Database, schedule: str | None, foreseen: bool
) -> None:
    kind = TriggerType.ON_DEMAND if schedule is None else TriggerType.SCHEDULED
    trigger = make_trigger(
        "t", type=kind, state=TriggerState.ACTIVATED, schedule=schedule, workflow=None
    )
    with database.write() as connection:
        add_triggers(connection, trigger)
        triggers.record_firing(connection, "t", "once", fired=BASE_TIME, chain_id="tc_1")
        runs.insert(connection, ended("r", 0, chain_id="tc_1"))
        runs.insert(connection, ended("by hand", 1))
        assert began_by_schedule(connection, "tc_1", None) is foreseen
        assert not began_by_schedule(connection, "tc_2", None)
        assert not began_by_schedule(connection, None, None)
        assert [run.by_schedule for run in ended_since(connection, 0)] == [False, foreseen]


@pytest.mark.parametrize(
    ("origin", "foreseen"),
    [
        # its crawler's own schedule: it belongs to no chain
        ({"trigger_name": own_schedule("c")}, True),
        # a trigger's schedule, and what followed in its chain
        ({"trigger_name": "nightly", "chain_id": "tc_1"}, True),
        ({"trigger_name": "then", "chain_id": "tc_1"}, True),
        # somebody fired a trigger
        ({"trigger_name": "asked", "chain_id": "tc_2"}, False),
        # a trigger may be called nearly like a crawler
        ({"trigger_name": "crawler c", "chain_id": "tc_2"}, False),
        # somebody started it
        ({}, False),
    ],
)
def test_a_run_that_comes_is_foreseen_as_it_is_when_it_has_ended(
    database: Database, origin: dict[str, str], foreseen: bool
) -> None:
    nightly = make_trigger(
        "nightly", type=TriggerType.SCHEDULED, schedule="cron(0 2 * * ? *)", workflow=None
    )
    with database.write() as connection:
        add_triggers(connection, nightly, make_trigger("asked", workflow=None))
        for name, chain in (("nightly", "tc_1"), ("then", "tc_1"), ("asked", "tc_2")):
            triggers.record_firing(connection, name, chain, fired=BASE_TIME, chain_id=chain)
        run = ended("r", 0, command="crawler", job_name="crawler:c", **origin)
        runs.insert(connection, run)
        assert began_by_schedule(connection, run.chain_id, run.trigger_name) is foreseen
        assert [run.by_schedule for run in ended_since(connection, 0)] == [foreseen]
