"""What follows from what was seen of a run's processes: pure, so it can be tried at every state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from glueball.core.arguments import is_auto_scaled
from glueball.core.clock import Instant
from glueball.core.maintenance import restart_due
from glueball.core.runs import TERMINAL, Run, RunState, script_seconds
from glueball.core.wait_reasons import kept_deadline
from glueball.launchers.launch import (
    Exited,
    ExitRecord,
    Lost,
    NotStarted,
    Observation,
    Running,
    Starting,
)

_LOST = "The processes of this run were ended from outside before it could finish. "
_ALL_DEAD = "A check found none of them left. Start it again."
_KNOWN_DEAD = (
    "Those that could still be told as its own were ended too; one that hid itself may go on. "
    "Start it again."
)

_EXPIRED = "The run was restarted for maintenance; another one has taken its place."


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """The state that a run goes to, and the columns that go with it."""

    to: RunState
    running: float | None = None
    #: when the script's process ended; None: nobody knows
    ended: float | None = None
    #: that the script ran; None: it has not ended, or nobody measured it
    ran_seconds: float | None = None
    stop_cause: RunState | None = None
    error_message: str | None = None


def next_change(run: Run, seen: Observation, now: Instant) -> Change | None:
    """Decide what a started run does next; None when it stays as it is.

    Args:
        run: a run in STARTING, RUNNING or STOPPING.
        seen: what the launcher saw of its processes.
    """
    if isinstance(seen, Exited):
        return _ended(run, seen.record)
    if run.state is RunState.STOPPING:
        return _stopping(run, seen)
    if isinstance(seen, Lost):
        return Change(
            to=RunState.FAILED,
            error_message=_LOST + (_ALL_DEAD if seen.everything_dead else _KNOWN_DEAD),
        )
    if isinstance(seen, Running) and run.state is RunState.STARTING:
        return Change(to=RunState.RUNNING, running=seen.started_at)
    due = timeout_due(run, seen, now)
    if due is not None and now.steady >= due:
        return Change(to=RunState.STOPPING, stop_cause=RunState.TIMEOUT)
    restart = restart_due(run)
    if restart is not None and now.wall >= restart:
        return Change(to=RunState.STOPPING, stop_cause=RunState.EXPIRED)
    return None


def held_dpu_seconds(run: Run, change: Change, now: float) -> float | None:
    """Return the DPU-seconds that an auto-scaled run held until it ends; None for any other.

    They are the time that each executor ran, by the DPUs of its worker (API_JobRun). On one
    machine a run holds its share of the pool from its first line to its end.
    """
    if change.to not in TERMINAL or not is_auto_scaled(run.document["Arguments"]):
        return None
    begun = change.running if run.running is None else run.running
    ended = now if change.ended is None else change.ended
    seconds = script_seconds(change.ran_seconds, begun, ended)
    return (run.held_dpus or 0.0) * round(seconds or 0.0)


def final_detail(run: Run, change: Change, now: float) -> str | None:
    """Return what StateDetail says after a change: at its end a run tells whether its deadline was
    kept, instead of what was foreseen.

    Args:
        now: epoch seconds.
    """
    if run.deadline is None or change.to not in TERMINAL:
        return run.state_detail
    ended = now if change.ended is None else change.ended
    succeeded = change.to is RunState.SUCCEEDED
    return kept_deadline(run.state_detail, run.deadline, ended, succeeded=succeeded)


def timeout_due(run: Run, seen: Observation, now: Instant) -> float | None:
    """Return when a run's timeout is due, by the steady clock; None where it has none.

    The timeout counts from the script's first line, and before it from the start of the
    preparation, so that an installation that hangs ends as well. It counts time that passes: a
    clock on the wall that is set meanwhile changes nothing.
    """
    if not run.timeout_minutes or run.started is None:
        return None
    since = seen.since if isinstance(seen, Starting | Running) else None
    if since is None:  # nobody measured it: the times on the wall have to do
        since = now.steady - (now.wall - (run.running or run.started))
    return since + run.timeout_minutes * 60


def _stopping(run: Run, seen: Observation) -> Change | None:
    if isinstance(seen, Lost | NotStarted):
        return _stopped(run)
    return None


def _ended(run: Run, record: ExitRecord) -> Change:
    if run.state is RunState.STOPPING:
        change = _stopped(run)
    elif record.code == 0 and not record.stopped:
        change = Change(to=RunState.SUCCEEDED)
    else:
        change = Change(to=RunState.FAILED, error_message=_reason(record))
    return replace(
        change,
        running=run.running or record.started_at,
        ended=record.time,
        ran_seconds=record.seconds,
    )


def _stopped(run: Run) -> Change:
    cause = run.stop_cause or RunState.STOPPED
    message = None
    if cause is RunState.TIMEOUT:
        message = f"Job timed out after {run.timeout_minutes} minutes."
    if cause is RunState.EXPIRED:
        message = _EXPIRED
    return Change(to=cause, error_message=message)


def _reason(record: ExitRecord) -> str:
    if record.failure is not None:
        return record.failure.message
    if record.error_message:
        return record.error_message
    if record.stopped:
        return "The run was asked to end by a signal to its supervisor."
    if record.signal is not None:
        hint = " The machine may have run out of memory." if record.signal == 9 else ""
        return f"The script's process was ended by signal {record.signal}.{hint}"
    return f"Command failed with exit code {record.code}"
