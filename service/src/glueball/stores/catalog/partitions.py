"""Partitions of the Data Catalog's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.stores.catalog.schema import column_statistics, partitions
from glueball.stores.lookups import Lookup

_COLUMNS = (partitions.c.key, partitions.c.created, partitions.c.document, partitions.c.columns)
_THIS = partitions.c.table_id == sa.bindparam("table")
_BY_KEY = Lookup(sa.select(*_COLUMNS).where(_THIS, partitions.c.key == sa.bindparam("wanted")))
_KEYS = Lookup(
    sa.select(partitions.c.key)
    .where(
        _THIS,
        partitions.c.key > sa.bindparam("after"),
        partitions.c.key < sa.bindparam("before"),
    )
    .order_by(partitions.c.key)
    .limit(sa.bindparam("most"))
)
_INSERT = sa.insert(partitions)
#: that one query asks for
_MOST_KEYS = 500
_values = msgspec.json.Decoder(list[str])
_documents = msgspec.json.Decoder()


@dataclass(frozen=True, kw_only=True, slots=True)
class Partition:
    """What CreatePartition and UpdatePartition wrote."""

    values: Sequence[str]
    created: float
    #: the members of PartitionInput without its values; where it was read, the Columns of its
    #: StorageDescriptor are JSON still (`msgspec.Raw`), as an answer takes them
    document: Mapping[str, Any]


def key_of(values: Sequence[str]) -> str:
    """Return the text by which the partition with these values is stored and ordered."""
    return msgspec.json.encode(values).decode()


def get(connection: sa.Connection, table_id: int, values: Sequence[str]) -> Partition | None:
    """Return a partition, or None."""
    row = _BY_KEY.first(connection, table=table_id, wanted=key_of(values))
    return None if row is None else _from_row(row)


def having(connection: sa.Connection, table_id: int, wanted: Sequence[str]) -> list[Partition]:
    """Return those of the partitions with the `wanted` keys that exist, in the order asked for."""
    query = sa.select(*_COLUMNS).where(
        partitions.c.table_id == table_id,
        partitions.c.key.in_(sa.bindparam("wanted", expanding=True)),
    )
    found: dict[str, Any] = {}
    for start in range(0, len(wanted), _MOST_KEYS):
        some = {"wanted": wanted[start : start + _MOST_KEYS]}
        found.update((row[0], row) for row in connection.execute(query, some).fetchall())
    return [_from_row(found[key]) for key in wanted if key in found]


def insert(connection: sa.Connection, table_id: int, added: Sequence[Partition]) -> None:
    """Add partitions whose values are free."""
    if added:
        connection.execute(_INSERT, [_to_row(table_id, one) for one in added])


def replace(
    connection: sa.Connection, table_id: int, old: Sequence[str], changed: Partition
) -> None:
    """Put `changed` in the place of the partition with the values `old`; its own may differ."""
    row = _to_row(table_id, changed)
    connection.execute(sa.update(partitions).where(*_this(table_id, old)).values(row))
    connection.execute(
        sa.update(column_statistics)
        .where(*_statistics_of(table_id, old))
        .values(partition=row["key"])
    )


def delete(connection: sa.Connection, table_id: int, values: Sequence[str]) -> bool:
    """Delete a partition with its statistics; False where there is none."""
    connection.execute(sa.delete(column_statistics).where(*_statistics_of(table_id, values)))
    return connection.execute(sa.delete(partitions).where(*_this(table_id, values))).rowcount > 0


def keys(
    connection: sa.Connection,
    table_id: int,
    *,
    after: str,
    limit: int,
    beginning: Sequence[str] = (),
) -> list[tuple[str, list[str]]]:
    """Return up to `limit` keys with their values, in order, the first one behind `after`.

    Only those whose values begin with `beginning`; the others are not even looked at.
    """
    first = key_of(beginning)[:-1]  # behind it comes "," or "]", both before "^"
    rows = _KEYS.all(
        connection, table=table_id, after=max(after, first), before=f"{first}^", most=limit
    )
    return [(key, _values.decode(key)) for (key,) in rows]


def _this(table_id: int, values: Sequence[str]) -> tuple[Any, Any]:
    return partitions.c.table_id == table_id, partitions.c.key == key_of(values)


def _statistics_of(table_id: int, values: Sequence[str]) -> tuple[Any, Any]:
    return (
        column_statistics.c.table_id == table_id,
        column_statistics.c.partition == key_of(values),
    )


def _to_row(table_id: int, partition: Partition) -> dict[str, Any]:
    document, columns = partition.document, None
    descriptor = document.get("StorageDescriptor", {})
    if "Columns" in descriptor:
        columns = msgspec.json.encode(descriptor["Columns"])
        rest = {name: value for name, value in descriptor.items() if name != "Columns"}
        document = {**document, "StorageDescriptor": rest}
    return {
        "table_id": table_id,
        "key": key_of(partition.values),
        "created": partition.created,
        "document": msgspec.json.encode(document),
        "columns": columns,
    }


def _from_row(row: Sequence[Any]) -> Partition:
    key, created, text, columns = row
    document = _documents.decode(text)
    if columns is not None:
        document["StorageDescriptor"]["Columns"] = msgspec.Raw(columns)
    return Partition(values=_values.decode(key), created=created, document=document)
