"""Events go from the outbox through the rules to the triggers that wait for them.

Every event is looked at once, in order, also over a crash: how far the outbox was read is written
with what follows. An event that comes of this is looked at in a later round, so a rule that starts
what it listens to goes round and round as on AWS, yet never within one transaction.
"""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa

from glueball.core.arns import parse_arn
from glueball.core.errors import InvalidInput
from glueball.core.event_patterns import parse_pattern
from glueball.core.events import envelope
from glueball.core.triggers import Trigger
from glueball.orchestration import event_batches
from glueball.orchestration.account import Account
from glueball.orchestration.workflow_runs import starting_trigger
from glueball.stores import event_rules, events, notifications, triggers
from glueball.stores.event_rules import Rule

_parsed = lru_cache(maxsize=1024)(parse_pattern)


def next_due(connection: sa.Connection, now: float) -> float | None:
    """Return when there is something to do, in epoch seconds; None when nothing waits."""
    if events.any_undelivered(connection):
        return now
    return event_batches.next_due(connection, now)


def proceed(connection: sa.Connection, account: Account, now: float, *, most: int) -> int:
    """Deliver new events, then start workflows with the batches that are complete.

    Args:
        now: epoch seconds.
        most: events, and runs of workflows, in this transaction.

    Returns:
        How many runs of workflows there are more.
    """
    _deliver(connection, account, now, most)
    return event_batches.fire_due(connection, account, now, most=most)


def workflow_named_by(account: Account, arn: str) -> str | None:
    """Return the name of the workflow that an ARN of this account names; None for any other."""
    try:
        kind, name = parse_arn(account, arn)
    except InvalidInput:
        return None
    return name if kind == "workflow" else None


def _deliver(connection: sa.Connection, account: Account, now: float, most: int) -> None:
    pending = events.undelivered(connection, most)
    if not pending:
        return
    rules = event_rules.enabled(connection)
    reached: dict[str, list[Trigger]] = {}  # by rule, looked up where one matches
    for _, event in pending:
        seen = envelope(event, account)
        found: dict[str, Trigger] = {}  # two rules bring a trigger the same event once
        for rule in rules:
            if _parsed(rule.pattern).match(seen):
                if rule.name not in reached:
                    reached[rule.name] = _triggers_of(connection, account, rule)
                found.update((trigger.name, trigger) for trigger in reached[rule.name])
        for trigger in found.values():
            event_batches.add(connection, trigger, event.id, now)
            notifications.add(connection, trigger.workflow_name or "", event.id, now)
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
