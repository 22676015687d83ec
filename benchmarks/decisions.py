"""One decision of the engine, with many waiting runs and a year of history behind it.

The real engine over a real database on the disk; only its processes are none: all that it starts is
seen to run, and never ends. The pool is full, so each step looks at everything and starts nothing.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from glueball.core.pool import Pool
from glueball.core.runs import ExecutionClass, Run, RunState
from glueball.engine.bell import Bell
from glueball.engine.loop import Engine
from glueball.launchers.launch import Launch, Observation, Running
from glueball.orchestration.account import Account
from glueball.stores import jobs, runs
from glueball.stores.database import Database
from glueball.stores.jobs import JobDefinition

STEPS = 30
JOBS = 400
YEAR_SECONDS = 365 * 86_400
#: so many runs have ended in the year: every job once a day
HISTORY = JOBS * 365
SEED = 7


@dataclass(slots=True)
class MovingClock:
    """A clock that goes on by a second whenever somebody looks."""

    time: float

    def now(self) -> float:
        self.time += 1.0
        return self.time


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


def decision_seconds(directory: Path, waiting: int) -> list[float]:
    """Return the seconds that each of some steps takes, the first two left out.

    The first one explains to every run why it waits; from the third on, nothing of that changes.

    Args:
        directory: a new one, made here.
        waiting: runs that wait.
    """
    directory.mkdir()
    clock, chance = MovingClock(time.time()), random.Random(SEED)
    database, bell = Database(directory / "glueball.db"), Bell(directory / "bell")
    fill(database, chance, clock.time, waiting)
    engine = engine_over(database, bell, clock)
    seconds = [timed(engine) for _ in range(STEPS + 2)][2:]
    bell.close()
    database.close()
    return seconds


def timed(engine: Engine) -> float:
    """Return the seconds that one step takes."""
    began = time.perf_counter()
    engine.step()
    return time.perf_counter() - began


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


def fill(database: Database, chance: random.Random, now: float, waiting: int) -> None:
    """Write jobs, a year of runs that ended, one that holds the pool, and those that wait."""
    with database.write() as connection:
        for number in range(JOBS):
            jobs.insert(connection, definition(f"job-{number}", now - YEAR_SECONDS))
        for run in past(chance, now):
            runs.insert(connection, run)
        holder = make_run(chance, RunState.RUNNING, now - 60, job="holder", dpus=100.0)
        runs.insert(connection, holder)
        for place in range(waiting):
            runs.insert(connection, make_run(chance, RunState.WAITING, now - waiting + place))


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
