"""Events that wait for EVENT triggers become batches, and batches runs of workflows.

https://docs.aws.amazon.com/glue/latest/dg/starting-workflow-eventbridge.html
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from glueball.core.event_batches import Batching, batching_of, due, is_due, listed, met
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.core.workflows import Workflow
from glueball.orchestration import workflow_runs
from glueball.orchestration.account import Account
from glueball.orchestration.endings import set_off
from glueball.orchestration.firings import Occasion
from glueball.stores import trigger_events, triggers, workflows
from glueball.stores.trigger_events import Waiting

#: the run property that names the events which started a workflow
EVENT_IDS = "aws:eventIds"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Queue:
    """Events that wait for a trigger which wants them."""

    trigger: Trigger
    workflow: Workflow
    batching: Batching
    waiting: Waiting

    def is_due(self, now: float) -> bool:
        return is_due(self.batching, self.waiting.size, self.waiting.first, now)


def listens(trigger: Trigger | None) -> bool:
    """Tell whether a trigger takes events.

    A new one does: EVENT triggers are not started, and stay in the state CREATED (AWS refuses
    StartOnCreation for them). One that was deactivated does not.
    """
    return (
        trigger is not None
        and trigger.type is TriggerType.EVENT
        and trigger.state is not TriggerState.DEACTIVATED
    )


def add(connection: sa.Connection, trigger: Trigger, event_id: str, now: float) -> None:
    """Let an event wait until its trigger has a batch."""
    trigger_events.add(connection, trigger.name, event_id, now)


def next_due(connection: sa.Connection, now: float) -> float | None:
    """Return when the next batch is complete, in epoch seconds; None when no event waits."""
    found = []
    for waiting in trigger_events.waiting(connection):
        queue = _queue(connection, waiting)
        if queue is None or queue.is_due(now):
            return now
        found.append(due(queue.batching, waiting.size, waiting.first))
    return min(found, default=None)


def fire_due(connection: sa.Connection, account: Account, now: float, *, most: int) -> int:
    """Start a workflow with each batch that is complete.

    What starts a workflow is taken from what waits in the same transaction, so every event counts
    once. Where MaxConcurrentRuns of the workflow is reached its run is in status ERROR.

    Args:
        now: epoch seconds.
        most: runs of workflows in this transaction.

    Returns:
        How many runs of workflows there are more.
    """
    for fired in range(most):
        queue = _next(connection, now)
        if queue is None:
            return fired
        _fire(connection, account, queue, now)
    return most


def _next(connection: sa.Connection, now: float) -> _Queue | None:
    """Return a batch that is complete; what nobody wants any more is forgotten on the way."""
    for waiting in trigger_events.waiting(connection):
        queue = _queue(connection, waiting)
        if queue is None:
            trigger_events.drop(connection, waiting.trigger_name)
        elif queue.is_due(now):
            return queue
    return None


def _queue(connection: sa.Connection, waiting: Waiting) -> _Queue | None:
    trigger = triggers.get(connection, waiting.trigger_name)
    if trigger is None or not listens(trigger) or trigger.workflow_name is None:
        return None
    workflow = workflows.get(connection, trigger.workflow_name)
    if workflow is None:
        return None
    batching = batching_of(trigger.document)
    return _Queue(trigger=trigger, workflow=workflow, batching=batching, waiting=waiting)


def _fire(connection: sa.Connection, account: Account, queue: _Queue, now: float) -> None:
    batching, count = queue.batching, queue.waiting.size
    event_ids = trigger_events.take(connection, queue.trigger.name, batching.size)
    run = workflow_runs.begin_unasked(
        connection,
        account,
        queue.workflow,
        now,
        properties={EVENT_IDS: listed(event_ids)},
        batch=met(batching, count),
    )
    if run.error_message is not None:
        return
    complete = now if count >= batching.size else queue.waiting.first + batching.window
    occasion = Occasion(key=f"events {event_ids[0]}", due=min(now, complete), chain_id=run.id)
    set_off(connection, account, queue.trigger, occasion, now)
