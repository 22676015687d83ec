"""EventBridge's rules. https://docs.aws.amazon.com/eventbridge/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.events.buses import (
    DEFAULT_BUS,
    LARGEST_EVENT,
    check_bus,
    existing,
    json_object,
    next_token,
    place,
)
from glueball.core.arns import rule_arn
from glueball.core.errors import InvalidInput, ValidationFailed
from glueball.core.event_patterns import parse_pattern
from glueball.core.schedules import parse_schedule
from glueball.orchestration.event_delivery import SHORTEST_RULE_SECONDS
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
        ValidationFailed: it has neither pattern nor schedule, or the schedule is none.
    """
    check_bus(context, request.get("EventBusName"))
    members: dict[str, Any] = {**request}
    pattern, schedule = members.get("EventPattern"), members.get("ScheduleExpression")
    if pattern and schedule == "":  # clients send "" for what a rule does not have
        schedule = None
    if schedule and pattern == "":
        pattern = None
    if pattern is None and schedule is None:
        raise ValidationFailed("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if pattern is not None:
        parse_pattern(pattern)
    rule = Rule(
        name=request["Name"],
        enabled=request.get("State") != _DISABLED,
        pattern=pattern,
        document={name: members[name] for name in ("Description", "RoleArn") if name in members},
        schedule=schedule,
    )
    rule = _wound_up(rule, context.clock.now())
    arn = rule_arn(context.account, rule.name)
    with context.database.write_behind() as connection:
        if event_rules.get(connection, rule.name) is None:
            added = {tag["Key"]: tag["Value"] for tag in request.get("Tags", ())}
            tags.add(connection, arn, added)
        event_rules.put(connection, rule)
    return {"RuleArn": rule_arn(context, rule.name)}


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
        tags.clear(connection, rule_arn(context.account, name))
    return {}


def enable_rule(context: Context, request: EnableRuleRequestTypeDef) -> dict[str, Any]:
    """Switch a rule on; a `rate(…)` counts from now."""
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
    if len(request["Event"].encode("utf-8", "replace")) > LARGEST_EVENT:
        raise ValidationFailed(
            f"Parameter Event is not valid. Reason: it has more than {LARGEST_EVENT} bytes."
        )
    event = json_object(request["Event"])
    if event is None:
        raise ValidationFailed("Parameter Event is not valid. Reason: it is not a JSON object.")
    missing = [name for name in _MANDATORY if name not in event]
    if missing:
        raise ValidationFailed(
            f"Parameter Event is not valid. Reason: it lacks {', '.join(missing)}."
        )
    return {"Result": pattern.match(event)}


def _wound_up(rule: Rule, now: float) -> Rule:
    """Return a rule that is due next by its schedule, if it has one and is on.

    Raises:
        ValidationFailed: the schedule is none.
    """
    if rule.schedule is None:
        return rule
    try:
        schedule = parse_schedule(rule.schedule, SHORTEST_RULE_SECONDS)
    except InvalidInput as error:
        raise ValidationFailed(
            f"Parameter ScheduleExpression is not valid. {error.message}"
        ) from error
    due = schedule.next_after(now, now) if rule.enabled else None
    return replace(rule, anchor=now, next_due=due)


def _switch(context: Context, request: Mapping[str, Any], *, on: bool) -> dict[str, Any]:
    check_bus(context, request.get("EventBusName"))
    with context.database.write_behind() as connection:
        rule = existing(connection, request["Name"])
        changed = replace(rule, enabled=on)
        event_rules.put(connection, _wound_up(changed, context.clock.now()))
    return {}


def _shown(context: Context, rule: Rule) -> dict[str, Any]:
    """Return AWS's `Rule` shape."""
    members = {
        "Name": rule.name,
        "Arn": rule_arn(context, rule.name),
        "EventPattern": rule.pattern,
        "ScheduleExpression": rule.schedule,
        "State": "ENABLED" if rule.enabled else _DISABLED,
        "EventBusName": DEFAULT_BUS,
        **rule.document,
    }
    return {name: value for name, value in members.items() if value is not None}
