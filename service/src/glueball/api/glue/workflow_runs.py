"""Runs of workflows. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-workflow.html"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.workflow_views import run_shown
from glueball.api.glue.workflows import existing
from glueball.api.paging import decode_number, encode_token
from glueball.core.errors import EntityNotFound, IllegalWorkflowState, InvalidInput
from glueball.core.triggers import Trigger
from glueball.core.workflows import WorkflowRun, WorkflowRunStatus, check_properties
from glueball.orchestration import workflow_runs
from glueball.orchestration.endings import set_off
from glueball.orchestration.firings import Occasion
from glueball.orchestration.workflow_resume import resume
from glueball.stores import triggers, workflows

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        GetWorkflowRunPropertiesRequestTypeDef,
        GetWorkflowRunRequestTypeDef,
        GetWorkflowRunsRequestTypeDef,
        PutWorkflowRunPropertiesRequestTypeDef,
        ResumeWorkflowRunRequestTypeDef,
        StartWorkflowRunRequestTypeDef,
        StopWorkflowRunRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 100


def start_workflow_run(context: Context, request: StartWorkflowRunRequestTypeDef) -> dict[str, Any]:
    """Begin a run by the workflow's starting trigger, of whatever type and state.

    Raises:
        InvalidInput: no trigger begins the workflow.
        ConcurrentRunsExceeded: MaxConcurrentRuns is reached.
        ResourceNumberLimitExceeded: the run properties are too large.
    """
    with context.database.write_behind() as connection:
        workflow = existing(connection, request["Name"])
        trigger = _starting_trigger(connection, workflow.name)
        now = context.clock.now()
        run = workflow_runs.begin(
            connection, context.account, workflow, now, properties=request.get("RunProperties", {})
        )
        check_properties(run.properties)
        occasion = Occasion(key=f"asked {run.id}", due=now, chain_id=run.id)
        set_off(connection, context.account, trigger, occasion, now)
    context.wake()
    return {"RunId": run.id}


def stop_workflow_run(context: Context, request: StopWorkflowRunRequestTypeDef) -> dict[str, Any]:
    """Ask everything of a run to end; nothing more starts in it.

    Raises:
        IllegalWorkflowState: it is not running.
    """
    with context.database.write_behind() as connection:
        run = _run_of(connection, request["Name"], request["RunId"])
        if run.status is not WorkflowRunStatus.RUNNING:
            raise IllegalWorkflowState(
                f"The workflow run {run.id} is {run.status}; only one that is RUNNING can be "
                "stopped."
            )
        workflow_runs.stop(connection, run, context.clock.now())
    context.wake()
    return {}


def resume_workflow_run(
    context: Context, request: ResumeWorkflowRunRequestTypeDef
) -> dict[str, Any]:
    """Run chosen nodes of an earlier run again, and everything behind them, in a new run."""
    with context.database.write_behind() as connection:
        workflow = existing(connection, request["Name"])
        previous = _run_of(connection, workflow.name, request["RunId"])
        run, node_ids = resume(
            connection,
            context.account,
            workflow,
            previous,
            request["NodeIds"],
            context.clock.now(),
        )
    context.wake()
    return {"RunId": run.id, "NodeIds": node_ids}


def get_workflow_run(context: Context, request: GetWorkflowRunRequestTypeDef) -> dict[str, Any]:
    """Show a run, with its graph if asked for."""
    with context.database.read() as connection:
        run = _run_of(connection, request["Name"], request["RunId"])
        include_graph = request.get("IncludeGraph", False)
        return {"Run": run_shown(connection, run, include_graph=include_graph)}


def get_workflow_runs(context: Context, request: GetWorkflowRunsRequestTypeDef) -> dict[str, Any]:
    """Show the runs of a workflow, newest first, a page at a time."""
    name = request["Name"]
    before = decode_number(request.get("NextToken"), "GetWorkflowRuns", name)
    size = request.get("MaxResults", _PAGE)
    include_graph = request.get("IncludeGraph", False)
    with context.database.read() as connection:
        existing(connection, name)
        page = workflows.page_of_runs(connection, workflow_name=name, before=before, limit=size + 1)
        answer: dict[str, Any] = {
            "Runs": [
                run_shown(connection, run, include_graph=include_graph) for _, run in page[:size]
            ]
        }
    if len(page) > size:
        answer["NextToken"] = encode_token("GetWorkflowRuns", name, str(page[size - 1][0]))
    return answer


def get_workflow_run_properties(
    context: Context, request: GetWorkflowRunPropertiesRequestTypeDef
) -> dict[str, Any]:
    """Show the properties of a run, as its jobs have left them."""
    with context.database.read() as connection:
        run = _run_of(connection, request["Name"], request["RunId"])
    return {"RunProperties": dict(run.properties)}


def put_workflow_run_properties(
    context: Context, request: PutWorkflowRunPropertiesRequestTypeDef
) -> dict[str, Any]:
    """Set properties of a run; those that are not named stay as they are.

    Raises:
        ResourceNumberLimitExceeded: all of them would be too large.
    """
    with context.database.write_behind() as connection:
        run = _run_of(connection, request["Name"], request["RunId"])
        properties = {**run.properties, **request["RunProperties"]}
        check_properties(properties)
        workflows.set_properties(connection, run.id, properties)
    return {}


def _starting_trigger(connection: Connection, workflow_name: str) -> Trigger:
    of_workflow = tuple(triggers.of_workflow(connection, workflow_name))
    trigger = workflow_runs.starting_trigger(of_workflow)
    if trigger is None:
        raise InvalidInput(
            f"Workflow {workflow_name} has no starting trigger. Create one of the type ON_DEMAND, "
            "SCHEDULED or EVENT with this WorkflowName."
        )
    return trigger


def _run_of(connection: Connection, workflow_name: str, run_id: str) -> WorkflowRun:
    existing(connection, workflow_name)
    run = workflows.get_run(connection, run_id)
    if run is None or run.workflow_name != workflow_name:
        raise EntityNotFound(f"Workflow run {run_id} of workflow {workflow_name} not found.")
    return run
