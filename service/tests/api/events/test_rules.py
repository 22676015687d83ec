from __future__ import annotations

import json
from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.events import rules, tags, targets
from glueball.api.events.buses import LimitExceeded, ResourceNotFound
from glueball.core.errors import ValidationFailed
from glueball.core.event_conditions import InvalidEventPattern
from glueball.stores import event_rules
from support.runs import BASE_TIME

_PATTERN = '{"source": ["my.app"]}'
_RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/r"
_WORKFLOW = "arn:aws:glue:us-east-1:123456789012:workflow/w"


def put(context: Context, name: str = "r", **members: Any) -> str:
    request: Any = {"Name": name, "EventPattern": _PATTERN, **members}
    return str(rules.put_rule(context, request)["RuleArn"])


def aim(context: Context, *arns: str, rule: str = "r") -> dict[str, Any]:
    request: Any = {
        "Rule": rule,
        "Targets": [{"Id": str(number), "Arn": arn} for number, arn in enumerate(arns)],
    }
    return targets.put_targets(context, request)


def test_a_rule_is_shown_as_it_was_put(context: Context) -> None:
    assert put(context, Description="d", RoleArn="arn:aws:iam::1:role/x") == _RULE_ARN
    shown = rules.describe_rule(context, {"Name": "r", "EventBusName": "default"})
    assert shown == {
        "Name": "r",
        "Arn": _RULE_ARN,
        "EventPattern": _PATTERN,
        "State": "ENABLED",
        "EventBusName": "default",
        "Description": "d",
        "RoleArn": "arn:aws:iam::1:role/x",
        "CreatedBy": "123456789012",
    }


def test_a_rule_is_replaced_whole_and_keeps_its_targets(context: Context) -> None:
    put(context, Description="d", State="DISABLED")
    aim(context, _WORKFLOW)
    put(context)
    shown = rules.describe_rule(context, {"Name": "r"})
    assert "Description" not in shown and shown["State"] == "ENABLED"
    assert len(targets.list_targets_by_rule(context, {"Rule": "r"})["Targets"]) == 1


def test_rules_are_switched_off_and_on(context: Context) -> None:
    put(context, Description="d")
    rules.disable_rule(context, {"Name": "r"})
    assert rules.describe_rule(context, {"Name": "r"})["State"] == "DISABLED"
    rules.enable_rule(context, {"Name": "r"})
    shown = rules.describe_rule(context, {"Name": "r"})
    assert (shown["State"], shown["Description"]) == ("ENABLED", "d")


def test_pages_of_rules(context: Context) -> None:
    for name in ("b-2", "a", "b-1", "b-3"):
        put(context, name)
    found, token = [], None
    while True:
        request: Any = {"NamePrefix": "b-", "Limit": 2} | ({"NextToken": token} if token else {})
        page = rules.list_rules(context, request)
        found += [rule["Name"] for rule in page["Rules"]]
        token = page.get("NextToken")
        if token is None:
            break
    assert found == ["b-1", "b-2", "b-3"]
    with pytest.raises(ValidationFailed, match="NextToken is not valid"):
        rules.list_rules(context, {"NextToken": "x"})


