from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from glueball.core.errors import ConfigurationError
from glueball.core.flex import FixedReserve
from glueball.core.pool import Pool
from glueball.core.runs import HOLDING, TERMINAL, ExecutionClass, Run, RunState
from glueball.core.triggers import TriggerState, TriggerType
from glueball.engine.bell import Bell
from glueball.engine.loop import Engine
from glueball.launchers.launch import Launch, Running
from glueball.launchers.rundir import notify
from glueball.orchestration.account import Account
from glueball.stores import runs
from glueball.stores.database import Database
from support.clocks import VirtualClock
from support.launchers import ScriptedLauncher
from support.runs import BASE_TIME, active_runs, make_run
from support.workflows import add_triggers, make_trigger

_POOL = Pool(dpus=100.0, memory_mb=18_000)


@dataclass(kw_only=True)
class World:
    """An engine over a real database, with time and processes in the test's hands."""

    home: Path
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(BASE_TIME))
    launcher: ScriptedLauncher = field(default_factory=ScriptedLauncher)
    refuse: str | None = None
    tokens: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000_000)))

    def __post_init__(self) -> None:
        self.database = Database(self.home / "glueball.db")
        self.bell = Bell(self.home / "bell")
        self.engine = self._engine()

    def _engine(self) -> Engine:
        return Engine(
            database=self.database,
            launcher=self.launcher,
            clock=self.clock,
            bell=self.bell,
            pool=_POOL,
            reserve=FixedReserve(share=0.25),
            remarks=lambda run: ["nearest runtime"] if run.glue_version == "4.0" else [],
            prepare=self._prepare,
            account=Account(
                account_id="123456789012",
                region="us-east-1",
                new_id=lambda: f"new-token-{next(self.tokens)}",
            ),
            catch_up_seconds=86_400.0,
        )

    def _prepare(self, run: Run) -> Launch:
        if self.refuse is not None:
            raise ConfigurationError(self.refuse)
        return Launch(
            run_id=run.id,
            token=run.token,
            job_name=run.job_name,
            command=run.command,
            script_location=run.script_location,
            output_path=self.home / "output",
            error_path=self.home / "error",
            endpoint_url="http://127.0.0.1:1",
            region="us-east-1",
            account_id="123456789012",
            objects_root=self.home,
        )

    def submit(self, run: Run) -> None:
        with self.database.write() as connection:
            runs.insert(connection, run)

    def run(self, run_id: str) -> Run:
        with self.database.read() as connection:
            run = runs.get(connection, run_id)
        assert run is not None
        return run

    def stop(self, run_id: str) -> None:
        """What BatchStopJobRun commits for a started run."""
        with self.database.write() as connection:
            cause = RunState.STOPPED.value
            run = self.run(run_id)
            now = self.clock.now()
            assert runs.change(connection, run, to=RunState.STOPPING, now=now, stop_cause=cause)

    def crash(self) -> None:
        """Lose all memory; the database and the processes stay."""
        self.engine = self._engine()

    def close(self) -> None:
        self.bell.close()
        self.database.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(home=tmp_path)
    yield world
    world.close()


def test_a_run_goes_through_its_states(world: World) -> None:
    world.submit(make_run())
    world.clock.advance(3)
    world.engine.step()
    run = world.run("jr_1")
    assert (run.state, run.started, run.held_dpus) == (RunState.STARTING, BASE_TIME + 3, 10.0)
    assert world.launcher.started == ["jr_1"]

    world.launcher.runs("jr_1", BASE_TIME + 5)
    world.engine.step()
    assert (world.run("jr_1").state, world.run("jr_1").running) == (
        RunState.RUNNING,
        BASE_TIME + 5,
    )

    world.clock.advance(62)
    world.launcher.ends("jr_1", BASE_TIME + 65)
    world.engine.step()
    run = world.run("jr_1")
    assert (run.state, run.completed, run.execution_seconds) == (
        RunState.SUCCEEDED,
        BASE_TIME + 65,
        60,
    )
    assert world.launcher.cleaned == ["jr_1"]


def test_a_failure_is_tried_again_as_often_as_the_job_says(world: World) -> None:
    world.submit(make_run(max_retries=1))
    world.engine.step()
    world.launcher.ends("jr_1", BASE_TIME, code=1)
    world.engine.step()
    retry = world.run("jr_1_attempt_1")
    assert (retry.attempt, retry.previous_run_id) == (1, "jr_1")
    assert retry.token != world.run("jr_1").token
    assert retry.state is RunState.STARTING, "it starts in the same round"
    world.launcher.ends("jr_1_attempt_1", BASE_TIME, code=1)
    world.engine.step()
    with world.database.read() as connection:
        assert active_runs(connection) == []


