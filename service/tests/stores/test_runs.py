from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from glueball.core.runs import RunState
from glueball.stores import runs
from glueball.stores.database import Database
from support.runs import BASE_TIME, make_run


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        yield connection
    database.close()


def test_a_run_comes_back_as_it_was_kept(connection: sa.Connection) -> None:
    run = make_run(stop_cause=RunState.TIMEOUT, document={"Arguments": {"--a": "ä\n"}})
    runs.insert(connection, run)
    assert runs.get(connection, run.id) == run
    assert runs.get(connection, "jr_none") is None


def test_the_first_writer_wins(connection: sa.Connection) -> None:
    run = make_run(state=RunState.RUNNING)
    runs.insert(connection, run)
    assert runs.change(connection, run, to=RunState.SUCCEEDED, now=BASE_TIME + 5)
    assert not runs.change(connection, run, to=RunState.FAILED, now=BASE_TIME + 6)
    kept = runs.get(connection, run.id)
    assert kept is not None
    assert (kept.state, kept.completed) == (RunState.SUCCEEDED, BASE_TIME + 5)


def test_a_change_that_does_not_exist_is_a_mistake(connection: sa.Connection) -> None:
    with pytest.raises(ValueError, match="from WAITING to SUCCEEDED"):
        runs.change(connection, make_run(), to=RunState.SUCCEEDED, now=BASE_TIME)


def test_active_runs_are_counted_by_job(connection: sa.Connection) -> None:
    for name in ("jr_b", "jr_a", "jr_c"):
        runs.insert(connection, make_run(name))
    runs.change(connection, make_run("jr_a"), to=RunState.STOPPED, now=BASE_TIME)
    assert runs.count_active(connection, "etl") == 2
    assert runs.count_active(connection, "other") == 0


def test_pages_go_from_the_newest_back(connection: sa.Connection) -> None:
    for number in range(5):
        runs.insert(connection, make_run(f"jr_{number}"))
    runs.insert(connection, make_run("jr_other", job_name="other"))
    first = runs.page(connection, job_name="etl", before=None, limit=2)
    second = runs.page(connection, job_name="etl", before=first[-1][0], limit=10)
    assert [run.id for _, run in first] == ["jr_4", "jr_3"]
    assert [run.id for _, run in second] == ["jr_2", "jr_1", "jr_0"]


def test_the_history_for_predictions_is_the_newest_successes(connection: sa.Connection) -> None:
    for number, state in enumerate([RunState.SUCCEEDED, RunState.FAILED, RunState.SUCCEEDED]):
        run = make_run(f"jr_{number}", state=RunState.RUNNING)
        runs.insert(connection, run)
        runs.change(connection, run, to=state, now=BASE_TIME + number)
    assert [run.id for run in runs.last_succeeded(connection, "etl", 2)] == ["jr_2", "jr_0"]


def test_only_waiting_runs_are_explained(connection: sa.Connection) -> None:
    runs.insert(connection, make_run("jr_waits"))
    runs.insert(connection, make_run("jr_runs", state=RunState.RUNNING))
    runs.explain(connection, {"jr_waits": "needs 10 DPU", "jr_runs": "needs 10 DPU"})
    runs.explain(connection, {})
    waits, started = runs.get(connection, "jr_waits"), runs.get(connection, "jr_runs")
    assert waits is not None and waits.state_detail == "needs 10 DPU"
    assert started is not None and started.state_detail is None


def test_a_waiting_run_starts_once(connection: sa.Connection) -> None:
    runs.insert(connection, make_run("jr_a"))
    start = partial(
        runs.start, connection, "jr_a", now=BASE_TIME + 1, dpus=5.0, memory_mb=2048, detail="cut"
    )
    assert start()
    assert not start()
    run = runs.get(connection, "jr_a")
    assert run is not None
    assert (run.state, run.started, run.held_dpus, run.held_memory_mb, run.state_detail) == (
        RunState.STARTING,
        BASE_TIME + 1,
        5.0,
        2048,
        "cut",
    )


def test_who_waits_and_who_holds(connection: sa.Connection) -> None:
    assert not runs.any_waits(connection)
    runs.insert(connection, make_run("jr_runs", state=RunState.RUNNING))
    assert not runs.any_waits(connection)
    runs.insert(connection, make_run("jr_b"))
    runs.insert(connection, make_run("jr_a", dpus=2.0))
    runs.insert(connection, make_run("jr_over", state=RunState.FAILED, completed=BASE_TIME))
    assert runs.any_waits(connection)
    assert [run.id for run in runs.holding(connection)] == ["jr_runs"]
    waiting = runs.waiting(connection)
    assert [(run.id, run.dpus, run.submitted) for run in waiting] == [
        ("jr_b", 10.0, BASE_TIME),
        ("jr_a", 2.0, BASE_TIME),
    ]


@pytest.mark.parametrize(
    "query",
    [
        runs._HOLDING.query,
        runs._WAITING,
        runs._ACTIVE_OF_JOB.query,
        runs._ACTIVE_CRAWL.query,
        runs._ANY_WAITS.query,
    ],
    ids=["holding", "waiting", "active of a job", "active crawl", "any waits"],
)
def test_a_long_history_slows_no_decision_down(
    connection: sa.Connection, query: sa.Select[tuple[object, ...]]
) -> None:
    names = {"name": "etl", "wanted": "WAITING", **runs._HOLDING_STATES}
    literal = query.params(names).compile(
        dialect=connection.dialect, compile_kwargs={"literal_binds": True}
    )
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {literal}").fetchall()
    steps = [step[3] for step in plan]
    assert steps[0].startswith("SEARCH runs USING"), steps
    assert "runs_unfinished" in steps[0] or "runs_active" in steps[0]
