"""The outbox: events are written with what they tell of, and delivered one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from glueball.core.events import Event
from glueball.stores.event_tables import event_cursor
from glueball.stores.lookups import Insertion, Lookup
from glueball.stores.orchestration_tables import events

#: events that are kept once they were delivered, for who wants to look
_KEPT = 10_000
_ONLY = 1

_CURSOR = sa.select(sa.func.coalesce(sa.func.max(event_cursor.c.sequence), 0)).scalar_subquery()
_COLUMNS = (
    events.c.id,
    events.c.time,
    events.c.source,
    events.c.detail_type,
    events.c.resources,
    events.c.detail,
)
_UNDELIVERED = events.c.sequence > _CURSOR
_ANY_UNDELIVERED = Lookup(sa.select(events.c.sequence).where(_UNDELIVERED).limit(1))
_SELECT = sa.select(*_COLUMNS)
_mark = upsert(event_cursor)
_DELIVERED = Insertion(
    _mark.on_conflict_do_update(index_elements=["id"], set_={"sequence": _mark.excluded.sequence}),
    ["id", "sequence"],
)
_APPEND = Insertion(
    upsert(events).on_conflict_do_nothing(index_elements=["id"]),
    [column.name for column in _COLUMNS],
)


def append(connection: sa.Connection, event: Event) -> bool:
    """Write an event; False when it has been written before."""
    return _APPEND.run(
        connection,
        id=event.id,
        time=event.time,
        source=event.source,
        detail_type=event.detail_type,
        resources=msgspec.json.encode(event.resources),
        detail=msgspec.json.encode(event.detail),
    )


def any_undelivered(connection: sa.Connection) -> bool:
    """Tell whether rules have not seen an event yet."""
    return _ANY_UNDELIVERED.first(connection) is not None


def undelivered(connection: sa.Connection, most: int) -> list[tuple[int, Event]]:
    """Return up to `most` events that rules have not seen yet, in order, with their positions."""
    query = sa.select(events.c.sequence, *_COLUMNS).where(_UNDELIVERED)
    rows = connection.execute(query.order_by(events.c.sequence).limit(most))
    return [(row[0], _event(row[1:])) for row in rows]


def delivered(connection: sa.Connection, sequence: int) -> None:
    """Note that rules have seen the events up to a position, and forget very old ones.

    The newest event is never forgotten: SQLite would give its position away once more.
    """
    _DELIVERED.run(connection, id=_ONLY, sequence=sequence)
    connection.execute(sa.delete(events).where(events.c.sequence <= sequence - _KEPT))


def by_source(connection: sa.Connection, source: str, *, limit: int) -> list[Event]:
    """Return the newest events of a source, newest first."""
    query = _SELECT.where(events.c.source == source).order_by(events.c.sequence.desc()).limit(limit)
    return [_event(row) for row in connection.execute(query)]


def get(connection: sa.Connection, event_id: str) -> Event | None:
    """Return the event with this id; None where there is none, or it is too long ago."""
    row = connection.execute(_SELECT.where(events.c.id == event_id)).first()
    return None if row is None else _event(row)


def _event(row: Sequence[Any]) -> Event:
    event_id, time, source, detail_type, resources, detail = row
    return Event(
        id=event_id,
        time=time,
        source=source,
        detail_type=detail_type,
        resources=tuple(msgspec.json.decode(resources)),
        detail=msgspec.json.decode(detail),
    )
