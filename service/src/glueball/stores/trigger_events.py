"""Events that wait until their trigger has a batch."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from glueball.stores.lookups import Insertion, Lookup
from glueball.stores.orchestration_tables import trigger_events


class Waiting(NamedTuple):
    """What waits for one trigger."""

    trigger_name: str
    size: int
    first: float  #: when the first of them came, epoch seconds


_WAITING = Lookup(
    sa.select(
        trigger_events.c.trigger_name,
        sa.func.count(),
        sa.func.min(trigger_events.c.arrived),
    )
    .group_by(trigger_events.c.trigger_name)
    .order_by(trigger_events.c.trigger_name)
)


_ADD = Insertion(sa.insert(trigger_events), ["trigger_name", "event_id", "arrived"])


def add(connection: sa.Connection, trigger_name: str, event_id: str, now: float) -> None:
    """Let an event wait for a trigger."""
    _ADD.run(connection, trigger_name=trigger_name, event_id=event_id, arrived=now)


def waiting(connection: sa.Connection) -> list[Waiting]:
    """Say for each trigger that events wait for how many there are."""
    return [Waiting(*row) for row in _WAITING.all(connection)]


def take(connection: sa.Connection, trigger_name: str, most: int) -> list[str]:
    """Take up to `most` events away from those that wait for a trigger, the first ones.

    Returns:
        Their ids, in order of arrival.
    """
    query = (
        sa.select(trigger_events.c.sequence, trigger_events.c.event_id)
        .where(trigger_events.c.trigger_name == trigger_name)
        .order_by(trigger_events.c.sequence)
        .limit(most)
    )
    taken = connection.execute(query).all()
    if taken:
        connection.execute(
            sa.delete(trigger_events).where(
                trigger_events.c.trigger_name == trigger_name,
                trigger_events.c.sequence <= taken[-1].sequence,
            )
        )
    return [row.event_id for row in taken]


def drop(connection: sa.Connection, trigger_name: str) -> None:
    """Forget what waits for a trigger."""
    connection.execute(
        sa.delete(trigger_events).where(trigger_events.c.trigger_name == trigger_name)
    )
