"""One decision of the engine, with many waiting runs and a year of history behind it.

The real engine over a real database on the disk; only its processes are none: all that it starts is
seen to run, and never ends. There is no room, so each step looks at everything and starts nothing.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from glueball.core.pool import Pool
from glueball.core.runs import ExecutionClass, Run, RunState
from glueball.core.schedules import parse_schedule
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.engine.bell import Bell
from glueball.engine.loop import Engine
from glueball.launchers.launch import Launch, Observation, Running
from glueball.orchestration.account import Account
from glueball.stores import jobs, runs, triggers
from glueball.stores.database import Database
from glueball.stores.jobs import JobDefinition

STEPS = 30
JOBS = 400
YEAR_SECONDS = 365 * 86_400
#: so many runs have ended in the year: every job once a day
HISTORY = JOBS * 365
SCHEDULES = 5000  #: that say when STANDARD runs will come
SEED = 7


@dataclass(slots=True)
class MovingClock:
    """A clock that goes on by a second whenever somebody looks."""

    time: float

    def now(self) -> float:
        self.time += 1.0
        return self.time

    def steady(self) -> float:
        return self.now()


class NoProcesses:
    """A launcher whose runs are under way at once and never end."""

    def start(self, launch: Launch) -> None:
        """Do nothing."""

    def observe(self, run_id: str) -> Observation:
        return Running(started_at=0.0)

    def stop(self, run_id: str) -> None:
        """Do nothing."""

    def sweep(self, live_run_ids: set[str]) -> None:
        """Do nothing."""

    def clean(self, run_id: str) -> None:
        """Do nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """How long one step took."""

    seconds: float
    processor_seconds: float  #: of them; the others were the disk's and other programs'


def decide(directory: Path, waiting: int, *, only_flex: bool = False) -> Decision:
    """Return the medians of some steps, the first two left out.

    The first one explains to every run why it waits; from the third on, nothing of that changes.

    Args:
        directory: a new one, made here.
        waiting: runs that wait, half of them FLEX, behind a run that holds the pool.
        only_flex: all of them are FLEX, and part of the pool is free: the reserve is asked for.
    """
    directory.mkdir()
    clock, chance = MovingClock(time.time()), random.Random(SEED)
    database, bell = Database(directory / "glueball.db"), Bell(directory / "bell")
    fill(database, chance, clock.time)
    add_waiting(database, chance, clock.time, waiting, only_flex=only_flex)
    engine = engine_over(database, bell, clock)
    steps = [timed(engine) for _ in range(STEPS + 2)][2:]
    bell.close()
    database.close()
    return Decision(
        seconds=median(step.seconds for step in steps),
        processor_seconds=median(step.processor_seconds for step in steps),
    )


def timed(engine: Engine) -> Decision:
    """Tell how long one step takes."""
    began, worked = time.perf_counter(), time.thread_time()
    engine.step()
    return Decision(
        seconds=time.perf_counter() - began, processor_seconds=time.thread_time() - worked
    )


def engine_over(database: Database, bell: Bell, clock: MovingClock) -> Engine:
    """Return an engine with a pool that one run fills."""
    return Engine(
        database=database,
        launcher=NoProcesses(),
        clock=clock,
        bell=bell,
        pool=Pool(dpus=100.0, memory_mb=100_000),
        remarks=lambda run: [],
        prepare=launch_of,
        account=Account(
            account_id="123456789012", region="us-east-1", new_id=lambda: secrets.token_hex(32)
        ),
        catch_up_seconds=86_400.0,
    )


def launch_of(run: Run) -> Launch:
    """Return the least that a launch says."""
    nowhere = Path("/nonexistent")
    return Launch(
        run_id=run.id,
        token=run.token,
        job_name=run.job_name,
        command=run.command,
        script_location=run.script_location,
        output_path=nowhere,
        error_path=nowhere,
        endpoint_url="",
        region="",
        account_id="",
        objects_root=nowhere,
    )


