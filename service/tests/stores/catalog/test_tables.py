from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from glueball.stores.catalog import table_versions, tables
from stores.catalog.made import a_database, a_table


@pytest.fixture(autouse=True)
def _databases(connection: sa.Connection) -> None:
    a_database(connection)
    a_database(connection, "other")


def test_a_name_is_free_in_each_database(connection: sa.Connection) -> None:
    made, other = a_table(connection), a_table(connection, "t", "other")
    assert made.id != other.id
    assert tables.get(connection, "db", "t") == made
    assert made.partition_keys == [{"Name": "year", "Type": "int"}]
    with pytest.raises(sa.exc.IntegrityError):
        tables.insert(connection, made)


def test_there_is_no_table_without_its_database(connection: sa.Connection) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        a_table(connection, "t", "none")


def test_replacing_changes_one(connection: sa.Connection) -> None:
    made, other = a_table(connection), a_table(connection, "u")
    changed = replace(made, version=1, updated=9.0, document={"Owner": "me"})
    tables.replace(connection, made, changed)
    assert tables.get(connection, "db", "t") == changed
    assert tables.get(connection, "db", "u") == other


def test_a_number_is_never_given_twice(connection: sa.Connection) -> None:
    first = a_table(connection)
    assert tables.delete(connection, "db", "t")
    assert not tables.delete(connection, "db", "t")
    assert a_table(connection).id > first.id


def test_pages_are_of_one_database(connection: sa.Connection) -> None:
    for name in ("c", "a", "b"):
        a_table(connection, name)
    a_table(connection, "a", "other")
    page = tables.page(connection, "db", after="a", limit=10)
    assert [(table.database, table.name) for table in page] == [("db", "b"), ("db", "c")]
    assert len(tables.page(connection, "db", after="", limit=2)) == 2


def test_versions_are_what_the_table_was(connection: sa.Connection) -> None:
    table = a_table(connection)
    for version in (1, 2):
        table_versions.archive(connection, table)
        old = table
        table = replace(old, version=version, updated=float(version), document={"v": version})
        tables.replace(connection, old, table)
    older = table_versions.page(connection, table, below=table.version, limit=10)
    assert [(one.version, one.document.get("v"), one.name) for one in older] == [
        (1, 1, "t"),
        (0, None, "t"),
    ]
    assert table_versions.page(connection, table, below=1, limit=10) == older[1:]
    assert table_versions.page(connection, table, below=2, limit=1) == older[:1]
    assert table_versions.get(connection, table, 1) == older[0]
    assert table_versions.delete(connection, table, 1)
    assert not table_versions.delete(connection, table, 1)
    assert table_versions.get(connection, table, 1) is None
