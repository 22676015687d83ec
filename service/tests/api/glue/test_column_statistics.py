from __future__ import annotations

from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import column_statistics, databases, partitions, tables
from glueball.core.errors import EntityNotFound, InvalidInput

_TABLE: Any = {"DatabaseName": "DB", "TableName": "T"}
_PARTITION: Any = {**_TABLE, "PartitionValues": ["2024"]}


@pytest.fixture(autouse=True)
def _table(context: Context) -> None:
    databases.create_database(context, {"DatabaseInput": {"Name": "db"}})
    given: Any = {
        "Name": "t",
        "PartitionKeys": [{"Name": "year", "Type": "int"}],
        "StorageDescriptor": {"Columns": [{"Name": "Id", "Type": "bigint"}, {"Name": "name"}]},
    }
    tables.create_table(context, {"DatabaseName": "db", "TableInput": given})
    made: Any = {**_TABLE, "PartitionInput": {"Values": ["2024"]}}
    partitions.create_partition(context, made)


def counted(column: str, distinct: int = 1) -> dict[str, Any]:
    data = {"NumberOfNulls": 0, "NumberOfDistinctValues": distinct}
    return {
        "ColumnName": column,
        "ColumnType": "bigint",
        "AnalyzedTime": 1.0,
        "StatisticsData": {"Type": "LONG", "LongColumnStatisticsData": data},
    }


def update(context: Context, this: Any, *shapes: dict[str, Any]) -> Any:
    operation: Any = column_statistics.update_column_statistics_for_table
    if "PartitionValues" in this:
        operation = column_statistics.update_column_statistics_for_partition
    return operation(context, {**this, "ColumnStatisticsList": list(shapes)})["Errors"]


def get(context: Context, this: Any, *columns: str) -> Any:
    operation: Any = column_statistics.get_column_statistics_for_table
    if "PartitionValues" in this:
        operation = column_statistics.get_column_statistics_for_partition
    return operation(context, {**this, "ColumnNames": list(columns)})


def test_a_table_and_its_partitions_have_their_own(context: Context) -> None:
    assert update(context, _TABLE, counted("id", 5), counted("year")) == []
    assert update(context, _PARTITION, counted("id", 2)) == []
    assert get(context, _TABLE, "ID", "name", "year") == {
        "ColumnStatisticsList": [counted("id", 5), counted("year")],
        "Errors": [
            {
                "ColumnName": "name",
                "Error": {
                    "ErrorCode": "EntityNotFoundException",
                    "ErrorMessage": "Column name of table t has no statistics.",
                },
            }
        ],
    }
    assert get(context, _PARTITION, "id")["ColumnStatisticsList"] == [counted("id", 2)]
    assert update(context, _TABLE, counted("id", 6)) == []
    assert get(context, _TABLE, "id")["ColumnStatisticsList"] == [counted("id", 6)]


def test_what_cannot_be_kept_is_named_and_the_rest_is_kept(context: Context) -> None:
    empty = {**counted("id"), "StatisticsData": {"Type": "STRING"}}
    errors = update(context, _TABLE, counted("none"), empty, counted("name"))
    assert [(e["ColumnStatistics"]["ColumnName"], e["Error"]["ErrorCode"]) for e in errors] == [
        ("none", "EntityNotFoundException"),
        ("id", "InvalidInputException"),
    ]
    found = get(context, _TABLE, "id", "name", "none")
    assert found["ColumnStatisticsList"] == [counted("name")]
    assert [error["ColumnName"] for error in found["Errors"]] == ["id", "none"]


def test_statistics_are_deleted(context: Context) -> None:
    update(context, _TABLE, counted("id"))
    update(context, _PARTITION, counted("id"))
    request: Any = {**_TABLE, "ColumnName": "ID"}
    assert column_statistics.delete_column_statistics_for_table(context, request) == {}
    assert column_statistics.delete_column_statistics_for_table(context, request) == {}
    absent: Any = {**_TABLE, "ColumnName": "none"}
    assert column_statistics.delete_column_statistics_for_table(context, absent) == {}
    request = {**_PARTITION, "ColumnName": "id"}
    assert column_statistics.delete_column_statistics_for_partition(context, request) == {}


def test_a_partitions_statistics_go_where_it_goes(context: Context) -> None:
    update(context, _PARTITION, counted("id"))
    move: Any = {**_TABLE, "PartitionValueList": ["2024"], "PartitionInput": {"Values": ["2025"]}}
    partitions.update_partition(context, move)
    moved: Any = {**_TABLE, "PartitionValues": ["2025"]}
    assert get(context, moved, "id")["ColumnStatisticsList"] == [counted("id")]
    partitions.delete_partition(context, moved)
    with pytest.raises(EntityNotFound, match="Cannot find partition"):
        get(context, moved, "id")
    again: Any = {**_TABLE, "PartitionInput": {"Values": ["2025"]}}
    partitions.create_partition(context, again)
    assert get(context, moved, "id")["ColumnStatisticsList"] == []


def test_a_partition_needs_its_values(context: Context) -> None:
    with pytest.raises(InvalidInput, match="number of partition values"):
        get(context, {**_TABLE, "PartitionValues": []}, "id")
