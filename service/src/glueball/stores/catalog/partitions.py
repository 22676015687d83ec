"""Partitions of the Data Catalog's tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.stores.catalog.schema import partitions

_COLUMNS = (partitions.c.key, partitions.c.created, partitions.c.document)
#: that one query asks for
_MOST_KEYS = 500
_keys = msgspec.json.Decoder(list[str])


@dataclass(frozen=True, kw_only=True, slots=True)
class Partition:
    """What CreatePartition and UpdatePartition wrote."""

    values: Sequence[str]
    created: float
    document: Mapping[str, Any]  #: the members of PartitionInput without its values


def key_of(values: Sequence[str]) -> str:
    """Return the text by which the partition with these values is stored and ordered."""
    return msgspec.json.encode(values).decode()


def values_of(key: str) -> list[str]:
    """Return the values that `key_of` wrote."""
    return _keys.decode(key)


def get(connection: sa.Connection, table_id: int, values: Sequence[str]) -> Partition | None:
    """Return a partition, or None."""
    found = named(connection, table_id, [values])
    return found[0] if found else None


def named(
    connection: sa.Connection, table_id: int, wanted: Sequence[Sequence[str]]
) -> list[Partition]:
    """Return those of the `wanted` partitions that exist, in the order asked for."""
    keys = [key_of(values) for values in wanted]
    return [Partition(values=values_of(key), created=created, document=msgspec.json.decode(text))
            for key, created, text in _rows(connection, table_id, keys)]  # fmt: skip


def insert(connection: sa.Connection, table_id: int, added: Sequence[Partition]) -> None:
    """Add partitions whose values are free."""
    if added:
        connection.execute(sa.insert(partitions), [_to_row(table_id, one) for one in added])


def delete(connection: sa.Connection, table_id: int, values: Sequence[str]) -> bool:
    """Delete a partition; False where there is none."""
    query = sa.delete(partitions).where(
        partitions.c.table_id == table_id, partitions.c.key == key_of(values)
    )
    return connection.execute(query).rowcount > 0


def keys(
    connection: sa.Connection, table_id: int, *, after: str, limit: int
) -> list[tuple[str, list[str]]]:
    """Return up to `limit` keys with their values, in order, the first one behind `after`."""
    query = (
        sa.select(partitions.c.key)
        .where(partitions.c.table_id == table_id, partitions.c.key > after)
        .order_by(partitions.c.key)
        .limit(limit)
    )
    return [(key, values_of(key)) for (key,) in connection.execute(query)]


def _rows(
    connection: sa.Connection, table_id: int, wanted: Sequence[str]
) -> Iterator[tuple[str, float, bytes]]:
    query = sa.select(*_COLUMNS).where(
        partitions.c.table_id == table_id,
        partitions.c.key.in_(sa.bindparam("wanted", expanding=True)),
    )
    found: dict[str, Any] = {}
    for start in range(0, len(wanted), _MOST_KEYS):
        some: Collection[str] = wanted[start : start + _MOST_KEYS]
        found.update((row[0], row) for row in connection.execute(query, {"wanted": some}))
    return (found[key] for key in wanted if key in found)


def _to_row(table_id: int, partition: Partition) -> dict[str, Any]:
    return {
        "table_id": table_id,
        "key": key_of(partition.values),
        "created": partition.created,
        "document": msgspec.json.encode(partition.document),
    }
