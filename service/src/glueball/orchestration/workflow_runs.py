"""Runs of workflows: they begin, they end when nothing of them is left to do, they are stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from glueball.core.errors import ConcurrentRunsExceeded
from glueball.core.runs import ACTIVE, Run, RunState
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.core.workflows import Workflow, WorkflowRun, WorkflowRunStatus
from glueball.orchestration.account import Account
from glueball.orchestration.announcements import announce_end
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
    resumed: WorkflowRun | None = None,
    batch: Mapping[str, Any] | None = None,
) -> WorkflowRun:
    """Keep a new run of a workflow, of which nothing has been started yet.

    Args:
        properties: run properties that win over the workflow's defaults.
        resumed: the run that this one resumes; its triggers are used again.
        batch: AWS's `StartingEventBatchCondition`, where events start it.

    Raises:
        ConcurrentRunsExceeded: MaxConcurrentRuns of the workflow is reached.
    """
    limit = workflow.max_concurrent_runs
    if limit is not None and workflows.count_active(connection, workflow.name) >= limit:
        raise ConcurrentRunsExceeded(
            f"Concurrent runs exceeded for workflow: {workflow.name}. It may have {limit}; wait "
            "for one to end, or raise its MaxConcurrentRuns."
        )
    run = _made(connection, account, workflow, now, properties)
    run = replace(run, batch=batch)
    if resumed is not None:
        run = replace(run, previous_run_id=resumed.id, triggers=resumed.triggers)
    workflows.insert_run(connection, run)
    return run


def begin_unasked(
    connection: sa.Connection,
    account: Account,
    workflow: Workflow,
    now: float,
    *,
    properties: Mapping[str, str],
    batch: Mapping[str, Any] | None = None,
) -> WorkflowRun:
    """Keep a new run for which no client waits: a schedule or events start it.

    Where there may be no run now, one in status ERROR tells so: "Currently the only error message
    is 'Concurrent runs exceeded for workflow: foo.'" (API_WorkflowRun.html).

    Args:
        properties: run properties that win over the workflow's defaults.
        batch: AWS's `StartingEventBatchCondition`, where events start it.
    """
    try:
        return begin(connection, account, workflow, now, properties=properties, batch=batch)
    except ConcurrentRunsExceeded:
        run = replace(
            _made(connection, account, workflow, now, properties),
            status=WorkflowRunStatus.ERROR,
            completed=now,
            error_message=f"Concurrent runs exceeded for workflow: {workflow.name}.",
            batch=batch,
        )
        workflows.insert_run(connection, run)
        return run


def settle(connection: sa.Connection, chain_id: str, now: float) -> None:
    """End a chain of which no job runs or waits any more, and its workflow run if it is one."""
    if runs.chain_is_active(connection, chain_id):
        return
    triggers.clear_marks(connection, chain_id)
    run = workflows.get_run(connection, chain_id) if is_workflow_run(chain_id) else None
    if run is None or run.completed is not None:
        return
    stopping = run.status is WorkflowRunStatus.STOPPING
    to = WorkflowRunStatus.STOPPED if stopping else WorkflowRunStatus.COMPLETED
    workflows.change_run(connection, run, to=to, completed=now)


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
        ended = runs.change(connection, run, to=RunState.STOPPED, now=now, state_detail=None)
        announce_end(connection, run.id, now)
        return ended
    if run.state is not RunState.STOPPING or run.stop_cause is RunState.EXPIRED:
        cause = RunState.STOPPED.value
        runs.change(connection, run, to=RunState.STOPPING, now=now, stop_cause=cause)
    return False


def _made(
    connection: sa.Connection,
    account: Account,
    workflow: Workflow,
    now: float,
    properties: Mapping[str, str],
) -> WorkflowRun:
    of_workflow = triggers.of_workflow(connection, workflow.name)
    return WorkflowRun(
        id=f"{_PREFIX}{account.new_id()}",
        workflow_name=workflow.name,
        previous_run_id=None,
        status=WorkflowRunStatus.RUNNING,
        started=now,
        completed=None,
        error_message=None,
        properties={**workflow.document.get("DefaultRunProperties", {}), **properties},
        triggers=tuple(shown(trigger) for trigger in of_workflow),
        batch=None,
    )


def starting_trigger(of_workflow: tuple[Trigger, ...]) -> Trigger | None:
    """Return the one trigger that begins a workflow; None where it has none."""
    for trigger in of_workflow:
        if trigger.type is not TriggerType.CONDITIONAL:
            return trigger
    return None


def script_arguments(connection: sa.Connection, run: Run) -> Mapping[str, str]:
    """Return what a run's script is called with.

    In a workflow that is also where the script finds its run properties
    (workflow-run-properties-code.html).
    """
    arguments: Mapping[str, str] = run.document["Arguments"]
    if run.chain_id is None or not is_workflow_run(run.chain_id):
        return arguments
    workflow_run = workflows.get_run(connection, run.chain_id)
    if workflow_run is None:  # the workflow was deleted meanwhile
        return arguments
    return {
        **arguments,
        "--WORKFLOW_NAME": workflow_run.workflow_name,
        "--WORKFLOW_RUN_ID": workflow_run.id,
    }


def snapshot(run: WorkflowRun) -> list[Trigger]:
    """Return the triggers of a workflow run, as they were when it began."""
    return [
        Trigger(
            name=shape["Name"],
            type=TriggerType(shape["Type"]),
            state=TriggerState(shape["State"]),
            workflow_name=run.workflow_name,
            schedule=shape.get("Schedule"),
            created=run.started,
            modified=run.started,
            activated=None,
            next_due=None,
            document=shape,
        )
        for shape in run.triggers
    ]


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
