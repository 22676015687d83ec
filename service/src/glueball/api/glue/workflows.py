"""Workflows. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-workflow.html"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.workflow_views import workflow_shown
from glueball.api.paging import decode_token, encode_token
from glueball.core.arns import resource_arn
from glueball.core.errors import AlreadyExists, EntityNotFound
from glueball.core.triggers import Trigger, TriggerState
from glueball.core.workflows import Workflow, check_max_concurrent_runs, check_properties
from glueball.stores import tags, triggers, workflows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_glue.type_defs import (
        BatchGetWorkflowsRequestTypeDef,
        CreateWorkflowRequestTypeDef,
        DeleteWorkflowRequestTypeDef,
        GetWorkflowRequestTypeDef,
        ListWorkflowsRequestTypeDef,
        UpdateWorkflowRequestTypeDef,
    )
    from sqlalchemy import Connection

#: the most that a page of ListWorkflows may hold, and what it holds by default
_PAGE = 25


def create_workflow(context: Context, request: CreateWorkflowRequestTypeDef) -> dict[str, Any]:
    """Keep a new workflow; triggers come into it by their WorkflowName.

    Raises:
        AlreadyExists: there is a workflow of this name.
        ResourceNumberLimitExceeded: its run properties are too large.
    """
    members: dict[str, Any] = {**request}
    name = members.pop("Name")
    workflow_tags = members.pop("Tags", {})
    _check(members)
    now = context.clock.now()
    workflow = Workflow(name=name, created=now, modified=now, document=members)
    with context.database.write_behind() as connection:
        if workflows.get(connection, name) is not None:
            raise AlreadyExists(f"Workflow with name: {name} already exists.")
        workflows.insert(connection, workflow)
        tags.add(connection, resource_arn(context.account, "workflow", name), workflow_tags)
    return {"Name": name}


def update_workflow(context: Context, request: UpdateWorkflowRequestTypeDef) -> dict[str, Any]:
    """Change the members that are given; runs under way keep what they began with."""
    members: dict[str, Any] = {**request}
    name = members.pop("Name")
    _check(members)
    with context.database.write_behind() as connection:
        current = existing(connection, name)
        changed = replace(
            current, modified=context.clock.now(), document={**current.document, **members}
        )
        workflows.replace(connection, changed)
    return {"Name": name}


def delete_workflow(context: Context, request: DeleteWorkflowRequestTypeDef) -> dict[str, Any]:
    """Forget a workflow and its runs; one that is not there is no error.

    Its triggers stay without it, deactivated, so that no schedule starts anything by itself. What
    runs of it goes on to its end, and nothing follows.
    """
    name = request["Name"]
    now = context.clock.now()
    with context.database.write_behind() as connection:
        for trigger in triggers.of_workflow(connection, name):
            triggers.replace(connection, _freed(trigger, now), trigger.watched)
        workflows.delete(connection, name)
        tags.clear(connection, resource_arn(context.account, "workflow", name))
    return {"Name": name}


def get_workflow(context: Context, request: GetWorkflowRequestTypeDef) -> dict[str, Any]:
    """Show a workflow and its last run, with their graphs if asked for."""
    with context.database.read() as connection:
        workflow = existing(connection, request["Name"])
        include_graph = request.get("IncludeGraph", False)
        return {"Workflow": workflow_shown(connection, workflow, include_graph=include_graph)}


def batch_get_workflows(
    context: Context, request: BatchGetWorkflowsRequestTypeDef
) -> dict[str, Any]:
    """Show the workflows named, and say which of the names are not there."""
    names = list(dict.fromkeys(request["Names"]))
    include_graph = request.get("IncludeGraph", False)
    with context.database.read() as connection:
        found = {workflow.name: workflow for workflow in workflows.named(connection, names)}
        return {
            "Workflows": [
                workflow_shown(connection, found[name], include_graph=include_graph)
                for name in names
                if name in found
            ],
            "MissingWorkflows": [name for name in names if name not in found],
        }


def list_workflows(context: Context, request: ListWorkflowsRequestTypeDef) -> dict[str, Any]:
    """Name all workflows, in order of name, a page at a time."""
    after = decode_token(request.get("NextToken"), "ListWorkflows", "") or ""
    size = request.get("MaxResults", _PAGE)
    with context.database.read() as connection:
        page = workflows.page(connection, after=after, limit=size + 1)
    answer: dict[str, Any] = {"Workflows": [workflow.name for workflow in page[:size]]}
    if len(page) > size:
        answer["NextToken"] = encode_token("ListWorkflows", "", page[size - 1].name)
    return answer


def existing(connection: Connection, name: str) -> Workflow:
    """Return the workflow called `name`.

    Raises:
        EntityNotFound: there is none.
    """
    workflow = workflows.get(connection, name)
    if workflow is None:
        raise EntityNotFound(f"Workflow with name: {name} not found.")
    return workflow


def _check(members: Mapping[str, Any]) -> None:
    check_properties(members.get("DefaultRunProperties", {}))
    check_max_concurrent_runs(members.get("MaxConcurrentRuns"))


def _freed(trigger: Trigger, now: float) -> Trigger:
    """Return a trigger as it is without its workflow."""
    was_active = trigger.state is TriggerState.ACTIVATED
    return replace(
        trigger,
        workflow_name=None,
        modified=now,
        state=TriggerState.DEACTIVATED if was_active else trigger.state,
        activated=None,
        next_due=None,
    )