@pytest.mark.parametrize("cause", [RunState.STOPPED, RunState.TIMEOUT])
def test_what_was_ended_is_not_tried_again(world: World, cause: RunState) -> None:
    world.submit(make_run(max_retries=5))
    world.engine.step()
    world.launcher.runs("jr_1", BASE_TIME)
    world.engine.step()
    if cause is RunState.TIMEOUT:
        world.clock.advance(600)
    else:
        world.stop("jr_1")
    world.engine.step()
    assert world.launcher.stopped == ["jr_1"]
    world.launcher.ends("jr_1", world.clock.now(), code=None, stopped=True)
    world.engine.step()
    assert world.run("jr_1").state is cause
    with world.database.read() as connection:
        assert active_runs(connection) == []


def test_a_launch_that_is_refused_fails_the_run_with_the_reason(world: World) -> None:
    world.refuse = "There is no runtime for Glue 2.0."
    world.submit(make_run())
    world.engine.step()
    run = world.run("jr_1")
    assert (run.state, run.error_message) == (RunState.FAILED, world.refuse)


def test_a_crash_between_the_decision_and_the_launch_launches_once(world: World) -> None:
    world.submit(make_run())
    world.engine.step()
    world.launcher.started.clear()  # the service died before the launcher was asked
    world.crash()
    world.engine.step()
    assert world.launcher.started == ["jr_1"]


def test_a_run_that_ended_while_the_service_was_down_is_found(world: World) -> None:
    world.submit(make_run())
    world.engine.step()
    world.launcher.runs("jr_1", BASE_TIME + 1)
    world.launcher.ends("jr_1", BASE_TIME + 9)
    world.crash()
    world.clock.advance(100)
    world.engine.step()
    run = world.run("jr_1")
    assert (run.state, run.completed) == (RunState.SUCCEEDED, BASE_TIME + 9)
    assert run.execution_seconds == 8, "the service's absence is not billed"


def test_a_stop_is_told_before_nothing_is_taken_for_the_end(world: World) -> None:
    world.submit(make_run())
    world.engine.step()
    world.stop("jr_1")  # its supervisor is on its way, but not to be seen yet
    world.engine.step()
    assert world.run("jr_1").state is RunState.STOPPED
    assert world.launcher.stopped == ["jr_1"]


def test_of_runs_that_go_on_only_those_that_rang_are_looked_at(world: World) -> None:
    for name in ("jr_rang", "jr_silent", "jr_late", "jr_asked"):
        world.submit(make_run(name, timeout_minutes=1 if name == "jr_late" else 10))
        world.launcher.runs(name, BASE_TIME)
    world.engine.step()
    world.engine.step()
    world.clock.advance(60)
    world.stop("jr_asked")
    for name in ("jr_rang", "jr_silent"):
        world.launcher.ends(name, BASE_TIME + 60)
    world.engine.step({"jr_rang"})
    states = {name: world.run(name).state for name in ("jr_rang", "jr_silent", "jr_late")}
    assert states == {
        "jr_rang": RunState.SUCCEEDED,
        "jr_silent": RunState.RUNNING,
        "jr_late": RunState.STOPPING,  # its time is over
    }
    assert "jr_asked" in world.launcher.stopped, "somebody asked for its end"
    world.engine.step()
    assert world.run("jr_silent").state is RunState.SUCCEEDED, "its ring was lost"


def test_a_clock_that_is_set_ends_no_run_and_is_not_billed(world: World) -> None:
    world.submit(make_run(timeout_minutes=1))
    world.engine.step()
    world.launcher.runs("jr_1", BASE_TIME, since=world.clock.steady())
    world.engine.step()
    world.clock.advance(20)
    world.clock.set(7200)
    for rung in ({"jr_other"}, None):
        assert world.engine.step(rung) == 1.0, "nothing is due, and it rests"
        assert world.run("jr_1").state is RunState.RUNNING
    world.clock.set(-14_400)
    world.clock.advance(39.9)
    assert world.engine.step() == pytest.approx(0.1), "its timeout is due then"
    world.clock.advance(0.1)
    world.engine.step({"jr_other"})
    assert world.run("jr_1").stop_cause is RunState.TIMEOUT
    world.launcher.ends("jr_1", world.clock.now(), None, stopped=True, seconds=60.4)
    world.engine.step()
    run = world.run("jr_1")
    assert (run.state, run.execution_seconds) == (RunState.TIMEOUT, 60)


