from __future__ import annotations

import itertools
from typing import Any

import pytest

from glueball.core.clock import Instant
from glueball.core.runs import HOLDING, TERMINAL, Run, RunState, may_follow
from glueball.engine.progress import Change, held_dpu_seconds, next_change
from glueball.launchers.launch import (
    Exited,
    ExitRecord,
    FailureRecord,
    Lost,
    NotStarted,
    Observation,
    Running,
    Starting,
)
from support.runs import BASE_TIME, make_run


def _exited(
    code: int | None = 0,
    *,
    signal: int | None = None,
    stopped: bool = False,
    message: str | None = None,
) -> Exited:
    failure = FailureRecord(message=message, category="X", line=1) if message else None
    return Exited(
        record=ExitRecord(
            code=code,
            signal=signal,
            time=BASE_TIME + 60,
            stopped=stopped,
            error_message=None,
            started_at=BASE_TIME + 2,
            failure=failure,
        )
    )


def _after(seconds: float, *, clock_set: float = 0.0) -> Instant:
    """Return the moment so long after the run was started, by a clock that was set meanwhile."""
    return Instant(BASE_TIME + seconds + clock_set, 1000.0 + seconds)


def _held(state: RunState, **changes: Any) -> Run:
    return make_run(state=state, started=BASE_TIME, held_dpus=10.0, **changes)


_STARTING = _held(RunState.STARTING)
_RUNNING = _held(RunState.RUNNING, running=BASE_TIME + 2)
_STOPPING = _held(RunState.STOPPING, running=BASE_TIME + 2, stop_cause=RunState.STOPPED)
_TIMING_OUT = _held(RunState.STOPPING, running=BASE_TIME + 2, stop_cause=RunState.TIMEOUT)


@pytest.mark.parametrize(
    ("run", "seen", "to"),
    [
        (_STARTING, NotStarted(), None),  # will be launched
        (_STARTING, Starting(), None),
        (_STARTING, Running(started_at=BASE_TIME + 2), RunState.RUNNING),
        (_STARTING, _exited(0), RunState.SUCCEEDED),  # too quick to be seen running
        (_STARTING, _exited(1), RunState.FAILED),  # its environment could not be made
        (_STARTING, Lost(), RunState.FAILED),
        (_RUNNING, Running(started_at=BASE_TIME + 2), None),
        (_RUNNING, _exited(0), RunState.SUCCEEDED),
        (_RUNNING, _exited(3), RunState.FAILED),
        (_RUNNING, _exited(None, signal=9), RunState.FAILED),
        (_RUNNING, _exited(0, stopped=True), RunState.FAILED),  # nobody here asked for that
        (_RUNNING, Lost(), RunState.FAILED),
        (_STOPPING, Running(started_at=BASE_TIME + 2), None),  # is being ended
        (_STOPPING, _exited(None, stopped=True), RunState.STOPPED),
        (_STOPPING, _exited(0), RunState.STOPPED),  # who stops first wins
        (_STOPPING, Lost(), RunState.STOPPED),
        (_STOPPING, NotStarted(), RunState.STOPPED),
        (_TIMING_OUT, _exited(None, stopped=True), RunState.TIMEOUT),
    ],
)
def test_what_follows(run: Run, seen: Observation, to: RunState | None) -> None:
    change = next_change(run, seen, _after(3))
    assert (change and change.to) == to


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (_exited(1, message="ValueError: bad"), "ValueError: bad"),
        (_exited(3), "Command failed with exit code 3"),
        (_exited(None, signal=9), "ended by signal 9. The machine may have run out of memory."),
        (_exited(None, signal=11), "ended by signal 11."),
        (Lost(), "ended from outside"),
        (Lost(everything_dead=True), "none of them left"),
        (Lost(), "may go on"),
    ],
)
def test_failures_say_why(seen: Observation, says: str) -> None:
    change = next_change(_RUNNING, seen, _after(3))
    assert change is not None
    assert change.error_message is not None
    assert says in change.error_message


