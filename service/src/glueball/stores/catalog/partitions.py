"""Partitions of the Data Catalog's tables: writing them, and reading them by their values.

`partition_search.py` finds those that an expression chooses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from glueball.core.partition_order import PartitionOrder
from glueball.stores.catalog import column_schemas
from glueball.stores.catalog.partition_rows import (
    Partition,
    key_of,
    partition_row,
    position_of,
    values_of,
)
from glueball.stores.catalog.schema import column_statistics, partition_documents, partitions
from glueball.stores.lookups import Insertion, Lookup

#: rows that one query asks for by name
_CHUNK: Final = 100
#: partitions whose positions change in one go
_REORDERED: Final = 2_000
_OF_TABLE = partitions.c.table_id == sa.bindparam("table")
_DOCUMENT_OF_TABLE = partition_documents.c.table_id == sa.bindparam("table")
_NAMES = [f"wanted_{index}" for index in range(_CHUNK)]
_WANTED: list[sa.BindParameter[Any]] = [sa.bindparam(name) for name in _NAMES]
_AT = Lookup(
    sa.select(partitions.c.position, partitions.c.number).where(
        _OF_TABLE, partitions.c.position.in_(_WANTED)
    )
)
_ONE = Lookup(
    sa.select(partitions.c.number).where(_OF_TABLE, partitions.c.position == sa.bindparam("wanted"))
)
_BEHIND = Lookup(
    sa.select(partitions.c.position, partitions.c.number)
    .where(_OF_TABLE, partitions.c.position > sa.bindparam("after"))
    .order_by(partitions.c.position)
    .limit(_REORDERED)
)
_DOCUMENTS = Lookup(
    sa.select(
        partition_documents.c.number,
        partition_documents.c.created,
        partition_documents.c.document,
        partition_documents.c.column_schema,
    ).where(_DOCUMENT_OF_TABLE, partition_documents.c.number.in_(_WANTED))
)
_LAST_NUMBER = Lookup(
    sa.select(partition_documents.c.number)
    .where(_DOCUMENT_OF_TABLE)
    .order_by(partition_documents.c.number.desc())
    .limit(1)
)
_SCHEMA_OF = Lookup(
    sa.select(partition_documents.c.column_schema).where(
        _DOCUMENT_OF_TABLE, partition_documents.c.number == sa.bindparam("wanted")
    )
)
_DELETE_BETWEEN = sa.delete(partitions).where(
    _OF_TABLE,
    partitions.c.position > sa.bindparam("after"),
    partitions.c.position <= sa.bindparam("last"),
)
_INSERT_PARTITION = Insertion(sa.insert(partitions), partitions.c.keys())
_INSERT_DOCUMENT = Insertion(sa.insert(partition_documents), partition_documents.c.keys())
_documents = msgspec.json.Decoder()


def get(
    connection: sa.Connection, table_id: int, order: PartitionOrder, values: Sequence[str]
) -> Partition | None:
    """Return a partition, or None."""
    partitions_there = having(connection, table_id, order, [values])
    return partitions_there[0] if partitions_there else None


def having(
    connection: sa.Connection,
    table_id: int,
    order: PartitionOrder,
    all_values: Sequence[Sequence[str]],
) -> list[Partition]:
    """Return those of the partitions with these values that exist, in the order asked for."""
    positions = [position_of(order, values) for values in all_values]
    numbers = dict(_rows(connection, _AT, table_id, positions))
    places = [(position, numbers[position]) for position in positions if position in numbers]
    return at(connection, table_id, places)


def existing(
    connection: sa.Connection,
    table_id: int,
    order: PartitionOrder,
    all_values: Sequence[Sequence[str]],
) -> set[str]:
    """Return the keys (`key_of`) of those of the partitions with these values that exist."""
    positions = [position_of(order, values) for values in all_values]
    rows = _rows(connection, _AT, table_id, positions)
    return {key_of(values_of(position)) for position, _ in rows}


def at(
    connection: sa.Connection,
    table_id: int,
    places: Sequence[tuple[str, int]],
    *,
    with_columns: bool = True,
) -> list[Partition]:
    """Return partitions by their positions and numbers.

    Args:
        connection: where to read.
        table_id: the table's number.
        places: positions and numbers of partitions that exist.
        with_columns: False leaves the Columns of StorageDescriptors out, and does not read them.
    """
    rows = {row[0]: row for row in _rows(connection, _DOCUMENTS, table_id, [n for _, n in places])}
    columns: dict[bytes, bytes] = {}
    if with_columns:
        digests = (row[3] for row in rows.values() if row[3] is not None)
        columns = column_schemas.get(connection, table_id, digests)
    return [_partition(position, rows[number], columns) for position, number in places]


def insert(
    connection: sa.Connection,
    table_id: int,
    order: PartitionOrder,
    added: Sequence[Partition],
) -> None:
    """Add partitions whose values are free."""
    if not added:
        return
    last = _LAST_NUMBER.first(connection, table=table_id)
    first = 1 if last is None else last[0] + 1
    schemas, documents, rows = [], [], []
    for number, partition in enumerate(added, first):
        row, columns = _document_row(table_id, number, partition)
        documents.append(row)
        rows.append(partition_row(table_id, order, partition.values, number))
        if columns is not None:
            schemas.append(columns)
    _INSERT_DOCUMENT.run_all(connection, documents)
    _INSERT_PARTITION.run_all(connection, rows)
    column_schemas.add_uses(connection, table_id, schemas)


def replace(
    connection: sa.Connection,
    table_id: int,
    order: PartitionOrder,
    old: Sequence[str],
    changed: Partition,
) -> None:
    """Put `changed` in the place of the partition with the values `old`; its own may differ."""
    number = _number_of(connection, table_id, order, old)
    if number is None:
        return
    if list(changed.values) != list(old):
        connection.execute(
            sa.update(partitions)
            .where(*_this(table_id, order, old))
            .values(partition_row(table_id, order, changed.values, number))
        )
        connection.execute(
            sa.update(column_statistics)
            .where(*_statistics_of(table_id, old))
            .values(partition=key_of(changed.values))
        )
    row, columns = _document_row(table_id, number, changed)
    column_schemas.add_uses(connection, table_id, () if columns is None else (columns,))
    _end_use_of_columns(connection, table_id, number)
    connection.execute(
        sa.update(partition_documents).where(*_numbered(table_id, number)).values(row)
    )


def delete(
    connection: sa.Connection, table_id: int, order: PartitionOrder, values: Sequence[str]
) -> bool:
    """Delete a partition with its statistics; False where there is none."""
    number = _number_of(connection, table_id, order, values)
    if number is None:
        return False
    connection.execute(sa.delete(column_statistics).where(*_statistics_of(table_id, values)))
    connection.execute(sa.delete(partitions).where(*_this(table_id, order, values)))
    _end_use_of_columns(connection, table_id, number)
    connection.execute(sa.delete(partition_documents).where(*_numbered(table_id, number)))
    return True


def reorder(connection: sa.Connection, table_id: int, order: PartitionOrder) -> None:
    """Give the partitions of a table the order that its keys have got.

    A partition may come by twice, since it moves: the second time it lies where it belongs.
    """
    after = ""
    while places := _BEHIND.all(connection, table=table_id, after=after):
        last = places[-1][0]
        rows = [
            partition_row(table_id, order, values_of(position), number)
            for position, number in places
        ]
        connection.execute(_DELETE_BETWEEN, {"table": table_id, "after": after, "last": last})
        _INSERT_PARTITION.run_all(connection, rows)
        after = last


def _rows(
    connection: sa.Connection, query: Lookup, table_id: int, wanted: Sequence[object]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that a query of `_CHUNK` names has; it gets some of them twice if need be."""
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        padded = [*some, *[some[0]] * (_CHUNK - len(some))]
        yield from query.all(connection, table=table_id, **dict(zip(_NAMES, padded, strict=True)))


