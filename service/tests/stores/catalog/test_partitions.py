from __future__ import annotations

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from glueball.stores.catalog import partitions
from glueball.stores.catalog.tables import CatalogTable
from stores.catalog.made import a_database, a_partition, a_table


@pytest.fixture
def table(connection: sa.Connection) -> CatalogTable:
    a_database(connection)
    return a_table(connection)


def test_a_partition_comes_back(connection: sa.Connection, table: CatalogTable) -> None:
    descriptor = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://b/"}
    made = a_partition("2024", StorageDescriptor=descriptor, Parameters={"k": "v"})
    partitions.insert(connection, table.id, [made])
    found: Any = partitions.get(connection, table.id, ["2024"])
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
    partitions.insert(connection, table.id, [a_partition(*one)])
    assert partitions.get(connection, table.id, other) is None
    partitions.insert(connection, table.id, [a_partition(*other)])
    assert partitions.delete(connection, table.id, one)
    assert not partitions.delete(connection, table.id, one)
    assert partitions.get(connection, table.id, other) is not None


def test_values_are_given_once(connection: sa.Connection, table: CatalogTable) -> None:
    partitions.insert(connection, table.id, [])
    partitions.insert(connection, table.id, [a_partition("2024")])
    with pytest.raises(sa.exc.IntegrityError):
        partitions.insert(connection, table.id, [a_partition("2024")])


def test_keys_come_in_pages(connection: sa.Connection, table: CatalogTable) -> None:
    other = a_table(connection, "other")
    partitions.insert(connection, other.id, [a_partition("2020")])
    years = [str(year) for year in range(2000, 2010)]
    partitions.insert(connection, table.id, [a_partition(year) for year in reversed(years)])
    seen: list[str] = []
    after = ""
    while page := partitions.keys(connection, table.id, after=after, limit=4):
        seen += [values[0] for _, values in page]
        after = page[-1][0]
    assert seen == years


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ([], [["a", "1"], ["a", "^"], ['a"', "1"], ["ab", "1"], ["b", "1"]]),
        (["a"], [["a", "1"], ["a", "^"]]),
        (["a", "^"], [["a", "^"]]),
        (['a"'], [['a"', "1"]]),
        (["^"], []),
        (["a", "1", "x"], []),
    ],
)
def test_keys_begin_with_what_is_asked_for(
    connection: sa.Connection,
    table: CatalogTable,
    beginning: list[str],
    expected: list[list[str]],
) -> None:
    values = [["a", "1"], ["a", "^"], ['a"', "1"], ["ab", "1"], ["b", "1"]]
    partitions.insert(connection, table.id, [a_partition(*one) for one in values])
    found = partitions.keys(connection, table.id, after="", limit=10, beginning=beginning)
    assert sorted(one for _, one in found) == sorted(expected)
    if found:
        rest = partitions.keys(
            connection, table.id, after=found[0][0], limit=10, beginning=beginning
        )
        assert rest == found[1:]


def test_as_many_are_found_as_are_asked_for(connection: sa.Connection, table: CatalogTable) -> None:
    made = [a_partition(str(number)) for number in range(1200)]
    partitions.insert(connection, table.id, made)
    wanted = [partitions.key_of([str(number)]) for number in range(1500, -1, -1)]
    found = partitions.having(connection, table.id, wanted)
    assert [one.values[0] for one in found] == [str(number) for number in range(1199, -1, -1)]
