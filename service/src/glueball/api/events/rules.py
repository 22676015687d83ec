"""EventBridge's rules. https://docs.aws.amazon.com/eventbridge/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from glueball.api.context import Context
from glueball.api.events.buses import (
    DEFAULT_BUS,
    check_bus,
    existing,
    next_token,
    place,
    rule_arn,
)
from glueball.core.errors import ValidationFailed
from glueball.core.event_patterns import parse_pattern
from glueball.stores import event_rules, tags
from glueball.stores.event_rules import Rule

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import (
        DeleteRuleRequestTypeDef,
        DescribeRuleRequestTypeDef,
        DisableRuleRequestTypeDef,
        EnableRuleRequestTypeDef,
        ListRulesRequestTypeDef,
        PutRuleRequestTypeDef,
        TestEventPatternRequestTypeDef,
    )

_PAGE = 100
_OPERATION = "ListRules"
_DISABLED = "DISABLED"
#: API_TestEventPattern: "The following fields are mandatory"
_MANDATORY = ("id", "account", "source", "time", "region", "resources", "detail-type")


def put_rule(context: Context, request: PutRuleRequestTypeDef) -> dict[str, Any]:
    """Keep a rule; one that has the name is replaced as a whole, but for its targets and tags.

    Raises:
        InvalidEventPattern: the pattern is none.
        ValidationFailed: it has no pattern.
    """
    check_bus(context, request.get("EventBusName"))
    pattern = _pattern_in({**request})
    parse_pattern(pattern)
    members: dict[str, Any] = {**request}
    rule = Rule(
        name=request["Name"],
        enabled=request.get("State") != _DISABLED,
        pattern=pattern,
        document={name: members[name] for name in ("Description", "RoleArn") if name in members},
    )
    arn = rule_arn(context, rule.name)
    with context.database.write_behind() as connection:
        if event_rules.get(connection, rule.name) is None:
            added = {tag["Key"]: tag["Value"] for tag in request.get("Tags", ())}
            tags.add(connection, arn, added)
        event_rules.put(connection, rule)
    return {"RuleArn": arn}


def describe_rule(context: Context, request: DescribeRuleRequestTypeDef) -> dict[str, Any]:
    """Show a rule."""
    check_bus(context, request.get("EventBusName"))
    with context.database.read() as connection:
        rule = existing(connection, request["Name"])
    return {**_shown(context, rule), "CreatedBy": context.account_id}


def list_rules(context: Context, request: ListRulesRequestTypeDef) -> dict[str, Any]:
    """List rules in order of name, a page at a time."""
    check_bus(context, request.get("EventBusName"))
    prefix, size = request.get("NamePrefix", ""), request.get("Limit", _PAGE)
    after = place(request.get("NextToken"), _OPERATION, prefix)
    with context.database.read() as connection:
        page = event_rules.page(connection, prefix=prefix, after=after, limit=size + 1)
    answer = {"Rules": [_shown(context, rule) for rule in page[:size]]}
    return answer | next_token([rule.name for rule in page], size, _OPERATION, prefix)


def delete_rule(context: Context, request: DeleteRuleRequestTypeDef) -> dict[str, Any]:
    """Forget a rule; one that is not there is no error.

    Raises:
        ValidationFailed: it has targets, which must be removed before.
    """
    check_bus(context, request.get("EventBusName"))
    name = request["Name"]
    with context.database.write_behind() as connection:
        if event_rules.targets(connection, name, limit=1):
            raise ValidationFailed("Rule can't be deleted since it has targets.")
        event_rules.delete(connection, name)
        tags.clear(connection, rule_arn(context, name))
    return {}


def enable_rule(context: Context, request: EnableRuleRequestTypeDef) -> dict[str, Any]:
    """Switch a rule on."""
    return _switch(context, {**request}, on=True)


def disable_rule(context: Context, request: DisableRuleRequestTypeDef) -> dict[str, Any]:
    """Switch a rule off; events that come meanwhile are not made up for."""
    return _switch(context, {**request}, on=False)


def test_event_pattern(
    _context: Context, request: TestEventPatternRequestTypeDef
) -> dict[str, Any]:
    """Tell whether an event matches a pattern.

    Raises:
        InvalidEventPattern: the pattern is none.
        ValidationFailed: the event is none.
    """
    pattern = parse_pattern(request["EventPattern"])
    try:
        event = msgspec.json.decode(request["Event"], type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValidationFailed(
            "Parameter Event is not valid. Reason: it is not a JSON object."
        ) from error
    missing = [name for name in _MANDATORY if name not in event]
    if missing:
        raise ValidationFailed(
            f"Parameter Event is not valid. Reason: it lacks {', '.join(missing)}."
        )
    return {"Result": pattern.match(event)}


def _pattern_in(request: Mapping[str, Any]) -> str:
    pattern: str | None = request.get("EventPattern")
    if "ScheduleExpression" in request:
        raise ValidationFailed(
            "Rules with a ScheduleExpression are not available in Glueball; give the workflow a "
            "trigger of type SCHEDULED instead, which takes the same expressions."
        )
    if pattern is None:
        raise ValidationFailed("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    return pattern


def _switch(context: Context, request: Mapping[str, Any], *, on: bool) -> dict[str, Any]:
    check_bus(context, request.get("EventBusName"))
    with context.database.write_behind() as connection:
        rule = existing(connection, request["Name"])
        event_rules.put(connection, replace(rule, enabled=on))
    return {}


def _shown(context: Context, rule: Rule) -> dict[str, Any]:
    """Return AWS's `Rule` shape."""
    return {
        "Name": rule.name,
        "Arn": rule_arn(context, rule.name),
        "EventPattern": rule.pattern,
        "State": "ENABLED" if rule.enabled else _DISABLED,
        "EventBusName": DEFAULT_BUS,
        **rule.document,
    }
