from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from glueball.stores.catalog import column_schemas as column_schemas_store
from glueball.stores.catalog import partitions, tables
from glueball.stores.catalog.partition_rows import Partition, values_of
from glueball.stores.catalog.partition_search import PartitionSearch
from glueball.stores.catalog.schema import column_schemas, partition_documents
from glueball.stores.catalog.tables import CatalogTable
from stores.catalog.made import a_database, a_partition, a_table


@pytest.fixture
def table(connection: sa.Connection) -> CatalogTable:
    a_database(connection)
    return a_table(connection)


def test_a_partition_comes_back(connection: sa.Connection, table: CatalogTable) -> None:
    descriptor = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://b/"}
    made = a_partition("2024", StorageDescriptor=descriptor, Parameters={"k": "v"})
    insert(connection, table, made)
    found: Any = partitions.get(connection, table.id, table.partition_order, ["2024"])
    assert msgspec.json.decode(msgspec.json.encode(found.document)) == made.document
    assert (found.values, found.created) == (["2024"], 3.0)
    assert isinstance(found.document["StorageDescriptor"]["Columns"], msgspec.Raw)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a,b"], ["a", "b"]),
        (['a","b'], ["a", "b"]),
        (["a/b"], ["a", "b"]),
        (["A"], ["a"]),
        (["ä"], ["a\u0308"]),
        (["1"], ["01"]),
        ([" "], [""]),
    ],
)
def test_values_that_differ_are_partitions_that_differ(
    connection: sa.Connection, table: CatalogTable, one: list[str], other: list[str]
) -> None:
    place = (connection, table.id, table.partition_order)
    insert(connection, table, a_partition(*one))
    assert partitions.get(*place, other) is None
    insert(connection, table, a_partition(*other))
    assert partitions.delete(*place, one)
    assert not partitions.delete(*place, one)
    assert partitions.get(*place, other) is not None


def test_values_are_given_once(connection: sa.Connection, table: CatalogTable) -> None:
    insert(connection, table)
    insert(connection, table, a_partition("2024"))
    with pytest.raises(sa.exc.IntegrityError):
        insert(connection, table, a_partition("2024"))


def test_as_many_are_found_as_are_asked_for(connection: sa.Connection, table: CatalogTable) -> None:
    insert(connection, table, *(a_partition(str(number)) for number in range(1200)))
    wanted = [[str(number)] for number in range(1500, -1, -1)]
    found = partitions.having(connection, table.id, table.partition_order, wanted)
    assert [one.values[0] for one in found] == [str(number) for number in range(1199, -1, -1)]


def columns_of(connection: sa.Connection, table: CatalogTable, year: str) -> Any:
    found = partitions.get(connection, table.id, table.partition_order, [year])
    assert found is not None
    return msgspec.json.decode(found.document["StorageDescriptor"]["Columns"])


def test_columns_are_kept_once_and_as_long_as_a_partition_has_them(
    connection: sa.Connection, table: CatalogTable
) -> None:
    old, new = [{"Name": "a", "Type": "int"}], [{"Name": "b", "Type": "int"}]
    years = [str(year) for year in range(2000, 2010)]
    insert(
        connection,
        table,
        *(a_partition(year, StorageDescriptor={"Columns": old}) for year in years),
    )
    uses = sa.select(column_schemas.c.uses)
    assert connection.execute(uses).scalars().all() == [10]
    place = (connection, table.id, table.partition_order)
    for year in years[:4]:
        changed = a_partition(year, StorageDescriptor={"Columns": new})
        partitions.replace(*place, [year], changed)
        partitions.replace(*place, [year], changed)
    assert sorted(connection.execute(uses).scalars()) == [4, 6]
    assert (columns_of(connection, table, "2003"), columns_of(connection, table, "2004")) == (
        new, old,
    )  # fmt: skip
    for year in years:
        partitions.delete(*place, [year])
    assert connection.execute(uses).all() == []
    assert connection.execute(sa.select(partition_documents.c.number)).all() == []


def test_partitions_are_read_without_their_columns(
    connection: sa.Connection, table: CatalogTable
) -> None:
    descriptor = {"Columns": [{"Name": "a"}], "Location": "s3://b/"}
    insert(connection, table, a_partition("2024", StorageDescriptor=descriptor))
    places = PartitionSearch(connection, table.id, table.partition_order).page(after="", limit=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(column_schemas_store, "get")  # it is not even looked at
        (lean,) = partitions.at(connection, table.id, places, with_columns=False)
    assert lean.document == {"StorageDescriptor": {"Location": "s3://b/"}}


def test_partitions_move_where_the_types_of_their_keys_change(
    connection: sa.Connection, table: CatalogTable
) -> None:
    years = [str(year) for year in range(1, 3001)]
    insert(connection, table, *(a_partition(year) for year in years))
    for type_name, in_order in (("string", sorted(years)), ("int", years)):
        current = tables.get(connection, "db", "t")
        assert current is not None
        document = {"PartitionKeys": [{"Name": "year", "Type": type_name}]}
        changed = replace(current, document=document)
        tables.replace(connection, current, changed)
        order = changed.partition_order
        search = PartitionSearch(connection, table.id, order)
        places = search.page(after="", limit=4000)
        assert [values_of(position)[0] for position, _ in places] == in_order
        found = partitions.having(connection, table.id, order, [[year] for year in years])
        assert [each.values[0] for each in found] == years


def insert(connection: sa.Connection, table: CatalogTable, *added: Partition) -> None:
    partitions.insert(connection, table.id, table.partition_order, added)