def fill(database: Database, chance: random.Random, now: float) -> None:
    """Write jobs, their schedules, and a year of runs that ended."""
    with database.write() as connection:
        for number in range(JOBS):
            jobs.insert(connection, definition(f"job-{number}", now - YEAR_SECONDS))
        for number in range(SCHEDULES):
            triggers.insert(connection, scheduled(number, now), [])
        for run in past(chance, now):
            runs.insert(connection, run)


def add_waiting(
    database: Database, chance: random.Random, now: float, waiting: int, *, only_flex: bool
) -> None:
    """Write a run that holds the pool, or most of it, and those that wait."""
    with database.write() as connection:
        dpus = 60.0 if only_flex else 100.0
        holder = make_run(chance, RunState.RUNNING, now - 60, job="holder", dpus=dpus)
        runs.insert(connection, holder)
        for place in range(waiting):
            run = make_run(chance, RunState.WAITING, now - waiting + place)
            if only_flex:
                run = replace(run, execution_class=ExecutionClass.FLEX, dpus=50.0)
            runs.insert(connection, run)


def scheduled(number: int, now: float) -> Trigger:
    """Return a trigger that is due once a day."""
    schedule = f"cron({number % 60} {number % 24} * * ? *)"
    # not while this benchmark goes on, which measures decisions and not firings
    next_due = parse_schedule(schedule).next_after(now + 3600, now)
    return Trigger(
        name=f"trigger-{number}",
        type=TriggerType.SCHEDULED,
        state=TriggerState.ACTIVATED,
        workflow_name=None,
        schedule=schedule,
        created=now,
        modified=now,
        activated=now,
        next_due=next_due,
        document={"Actions": [{"JobName": f"job-{number % JOBS}"}]},
    )


def definition(name: str, created: float) -> JobDefinition:
    """Return a job that may run as often as it likes."""
    limits = {"MaxConcurrentRuns": 1000}
    document = {"Name": name, "ExecutionProperty": limits, "Command": {"Name": "glueetl"}}
    return JobDefinition(name=name, created=created, modified=created, document=document)


def past(chance: random.Random, now: float) -> Iterator[Run]:
    """Yield runs that ended, through a year."""
    for place in range(HISTORY):
        yield make_run(chance, RunState.SUCCEEDED, now - YEAR_SECONDS * (1 - place / HISTORY))


def make_run(
    chance: random.Random,
    state: RunState,
    submitted: float,
    *,
    job: str | None = None,
    dpus: float | None = None,
) -> Run:
    """Return a run; half of them are FLEX."""
    asked = chance.choice([2.0, 5.0, 10.0, 20.0]) if dpus is None else dpus
    started = None if state is RunState.WAITING else submitted + 1.0
    length = chance.lognormvariate(6.0, 1.0)
    ended = submitted + length if state is RunState.SUCCEEDED else None
    return Run(
        id=f"jr_{chance.getrandbits(256):064x}",
        job_name=job or f"job-{chance.randrange(JOBS)}",
        state=state,
        execution_class=ExecutionClass.STANDARD if dpus else chance.choice(list(ExecutionClass)),
        command="glueetl",
        script_location="s3://benchmark/etl.py",
        python_version="3",
        glue_version="5.1",
        attempt=0,
        previous_run_id=None,
        max_retries=0,
        timeout_minutes=480,
        dpus=asked,
        held_dpus=None if started is None else asked,
        held_memory_mb=None if started is None else int(asked * 1000),
        token="token",
        submitted=submitted,
        started=started,
        running=started,
        completed=ended,
        modified=ended or submitted,
        stop_cause=None,
        state_detail=None,
        error_message=None,
        trigger_name=None,
        chain_id=None,
        due=submitted,
        queued=False,
        deadline=None,
        notified=None,
        dpu_seconds=None,
        flex_delay=None,
        document={"Arguments": {}, "MaxCapacity": asked},
    )