@pytest.mark.parametrize(
    ("ring", "patience", "seconds", "least", "most"),
    [
        # a request waits until the engine has rested
        ("", 0.3, 60, 0.3, 30),
        # and no longer than until something is due
        ("", 60, 0.3, 0.3, 30),
        # a run does not wait, nor does a request where there is nothing to rest from
        ("jr_1", 60, 60, 0, 30),
        ("", 0, 60, 0, 30),
        # nobody rings
        (None, 0, 0.3, 0.3, 30),
    ],
)
def test_a_run_is_heard_at_once_and_requests_share_a_round(
    world: World, ring: str | None, patience: float, seconds: float, least: float, most: float
) -> None:
    if ring is not None:
        notify(world.bell.path, ring)
    began = time.monotonic()
    rung = world.engine._listen(patience, seconds)
    assert least <= time.monotonic() - began < most
    assert rung == (set() if ring is None else {ring})


def test_a_run_that_rings_after_a_request_is_heard_at_once(world: World) -> None:
    world.bell.ring()
    timer = threading.Timer(0.2, notify, (world.bell.path, "jr_1"))
    timer.start()
    began = time.monotonic()
    assert world.engine._listen(60, 60) == {"", "jr_1"}
    assert time.monotonic() - began < 30
    timer.join()


def test_the_trouble_of_one_run_holds_up_no_other(world: World) -> None:
    world.submit(make_run("jr_1"))
    world.engine.step()
    world.launcher.broken = {"jr_1", "jr_2"}
    world.submit(make_run("jr_2"))
    world.submit(make_run("jr_3"))
    world.engine.step()
    assert world.run("jr_3").state is RunState.STARTING
    world.launcher.ends("jr_3", BASE_TIME + 1)
    world.engine.step()
    assert world.run("jr_3").state is RunState.SUCCEEDED
    assert world.launcher.started == ["jr_1", "jr_3"], "what cannot be seen is not launched again"
    world.launcher.broken = set()
    world.engine.step()
    assert world.launcher.started == ["jr_1", "jr_3", "jr_1", "jr_2"]


def test_no_round_begins_while_the_engine_is_paused(world: World) -> None:
    world.submit(make_run())
    with world.engine.paused():
        world.engine.start()
        time.sleep(0.1)
        assert world.launcher.started == []
    world.engine.stop()


def test_a_run_says_at_its_end_whether_its_deadline_was_kept(world: World) -> None:
    foreseen = "will miss its deadline of 22:23 UTC: needs about 2 h"
    world.submit(make_run(deadline=BASE_TIME + 600, state_detail=foreseen))
    world.engine.step()
    world.launcher.ends("jr_1", BASE_TIME + 480)
    world.engine.step()
    assert world.run("jr_1").state_detail == "done 2 min before its deadline of 22:23 UTC"


def test_a_lost_run_fails_and_says_so(world: World) -> None:
    world.submit(make_run())
    world.engine.step()
    world.launcher.loses("jr_1")
    world.engine.step()
    run = world.run("jr_1")
    assert run.state is RunState.FAILED
    assert run.error_message is not None and "from outside" in run.error_message
    assert world.launcher.stopped == ["jr_1"], "what the supervisor has left is ended"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"glue_version": "4.0"}, "nearest runtime"),
        ({"dpus": 149.0}, "149 DPU"),  # larger than the pool
        ({"dpus": 149.0, "glue_version": "4.0"}, "runs with 100; nearest runtime"),
    ],
)
@pytest.mark.parametrize("code", [0, 1])
def test_a_started_run_says_what_differs_from_what_was_asked(
    world: World, changes: dict[str, Any], says: str, code: int
) -> None:
    world.submit(make_run(**changes))
    world.engine.step()
    detail = world.run("jr_1").state_detail
    assert detail is not None and says in detail
    world.launcher.ends("jr_1", BASE_TIME + 1, code)
    world.engine.step()
    assert world.run("jr_1").state_detail == detail, "it is still told when the run has ended"


def test_waiting_runs_say_why(world: World) -> None:
    for number in range(11):
        world.submit(make_run(f"jr_{number:02}"))
    world.engine.step()
    waits = world.run("jr_10")
    assert waits.state is RunState.WAITING
    assert waits.state_detail is not None and "10 DPU" in waits.state_detail


def test_flex_leaves_the_reserve_and_standard_takes_it(world: World) -> None:
    flex = ExecutionClass.FLEX
    for number in range(9):
        world.submit(make_run(f"jr_flex_{number}", execution_class=flex))
    world.engine.step()
    with world.database.read() as connection:
        started = [run.id for run in active_runs(connection) if run.state is RunState.STARTING]
    assert len(started) == 7, "75 of 100 DPU: 7 runs of 10"
    world.submit(make_run("jr_standard", dpus=25.0))
    world.engine.step()
    assert world.run("jr_standard").state is RunState.STARTING
    assert world.run("jr_flex_0").state is RunState.STARTING, "nobody was stopped for it"


