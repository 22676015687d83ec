from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from glueball.core.errors import InvalidInput
from glueball.core.triggers import (
    Trigger,
    TriggerState,
    activate,
    deactivate,
    define,
    is_repeated,
    update,
)

_DAILY = "cron(0 0 * * ? *)"
_AFTER_A: dict[str, Any] = {
    "Conditions": [{"LogicalOperator": "EQUALS", "JobName": "a", "State": "SUCCEEDED"}]
}


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


_NOON = at("2026-11-21 12:00")


def scheduled(**members: Any) -> Trigger:
    return made("SCHEDULED", **{"Schedule": _DAILY, **members})


def conditional(**members: Any) -> Trigger:
    return made("CONDITIONAL", **{"Predicate": _AFTER_A, **members})


def made(kind: str, **members: Any) -> Trigger:
    actions = [{"JobName": "b"}]
    return define({"Name": "t", "Type": kind, "Actions": actions, **members}, _NOON)


def test_a_trigger_is_created_and_does_not_fire_yet() -> None:
    trigger = scheduled(Description="nightly", Tags={"a": "1"})
    assert (trigger.state, trigger.activated, trigger.next_due) == ("CREATED", None, None)
    assert trigger.schedule == _DAILY
    assert trigger.document == {"Description": "nightly", "Actions": [{"JobName": "b"}]}
    assert trigger.created == trigger.modified == _NOON


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        (_DAILY, "2026-11-22 00:00"),
        ("cron(0 12 * * ? *)", "2026-11-22 12:00"),  # noon is now: today's is over
        ("cron(1 12 * * ? *)", "2026-11-21 12:01"),
        ("rate(6 hours)", "2026-11-21 18:00"),  # counts from the activation
    ],
)
def test_start_on_creation_makes_a_schedule_count(schedule: str, due: str) -> None:
    trigger = scheduled(Schedule=schedule, StartOnCreation=True)
    assert (trigger.state, trigger.activated) == ("ACTIVATED", _NOON)
    assert trigger.next_due == at(due)
    assert activate(scheduled(Schedule=schedule), _NOON).next_due == at(due)


def test_conditional_triggers_are_activated_too_and_have_no_due_time() -> None:
    trigger = conditional(StartOnCreation=True)
    assert (trigger.state, trigger.activated, trigger.next_due) == ("ACTIVATED", _NOON, None)


def test_what_a_trigger_names() -> None:
    conditions = [
        *_AFTER_A["Conditions"],
        {"LogicalOperator": "EQUALS", "JobName": "a", "State": "FAILED"},
        {"LogicalOperator": "EQUALS", "CrawlerName": "c", "CrawlState": "FAILED"},
    ]
    actions = [{"JobName": "b"}, {"CrawlerName": "d"}, {"JobName": "b"}]
    trigger = conditional(Predicate={"Logical": "ANY", "Conditions": conditions}, Actions=actions)
    assert trigger.watched == (("JOB", "a"), ("CRAWLER", "c"))
    assert trigger.named_jobs == ("b", "a")


@pytest.mark.parametrize(
    ("kind", "members", "says"),
    [
        # the sentences of AWS
        ("SCHEDULED", {}, "^Schedule cannot be null or empty"),
        ("SCHEDULED", {"Schedule": ""}, "^Schedule cannot be null or empty"),
        ("CONDITIONAL", {}, "^Predicate cannot be null or empty"),
        ("CONDITIONAL", {"Predicate": {}}, "^Predicate cannot be null or empty"),
        ("EVENT", {}, "^Workflow name cannot be null or empty"),
        (
            "ON_DEMAND",
            {"StartOnCreation": True},
            "^Starting trigger on create is not supported for ON_DEMAND trigger type",
        ),
        (
            "EVENT",
            {"StartOnCreation": True, "WorkflowName": "w"},
            "^Starting trigger on create is not supported for EVENT trigger type",
        ),
        (
            "CONDITIONAL",
            {"Predicate": _AFTER_A, "Actions": [{"JobName": "a"}]},
            "^Job cannot be a Predicate and Action for Conditional Trigger.",
        ),
        # a schedule is checked when it is said, not when it is due
        ("SCHEDULED", {"Schedule": "cron(0 0 31 2 ? *)"}, "(?i)never"),
        ("SCHEDULED", {"Schedule": "cron(0 0 1 1 ? 2020)"}, "never fires again"),  # over
        ("SCHEDULED", {"Schedule": "0 0 * * *"}, "neither cron"),
        # what would be passed over in silence
        ("ON_DEMAND", {"Schedule": _DAILY}, "Schedule is for triggers of type SCHEDULED"),
        ("SCHEDULED", {"Schedule": _DAILY, "Predicate": _AFTER_A}, "Predicate is for triggers of"),
        (
            "ON_DEMAND",
            {"EventBatchingCondition": {"BatchSize": 1}},
            "EventBatchingCondition is for triggers of type EVENT",
        ),
        ("ON_DEMAND", {"Actions": []}, "Actions cannot be null or empty"),
        ("CONDITIONAL", {"Predicate": {"Logical": "AND"}}, "Conditions cannot be null or empty"),
    ],
)
def test_a_definition_that_cannot_be_is_refused(
    kind: str, members: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        made(kind, **members)


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("ON_DEMAND", {"Schedule": "", "Predicate": {}, "StartOnCreation": False}),
        ("EVENT", {"WorkflowName": "w"}),
        ("EVENT", {"WorkflowName": "w", "EventBatchingCondition": {"BatchSize": 5}}),
    ],
)
def test_members_that_say_nothing_are_passed_over(kind: str, members: dict[str, Any]) -> None:
    trigger = made(kind, **members)
    assert (trigger.state, trigger.schedule) == ("CREATED", None)
    assert "Predicate" not in trigger.document


