"""Job runs: their states, which change may follow which, and what a run is.

A run is one *attempt*: AWS gives a retry an id of its own (`jr_…_attempt_1`) that points back by
`PreviousRunId`. https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple


class RunState(StrEnum):
    """AWS's JobRunState."""

    #: accepted and durable; waits for capacity
    WAITING = "WAITING"
    #: holds its capacity; its environment is being made
    STARTING = "STARTING"
    #: the script's own code runs
    RUNNING = "RUNNING"
    #: asked to end; its processes are being ended
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"


TERMINAL = frozenset(
    {
        RunState.STOPPED,
        RunState.SUCCEEDED,
        RunState.FAILED,
        RunState.TIMEOUT,
        RunState.ERROR,
        RunState.EXPIRED,
    }
)
ACTIVE = frozenset(RunState) - TERMINAL
#: states in which a run holds capacity
HOLDING = frozenset({RunState.STARTING, RunState.RUNNING, RunState.STOPPING})

_FOLLOWERS: Mapping[RunState, frozenset[RunState]] = {
    RunState.WAITING: frozenset(
        {RunState.STARTING, RunState.STOPPED, RunState.FAILED, RunState.EXPIRED, RunState.ERROR}
    ),
    RunState.STARTING: frozenset(
        {
            RunState.RUNNING,
            RunState.STOPPING,
            # a script may end before anyone looked
            RunState.SUCCEEDED,
            RunState.FAILED,
            RunState.ERROR,
        }
    ),
    RunState.RUNNING: frozenset({RunState.STOPPING, RunState.SUCCEEDED, RunState.FAILED}),
    RunState.STOPPING: frozenset(
        {RunState.STOPPED, RunState.TIMEOUT, RunState.EXPIRED, RunState.FAILED}
    ),
}


def may_follow(before: RunState, after: RunState) -> bool:
    """Tell whether a run in state `before` may go to `after`; terminal states are final."""
    return after in _FOLLOWERS.get(before, frozenset())


class ExecutionClass(StrEnum):
    STANDARD = "STANDARD"
    FLEX = "FLEX"


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One attempt of a job, as the store keeps it."""

    id: str
    job_name: str
    state: RunState
    execution_class: ExecutionClass
    command: str  #: glueetl, gluestreaming or pythonshell
    script_location: str  #: s3://bucket/key, as the job said when the run was started
    python_version: str | None
    glue_version: str | None
    attempt: int  #: 0 for the first
    previous_run_id: str | None = None
    max_retries: int
    timeout_minutes: int  #: 0: none, as streaming jobs have it
    #: DPUs that the definition asks for; what is billed
    dpus: float
    #: DPUs of the pool that the run holds; None before STARTING
    held_dpus: float | None = None
    held_memory_mb: int | None = None
    #: fencing token: a process that shows another one may write nothing
    token: str
    submitted: float  #: when StartJobRun was answered, epoch seconds
    started: float | None = None  #: when it left the queue
    running: float | None = None  #: when the script's first line ran
    completed: float | None = None
    modified: float
    stop_cause: RunState | None = None  #: in STOPPING: how it will end (STOPPED, TIMEOUT, EXPIRED)
    state_detail: str | None = None
    error_message: str | None = None
    #: the trigger that started it, and what it descends from: `WorkflowRun.id` or a chain of its
    #: own; None for a run that somebody started by hand. A crawl by its crawler's schedule has no
    #: chain: what started it is called as `crawls.own_schedule` says
    trigger_name: str | None = None
    chain_id: str | None = None
    due: float  #: when it should have started: the trigger's time, else that of StartJobRun
    queued: bool = False  #: JobRunQueuingEnabled: limits make it wait where others fail
    deadline: float | None = None  #: when it must be done, by the tag `glueball:deadline`
    notified: float | None = None  #: when NotifyDelayAfter was told of
    dpu_seconds: float | None = None  #: what an auto-scaled run really held
    #: seconds that a STANDARD run waited because FLEX held what it needed
    flex_delay: float | None = None
    #: that the script ran, by a clock that nobody sets; None: only its times are known
    ran_seconds: float | None = None
    #: JobRun members that never change: Arguments, WorkerType, NumberOfWorkers, …
    document: Mapping[str, Any]

    @property
    def execution_seconds(self) -> int:
        """Whole seconds that the script ran; 0 while it has not ended or never began."""
        return round(script_seconds(self.ran_seconds, self.running, self.completed) or 0)


class WaitingRun(NamedTuple):
    """What a decision needs to know of a run that waits: thousands of them are read at once."""

    id: str
    job_name: str
    execution_class: str
    command: str
    glue_version: str | None
    python_version: str | None
    dpus: float
    submitted: float
    timeout_minutes: int
    state_detail: str | None
    queued: bool
    deadline: float | None
    trigger_name: str | None
    chain_id: str | None
    sequence: int  #: its place in the order of arrival


def script_seconds(
    ran_seconds: float | None, running: float | None, completed: float | None
) -> float | None:
    """Return the seconds that a script ran; None while it has not ended, or if it never began.

    Args:
        ran_seconds: as they were measured; None where they were not.
        running: when it began, epoch seconds.
        completed: when it ended.
    """
    if running is None or completed is None:
        return None
    return max(0.0, completed - running if ran_seconds is None else ran_seconds)


_RESTART = "_restart_"


def retry_id(run_id: str, attempt: int) -> str:
    """Name attempt number `attempt` of the run whose first or any later attempt is `run_id`.

    >>> retry_id("jr_ab_attempt_1", 2), retry_id("jr_ab_attempt_1_restart_3", 2)
    ('jr_ab_attempt_2', 'jr_ab_attempt_2')
    """
    return f"{_attempt_of(run_id).split('_attempt_')[0]}_attempt_{attempt}"


def restart_id(run_id: str) -> str:
    """Name the run that takes the place of `run_id` after maintenance; each attempt counts anew.

    >>> restart_id("jr_ab_attempt_1"), restart_id("jr_ab_attempt_1_restart_9")
    ('jr_ab_attempt_1_restart_1', 'jr_ab_attempt_1_restart_10')
    """
    _, _, count = run_id.partition(_RESTART)
    return f"{_attempt_of(run_id)}{_RESTART}{int(count or 0) + 1}"


def _attempt_of(run_id: str) -> str:
    return run_id.partition(_RESTART)[0]
