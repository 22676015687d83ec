"""Events go from the outbox through the rules to the triggers that wait for them.

Every event is looked at once, in order, also over a crash: how far the outbox was read is written
with what follows. An event that comes of this is looked at in a later round, so a rule that starts
what it listens to goes round and round as on AWS, yet never within one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from glueball.core.arns import parse_arn, rule_arn
from glueball.core.errors import InvalidInput
from glueball.core.event_patterns import parse_pattern
from glueball.core.events import SCHEDULER_SOURCE, Event, envelope, scheduled
from glueball.core.schedules import parse_schedule
from glueball.core.triggers import Trigger
from glueball.orchestration import event_batches
from glueball.orchestration.account import Account
from glueball.orchestration.workflow_runs import starting_trigger
from glueball.stores import event_rules, events, notifications, triggers
from glueball.stores.event_rules import Rule

#: "rate(1 minute)" is the shortest that EventBridge has
SHORTEST_RULE_SECONDS = 60
_parsed = lru_cache(maxsize=1024)(parse_pattern)


def next_due(connection: sa.Connection, now: float) -> float | None:
    """Return when there is something to do, in epoch seconds; None when nothing waits."""
    if events.any_undelivered(connection):
        return now
    found = event_rules.next_due(connection), event_batches.next_due(connection, now)
    return min((due for due in found if due is not None), default=None)


def proceed(connection: sa.Connection, account: Account, now: float, *, most: int) -> int:
    """Let rules be due, deliver new events, start workflows with the batches that are complete.

    Args:
        now: epoch seconds.
        most: events, and runs of workflows, in this transaction.

    Returns:
        How many runs of workflows there are more.
    """
    _tick(connection, account, now)
    _deliver(connection, account, now, most)
    return event_batches.fire_due(connection, account, now, most=most)


def workflow_named_by(account: Account, arn: str) -> str | None:
    """Return the name of the workflow that an ARN of this account names; None for any other."""
    try:
        kind, name = parse_arn(account, arn)
    except InvalidInput:
        return None
    return name if kind == "workflow" else None


def _tick(connection: sa.Connection, account: Account, now: float) -> None:
    """Write the events of rules that are due by their schedules.

    Of several times that passed while nobody looked the last one counts.
    """
    for rule in event_rules.due(connection, now):
        schedule = parse_schedule(rule.schedule or "", SHORTEST_RULE_SECONDS)
        anchor = rule.anchor or now
        last = schedule.last_until(now, anchor) or rule.next_due or now
        events.append(connection, scheduled(rule_arn(account, rule.name), last))
        event_rules.put(connection, replace(rule, next_due=schedule.next_after(now, anchor)))


def _matches(rule: Rule, arn: str, event: Event, seen: Mapping[str, Any]) -> bool:
    """Tell whether a rule is about an event; what a schedule makes is for its own rule only."""
    if event.source == SCHEDULER_SOURCE:
        return arn in event.resources
    return rule.pattern is not None and _parsed(rule.pattern).match(seen)


def _deliver(connection: sa.Connection, account: Account, now: float, most: int) -> None:
    pending = events.undelivered(connection, most)
    if not pending:
        return
    rules = [(rule_arn(account, rule.name), rule) for rule in event_rules.enabled(connection)]
    reached: dict[str, list[Trigger]] = {}  # by rule, looked up where one matches
    for _, event in pending:
        seen = envelope(event, account)
        found: dict[str, Trigger] = {}  # two rules bring a trigger the same event once
        for arn, rule in rules:
            if _matches(rule, arn, event, seen):
                if rule.name not in reached:
                    reached[rule.name] = _triggers_of(connection, account, rule)
                found.update((trigger.name, trigger) for trigger in reached[rule.name])
        for trigger in found.values():
            event_batches.add(connection, trigger, event.id, now)
            notifications.add(connection, trigger.workflow_name or "", event.id, now)
    notifications.forget_old(connection)
    events.delivered(connection, pending[-1][0])


def _triggers_of(connection: sa.Connection, account: Account, rule: Rule) -> list[Trigger]:
    """Return the triggers that begin the workflows which a rule targets, those that listen."""
    found = []
    for target in event_rules.targets(connection, rule.name):
        workflow_name = workflow_named_by(account, target.arn)
        if workflow_name is not None:
            of_workflow = triggers.of_workflow(connection, workflow_name)
            trigger = starting_trigger(tuple(of_workflow))
            if trigger is not None and event_batches.listens(trigger):
                found.append(trigger)
    return found
