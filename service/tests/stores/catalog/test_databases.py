from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from glueball.stores.catalog import databases, partitions, table_versions, tables
from stores.catalog.made import a_database, a_partition, a_table


def test_what_was_inserted_is_there(connection: sa.Connection) -> None:
    made = a_database(connection)
    assert databases.get(connection, "db") == made
    assert databases.get(connection, "DB") is None
    with pytest.raises(sa.exc.IntegrityError):
        databases.insert(connection, made)


def test_replacing_changes_one(connection: sa.Connection) -> None:
    made, other = a_database(connection), a_database(connection, "other")
    databases.replace(connection, replace(made, document={"LocationUri": "s3://b/"}))
    found = databases.get(connection, "db")
    assert found is not None and found.document == {"LocationUri": "s3://b/"}
    assert databases.get(connection, "other") == other


def test_pages_are_in_order_of_name(connection: sa.Connection) -> None:
    for name in ("c", "a", "b"):
        a_database(connection, name)
    assert [one.name for one in databases.page(connection, after="", limit=2)] == ["a", "b"]
    assert [one.name for one in databases.page(connection, after="b", limit=2)] == ["c"]


def test_deleting_takes_everything_in_it_along(connection: sa.Connection) -> None:
    a_database(connection)
    a_database(connection, "other")
    table, kept = a_table(connection), a_table(connection, "t", "other")
    for one in (table, kept):
        partitions.insert(connection, one.id, one.partition_order, [a_partition("2024")])
        table_versions.archive(connection, one)
    assert databases.delete(connection, "db")
    assert not databases.delete(connection, "db")
    assert tables.get(connection, "db", "t") is None
    assert partitions.get(connection, table.id, table.partition_order, ["2024"]) is None
    assert table_versions.get(connection, table, 0) is None
    assert partitions.get(connection, kept.id, kept.partition_order, ["2024"]) is not None
    assert table_versions.get(connection, kept, 0) == kept