def test_deactivated_and_activated_anew() -> None:
    active = scheduled(Schedule="rate(1 hour)", StartOnCreation=True)
    stopped = deactivate(active, _NOON + 60)
    assert (stopped.state, stopped.activated, stopped.next_due) == ("DEACTIVATED", None, None)
    again = activate(stopped, _NOON + 120)
    assert (again.state, again.next_due) == ("ACTIVATED", _NOON + 120 + 3600)


def test_a_client_may_repeat_itself() -> None:
    active = scheduled(Schedule="rate(1 hour)", StartOnCreation=True)
    assert activate(active, _NOON + 60) is active, "the hour counts on"
    stopped = deactivate(active, _NOON + 60)
    assert deactivate(stopped, _NOON + 120) is stopped


@pytest.mark.parametrize("kind", ["SCHEDULED", "CONDITIONAL", "ON_DEMAND", "EVENT"])
def test_what_never_was_active_cannot_be_stopped(kind: str) -> None:
    members: dict[str, dict[str, Any]] = {
        "SCHEDULED": {"Schedule": _DAILY},
        "CONDITIONAL": {"Predicate": _AFTER_A},
        "ON_DEMAND": {},
        "EVENT": {"WorkflowName": "w"},
    }
    with pytest.raises(InvalidInput, match="not allowed when trigger is in state: CREATED"):
        deactivate(made(kind, **members[kind]), _NOON)


def test_events_alone_start_an_event_trigger() -> None:
    with pytest.raises(InvalidInput, match="Trigger Type EVENT cannot be started"):
        activate(made("EVENT", WorkflowName="w"), _NOON)


def test_a_schedule_that_is_over_is_not_activated() -> None:
    trigger = scheduled(Schedule="cron(0 0 1 12 ? 2026)")
    with pytest.raises(InvalidInput, match="never fires again"):
        activate(trigger, at("2026-12-02 00:00"))


def test_update_overwrites_what_is_said_and_keeps_what_a_trigger_needs() -> None:
    trigger = conditional(Description="after a", StartOnCreation=True)
    changed = update(trigger, {"Actions": [{"JobName": "c"}]}, _NOON + 60)
    assert changed.actions == ({"JobName": "c"},)
    assert changed.document["Predicate"] == _AFTER_A
    assert "Description" not in changed.document, "it has a default: none"
    assert (changed.state, changed.activated) == ("ACTIVATED", _NOON), "an active one stays so"
    assert (changed.created, changed.modified) == (_NOON, _NOON + 60)


def test_a_changed_schedule_counts_from_the_change() -> None:
    trigger = scheduled(Schedule="rate(1 hour)", StartOnCreation=True)
    same = update(trigger, {"Schedule": "rate(1 hour)", "Description": "d"}, _NOON + 600)
    assert same.next_due == _NOON + 3600, "nothing has changed in it"
    changed = update(trigger, {"Schedule": "rate(2 hours)"}, _NOON + 600)
    assert (changed.activated, changed.next_due) == (_NOON + 600, _NOON + 600 + 7200)
    asleep = update(scheduled(), {"Schedule": "rate(2 hours)"}, _NOON)
    assert (asleep.state, asleep.next_due) == (TriggerState.CREATED, None)


def test_what_is_over_may_still_be_described() -> None:
    trigger = scheduled(Schedule="cron(0 0 1 12 ? 2026)", StartOnCreation=True)
    changed = update(trigger, {"Description": "once"}, at("2026-12-24 00:00"))
    assert changed.document["Description"] == "once"


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"Name": "other"}, "name of a trigger cannot be changed"),
        ({"Actions": []}, "Actions cannot be null or empty"),
        ({"Schedule": ""}, "Schedule cannot be null or empty"),
        ({"Schedule": "cron(0 0 1 1 ? 2020)"}, "never fires again"),
        ({"Predicate": _AFTER_A}, "Predicate is for triggers of type CONDITIONAL"),
    ],
)
def test_an_update_that_cannot_be_is_refused(members: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        update(scheduled(), members, _NOON)


@pytest.mark.parametrize(
    ("again", "repeated"),
    [
        ({}, True),
        ({"Description": "other"}, False),
        ({"Schedule": "rate(1 hour)"}, False),
        ({"WorkflowName": "w"}, False),
        ({"Actions": [{"JobName": "c"}]}, False),
        ({"Tags": {"a": "1"}}, True),  # tags are no part of the definition
        ({"StartOnCreation": True}, False),  # it has not been started
    ],
)
def test_the_same_definition_again(again: dict[str, Any], repeated: bool) -> None:
    assert is_repeated(scheduled(), scheduled(**again)) is repeated


def test_a_trigger_that_was_started_since_is_still_the_same() -> None:
    active = scheduled(StartOnCreation=True)
    assert is_repeated(active, scheduled(StartOnCreation=True))
    assert is_repeated(active, scheduled())