def test_the_thread_takes_up_what_an_earlier_service_left(world: World) -> None:
    world.submit(make_run())
    world.engine.step()
    world.crash()
    world.engine.start()
    world.engine.stop()
    assert world.launcher.swept == [{"jr_1"}]


@pytest.mark.parametrize("seed", range(25))
def test_the_invariants_hold_for_any_history(tmp_path: Path, seed: int) -> None:
    """Random submissions, ends, stops, losses, timeouts and crashes; the seed names the history.

    Invariants of the design: capacity is never exceeded, terminal states are final, a FLEX run
    that started is never put back, every attempt is launched at least once and its successor has
    another token, and at the end every run has ended.
    """
    chance = random.Random(seed)
    world = World(home=tmp_path)
    final: dict[str, RunState] = {}
    for number in range(40):
        _happen(world, chance, number)
        world.engine.step()
        _check(world, final)
    for _ in range(300):
        with world.database.read() as connection:
            active = active_runs(connection)
        if not active:
            break
        _finish(world)
        world.engine.step()
        _check(world, final)
    assert active == []
    assert set(world.launcher.started) <= set(final)
    world.close()


def _happen(world: World, chance: random.Random, number: int) -> None:
    world.clock.advance(chance.choice([0.0, 1.0, 30.0, -5.0, 700.0]))
    for _ in range(chance.randrange(3)):
        world.submit(
            make_run(
                f"jr_{number}_{chance.randrange(10**9)}",
                execution_class=chance.choice(list(ExecutionClass)),
                dpus=chance.choice([2.0, 10.0, 60.0, 250.0]),
                max_retries=chance.choice([0, 0, 2]),
                submitted=world.clock.now(),
            )
        )
    with world.database.read() as connection:
        held = [run for run in active_runs(connection) if run.state in HOLDING]
    for run in held:
        event = chance.randrange(8)
        if event == 0:
            world.launcher.runs(run.id, world.clock.now())
        elif event == 1:
            world.launcher.ends(run.id, world.clock.now(), code=chance.choice([0, 0, 1]))
        elif event == 2:
            world.launcher.loses(run.id)
        elif event == 3 and run.state is not RunState.STOPPING:
            world.stop(run.id)
    if chance.random() < 0.2:
        world.crash()


def _finish(world: World) -> None:
    with world.database.read() as connection:
        for run in active_runs(connection):
            if run.state in HOLDING and not isinstance(world.launcher.observe(run.id), Running):
                world.launcher.ends(run.id, world.clock.now())
            elif run.state in HOLDING:
                world.launcher.ends(run.id, world.clock.now(), code=None, stopped=True)


def _check(world: World, final: dict[str, RunState]) -> None:
    with world.database.read() as connection:
        active = active_runs(connection)
        known = runs.page(connection, job_name="etl", before=None, limit=100_000)
    holding = [run for run in active if run.state in HOLDING]
    assert sum(run.held_dpus or 0.0 for run in holding) <= _POOL.dpus
    assert sum(run.held_memory_mb or 0 for run in holding) <= _POOL.memory_mb
    for _, run in known:
        assert final.get(run.id, run.state) == run.state, "a terminal state changed"
        if run.state in TERMINAL:
            final[run.id] = run.state
        if run.state in HOLDING:
            assert run.id in world.launcher.started
    tokens = [run.token for _, run in known if run.attempt]
    assert len(tokens) == len(set(tokens))


def test_schedules_come_back_with_a_clock_that_was_ahead(world: World) -> None:
    hourly = make_trigger(
        "hourly",
        starts="gone",
        workflow=None,
        type=TriggerType.SCHEDULED,
        state=TriggerState.ACTIVATED,
        schedule="rate(1 hour)",
        activated=BASE_TIME,
        next_due=BASE_TIME + 3600,
    )
    with world.database.write() as connection:
        add_triggers(connection, hourly)

    def dues() -> list[float]:
        with world.database.read() as connection:
            page = runs.page(connection, job_name="gone", before=None, limit=9)
        return sorted((run.due - BASE_TIME) / 3600 for _, run in page)

    world.engine.step()
    world.clock.advance(365 * 86_400)  # a clock that somebody sets wrong,
    world.engine.step()
    assert dues() == [8760]
    world.clock.advance(1800 - 365 * 86_400)  # and right again
    world.engine.step()
    world.clock.advance(1800)
    world.engine.step()
    assert dues() == [1, 8760]
    world.clock.advance(365 * 86_400)
    world.engine.step()
    world.crash()
    world.clock.advance(1800 - 365 * 86_400)  # while no service was there
    world.engine.step()
    world.clock.advance(1800)
    world.engine.step()
    world.engine.step()
    assert dues() == [1, 2, 8760, 8761]
