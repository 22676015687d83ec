"""Which workflows were told of which events, and what the events were."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from glueball.core.events import Event
from glueball.stores import events
from glueball.stores.event_tables import event_notifications

_KEPT = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """A workflow was told of an event."""

    sequence: int
    time: float  #: epoch seconds
    workflow_name: str
    event: Event


def add(connection: sa.Connection, workflow_name: str, event_id: str, now: float) -> None:
    """Note that a workflow is told of an event; very old ones are forgotten."""
    statement = sa.insert(event_notifications).values(
        time=now, workflow_name=workflow_name, event_id=event_id
    )
    (sequence,) = connection.execute(statement).inserted_primary_key or (0,)
    connection.execute(
        sa.delete(event_notifications).where(event_notifications.c.sequence <= sequence - _KEPT)
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
