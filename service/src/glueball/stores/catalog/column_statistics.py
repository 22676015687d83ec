"""Statistics of columns, of a table or of one partition, as clients counted them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.stores.catalog.schema import column_statistics as statistics


def having(
    connection: sa.Connection, table_id: int, partition: str, columns: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Return AWS's `ColumnStatistics` shapes of those of `columns` that have them, by column.

    Args:
        connection: where to look.
        table_id: the table's number.
        partition: the partition's key; "" for the table itself.
        columns: names in lower case, a hundred at most.
    """
    query = sa.select(statistics.c.column_name, statistics.c.document).where(
        *_of(table_id, partition), statistics.c.column_name.in_(columns)
    )
    return {name: msgspec.json.decode(text) for name, text in connection.execute(query)}


def put(
    connection: sa.Connection, table_id: int, partition: str, column: str, shape: Mapping[str, Any]
) -> None:
    """Keep a column's statistics, in the place of those it has."""
    delete(connection, table_id, partition, column)
    row = {
        "table_id": table_id,
        "partition": partition,
        "column_name": column,
        "document": msgspec.json.encode(shape),
    }
    connection.execute(sa.insert(statistics).values(row))


def delete(connection: sa.Connection, table_id: int, partition: str, column: str) -> bool:
    """Forget a column's statistics; False where it has none."""
    query = sa.delete(statistics).where(
        *_of(table_id, partition), statistics.c.column_name == column
    )
    return connection.execute(query).rowcount > 0


def _of(table_id: int, partition: str) -> tuple[Any, Any]:
    return statistics.c.table_id == table_id, statistics.c.partition == partition
