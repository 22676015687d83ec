"""A service in simulated time: the real operations, engine and store, seeded chance for the rest.

The service may die at every failpoint; what it held in memory is lost then, while processes, files
and the clock go on. After each step the promises of the design are checked.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from glueball import failpoints
from glueball.api import runtime
from glueball.api.context import Context
from glueball.api.glue import crawlers, crawls, triggers, workflow_runs, workflows
from glueball.api.glue import jobs as job_operations
from glueball.api.glue import runs as run_operations
from glueball.core.crawls import run_name
from glueball.core.errors import AwsError
from glueball.core.flex import FixedReserve
from glueball.core.pool import Pool
from glueball.core.runs import HOLDING, TERMINAL, Run, RunState
from glueball.core.schedules import parse_schedule
from glueball.core.triggers import TriggerType
from glueball.engine.bell import Bell
from glueball.engine.loop import Engine
from glueball.launchers.launch import Launch
from glueball.stores import jobs as job_store
from glueball.stores import runs as run_store
from glueball.stores import triggers as trigger_store
from glueball.stores import workflows as workflow_store
from glueball.stores.orchestration_tables import firings
from simulation.chains import Chains
from simulation.executor import Executor, Machine
from simulation.model import ModelTrigger
from simulation.rows import RunRow, all_runs, stopped_workflow_runs
from support.contexts import call, make_context

POOL = Pool(dpus=100.0, memory_mb=18_000)
CATCH_UP_SECONDS = 3600.0
GRACE_SECONDS = 5.0
BEGIN = 1_800_000_000.0 - 1_800_000_000.0 % 86_400
#: seconds from the start of a run's processes to the first line of its script
_LONGEST_START = 2.0
#: more would tell of a loop without an end
_MOST_ROUNDS = 60


class Died(BaseException):
    """The service was killed."""


class Home:
    """A home directory that many simulations use in turn: making one takes longer than a run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.context = make_context(path)
        self.bell = Bell(path / "bell")

    def close(self) -> None:
        self.bell.close()
        self.context.database.close()