@pytest.mark.parametrize(
    ("run", "seen", "seconds", "late"),
    [
        # ten minutes from the script's first line on
        (_RUNNING, Running(started_at=BASE_TIME + 2), 601.9, False),
        (_RUNNING, Running(started_at=BASE_TIME + 2), 602.0, True),
        # an installation that hangs ends as well
        (_STARTING, Starting(), 600.0, True),
        # nobody looked while the script began: its own ten minutes count
        (_STARTING, Running(started_at=BASE_TIME + 2), 601.0, False),
    ],
)
def test_the_timeout_counts_running_time(
    run: Run, seen: Observation, seconds: float, late: bool
) -> None:
    change = next_change(run, seen, _after(seconds))
    assert (change is not None and change.to is RunState.STOPPING) == late
    if late:
        assert change is not None and change.stop_cause is RunState.TIMEOUT


@pytest.mark.parametrize(
    ("run", "seen"),
    [
        (_RUNNING, Running(started_at=BASE_TIME + 2, since=1002.0)),
        (_STARTING, Starting(since=1002.0)),
    ],
)
@pytest.mark.parametrize("clock_set", [-7200.0, -1.0, 1.0, 7200.0])
def test_a_clock_that_is_set_changes_no_timeout(
    run: Run, seen: Observation, clock_set: float
) -> None:
    assert next_change(run, seen, _after(601.9, clock_set=clock_set)) is None
    change = next_change(run, seen, _after(602.0, clock_set=clock_set))
    assert change is not None and change.stop_cause is RunState.TIMEOUT


def test_a_timeout_is_said() -> None:
    change = next_change(_TIMING_OUT, Lost(), _after(700))
    assert change is not None and change.error_message == "Job timed out after 10 minutes."


def test_the_time_of_the_first_line_is_kept_of_a_run_that_nobody_saw_running() -> None:
    change = next_change(_STARTING, _exited(0), _after(61))
    assert change is not None and change.running == BASE_TIME + 2


_ALL_SEEN: list[Observation] = [
    NotStarted(),
    Starting(),
    Running(started_at=BASE_TIME + 2),
    _exited(0),
    _exited(1),
    _exited(None, signal=9),
    _exited(None, stopped=True),
    Lost(),
]


@pytest.mark.parametrize(
    ("state", "seen", "cause"),
    list(itertools.product(sorted(HOLDING), _ALL_SEEN, [None, *sorted(TERMINAL)])),
)
def test_every_change_is_one_that_exists(
    state: RunState, seen: Observation, cause: RunState | None
) -> None:
    if cause not in (None, RunState.STOPPED, RunState.TIMEOUT):
        cause = RunState.STOPPED
    run = _held(state, stop_cause=cause)
    for seconds in (1.0, 10_000.0):
        change = next_change(run, seen, _after(seconds))
        assert change is None or may_follow(run.state, change.to)


_SCALED = {"Arguments": {"--enable-auto-scaling": "true"}}


@pytest.mark.parametrize(
    ("run", "change", "expected"),
    [
        # ten DPUs from the first line to the end of the script
        (
            _held(RunState.RUNNING, running=BASE_TIME + 2, document=_SCALED),
            Change(to=RunState.SUCCEEDED, ended=BASE_TIME + 62),
            600.0,
        ),
        # nobody knows when it ended: now
        (
            _held(RunState.RUNNING, running=BASE_TIME + 2, document=_SCALED),
            Change(to=RunState.FAILED),
            980.0,
        ),
        # too quick to be seen running
        (
            _held(RunState.STARTING, document=_SCALED),
            Change(to=RunState.SUCCEEDED, running=BASE_TIME + 1, ended=BASE_TIME + 4),
            30.0,
        ),
        # its first line never ran
        (_held(RunState.STARTING, document=_SCALED), Change(to=RunState.FAILED), 0.0),
        # it has not ended
        (_held(RunState.STARTING, document=_SCALED), Change(to=RunState.RUNNING), None),
        # it did not ask for auto scaling
        (_RUNNING, Change(to=RunState.SUCCEEDED, ended=BASE_TIME + 62), None),
    ],
)
def test_an_auto_scaled_run_counts_what_it_held(
    run: Run, change: Change, expected: float | None
) -> None:
    assert held_dpu_seconds(run, change, BASE_TIME + 100) == expected
