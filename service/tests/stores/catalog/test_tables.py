from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from glueball.stores.catalog import table_versions, tables
from stores.catalog.made import a_database, a_table
from support.queries import plans, watched


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


def filled(connection: sa.Connection) -> None:
    for number in range(2000):
        a_table(connection, f"{'sales' if number % 500 == 7 else 'other'}_{number:04}")


def test_a_prefix_of_names_is_looked_up(connection: sa.Connection) -> None:
    filled(connection)
    with watched(connection) as work:
        names = tables.names(connection, "db", after="", limit=100, prefix="sales_")
        page = tables.page(connection, "db", after=names[0], limit=100, prefix="sales_")
    assert names == ["sales_0007", "sales_0507", "sales_1007", "sales_1507"]
    assert [table.name for table in page] == names[1:]
    assert work.steps < 600  # of 2,000 tables
    lookup = "INDEX catalog_tables_by_name (database_name=? AND name>? AND name<?)"
    assert all(lookup in line for line in plans(connection, work))
    assert tables.names(connection, "db", after="sales_1507", limit=9, prefix="sales_") == []


def test_a_search_reads_definitions_of_what_it_finds_alone(connection: sa.Connection) -> None:
    filled(connection)
    with watched(connection) as work:
        first = tables.search(connection, ["other"], limit=10)
    assert [table.name for table in first] == [
        f"other_{number:04}" for number in (*range(7), 8, 9, 10)
    ]
    assert work.steps < 2_000  # it ends when the page is full
    assert not any("TEMP B-TREE" in line for line in plans(connection, work))
    found = tables.search(connection, [], names=["les", "7"], after=("db", "sales_0007"), limit=10)
    assert [table.name for table in found] == ["sales_0507", "sales_1007", "sales_1507"]