class World:
    """One simulation.

    Args:
        home: emptied first.
        seed: everything follows from it.
    """

    def __init__(self, home: Home, seed: int) -> None:
        home.context.database.clear()
        self.chance = random.Random(seed)
        self.machine = Machine(BEGIN + self.chance.uniform(0, 86_400))
        self.executor = Executor(self.chance, self.machine, GRACE_SECONDS)
        self._home = home
        numbers = itertools.count(1)
        account = replace(home.context.account, new_id=lambda: f"{next(numbers):064x}")
        self.context: Context = replace(home.context, clock=self.machine, account=account)
        self.database = self.context.database
        self.engine = self._new_engine()
        self.deaths = 0
        self._until_death: int | None = None
        self.answered: list[str] = []
        self.asked_to_stop: set[str] = set()
        self.scheduled: dict[str, float] = {}  # name -> the newest time that was looked at
        self.expected: set[tuple[str, float]] = set()  # (trigger, due time) that must have fired
        self.chains = Chains()
        self.triggers: list[str] = []
        self._written: object = None
        self._runs: list[RunRow] = []
        self._stopped: set[str] = set()  # workflow runs
        self._ended: dict[str, str] = {}
        self._is_quiet = False
        self.commits = 0
        self._clock_was_set = False
        self._stopping: dict[str, float] = {}  # since when, in physical time

    # ---- what people do

    def create_job(self, name: str, **members: Any) -> None:
        command: Any = {"Name": "glueetl", "ScriptLocation": "s3://scripts/job.py"}
        request: Any = {"Name": name, "Role": "r", "Command": command, **members}
        job_operations.create_job(self.context, request)

    def start_run(self, job: str) -> None:
        answer = self.tell(lambda: run_operations.start_job_run(self.context, {"JobName": job}))
        if answer is not None:
            self.answered.append(answer["JobRunId"])

    def stop_runs(self, job: str, run_ids: list[str]) -> None:
        self.asked_to_stop.update(run_ids)
        self.tell(
            lambda: run_operations.batch_stop_job_run(
                self.context, {"JobName": job, "JobRunIds": run_ids}
            )
        )

    def create_crawler(self, name: str) -> None:
        objects = self.context.objects
        if "lake" not in {bucket.name for bucket in objects.buckets()}:
            objects.create_bucket("lake", region="us-east-1", now=self.context.clock.now())
        targets: Any = {"S3Targets": [{"Path": "s3://lake"}]}
        crawlers.create_crawler(self.context, {"Name": name, "Role": "r", "Targets": targets})

    def start_crawler(self, name: str) -> None:
        self.tell(lambda: crawls.start_crawler(self.context, {"Name": name}))

    def stop_crawler(self, name: str) -> None:
        active = (run for run in self.runs() if run.job_name == run_name(name))
        self.asked_to_stop.update(run.id for run in active if run.state not in TERMINAL)
        self.tell(lambda: crawls.stop_crawler(self.context, {"Name": name}))

    def delete_job(self, job: str) -> None:
        self.tell(lambda: job_operations.delete_job(self.context, {"JobName": job}))

    def create_workflow(self, name: str, **members: Any) -> None:
        workflows.create_workflow(self.context, {"Name": name, **members})  # type: ignore[typeddict-item]

    def create_trigger(self, name: str, kind: TriggerType, **members: Any) -> None:
        """Create an active trigger."""
        request: Any = {"Name": name, "Type": kind.value, **members}
        if kind is not TriggerType.ON_DEMAND:
            request["StartOnCreation"] = True
        triggers.create_trigger(self.context, request)
        self.chains.add(_model_of(request))
        self.triggers.append(name)
        if kind is TriggerType.SCHEDULED:
            self.scheduled[name] = self.machine.now()

    def fire(self, name: str) -> None:
        """Start the workflow that a trigger begins, or the trigger itself if it is on demand."""
        with self.database.read() as connection:
            trigger = trigger_store.get(connection, name)
        assert trigger is not None
        workflow = trigger.workflow_name
        if workflow is not None:
            self.tell(lambda: workflow_runs.start_workflow_run(self.context, {"Name": workflow}))
        elif trigger.type is TriggerType.ON_DEMAND:
            self.tell(lambda: triggers.start_trigger(self.context, {"Name": name}))

    def stop_triggers(self, others: Iterable[str]) -> None:
        """Let nothing fire by itself any more, nor any of some other triggers."""
        for name in (*self.scheduled, *others):
            triggers.stop_trigger(self.context, {"Name": name})
            self.chains.remove(name)
        self._is_quiet = True

    def stop_workflow_runs(self) -> None:
        with self.database.read() as connection:
            active = workflow_store.active(connection)
        for run in active:
            with self.database.read() as connection:
                self.asked_to_stop.update(one.id for one in run_store.of_chain(connection, run.id))
            names: Any = {"Name": run.workflow_name, "RunId": run.id}
            self.tell(partial(workflow_runs.stop_workflow_run, self.context, names))

    # ---- what chance does

    def pass_by(self, seconds: float) -> None:
        """Let time go by; scripts that come to their end commit their bookmarks."""
        self.machine.pass_by(seconds)
        states = {run.id: run for run in self.runs()}
        for run_id, token in self.executor.commits():
            self._commit(states[run_id], token)

    def _commit(self, run: RunRow, token: str) -> None:
        context = replace(self.context, call=call(run.id))
        if run.job_name.startswith(run_name("")):
            self._report(context, run, token)
            return
        names = {"JobName": run.job_name, "RunId": run.id}
        try:
            version = runtime.read_job_bookmark(context, names)["Version"]  # type: ignore[arg-type]
            text = {"Token": token, "Version": version, "JobBookmark": "{}"}
            runtime.commit_job_bookmark(context, names | text)  # type: ignore[arg-type]
        except AwsError:
            return
        assert run.state in HOLDING, f"{run.id} has ended, and yet wrote its bookmark"
        self.commits += 1

    def _report(self, context: Context, run: RunRow, token: str) -> None:
        """Let a crawl tell what it has done."""
        with suppress(AwsError):
            report: Any = {"RunId": run.id, "Token": token, "Summary": {"PartitionsCreated": 1}}
            runtime.report_crawl(context, report)
            assert run.state in HOLDING, f"{run.id} has ended, and yet was believed"

    def until_due(self) -> float:
        """Return the seconds until a schedule is due."""
        with self.database.read() as connection:
            due = trigger_store.next_due(connection)
        assert due is not None
        return max(0.0, due - self.machine.now())

    def set_clock(self, seconds: float) -> None:
        self.machine.set_clock(seconds)
        self._clock_was_set = True

    def die_within(self, failpoints_from_now: int) -> None:
        """Let the service die at one of the next failpoints."""
        self._until_death = failpoints_from_now

    def tell(self, request: Callable[[], Any]) -> Any:
        """Call an operation; None when it was refused, or when the service died meanwhile."""
        try:
            with self._mortal():
                answer = request()
        except AwsError:
            return None
        except Died:
            self._restart()
            return None
        self.check()
        return answer

    def settle(self) -> None:
        """Let the engine do its rounds until it would rest, then check everything."""
        self._look_at_schedules()
        rested = 0
        for _ in range(_MOST_ROUNDS):
            # what ended in one round lets others start in the next
            rested = rested + 1 if self._round() else 0
            if rested == 2:
                return
        raise AssertionError("the engine never rests")

    def _round(self) -> bool:
        """Do one round; tell whether the engine would rest now."""
        try:
            with self._mortal():
                rest = self.engine.step()
        except Died:
            self._restart()
            return False
        self.check()
        self._check_stopping()
        if rest > 0:
            self._check_timeouts()
        return rest > 0

    def _restart(self) -> None:
        self.deaths += 1
        self._until_death = None
        self.engine = self._new_engine()
        with self.database.read() as connection:
            live = {run.id for run in run_store.holding(connection)}
        self.executor.sweep(live)
        self.check()

    @contextmanager
    def _mortal(self) -> Iterator[None]:
        usual = failpoints.reach
        failpoints.reach = self._reach
        try:
            yield
        finally:
            failpoints.reach = usual

    def _reach(self, place: str) -> None:
        assert place in failpoints.FAILPOINTS
        if self._until_death is not None:
            self._until_death -= 1
            if self._until_death < 0:
                raise Died(place)

    def _look_at_schedules(self) -> None:
        """Work out which due times must have fired after the engine's next complete round."""
        if self._is_quiet:
            return
        now = self.machine.now()
        with self.database.read() as connection:
            for name, looked in self.scheduled.items():
                trigger = trigger_store.get(connection, name)
                assert trigger is not None and trigger.activated is not None
                # a clock that was set back lives through the same times once more
                since, anchor = min(looked, now), min(trigger.activated, now)
                due = _last_due(trigger.schedule or "", anchor, since, now)
                self.scheduled[name] = since
                if due is not None:
                    self.scheduled[name] = now
                    if now - due <= CATCH_UP_SECONDS:
                        self.expected.add((name, due))

    # ---- what must hold

    def runs(self) -> list[RunRow]:
        """Return all runs, in order of arrival; they are read again when something was written."""
        with self.database.read() as connection:
            driver: Any = connection.connection.dbapi_connection
            written = driver.execute("PRAGMA data_version").fetchone()
            if written != self._written:
                self._written = written
                self._runs = all_runs(connection)
                self._stopped = stopped_workflow_runs(connection)
        return self._runs

    def check(self) -> None:
        """Check what must hold after every commit."""
        every = self.runs()
        self.chains.check(every, self._stopped)
        known = {run.id for run in every}
        assert known.issuperset(self.answered), "a run that was answered is gone"
        crawling = Counter(
            run.job_name
            for run in every
            if run.job_name.startswith(run_name("")) and run.state not in TERMINAL
        )
        assert all(count == 1 for count in crawling.values()), "a crawler runs twice at once"
        holding = [run for run in every if run.state in HOLDING]
        assert sum(run.held_dpus or 0.0 for run in holding) <= POOL.dpus
        self._check_concurrency(holding)
        for run in every:
            if run.id in self._ended:
                assert run.state == self._ended[run.id], "a terminal state has changed"
            elif run.state in TERMINAL:
                self._ended[run.id] = run.state
        for run_id, count in self.executor.executions.items():
            assert count == 1, f"{run_id} was executed {count} times"

    def _check_concurrency(self, holding: list[RunRow]) -> None:
        with self.database.read() as connection:
            for name, count in Counter(run.job_name for run in holding).items():
                job = job_store.get(connection, name)
                if job is not None:
                    assert count <= job.document["ExecutionProperty"]["MaxConcurrentRuns"]

    def _check_stopping(self) -> None:
        """A run is STOPPING for its grace period, and no longer, while the engine looks."""
        now = self.machine.physical
        stopping = {run.id for run in self.runs() if run.state == RunState.STOPPING}
        self._stopping = {run_id: self._stopping.get(run_id, now) for run_id in stopping}
        for run_id, since in self._stopping.items():
            assert now - since <= GRACE_SECONDS, f"{run_id} is STOPPING for {now - since} s"

    def _check_timeouts(self) -> None:
        """Where the engine rests, no run has outlived its timeout, and none was ended before,
        whatever the clock on the wall was set to."""
        for run in self.runs():
            timeout = run.timeout_minutes * 60.0
            if run.state == RunState.RUNNING:
                seconds = self.executor.seconds_of(run.id)
                assert seconds is not None and seconds < timeout + _LONGEST_START, run.id
            elif run.state == RunState.TIMEOUT and run.ran_seconds is not None:
                assert timeout <= run.ran_seconds, f"{run.id} ran for {run.ran_seconds} s only"

    def check_end(self) -> None:
        """Check what must hold when everything has come to its end."""
        every = self.runs()
        for run in every:
            assert run.state in TERMINAL, f"{run.id} is {run.state} for ever"
            if run.state is RunState.STOPPED:
                assert run.id in self.asked_to_stop, f"{run.id} was stopped, and nobody asked"
        assert not self.executor.alive(), "processes are left"
        self._check_firings(every)
        with self.database.read() as connection:
            assert not workflow_store.active(connection), "a workflow run never ends"

    def _check_firings(self, every: list[RunRow]) -> None:
        """Each due time has fired once, with all its runs; no other time has."""
        started = Counter((run.trigger_name, run.due) for run in every if run.attempt == 0)
        with self.database.read() as connection:
            rows = connection.execute(sa.select(firings)).all()
            actions = {
                name: len(trigger.actions)
                for name in self.scheduled
                if (trigger := trigger_store.get(connection, name))
            }
        due = {
            (row.trigger_name, _time_of(row.occasion)): row
            for row in rows
            if row.trigger_name in self.scheduled and row.occasion.startswith("due ")
        }
        for name, time in self.expected:
            row = due[name, time]
            if row.fired is None:
                # a clock that is set may pass over a time that was looked at before
                assert "oncurrent runs" in row.note or self._clock_was_set
            else:
                assert started[name, time] == actions[name], (name, time)
        fired = {key for key, row in due.items() if row.fired is not None}
        assert fired <= self.expected, "a trigger fired at another time than those due"

    def _new_engine(self) -> Engine:
        return Engine(
            database=self.database,
            launcher=self.executor,
            clock=self.machine,
            bell=self._home.bell,
            pool=POOL,
            reserve=FixedReserve(share=0.25),
            remarks=lambda _run: (),
            prepare=self._prepare,
            account=self.context.account,
            catch_up_seconds=CATCH_UP_SECONDS,
        )

    def _prepare(self, run: Run) -> Launch:
        return Launch(
            run_id=run.id,
            token=run.token,
            job_name=run.job_name,
            command=run.command,
            script_location=run.script_location,
            output_path=self._home.path / "output",
            error_path=self._home.path / "error",
            endpoint_url="http://127.0.0.1:1",
            region="us-east-1",
            account_id="123456789012",
            objects_root=self._home.path,
        )


def _time_of(occasion: str) -> float:
    return datetime.fromisoformat(occasion.removeprefix("due ")).timestamp()


def _model_of(trigger: dict[str, Any]) -> ModelTrigger:
    predicate = trigger.get("Predicate", {"Logical": "AND", "Conditions": ()})
    return ModelTrigger(
        name=trigger["Name"],
        actions=tuple(map(_named, trigger["Actions"])),
        conditions=tuple(
            (_named(one), one.get("CrawlState") or one["State"]) for one in predicate["Conditions"]
        ),
        any_of=predicate["Logical"] == "ANY",
        workflow=trigger.get("WorkflowName"),
    )


def _named(part: Mapping[str, Any]) -> str:
    """Return the name that runs have of what an action or a condition names."""
    return run_name(part["CrawlerName"]) if "CrawlerName" in part else str(part["JobName"])


def _last_due(schedule: str, anchor: float, after: float, until: float) -> float | None:
    """Return the last due time in (after, until]; walks through all of them."""
    last = None
    due = parse_schedule(schedule).next_after(after, anchor)
    while due is not None and due <= until:
        last = due
        due = parse_schedule(schedule).next_after(due, anchor)
    return last
