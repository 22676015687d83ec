"""What the checks read of the store after every commit, on the shortest way: it is most of their
time."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from glueball.core.workflows import WorkflowRunStatus
from glueball.stores.lookups import Lookup
from glueball.stores.orchestration_tables import workflow_runs
from glueball.stores.tables import runs


class RunRow(NamedTuple):
    """What the checks look at of a run."""

    id: str
    job_name: str
    state: str
    attempt: int
    max_retries: int
    previous_run_id: str | None
    held_dpus: float | None
    timeout_minutes: int
    ran_seconds: float | None
    started: float | None
    completed: float | None
    trigger_name: str | None
    chain_id: str | None
    due: float | None


_RUNS = Lookup(sa.select(*(runs.c[name] for name in RunRow._fields)).order_by(runs.c.sequence))
_status = workflow_runs.c.status
_STOPPED = Lookup(
    sa.select(workflow_runs.c.id).where(
        (_status == WorkflowRunStatus.STOPPING) | (_status == WorkflowRunStatus.STOPPED)
    )
)


def all_runs(connection: sa.Connection) -> list[RunRow]:
    """Return all runs, in order of arrival."""
    return list(map(RunRow._make, _RUNS.all(connection)))


def stopped_workflow_runs(connection: sa.Connection) -> set[str]:
    """Return the runs of workflows that were asked to stop."""
    return {run_id for (run_id,) in _STOPPED.all(connection)}