@pytest.mark.parametrize(
    ("members", "error", "says"),
    [
        ({"EventPattern": '{"source": "x"}'}, InvalidEventPattern, "must be an object or an array"),
        ({"EventPattern": ""}, InvalidEventPattern, "not valid JSON"),
        (
            {"ScheduleExpression": "rate(5 minute)"},
            ValidationFailed,
            "Parameter ScheduleExpression is not valid",
        ),
        ({"EventBusName": "orders"}, ResourceNotFound, "Event bus orders does not exist."),
        (
            {"EventBusName": "arn:aws:events:us-east-1:123456789012:event-bus/orders"},
            ResourceNotFound,
            "Event bus orders does not exist.",
        ),
    ],
)
def test_rules_that_cannot_be(
    context: Context, members: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        put(context, **members)
    assert rules.list_rules(context, {})["Rules"] == []


def test_a_rule_with_a_schedule_is_due_while_it_is_on(context: Context) -> None:
    def due() -> float | None:
        with context.database.read() as connection:
            return event_rules.next_due(connection)

    request: Any = {"Name": "r", "ScheduleExpression": "rate(1 minute)"}
    off: Any = {**request, "State": "DISABLED"}
    rules.put_rule(context, request)
    shown = rules.describe_rule(context, {"Name": "r"})
    assert shown["ScheduleExpression"] == "rate(1 minute)" and "EventPattern" not in shown
    assert due() == BASE_TIME + 60
    rules.disable_rule(context, {"Name": "r"})
    assert due() is None
    rules.enable_rule(context, {"Name": "r"})
    assert due() == BASE_TIME + 60
    rules.put_rule(context, off)
    assert due() is None


def test_a_rule_needs_a_pattern_or_a_schedule(context: Context) -> None:
    with pytest.raises(ValidationFailed, match="EventPattern or ScheduleExpression must be"):
        rules.put_rule(context, {"Name": "r"})


def test_what_is_not_there(context: Context) -> None:
    says = "Rule r does not exist on EventBus default."
    for operation, request in (
        (rules.describe_rule, {"Name": "r"}),
        (rules.enable_rule, {"Name": "r"}),
        (rules.disable_rule, {"Name": "r"}),
        (targets.list_targets_by_rule, {"Rule": "r"}),
        (targets.put_targets, {"Rule": "r", "Targets": [{"Id": "1", "Arn": _WORKFLOW}]}),
        (targets.remove_targets, {"Rule": "r", "Ids": ["1"]}),
    ):
        call: Any = operation
        with pytest.raises(ResourceNotFound, match=says):
            call(context, request)
    assert rules.delete_rule(context, {"Name": "r"}) == {}  # no error on AWS either


def test_a_rule_with_targets_is_not_deleted(context: Context) -> None:
    put(context)
    aim(context, _WORKFLOW)
    with pytest.raises(ValidationFailed, match="Rule can't be deleted since it has targets"):
        rules.delete_rule(context, {"Name": "r"})
    targets.remove_targets(context, {"Rule": "r", "Ids": ["0", "none"]})
    rules.delete_rule(context, {"Name": "r"})
    with pytest.raises(ResourceNotFound):
        rules.describe_rule(context, {"Name": "r"})


def test_targets_are_workflows_of_this_account(context: Context) -> None:
    put(context)
    others = [
        "arn:aws:lambda:us-east-1:123456789012:function:f",
        "arn:aws:glue:us-east-1:123456789012:job/w",
        "arn:aws:glue:us-east-1:999999999999:workflow/w",
    ]
    answer = aim(context, _WORKFLOW, *others)
    assert answer["FailedEntryCount"] == 3
    assert [each["TargetId"] for each in answer["FailedEntries"]] == ["1", "2", "3"]
    says = [each["ErrorMessage"] for each in answer["FailedEntries"]]
    assert says[0].startswith("lambda is not available in Glueball as a target.")
    assert says[1].startswith(f"{others[1]} is not a workflow of this account.")
    kept = targets.list_targets_by_rule(context, {"Rule": "r"})
    assert kept == {"Targets": [{"Id": "0", "Arn": _WORKFLOW}]}
    named = targets.list_rule_names_by_target(context, {"TargetArn": _WORKFLOW})
    assert named == {"RuleNames": ["r"]}


@pytest.mark.parametrize(
    "arn", ["w", "", "arn", "arn:aws:glue", "arn:aws:sqs:us-east-1:1:", "http://127.0.0.1/"]
)
def test_a_target_that_is_not_an_arn_fails_the_call(context: Context, arn: str) -> None:
    put(context)
    with pytest.raises(ValidationFailed, match=r"Reason: Provided Arn is not in correct format\."):
        aim(context, _WORKFLOW, arn)
    assert targets.list_targets_by_rule(context, {"Rule": "r"})["Targets"] == []


@pytest.mark.parametrize(
    ("members", "absent"),
    [
        # the AWS CLI and Terraform send "" for what a rule does not have
        ({"EventPattern": "", "ScheduleExpression": "rate(1 hour)"}, "EventPattern"),
        ({"EventPattern": _PATTERN, "ScheduleExpression": ""}, "ScheduleExpression"),
    ],
)
def test_an_empty_text_beside_the_other_is_none(
    context: Context, members: dict[str, Any], absent: str
) -> None:
    put(context, **members)
    assert absent not in rules.describe_rule(context, {"Name": "r"})


def test_a_rule_has_five_targets_at_most(context: Context) -> None:
    put(context)
    with pytest.raises(LimitExceeded):
        aim(context, *([_WORKFLOW] * 6))
    assert targets.list_targets_by_rule(context, {"Rule": "r"}) == {"Targets": []}
    aim(context, *([_WORKFLOW] * 5))
    page = targets.list_targets_by_rule(context, {"Rule": "r", "Limit": 3})
    rest = targets.list_targets_by_rule(
        context, {"Rule": "r", "Limit": 3, "NextToken": page["NextToken"]}
    )
    ids = [target["Id"] for target in page["Targets"] + rest["Targets"]]
    assert ids == ["0", "1", "2", "3", "4"] and "NextToken" not in rest


def test_patterns_are_tried_out(context: Context) -> None:
    event = {
        "id": "1",
        "source": "my.app",
        "account": "1",
        "time": "2024-01-01T00:00:00Z",
        "region": "r",
        "resources": [],
        "detail-type": "t",
    }
    for pattern, result in ((_PATTERN, True), ('{"source": ["x"]}', False)):
        answer = rules.test_event_pattern(
            context, {"EventPattern": pattern, "Event": json.dumps(event)}
        )
        assert answer == {"Result": result}
    for text, says in (
        ("{", "no|not a JSON"),
        ("[]", "not a JSON object"),
        ("{}", "lacks id"),
        (json.dumps({**event, "detail": "x" * 262_144}), "more than 262144 bytes"),
    ):
        with pytest.raises(ValidationFailed, match=says):
            rules.test_event_pattern(context, {"EventPattern": _PATTERN, "Event": text})


def test_tags_of_rules(context: Context) -> None:
    put(context, Tags=[{"Key": "team", "Value": "data"}])
    put(context, Tags=[{"Key": "team", "Value": "ignored"}])  # an update changes no tags
    tags.tag_resource(
        context, {"ResourceARN": _RULE_ARN, "Tags": [{"Key": "stage", "Value": "dev"}]}
    )
    tags.untag_resource(context, {"ResourceARN": _RULE_ARN, "TagKeys": ["stage"]})
    shown = tags.list_tags_for_resource(context, {"ResourceARN": _RULE_ARN})
    assert shown == {"Tags": [{"Key": "team", "Value": "data"}]}
    with pytest.raises(LimitExceeded):
        many: Any = [{"Key": str(number), "Value": ""} for number in range(50)]
        tags.tag_resource(context, {"ResourceARN": _RULE_ARN, "Tags": many})
    rules.delete_rule(context, {"Name": "r"})
    for arn in (_RULE_ARN, "arn:aws:sns:us-east-1:1:t"):
        with pytest.raises(ResourceNotFound):
            tags.list_tags_for_resource(context, {"ResourceARN": arn})
