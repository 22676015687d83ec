"""Rules, EVENT triggers and events for tests."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from glueball.core.arns import resource_arn
from glueball.core.events import Event
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.orchestration.account import Account
from glueball.stores import event_rules, events
from glueball.stores.event_rules import Rule, Target
from support.runs import BASE_TIME
from support.workflows import make_trigger


def event_trigger(name: str = "t", *, starts: str = "a", **batching: int) -> Trigger:
    """Return an EVENT trigger of the workflow "w"; `batching` is BatchSize and BatchWindow."""
    trigger = make_trigger(name, starts=starts)
    document = {**trigger.document}
    if batching:
        document["EventBatchingCondition"] = batching
    return make_trigger(name, type=TriggerType.EVENT, state=TriggerState.CREATED, document=document)


def add_rule(
    connection: sa.Connection,
    account: Account,
    pattern: dict[str, Any] | None = None,
    *,
    name: str = "rule",
    workflow: str = "w",
    enabled: bool = True,
) -> None:
    """Keep a rule that brings a workflow the events of "my.app", or those of `pattern`."""
    text = json.dumps(pattern or {"source": ["my.app"]})
    event_rules.put(connection, Rule(name=name, enabled=enabled, pattern=text, document={}))
    arn = resource_arn(account, "workflow", workflow)
    event_rules.put_target(connection, Target(rule_name=name, id="1", arn=arn, document={}))


def add_event(connection: sa.Connection, event_id: str = "e1", **changes: Any) -> None:
    """Write an event of "my.app" into the outbox."""
    values: dict[str, Any] = {
        "id": event_id,
        "time": BASE_TIME,
        "source": "my.app",
        "detail_type": "Thing Done",
        "resources": (),
        "detail": {},
    }
    events.append(connection, Event(**(values | changes)))
