"""Schema 5 of the Data Catalog: partitions by the order of their values, columns kept once, and
the texts that tables are searched by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from glueball.core.partition_order import PartitionOrder
from glueball.core.table_search import search_text
from glueball.stores.catalog.column_schemas import digest_of
from glueball.stores.catalog.partition_rows import partition_row

#: partitions that are in memory at a time
_BATCH: Final = 5_000
_CREATE: Final = (
    """
    CREATE TABLE catalog_partitions (
        table_id INTEGER NOT NULL, position TEXT NOT NULL, number INTEGER NOT NULL,
        bucket SMALLINT NOT NULL, value_0 TEXT, value_1 TEXT, value_2 TEXT, value_3 TEXT,
        value_4 TEXT, value_5 TEXT, value_6 TEXT, value_7 TEXT, more_values TEXT,
        PRIMARY KEY (table_id, position),
        FOREIGN KEY(table_id) REFERENCES catalog_tables (id) ON DELETE CASCADE ) WITHOUT ROWID
    """,
    """
    CREATE TABLE catalog_partition_documents (
        table_id INTEGER NOT NULL, number INTEGER NOT NULL, created FLOAT NOT NULL,
        column_schema BLOB, document BLOB NOT NULL,
        PRIMARY KEY (table_id, number),
        FOREIGN KEY(table_id) REFERENCES catalog_tables (id) ON DELETE CASCADE ) WITHOUT ROWID
    """,
    """
    CREATE TABLE catalog_column_schemas (
        table_id INTEGER NOT NULL, digest BLOB NOT NULL, uses INTEGER NOT NULL,
        columns BLOB NOT NULL,
        PRIMARY KEY (table_id, digest),
        FOREIGN KEY(table_id) REFERENCES catalog_tables (id) ON DELETE CASCADE )
    """,
    """
    CREATE TABLE catalog_table_texts (
        table_id INTEGER NOT NULL, texts TEXT NOT NULL,
        PRIMARY KEY (table_id),
        FOREIGN KEY(table_id) REFERENCES catalog_tables (id) ON DELETE CASCADE )
    """,
    *(
        f"CREATE INDEX catalog_partitions_by_value_{place} "
        f"ON catalog_partitions (table_id, value_{place}, position) "
        f"WHERE value_{place} IS NOT NULL"
        for place in range(1, 8)
    ),
)
_PARTITION: Final = (
    "INSERT INTO catalog_partitions VALUES (:table_id, :position, :number, :bucket, :value_0, "
    ":value_1, :value_2, :value_3, :value_4, :value_5, :value_6, :value_7, :more_values)"
)
_DOCUMENT: Final = "INSERT INTO catalog_partition_documents VALUES (?, ?, ?, ?, ?)"
_SCHEMA: Final = """
    INSERT INTO catalog_column_schemas VALUES (?, ?, 1, ?)
    ON CONFLICT (table_id, digest) DO UPDATE SET uses = uses + 1
"""


def arrange_by_values(connection: sa.Connection) -> None:
    """Bring the catalog of a file of schema 4 to schema 5, if there is a catalog in it."""
    if not sa.inspect(connection).has_table("catalog_partitions"):
        return
    execute = connection.exec_driver_sql
    execute("ALTER TABLE catalog_partitions RENAME TO catalog_partitions_4")
    for statement in _CREATE:
        execute(statement)
    for table_id, database, name, text in execute(
        "SELECT id, database_name, name, document FROM catalog_tables"
    ).fetchall():
        document = msgspec.json.decode(text)
        texts = search_text({"Name": name, "DatabaseName": database, **document})
        execute("INSERT INTO catalog_table_texts VALUES (?, ?)", (table_id, texts))
        _copy(connection, table_id, PartitionOrder.of(document.get("PartitionKeys", ())))
    execute("DROP TABLE catalog_partitions_4")


def _copy(connection: sa.Connection, table_id: int, order: PartitionOrder) -> None:
    number = 0
    for rows in _batches(connection, table_id):
        partitions, documents, schemas = [], [], []
        for key, created, document, columns in rows:
            number += 1
            partitions.append(partition_row(table_id, order, msgspec.json.decode(key), number))
            digest = None if columns is None else digest_of(columns)
            documents.append((table_id, number, created, digest, document))
            if digest is not None:
                schemas.append((table_id, digest, columns))
        driver: Any = connection.connection.dbapi_connection
        driver.executemany(_PARTITION, partitions)
        driver.executemany(_DOCUMENT, documents)
        driver.executemany(_SCHEMA, schemas)


def _batches(connection: sa.Connection, table_id: int) -> Iterator[Sequence[Any]]:
    query = (
        "SELECT key, created, document, columns FROM catalog_partitions_4 "
        "WHERE table_id = ? AND key > ? ORDER BY key LIMIT ?"
    )
    after = ""
    while rows := connection.exec_driver_sql(query, (table_id, after, _BATCH)).fetchall():
        yield rows
        after = rows[-1][0]
