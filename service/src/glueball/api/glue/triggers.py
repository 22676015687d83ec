"""Triggers. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-trigger.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.jobs import existing as existing_job
from glueball.api.paging import decode_token, encode_token
from glueball.core import triggers as rules
from glueball.core.arns import resource_arn
from glueball.core.errors import EntityNotFound, IdempotentParameterMismatch
from glueball.core.triggers import Trigger, TriggerType
from glueball.core.workflow_graph import check_graph
from glueball.orchestration.chains import fire_now
from glueball.orchestration.workflow_runs import shown
from glueball.stores import tags, triggers, workflows

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        BatchGetTriggersRequestTypeDef,
        CreateTriggerRequestTypeDef,
        DeleteTriggerRequestTypeDef,
        GetTriggerRequestTypeDef,
        GetTriggersRequestTypeDef,
        ListTriggersRequestTypeDef,
        StartTriggerRequestTypeDef,
        StopTriggerRequestTypeDef,
        UpdateTriggerRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 200


def create_trigger(context: Context, request: CreateTriggerRequestTypeDef) -> dict[str, Any]:
    """Keep a new trigger.

    The same definition again is no error, so that a client that lost the answer may repeat itself.

    Raises:
        IdempotentParameterMismatch: there is a trigger of this name with another definition.
        EntityNotFound: a job or the workflow that it names is not there.
    """
    trigger = rules.define({**request}, context.clock.now())
    with context.database.write_behind() as connection:
        current = triggers.get(connection, trigger.name)
        if current is None:
            _check_surroundings(connection, trigger)
            triggers.insert(connection, trigger, trigger.watched)
            tags.add(connection, _arn(context, trigger.name), request.get("Tags", {}))
        elif not rules.is_repeated(current, trigger):
            raise IdempotentParameterMismatch(
                f"Trigger with name {trigger.name} already submitted with different configuration"
            )
    context.wake()
    return {"Name": trigger.name}


def update_trigger(context: Context, request: UpdateTriggerRequestTypeDef) -> dict[str, Any]:
    """Replace a definition; `core.triggers.update` says what is kept. An active one stays so."""
    with context.database.write_behind() as connection:
        current = _existing(connection, request["Name"])
        changed = rules.update(current, {**request["TriggerUpdate"]}, context.clock.now())
        _check_surroundings(connection, changed)
        triggers.replace(connection, changed, changed.watched)
    context.wake()
    return {"Trigger": shown(changed)}


def get_trigger(context: Context, request: GetTriggerRequestTypeDef) -> dict[str, Any]:
    """Show a trigger."""
    with context.database.read() as connection:
        return {"Trigger": shown(_existing(connection, request["Name"]))}


def get_triggers(context: Context, request: GetTriggersRequestTypeDef) -> dict[str, Any]:
    """Show all triggers, or those that start a job, in order of name, a page at a time."""
    after, size = _place("GetTriggers", request)
    with context.database.read() as connection:
        job_name = _asked_job(connection, request)
        found = triggers.page(connection, after=after, limit=size + 1, job_name=job_name)
    answer: dict[str, Any] = {"Triggers": [shown(trigger) for trigger in found[:size]]}
    return answer | _next_token("GetTriggers", request, [trigger.name for trigger in found], size)


def list_triggers(context: Context, request: ListTriggersRequestTypeDef) -> dict[str, Any]:
    """Name all triggers, or those that start a job or have all the tags asked for."""
    after, size = _place("ListTriggers", request)
    wanted = request.get("Tags")
    with context.database.read() as connection:
        job_name = _asked_job(connection, request)
        found = triggers.page(connection, after=after, limit=size + 1, job_name=job_name)
        names = [trigger.name for trigger in found]
        if wanted:
            names = [
                name for name in _tagged(context, connection, wanted, job_name) if name > after
            ]
    answer: dict[str, Any] = {"TriggerNames": names[:size]}
    return answer | _next_token("ListTriggers", request, names, size)


def batch_get_triggers(context: Context, request: BatchGetTriggersRequestTypeDef) -> dict[str, Any]:
    """Show the triggers named, and say which of the names are not there."""
    names = list(request["TriggerNames"])
    with context.database.read() as connection:
        found = {trigger.name: trigger for trigger in triggers.named(connection, names)}
    return {
        "Triggers": [shown(found[name]) for name in names if name in found],
        "TriggersNotFound": [name for name in names if name not in found],
    }


def start_trigger(context: Context, request: StartTriggerRequestTypeDef) -> dict[str, Any]:
    """Activate a trigger; an ON_DEMAND one fires instead, and starts its workflow if it has one.

    Raises:
        ConcurrentRunsExceeded: MaxConcurrentRuns of the workflow is reached.
    """
    now = context.clock.now()
    with context.database.write_behind() as connection:
        trigger = _existing(connection, request["Name"])
        if trigger.type is TriggerType.ON_DEMAND:
            fire_now(connection, context.account, trigger, now)
        else:
            _replace(connection, rules.activate(trigger, now))
    context.wake()
    return {"Name": trigger.name}


def stop_trigger(context: Context, request: StopTriggerRequestTypeDef) -> dict[str, Any]:
    """Deactivate a trigger; what it has started goes on."""
    with context.database.write_behind() as connection:
        trigger = _existing(connection, request["Name"])
        _replace(connection, rules.deactivate(trigger, context.clock.now()))
    return {"Name": trigger.name}


def delete_trigger(context: Context, request: DeleteTriggerRequestTypeDef) -> dict[str, Any]:
    """Forget a trigger; one that is not there is no error (API_DeleteTrigger)."""
    name = request["Name"]
    with context.database.write_behind() as connection:
        triggers.delete(connection, name)
        tags.clear(connection, _arn(context, name))
    return {"Name": name}


def _existing(connection: Connection, name: str) -> Trigger:
    trigger = triggers.get(connection, name)
    if trigger is None:
        raise EntityNotFound(f"Trigger with name: {name} not found.")
    return trigger


def _replace(connection: Connection, trigger: Trigger) -> None:
    triggers.replace(connection, trigger, trigger.watched)


def _check_surroundings(connection: Connection, trigger: Trigger) -> None:
    """Check that what a trigger names is there, and that it fits into its workflow.

    Crawlers are not asked for: this release keeps none.

    Raises:
        EntityNotFound: a job or the workflow is not there.
        InvalidInput: the workflow would have two starts, too many parts or a circle.
    """
    for name in trigger.named_jobs:
        existing_job(connection, name)
    if trigger.workflow_name is None:
        return
    if workflows.get(connection, trigger.workflow_name) is None:
        raise EntityNotFound(f"Workflow with name: {trigger.workflow_name} not found.")
    others = triggers.of_workflow(connection, trigger.workflow_name)
    check_graph([trigger, *(other for other in others if other.name != trigger.name)])


def _asked_job(
    connection: Connection, request: GetTriggersRequestTypeDef | ListTriggersRequestTypeDef
) -> str | None:
    """Return the job whose triggers are to be listed; None for all triggers.

    "The trigger that can start this job is returned, and if there is no such trigger, all triggers
    are returned" (API_GetTriggers).
    """
    job_name = request.get("DependentJobName")
    return job_name if job_name and triggers.starting(connection, job_name) else None


def _tagged(
    context: Context, connection: Connection, wanted: Mapping[str, str], job_name: str | None
) -> list[str]:
    """Name the triggers, of one job or of all, that have tags, in order of name."""
    prefix = _arn(context, "")
    names = {arn.removeprefix(prefix) for arn in tags.arns_with(connection, wanted, prefix)}
    if job_name is not None:
        names.intersection_update(triggers.starting(connection, job_name))
    return sorted(names)


def _place(
    operation: str, request: GetTriggersRequestTypeDef | ListTriggersRequestTypeDef
) -> tuple[str, int]:
    """Return the name behind which a page begins, and how many it may hold."""
    scope = request.get("DependentJobName", "")
    after = decode_token(request.get("NextToken"), operation, scope) or ""
    return after, min(request.get("MaxResults", _PAGE), _PAGE)


def _next_token(
    operation: str,
    request: GetTriggersRequestTypeDef | ListTriggersRequestTypeDef,
    names: Sequence[str],
    size: int,
) -> dict[str, Any]:
    """Return the token of the next page; `names` are those of this one, and one more if any."""
    if len(names) <= size:
        return {}
    scope = request.get("DependentJobName", "")
    return {"NextToken": encode_token(operation, scope, names[size - 1])}


def _arn(context: Context, name: str) -> str:
    return resource_arn(context.account, "trigger", name)
