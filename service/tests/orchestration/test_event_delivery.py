from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from glueball.core.runs import RunState
from glueball.core.triggers import TriggerState
from glueball.orchestration import event_delivery
from glueball.orchestration.account import Account
from glueball.stores import event_rules, events, triggers, workflows
from support.event_rules import add_event, add_rule, event_trigger
from support.runs import BASE_TIME
from support.workflows import add_all, add_job, add_workflow, end, make_trigger, start, the_run


def _proceed(connection: sa.Connection, account: Account, now: float = BASE_TIME) -> None:
    event_delivery.proceed(connection, account, now, most=100)


def _started(connection: sa.Connection, workflow: str = "w") -> list[str]:
    page = workflows.page_of_runs(connection, workflow_name=workflow, before=None, limit=100)
    return [run.properties.get("aws:eventIds", "") for _, run in reversed(page)]


def test_an_event_that_a_rule_wants_starts_the_workflow_once(
    connection: sa.Connection, account: Account
) -> None:
    add_all(connection, event_trigger())
    add_rule(connection, account)
    assert event_delivery.next_due(connection, BASE_TIME) is None
    add_event(connection, "e1")
    add_event(connection, "e2", source="other.app")
    assert event_delivery.next_due(connection, BASE_TIME) == BASE_TIME
    _proceed(connection, account)
    _proceed(connection, account)
    assert _started(connection) == ["[e1]"]
    assert event_delivery.next_due(connection, BASE_TIME) is None


def test_two_rules_bring_an_event_once(connection: sa.Connection, account: Account) -> None:
    add_all(connection, event_trigger())
    add_rule(connection, account, name="r1")
    add_rule(connection, account, {"detail-type": ["Thing Done"]}, name="r2")
    add_event(connection)
    _proceed(connection, account)
    assert _started(connection) == ["[e1]"]


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ({"enabled": False}, None),
        ({"workflow": "none"}, None),
        ({}, {"source": ["my.app"], "detail": {"size": [{"numeric": [">", 5]}]}}),
    ],
)
def test_events_that_reach_nobody(
    connection: sa.Connection, account: Account, rule: dict[str, Any], pattern: Any
) -> None:
    add_all(connection, event_trigger())
    add_rule(connection, account, pattern, **rule)
    add_event(connection)
    _proceed(connection, account)
    assert _started(connection) == []
    assert not events.any_undelivered(connection)


def test_only_a_starting_trigger_for_events_takes_them(
    connection: sa.Connection, account: Account
) -> None:
    add_all(connection, make_trigger("t", starts="a"))  # ON_DEMAND
    add_rule(connection, account)
    add_event(connection, "e1")
    _proceed(connection, account)
    triggers.delete(connection, "t")
    off = replace(event_trigger(), state=TriggerState.DEACTIVATED)
    triggers.insert(connection, off, ())
    add_event(connection, "e2")
    _proceed(connection, account)
    triggers.replace(connection, event_trigger(), ())
    add_event(connection, "e3")
    _proceed(connection, account)
    assert _started(connection) == ["[e3]"]


def test_the_end_of_a_job_starts_another_workflow(
    connection: sa.Connection, account: Account
) -> None:
    add_all(connection, event_trigger())
    first = add_workflow(connection, "first")
    add_job(connection, "load")
    triggers.insert(connection, make_trigger("begin", starts="load", workflow="first"), ())
    pattern = {
        "source": ["aws.glue"],
        "detail-type": ["Glue Job State Change"],
        "detail": {"jobName": ["load"], "state": ["SUCCEEDED"]},
    }
    add_rule(connection, account, pattern)
    run_id = start(connection, account, first)
    end(connection, account, the_run(connection, run_id, "load"))
    _proceed(connection, account)
    assert len(_started(connection)) == 1


def test_a_rule_that_feeds_itself_goes_one_round_at_a_time(
    connection: sa.Connection, account: Account
) -> None:
    """Its job is gone, so every run fails at once, and its failure starts the next."""
    add_all(connection, event_trigger(starts="a"), without="a")
    add_rule(connection, account, {"detail": {"state": ["ERROR"]}})
    add_event(connection, "e1", detail={"state": "ERROR"})
    for rounds in range(1, 4):
        _proceed(connection, account)
        assert len(_started(connection)) == rounds
        assert event_delivery.next_due(connection, BASE_TIME) == BASE_TIME


def test_a_rule_with_a_schedule_starts_its_own_workflow(
    connection: sa.Connection, account: Account
) -> None:
    add_all(connection, event_trigger())
    add_rule(connection, account, {"source": ["aws.events"]}, name="other")
    add_rule(connection, account)
    rule = event_rules.get(connection, "rule")
    assert rule is not None
    timed = replace(rule, pattern=None, schedule="rate(1 minute)", anchor=BASE_TIME)
    event_rules.put(connection, replace(timed, next_due=BASE_TIME + 60))
    assert event_delivery.next_due(connection, BASE_TIME) == BASE_TIME + 60
    _proceed(connection, account, BASE_TIME + 59)
    assert _started(connection) == []
    _proceed(connection, account, BASE_TIME + 60)
    _proceed(connection, account, BASE_TIME + 61)
    assert len(_started(connection)) == 1
    # of the times that nobody looked at the last one counts
    _proceed(connection, account, BASE_TIME + 200)
    assert event_delivery.next_due(connection, BASE_TIME + 200) == BASE_TIME + 240
    first, second = reversed(events.by_source(connection, "aws.events", limit=10))
    assert (first.time, second.time) == (BASE_TIME + 60, BASE_TIME + 180)
    assert first.resources == ("arn:aws:events:us-east-1:123456789012:rule/rule",)
    assert len(_started(connection)) == 2
    # a rule that is put anew while the clock is back tells nothing twice
    event_rules.put(connection, replace(timed, next_due=BASE_TIME + 60))
    _proceed(connection, account, BASE_TIME + 60)
    assert len(_started(connection)) == 2


def test_a_failure_before_the_start_is_announced(
    connection: sa.Connection, account: Account
) -> None:
    workflow = add_all(connection, make_trigger("t", starts="a"), without="a")
    start(connection, account, workflow)
    (event,) = events.by_source(connection, "aws.glue", limit=10)
    assert event.detail["state"] == RunState.ERROR
    assert event.detail["message"] == "Job with name: a not found."
