"""Which workflows were told of which events, and what the events were."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from glueball.core.events import Event
from glueball.stores import events
from glueball.stores.event_tables import event_notifications
from glueball.stores.lookups import Insertion

_KEPT = 10_000
_ADD = Insertion(sa.insert(event_notifications), ["time", "workflow_name", "event_id"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """A workflow was told of an event."""

    sequence: int
    time: float  #: epoch seconds
    workflow_name: str
    event: Event


def add(connection: sa.Connection, workflow_name: str, event_id: str, now: float) -> None:
    """Note that a workflow is told of an event."""
    _ADD.run(connection, time=now, workflow_name=workflow_name, event_id=event_id)


def forget_old(connection: sa.Connection) -> None:
    """Keep the newest notifications only."""
    newest = sa.select(sa.func.max(event_notifications.c.sequence)).scalar_subquery()
    connection.execute(
        sa.delete(event_notifications).where(event_notifications.c.sequence <= newest - _KEPT)
    )


def page(
    connection: sa.Connection, *, start: float, end: float, before: int | None, limit: int
) -> list[Notification]:
    """Return up to `limit` notifications, newest first.

    Args:
        start: not before, epoch seconds.
        end: not after.
        before: only those behind this one; None begins at the newest.
    """
    query = sa.select(event_notifications).where(event_notifications.c.time.between(start, end))
    if before is not None:
        query = query.where(event_notifications.c.sequence < before)
    rows = connection.execute(query.order_by(event_notifications.c.sequence.desc()).limit(limit))
    found = []
    for row in rows.all():
        event = events.get(connection, row.event_id)
        if event is not None:
            found.append(
                Notification(
                    sequence=row.sequence,
                    time=row.time,
                    workflow_name=row.workflow_name,
                    event=event,
                )
            )
    return found
