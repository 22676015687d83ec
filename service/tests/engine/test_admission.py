"""What is decided about waiting runs, over a real store; nothing is launched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from glueball.core.flex import FixedReserve, Reserve
from glueball.core.pool import Pool
from glueball.core.runs import ExecutionClass, Run, RunState
from glueball.core.schedules import parse_schedule
from glueball.core.triggers import TriggerState, TriggerType
from glueball.engine.admission import Admission
from glueball.engine.outlook import Outlook
from glueball.orchestration.account import Account
from glueball.stores import runs
from glueball.stores.database import Database
from support.runs import make_run
from support.workflows import add_job, add_triggers, make_trigger

DAY = 86_400.0
#: a midnight: Monday, 2025-11-10
T0 = 20_402 * DAY
SPARK = {"Name": "glueetl", "ScriptLocation": "s3://scripts/a.py"}
QUARTER = FixedReserve(share=0.25)
FORECAST = None


@dataclass
class World:
    """A store, and who decides."""

    database: Database
    now: float = T0
    reserve: Reserve | None = None
    flex_max_wait_seconds: float = 0.0

    def __post_init__(self) -> None:
        ids = (f"{n:064x}" for n in range(1, 1_000_000))
        self.account = Account(account_id="1", region="us-east-1", new_id=lambda: next(ids))
        self.restart()

    def restart(self) -> None:
        """Lose everything that is remembered."""
        self.admission = Admission(
            account=self.account,
            pool=Pool(dpus=100.0, memory_mb=100_000),
            outlook=Outlook(self.reserve),
            remarks=lambda _run: (),
            flex_max_wait_seconds=self.flex_max_wait_seconds,
        )

    def submit(self, run_id: str, kind: str = "STANDARD", **changes: Any) -> None:
        values = {
            "execution_class": ExecutionClass(kind),
            "submitted": self.now,
            "due": self.now,
            "timeout_minutes": 480,
        }
        self.insert(make_run(run_id, **(values | changes)))

    def insert(self, *found: Run) -> None:
        with self.database.write() as connection:
            for run in found:
                runs.insert(connection, run)

    def admit(self, after: float = 0.0) -> int:
        """Decide; return how many rows that changed."""
        self.now += after
        with self.database.write() as connection:
            driver: Any = connection.connection.dbapi_connection
            before = driver.total_changes
            self.admission.admit(connection, self.now)
            return int(driver.total_changes - before)

    def run(self, run_id: str) -> Run:
        with self.database.read() as connection:
            found = runs.get(connection, run_id)
        assert found is not None
        return found

    def detail(self, run_id: str) -> str | None:
        return self.run(run_id).state_detail

    def end(self, run_id: str, state: RunState = RunState.SUCCEEDED) -> None:
        with self.database.write() as connection:
            run = self.run(run_id)
            began = {"running": run.started}
            if run.state is RunState.STARTING:
                assert runs.change(connection, run, to=RunState.RUNNING, now=self.now, **began)
                run = replace(run, state=RunState.RUNNING)
            assert runs.change(connection, run, to=state, now=self.now)

    def state(self, run_id: str) -> RunState:
        return self.run(run_id).state


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "glueball.db")
    yield database
    database.close()


def past(number: int, day: int, *, hour: float, seconds: float = 600, **changes: Any) -> Run:
    """Return a run of so many days ago that succeeded."""
    began = T0 - day * DAY + hour * 3600
    values: dict[str, Any] = {
        "state": RunState.SUCCEEDED,
        "submitted": began,
        "due": began,
        "started": began,
        "running": began,
        "completed": began + seconds,
        "held_dpus": 10.0,
    }
    return make_run(f"past_{number}_{day}", **(values | changes))


def test_a_young_service_keeps_a_third_of_the_pool_and_says_so(database: Database) -> None:
    world = World(database, reserve=FORECAST)
    world.submit("s", dpus=10.0)
    world.submit("f", "FLEX", dpus=70.0)
    world.admit()
    assert world.state("s") is RunState.STARTING
    assert world.detail("f") == (
        "needs 70 DPU; 90 spare, 30 reserved for STANDARD until 2025-11-13 00:00 (30% of the "
        "pool, until three days of demand are known)"
    )


def test_what_rose_on_past_days_is_kept_for_standard(database: Database) -> None:
    """Every day at 14:00 two STANDARD runs take 60 DPU for ten minutes."""
    world = World(database, reserve=FORECAST)
    daily = [past(n, day, hour=14, dpus=30.0) for day in range(1, 15) for n in (10, 11)]
    flex = [
        past(2, day, hour=3, seconds=1800, job_name="f", execution_class=ExecutionClass.FLEX)
        for day in range(1, 4)
    ]
    world.insert(*daily, *flex)
    world.now = T0 + 13.75 * 3600
    world.submit("other", "FLEX", dpus=1.0, job_name="other")
    world.submit("f", "FLEX", dpus=50.0, job_name="f")
    world.admit()
    assert world.detail("f") == (
        "needs 50 DPU; 99 spare, 60 reserved for STANDARD (as much as demand rose unforeseen "
        "within 45 min at this hour of the last 28 days)"
    )
    world.admit(after=3 * 3600)
    assert world.state("f") is RunState.STARTING, "the hour has passed"


def test_schedules_and_what_follows_them_are_known(database: Database) -> None:
    world = World(database, reserve=FORECAST)
    schedule = "cron(0 14 * * ? *)"
    with database.write() as connection:
        for name in ("extract", "load"):
            add_job(
                connection, name, Command=SPARK, WorkerType="G.1X", NumberOfWorkers=40, Timeout=60
            )
        at_two = make_trigger(
            "at two",
            type=TriggerType.SCHEDULED,
            state=TriggerState.ACTIVATED,
            workflow=None,
            schedule=schedule,
            activated=T0,
            next_due=parse_schedule(schedule).next_after(T0 + 13 * 3600, T0),
            starts="extract",
        )
        then = make_trigger("then", after="extract", starts="load", workflow=None)
        add_triggers(connection, at_two, then)
    old = [
        past(3, day, hour=1, job_name="f", execution_class=ExecutionClass.FLEX, seconds=1200)
        for day in (4, 5)
    ]
    world.insert(*old, *[past(4, day, hour=2, job_name="extract", seconds=300) for day in (4, 5)])
    world.now = T0 + 13.8 * 3600
    world.submit("other", "FLEX", dpus=1.0, job_name="f")
    world.submit("f", "FLEX", dpus=30.0, job_name="f")
    world.admit()
    assert world.detail("f") == (
        "needs 30 DPU; 99 spare, 80 reserved for STANDARD until 14:05 (80 for load, extract)"
    )


def test_the_end_of_a_job_that_goes_on_sets_off_what_follows(database: Database) -> None:
    world = World(database, reserve=FORECAST)
    with database.write() as connection:
        add_job(connection, "load", Command=SPARK, WorkerType="G.1X", NumberOfWorkers=60)
        add_triggers(connection, make_trigger("then", after="etl", starts="load", workflow=None))
    world.insert(*[past(1, day, hour=12) for day in (4, 5)])
    world.submit("s", chain_id="tc_1")
    world.submit("f", "FLEX", dpus=50.0)
    world.admit()
    world.admit(after=300)
    # s itself came as a surprise five minutes ago
    detail = world.detail("f")
    assert detail is not None
    assert detail.startswith("needs 50 DPU; 90 spare, 6")
    assert "reserved for STANDARD until 00:10 (60 for load, " in detail


def test_waits_because_of_flex_are_counted(database: Database) -> None:
    world = World(database, reserve=FixedReserve(share=0.0))
    world.submit("f", "FLEX", dpus=60.0)
    world.submit("s1", dpus=30.0)
    world.admit()
    world.submit("s2", dpus=60.0)  # would fit beside s1
    world.submit("s3", dpus=60.0)  # would not, FLEX or not
    world.admit(after=2)
    assert world.state("s2") is RunState.WAITING
    world.now += 38
    world.end("f")
    world.admit()
    assert (world.state("s2"), world.run("s2").flex_delay) == (RunState.STARTING, 40.0)
    world.end("s2")
    world.admit(after=5)
    assert (world.state("s3"), world.run("s3").flex_delay) == (RunState.STARTING, 0.0)
    assert world.run("s1").flex_delay == 0.0
    assert world.run("f").flex_delay is None


def test_a_flex_run_fails_after_the_longest_wait(database: Database) -> None:
    world = World(database, reserve=QUARTER, flex_max_wait_seconds=1200)
    world.submit("s", dpus=90.0)
    world.submit("f", "FLEX", dpus=20.0, max_retries=1)
    world.admit()
    world.admit(after=1199)
    assert world.state("f") is RunState.WAITING
    world.admit(after=1)
    run = world.run("f")
    assert run.state is RunState.FAILED
    assert run.error_message is not None
    assert run.error_message.startswith("Resource unavailable. The FLEX run waited 20 min")
    assert world.state("f_attempt_1") is RunState.WAITING, "it is tried again like any failure"


def test_a_deadline_goes_ahead_of_the_reserve_in_time(database: Database) -> None:
    world = World(database, reserve=QUARTER)
    world.insert(
        *[past(1, day, hour=1, seconds=3600, execution_class=ExecutionClass.FLEX) for day in (1, 2)]
    )
    world.submit("s", dpus=60.0)
    world.submit("f", "FLEX", dpus=20.0, deadline=T0 + 6 * 3600)
    world.admit()
    assert world.detail("f") == (
        "needs 20 DPU; 40 spare, 25 reserved for STANDARD (25% of the pool)"
    )
    world.admit(after=5 * 3600)
    assert (world.state("f"), world.detail("f")) == (
        RunState.STARTING,
        "ahead of the reserve for its deadline of 06:00 UTC",
    )


def test_a_deadline_that_is_lost_is_told(database: Database) -> None:
    world = World(database, reserve=QUARTER)
    world.insert(
        *[past(1, day, hour=1, seconds=7800, execution_class=ExecutionClass.FLEX) for day in (1, 2)]
    )
    world.submit("s", dpus=90.0)
    world.submit("f", "FLEX", dpus=20.0, deadline=T0 + 3600)
    world.admit()
    assert world.detail("f") == (
        "will miss its deadline of 01:00 UTC: needs about 2 h 10 min; needs 20 DPU; 10 spare of "
        "100; goes ahead of the reserve for its deadline of 01:00 UTC"
    )


def test_a_first_run_goes_ahead_and_nobody_says_that_it_takes_as_long_as_its_timeout(
    database: Database,
) -> None:
    world = World(database, reserve=QUARTER)
    world.submit("s", dpus=70.0)
    world.submit("f", "FLEX", dpus=20.0, deadline=T0 + 6 * 3600)
    world.admit()
    assert (world.state("f"), world.detail("f")) == (
        RunState.STARTING,
        "ahead of the reserve for its deadline of 06:00 UTC",
    )


def test_reasons_are_written_only_when_they_change(database: Database) -> None:
    world = World(database, reserve=QUARTER)
    world.submit("s", dpus=90.0)
    world.admit()
    for number in range(400):
        world.submit(f"f{number}", "FLEX", dpus=20.0)
    counts = [world.admit() for _ in range(6)]
    assert counts[0] < 200, "those far behind take turns"
    assert sum(counts) == 400
    assert counts[-1] == 0
    assert world.detail("f0") == "needs 20 DPU; 10 spare of 100"
    assert world.detail("f399") == "needs 20 DPU; more than 50 FLEX runs wait before it"


def test_a_run_that_is_stopped_leaves_the_line(database: Database) -> None:
    world = World(database, reserve=QUARTER)
    world.submit("s1", dpus=90.0)
    world.submit("s2", dpus=20.0)
    world.submit("f", "FLEX", dpus=5.0)
    world.admit()
    assert world.detail("f") == "needs 5 DPU; 10 spare, but 1 STANDARD run waits first"
    with database.write() as connection:
        runs.change(connection, world.run("s2"), to=RunState.STOPPED, now=world.now)
    world.admit()
    assert world.detail("f") == (
        "needs 5 DPU; 10 spare, 25 reserved for STANDARD (25% of the pool)"
    )


def test_a_round_that_is_undone_loses_nobody(database: Database) -> None:
    world = World(database, reserve=QUARTER)
    world.submit("s", dpus=90.0)
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        world.admission.admit(connection, world.now)
        raise ZeroDivisionError
    assert world.state("s") is RunState.WAITING
    world.admit()
    assert world.state("s") is RunState.STARTING


def test_limits_keep_back_what_may_queue(database: Database) -> None:
    world = World(database, reserve=QUARTER)
    with database.write() as connection:
        limits = {"MaxConcurrentRuns": 1}
        add_job(connection, "etl", Command=SPARK, ExecutionProperty=limits)
    world.submit("a", queued=True)
    world.submit("b", queued=True)
    world.admit()
    assert (world.state("a"), world.state("b")) == (RunState.STARTING, RunState.WAITING)
    world.end("a")
    world.admit()
    assert world.state("b") is RunState.STARTING


def test_what_is_remembered_is_derived_from_the_store(database: Database) -> None:
    """A service that restarts decides as the one before it."""
    world = World(database, reserve=FORECAST)
    lengths: dict[str, Any] = {"seconds": 1800.0, "execution_class": ExecutionClass.FLEX}
    world.insert(
        *[past(1, day, hour=14, dpus=60.0) for day in range(1, 15)],
        *[past(2, day, hour=3, job_name="f", **lengths) for day in range(1, 4)],
    )
    world.now = T0 + 13.8 * 3600
    world.submit("first", "FLEX", dpus=1.0, job_name="f")
    world.submit("f", "FLEX", dpus=50.0, job_name="f")
    world.admit()
    before = world.detail("f")
    world.restart()
    assert world.admit() == 0
    assert world.detail("f") == before


def test_after_a_reset_nothing_is_remembered(database: Database) -> None:
    world = World(database, reserve=FORECAST)
    world.submit("s", dpus=10.0)
    world.submit("f", "FLEX", dpus=80.0)
    world.admit()
    database.clear()
    world.admission.forget()
    world.submit("g", "FLEX", dpus=80.0)
    world.admit()
    assert world.state("g") is RunState.STARTING


def test_a_database_of_a_year_is_read_only_as_far_as_it_counts(database: Database) -> None:
    world = World(database, reserve=FORECAST)
    world.insert(*[past(1, day, hour=2) for day in range(400, 0, -1)])
    read: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        read.append(statement)

    with database.read() as connection:
        sa.event.listen(connection, "before_cursor_execute", note)
        Outlook().load(connection, world.now)
        sa.event.remove(connection, "before_cursor_execute", note)
    assert len(read) == 1, "one question, however many jobs"
