"""Runs as accounts, reports and forecasts look back at them."""

from __future__ import annotations

from dataclasses import dataclass

from glueball.core.runs import RunState, script_seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class PastRun:
    """One attempt of a job; times in epoch seconds. It may not have ended yet."""

    id: str
    job_name: str
    state: RunState
    execution_class: str
    command: str
    worker_type: str | None
    glue_version: str | None
    attempt: int  #: 0 for the first
    timeout_minutes: int
    dpus: float  #: what it asked for
    held_dpus: float | None  #: what it held of the pool; None while it waited
    held_memory_mb: int | None
    due: float  #: when it should have started
    started: float | None  #: when it left the queue
    running: float | None  #: when the script's first line ran
    completed: float | None
    trigger_name: str | None
    chain_id: str | None
    deadline: float | None  #: when it must be done
    dpu_seconds: float | None  #: what an auto-scaled run really held
    #: seconds that it waited because FLEX held what it needed
    flex_delay: float | None
    #: that the script ran, by a clock that nobody sets; None: only its times are known
    ran_seconds: float | None = None

    @property
    def start_delay(self) -> float | None:
        """Seconds between the time it was due and its start; None while it waits."""
        return None if self.started is None else max(0.0, self.started - self.due)

    @property
    def execution_seconds(self) -> float | None:
        """Seconds that the script ran; None while it has not ended, or if it never began."""
        return script_seconds(self.ran_seconds, self.running, self.completed)
