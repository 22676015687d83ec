"""Databases, tables and partitions for tests."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from glueball.stores.catalog import databases, tables
from glueball.stores.catalog.databases import CatalogDatabase
from glueball.stores.catalog.partition_rows import Partition
from glueball.stores.catalog.tables import CatalogTable


def a_database(connection: sa.Connection, name: str = "db") -> CatalogDatabase:
    """Store a database and return it."""
    database = CatalogDatabase(name=name, created=1.0, document={"Description": "d"})
    databases.insert(connection, database)
    return database


def a_table(connection: sa.Connection, name: str = "t", database: str = "db") -> CatalogTable:
    """Store a table and return it as it is read again."""
    document = {"PartitionKeys": [{"Name": "year", "Type": "int"}]}
    table = CatalogTable(
        database=database, name=name, created=1.0, updated=2.0, created_by="arn", document=document
    )
    tables.insert(connection, table)
    found = tables.get(connection, database, name)
    assert found is not None
    return found


def a_partition(*values: str, **document: Any) -> Partition:
    """Return a partition with these values."""
    return Partition(values=list(values), created=3.0, document=document)
