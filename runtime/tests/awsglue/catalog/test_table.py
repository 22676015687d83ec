from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import SparkSession

from awsglue._catalog.table import NULL_VALUE, Partition, Table, partition_path

ANSWER: dict[str, Any] = {
    "DatabaseName": "db",
    "Name": "t",
    "VersionId": "3",
    "CreateTime": 0,
    "Retention": 0,
    "Parameters": {"classification": "json"},
    "PartitionKeys": [{"Name": "k"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "a", "Type": "struct<x:int>"}],
        "Location": "s3://b/t/",
        "Parameters": {"classification": "csv", "sizeKey": "1"},
    },
}


def test_a_table_of_an_answer() -> None:
    table = Table.of(ANSWER)
    assert (table.full_name, table.location, table.serde) == ("db.t", "s3://b/t", "")
    assert table.parameters == {"classification": "json", "sizeKey": "1"}
    assert [field.name for field in table.schema] == ["a", "k"]


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ({"Location": "s3://b/elsewhere/"}, "s3://b/elsewhere"),
        ({}, "s3://b/t/k=x%2Fy"),
        (None, "s3://b/t/k=x%2Fy"),
    ],
)
def test_where_a_partition_is(storage: dict[str, str] | None, expected: str) -> None:
    answer = {"Values": ["x/y"], "StorageDescriptor": storage}
    assert Partition.of(answer, Table.of(ANSWER)).location == expected


def test_paths_of_partitions_are_sparks(spark: SparkSession, uri: str, folder: Any) -> None:
    values = ["plain", "a b", "ü", "100%", 'x/y:z"', "[{]}^'*?=#", "\t", "a\x7f\\", "~!@$&()+,;<>|"]
    rows = [(1, value) for value in values]
    spark.createDataFrame(rows, "n int, k string").write.partitionBy("k").json(f"{uri}/t")
    written = {path.name for path in (folder / "t").iterdir() if path.is_dir()}
    expected = {partition_path("", ["k"], (value,)).removeprefix("/") for value in values}
    assert expected == written
    assert partition_path("s3://b", ["a b", "c"], ("1", NULL_VALUE)) == (
        f"s3://b/a b=1/c={NULL_VALUE}"
    )