def _number_of(
    connection: sa.Connection, table_id: int, order: PartitionOrder, values: Sequence[str]
) -> int | None:
    row = _ONE.first(connection, table=table_id, wanted=position_of(order, values))
    return None if row is None else int(row[0])


def _end_use_of_columns(connection: sa.Connection, table_id: int, number: int) -> None:
    row = _SCHEMA_OF.first(connection, table=table_id, wanted=number)
    if row is not None and row[0] is not None:
        column_schemas.end_use(connection, table_id, row[0])


def _this(table_id: int, order: PartitionOrder, values: Sequence[str]) -> tuple[Any, Any]:
    position = position_of(order, values)
    return partitions.c.table_id == table_id, partitions.c.position == position


def _numbered(table_id: int, number: int) -> tuple[Any, Any]:
    return partition_documents.c.table_id == table_id, partition_documents.c.number == number


def _statistics_of(table_id: int, values: Sequence[str]) -> tuple[Any, Any]:
    return (
        column_statistics.c.table_id == table_id,
        column_statistics.c.partition == key_of(values),
    )


def _document_row(
    table_id: int, number: int, partition: Partition
) -> tuple[dict[str, Any], bytes | None]:
    """Return a row of `partition_documents`, and the columns that are kept elsewhere, as JSON."""
    document, columns = partition.document, None
    descriptor = document.get("StorageDescriptor", {})
    if "Columns" in descriptor:
        columns = msgspec.json.encode(descriptor["Columns"])
        rest = {name: value for name, value in descriptor.items() if name != "Columns"}
        document = {**document, "StorageDescriptor": rest}
    row = {
        "table_id": table_id,
        "number": number,
        "created": partition.created,
        "column_schema": None if columns is None else column_schemas.digest_of(columns),
        "document": msgspec.json.encode(document),
    }
    return row, columns


def _partition(position: str, row: tuple[Any, ...], columns: dict[bytes, bytes]) -> Partition:
    _, created, text, digest = row
    document = _documents.decode(text)
    if digest in columns:
        document["StorageDescriptor"]["Columns"] = msgspec.Raw(columns[digest])
    return Partition(values=values_of(position), created=created, document=document)
