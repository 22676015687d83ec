"""Runs of workflows: they begin, they end when nothing of them is left to do, they are stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from glueball.core.errors import ConcurrentRunsExceeded
from glueball.core.runs import ACTIVE, Run, RunState
from glueball.core.triggers import Trigger, TriggerType
from glueball.core.workflows import Workflow, WorkflowRun, WorkflowRunStatus
from glueball.orchestration.account import Account
from glueball.stores import runs, triggers, workflows

_PREFIX = "wr_"


def is_workflow_run(chain_id: str) -> bool:
    """Tell whether a chain is a run of a workflow."""
    return chain_id.startswith(_PREFIX)


def begin(
    connection: sa.Connection,
    account: Account,
    workflow: Workflow,
    now: float,
    *,
    properties: Mapping[str, str],
    previous_run_id: str | None = None,
    batch: Mapping[str, Any] | None = None,
) -> WorkflowRun:
    """Keep a new run of a workflow, of which nothing has been started yet.

    Args:
        properties: run properties that win over the workflow's defaults.
        previous_run_id: the run that this one resumes.
        batch: AWS's `StartingEventBatchCondition`, where events start it.

    Raises:
        ConcurrentRunsExceeded: MaxConcurrentRuns of the workflow is reached.
    """
    limit = workflow.max_concurrent_runs
    if limit is not None and workflows.count_active(connection, workflow.name) >= limit:
        raise ConcurrentRunsExceeded(
            f"The maximum number of concurrent runs of workflow {workflow.name} ({limit}) is "
            "reached; wait for a run to end, or raise its MaxConcurrentRuns."
        )
    of_workflow = triggers.of_workflow(connection, workflow.name)
    run = WorkflowRun(
        id=f"{_PREFIX}{account.new_id()}",
        workflow_name=workflow.name,
        previous_run_id=previous_run_id,
        status=WorkflowRunStatus.RUNNING,
        started=now,
        completed=None,
        error_message=None,
        properties={**workflow.document.get("DefaultRunProperties", {}), **properties},
        triggers=tuple(shown(trigger) for trigger in of_workflow),
        batch=batch,
    )
    workflows.insert_run(connection, run)
    return run


def settle(connection: sa.Connection, chain_id: str, now: float) -> None:
    """End a workflow run of which no job runs or waits any more."""
    if not is_workflow_run(chain_id) or runs.chain_is_active(connection, chain_id):
        return
    run = workflows.get_run(connection, chain_id)
    if run is None or run.completed is not None:
        return
    stopping = run.status is WorkflowRunStatus.STOPPING
    to = WorkflowRunStatus.STOPPED if stopping else WorkflowRunStatus.COMPLETED
    workflows.change_run(connection, run, to=to, completed=now)
    triggers.clear_marks(connection, chain_id)


def stop(connection: sa.Connection, run: WorkflowRun, now: float) -> None:
    """Ask everything of a workflow run to end; nothing new starts in it."""
    workflows.change_run(connection, run, to=WorkflowRunStatus.STOPPING)
    for job_run in runs.of_chain(connection, run.id):
        if job_run.state in ACTIVE:
            stop_run(connection, job_run, now)
    settle(connection, run.id, now)


def stop_run(connection: sa.Connection, run: Run, now: float) -> bool:
    """Ask an active run to end: a waiting one is stopped at once, others go through STOPPING.

    Returns:
        True when it has ended by this.
    """
    if run.state is RunState.WAITING:
        return runs.change(connection, run, to=RunState.STOPPED, now=now, state_detail=None)
    if run.state is not RunState.STOPPING:
        cause = RunState.STOPPED.value
        runs.change(connection, run, to=RunState.STOPPING, now=now, stop_cause=cause)
    return False


def starting_trigger(of_workflow: tuple[Trigger, ...]) -> Trigger | None:
    """Return the one trigger that begins a workflow; None where it has none."""
    for trigger in of_workflow:
        if trigger.type is not TriggerType.CONDITIONAL:
            return trigger
    return None


def shown(trigger: Trigger) -> dict[str, Any]:
    """Return AWS's `Trigger` shape."""
    members = {
        "Name": trigger.name,
        "WorkflowName": trigger.workflow_name,
        "Type": trigger.type.value,
        "State": trigger.state.value,
        "Schedule": trigger.schedule,
        **trigger.document,
    }
    return {name: value for name, value in members.items() if value is not None}
