"""Where rules send events: workflows of this account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.events.buses import (
    LimitExceeded,
    check_bus,
    existing,
    next_token,
    place,
)
from glueball.core.arns import resource_arn
from glueball.core.errors import ValidationFailed
from glueball.orchestration.event_delivery import workflow_named_by
from glueball.stores import event_rules
from glueball.stores.event_rules import Target

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import (
        ListRuleNamesByTargetRequestTypeDef,
        ListTargetsByRuleRequestTypeDef,
        PutTargetsRequestTypeDef,
        RemoveTargetsRequestTypeDef,
    )

_PAGE = 100
#: arn:partition:service:region:account:resource; region and account may be empty
_ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:[\w-]*:.+", re.ASCII)
#: "five targets per rule" (EventBridge quotas)
_MOST_TARGETS = 5


def put_targets(context: Context, request: PutTargetsRequestTypeDef) -> dict[str, Any]:
    """Add targets to a rule, or replace those that have the same ids.

    A target that cannot be reached here is refused, the others of the request are kept.

    Raises:
        ResourceNotFound: there is no such rule.
        ValidationFailed: what should be reached is no ARN; nothing is kept.
        LimitExceeded: the rule would have more than five targets.
    """
    check_bus(context, request.get("EventBusName"))
    name = request["Rule"]
    failed: list[dict[str, str]] = []
    for each in request["Targets"]:
        if _ARN.fullmatch(each["Arn"]) is None:
            raise ValidationFailed(
                f"Parameter {each['Arn']} is not valid. Reason: Provided Arn is not in correct "
                "format."
            )
    with context.database.write_behind() as connection:
        existing(connection, name)
        for each in request["Targets"]:
            if workflow_named_by(context.account, each["Arn"]) is None:
                failed.append(_refused(context, each["Id"], each["Arn"]))
                continue
            target = Target(rule_name=name, id=each["Id"], arn=each["Arn"], document={**each})
            event_rules.put_target(connection, target)
        if len(event_rules.targets(connection, name)) > _MOST_TARGETS:
            raise LimitExceeded(
                f"The requested resource exceeds the maximum number allowed: a rule may have "
                f"{_MOST_TARGETS} targets."
            )
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}


def remove_targets(context: Context, request: RemoveTargetsRequestTypeDef) -> dict[str, Any]:
    """Take targets away from a rule; ids that it does not have are passed over."""
    check_bus(context, request.get("EventBusName"))
    with context.database.write_behind() as connection:
        existing(connection, request["Rule"])
        event_rules.remove_targets(connection, request["Rule"], request["Ids"])
    return {"FailedEntryCount": 0, "FailedEntries": []}


def list_targets_by_rule(
    context: Context, request: ListTargetsByRuleRequestTypeDef
) -> dict[str, Any]:
    """List the targets of a rule in order of id, a page at a time."""
    check_bus(context, request.get("EventBusName"))
    name, size = request["Rule"], request.get("Limit", _PAGE)
    after = place(request.get("NextToken"), "ListTargetsByRule", name)
    with context.database.read() as connection:
        existing(connection, name)
        page = event_rules.targets(connection, name, after=after, limit=size + 1)
    answer = {"Targets": [target.document for target in page[:size]]}
    return answer | next_token([each.id for each in page], size, "ListTargetsByRule", name)


def list_rule_names_by_target(
    context: Context, request: ListRuleNamesByTargetRequestTypeDef
) -> dict[str, Any]:
    """Name the rules that send events to a target, in order, a page at a time."""
    check_bus(context, request.get("EventBusName"))
    arn, size = request["TargetArn"], request.get("Limit", _PAGE)
    after = place(request.get("NextToken"), "ListRuleNamesByTarget", arn)
    with context.database.read() as connection:
        names = event_rules.names_by_target(connection, arn, after=after, limit=size + 1)
    answer: dict[str, Any] = {"RuleNames": names[:size]}
    return answer | next_token(names, size, "ListRuleNamesByTarget", arn)


def _refused(context: Context, target_id: str, arn: str) -> dict[str, str]:
    """Return the failed entry of a target that nothing can be delivered to."""
    service = arn.split(":")[2]
    workflows = resource_arn(context, "workflow", "NAME")
    reason = f"{arn} is not a workflow of this account."
    if service != "glue":
        reason = f"{service} is not available in Glueball as a target."
    return {
        "TargetId": target_id,
        "ErrorCode": "ValidationException",
        "ErrorMessage": f"{reason} Events are delivered to workflows of Glue: {workflows}.",
    }
