"""Partition indexes: which keys of a table people want to be quick.

Ours are always quick, so an index is remembered and shown, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from glueball.stores.catalog.schema import partition_indexes as indexes


@dataclass(frozen=True, kw_only=True, slots=True)
class PartitionIndex:
    """What CreatePartitionIndex wrote."""

    name: str
    keys: Sequence[str]  #: names of partition keys


def of_table(connection: sa.Connection, table_id: int) -> list[PartitionIndex]:
    """Return the indexes of a table, in order of name."""
    query = sa.select(indexes.c.name, indexes.c.indexed).where(indexes.c.table_id == table_id)
    rows = connection.execute(query.order_by(indexes.c.name))
    return [PartitionIndex(name=name, keys=msgspec.json.decode(keys)) for name, keys in rows]


def insert(connection: sa.Connection, table_id: int, index: PartitionIndex) -> None:
    """Add an index whose name is free."""
    row = {"table_id": table_id, "name": index.name, "indexed": msgspec.json.encode(index.keys)}
    connection.execute(sa.insert(indexes).values(row))


def delete(connection: sa.Connection, table_id: int, name: str) -> bool:
    """Forget an index; False where there is none."""
    query = sa.delete(indexes).where(indexes.c.table_id == table_id, indexes.c.name == name)
    return connection.execute(query).rowcount > 0
