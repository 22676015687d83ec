from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from glueball.core.past_runs import PastRun
from glueball.core.runs import ExecutionClass, RunState
from glueball.stores import runs, tags, triggers
from glueball.stores.database import Database
from glueball.stores.run_history import (
    began_between,
    chains_of_schedules,
    due_between,
    values_of_tag,
)
from support.chains import trigger
from support.runs import BASE_TIME, make_run


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "glueball.db")


def keep(database: Database, run_id: str, **changes: Any) -> None:
    with database.write() as connection:
        runs.insert(connection, make_run(run_id, **changes))


def test_a_run_comes_back_as_it_was(database: Database) -> None:
    keep(
        database,
        "jr_1",
        state=RunState.SUCCEEDED,
        execution_class=ExecutionClass.FLEX,
        held_dpus=5.0,
        started=BASE_TIME + 10,
        running=BASE_TIME + 20,
        completed=BASE_TIME + 80,
        trigger_name="nightly",
        chain_id="tc_1",
        deadline=BASE_TIME + 99,
        dpu_seconds=70.0,
        document={"WorkerType": "R.1X", "NumberOfWorkers": 10, "Arguments": {}},
    )
    with database.read() as connection:
        (run,) = began_between(connection, BASE_TIME, BASE_TIME + 100)
    assert run == PastRun(
        id="jr_1",
        job_name="etl",
        state=RunState.SUCCEEDED,
        execution_class="FLEX",
        command="glueetl",
        worker_type="R.1X",
        glue_version="5.1",
        attempt=0,
        timeout_minutes=10,
        dpus=10.0,
        held_dpus=5.0,
        held_memory_mb=None,
        due=BASE_TIME,
        started=BASE_TIME + 10,
        running=BASE_TIME + 20,
        completed=BASE_TIME + 80,
        trigger_name="nightly",
        chain_id="tc_1",
        deadline=BASE_TIME + 99,
        dpu_seconds=70.0,
        flex_delay=None,
    )
    assert (run.start_delay, run.execution_seconds) == (10, 60)


@pytest.mark.parametrize(
    ("running", "completed", "measured", "seconds"),
    [
        (None, None, None, None),  # it waits
        (None, 5.0, None, None),  # it was stopped while it waited
        (5.0, None, None, None),  # it goes on
        (5.0, 3.0, None, 0.0),  # the clock was turned back
        (5.0, 3.0, 60.0, 60.0),  # and somebody measured how long it really was
        (5.0, 7205.0, 60.0, 60.0),  # the clock was set forward
    ],
)
def test_seconds_that_a_script_ran(
    database: Database,
    running: float | None,
    completed: float | None,
    measured: float | None,
    seconds: float | None,
) -> None:
    times = {"running": running, "started": running, "completed": completed}
    keep(database, "jr_1", ran_seconds=measured, **times)
    with database.read() as connection:
        (run,) = due_between(connection, BASE_TIME, BASE_TIME + 1)
    assert run.execution_seconds == seconds
    assert run.worker_type is None  # a Python shell job has none


def test_times_and_jobs(database: Database) -> None:
    for number, (job, due) in enumerate([("a", 0.0), ("b", 10.0), ("a", 20.0)]):
        keep(
            database,
            f"jr_{number}",
            job_name=job,
            due=BASE_TIME + due,
            running=None if job == "b" else BASE_TIME + due + 5,
        )

    def found(read: Any, since: float, until: float, job: str | None = None) -> list[str]:
        with database.read() as connection:
            ids = read(connection, BASE_TIME + since, BASE_TIME + until, job_name=job)
        return [run.id for run in ids]

    assert found(due_between, 0, 20) == ["jr_0", "jr_1"]  # the end does not belong
    assert found(due_between, 0, 21, "a") == ["jr_0", "jr_2"]
    assert found(began_between, 0, 100) == ["jr_0", "jr_2"]  # what waits has not begun
    assert found(began_between, 6, 100) == ["jr_2"]


def test_values_of_a_tag(database: Database) -> None:
    with database.write() as connection:
        tags.add(connection, "arn:a", {"glueball:deadline": "06:00", "team": "x"})
        tags.add(connection, "arn:b", {"team": "06:00"})
    with database.read() as connection:
        assert values_of_tag(connection, "glueball:deadline") == {"arn:a": "06:00"}


def test_chains_that_began_with_a_schedule(database: Database) -> None:
    with database.write() as connection:
        for one in (
            trigger("nightly", ["a"], schedule="cron(0 0 * * ? *)"),
            trigger("asked", ["a"]),
            trigger("behind", ["b"], after=["a"]),
        ):
            triggers.insert(connection, one, ())
        for name, chain in [("nightly", "tc_1"), ("behind", "tc_1"), ("asked", "tc_2")]:
            triggers.record_firing(connection, name, f"of {chain}", fired=1.0, chain_id=chain)
        # a time that was missed has no chain
        triggers.record_firing(connection, "nightly", "later", fired=None, chain_id=None)
    with database.read() as connection:
        assert chains_of_schedules(connection) == {"tc_1"}
