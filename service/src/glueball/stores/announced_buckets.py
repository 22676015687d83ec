"""Which buckets announce their new objects to EventBridge."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from glueball.stores.event_tables import announced_buckets
from glueball.stores.lookups import Lookup

_ONE = Lookup(
    sa.select(announced_buckets.c.name).where(announced_buckets.c.name == sa.bindparam("wanted"))
)


def is_announced(connection: sa.Connection, name: str) -> bool:
    """Tell whether a bucket announces its new objects."""
    return _ONE.first(connection, wanted=name) is not None


def announce(connection: sa.Connection, name: str, on: bool) -> None:
    """Let a bucket announce its new objects, or no longer."""
    if on:
        connection.execute(upsert(announced_buckets).values(name=name).on_conflict_do_nothing())
    else:
        connection.execute(sa.delete(announced_buckets).where(announced_buckets.c.name == name))
