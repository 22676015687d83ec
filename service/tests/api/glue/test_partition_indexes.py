from __future__ import annotations

from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import databases, partition_indexes, tables
from glueball.core.errors import (
    AlreadyExists,
    EntityNotFound,
    InvalidInput,
    ResourceNumberLimitExceeded,
)

_THIS: Any = {"DatabaseName": "DB", "TableName": "T"}


@pytest.fixture(autouse=True)
def _table(context: Context) -> None:
    databases.create_database(context, {"DatabaseInput": {"Name": "db"}})
    keys = [{"Name": "year", "Type": "string"}, {"Name": "Month", "Type": "int"}]
    request: Any = {
        "DatabaseName": "db",
        "TableInput": {"Name": "t", "PartitionKeys": keys},
        "PartitionIndexes": [{"IndexName": "first", "Keys": ["month"]}],
    }
    tables.create_table(context, request)


def create(context: Context, name: str, *keys: str) -> None:
    request: Any = {**_THIS, "PartitionIndex": {"IndexName": name, "Keys": list(keys)}}
    assert partition_indexes.create_partition_index(context, request) == {}


def shown(context: Context) -> Any:
    answer = partition_indexes.get_partition_indexes(context, _THIS)
    return answer["PartitionIndexDescriptorList"]


def test_indexes_are_shown_and_deleted(context: Context) -> None:
    create(context, "second", "Year", "month")
    assert shown(context) == [
        {
            "IndexName": "first",
            "Keys": [{"Name": "month", "Type": "int"}],
            "IndexStatus": "ACTIVE",
        },
        {
            "IndexName": "second",
            "Keys": [{"Name": "year", "Type": "string"}, {"Name": "month", "Type": "int"}],
            "IndexStatus": "ACTIVE",
        },
    ]
    request: Any = {**_THIS, "IndexName": "first"}
    assert partition_indexes.delete_partition_index(context, request) == {}
    with pytest.raises(EntityNotFound, match="Index first of table t not found"):
        partition_indexes.delete_partition_index(context, request)
    assert [index["IndexName"] for index in shown(context)] == ["second"]


def test_what_cannot_be_is_refused(context: Context) -> None:
    with pytest.raises(AlreadyExists, match="Index first"):
        create(context, "first", "year")
    with pytest.raises(InvalidInput, match="'day' is no partition key; there are: year, month"):
        create(context, "x", "day")
    with pytest.raises(InvalidInput, match="once"):
        create(context, "x", "year", "YEAR")
    create(context, "second", "year")
    create(context, "third", "year")
    with pytest.raises(ResourceNumberLimitExceeded, match="3 partition indexes"):
        create(context, "fourth", "year")


def test_a_table_whose_index_cannot_be_is_not_made(context: Context) -> None:
    request: Any = {
        "DatabaseName": "db",
        "TableInput": {"Name": "none"},
        "PartitionIndexes": [{"IndexName": "i", "Keys": ["year"]}],
    }
    with pytest.raises(InvalidInput, match="no partition key"):
        tables.create_table(context, request)
    with pytest.raises(EntityNotFound):
        tables.get_table(context, {"DatabaseName": "db", "Name": "none"})
