from __future__ import annotations

from typing import Any

import pytest

from crawl.found_files import CSV, HEADLESS, JSON, PARQUET, schema
from glueball.crawl.kinds import Kind
from glueball.crawl.table_inputs import Stamp, inherited, partition_input, table_input
from glueball.crawl.tables import Contents, FoundPartition, FoundTable

_STAMP = Stamp(crawler="nightly", run_id="run-1")
_COUNTED = {
    "CRAWL_RUN_ID": "run-1",
    "CrawlerSchemaDeserializerVersion": "1.0",
    "CrawlerSchemaSerializerVersion": "1.0",
    "UPDATED_BY_CRAWLER": "nightly",
    "averageRecordSize": "12",
    "compressionType": "none",
    "objectCount": "2",
    "recordCount": "30",
    "sizeKey": "400",
    "typeOfData": "file",
}
_TEXT = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
}
_HIVE = "org.apache.hadoop.hive.ql.io"


def _contents(**members: Any) -> Contents:
    values = {
        "schema": schema("Id:int Name:string"),
        "objects": 2,
        "size": 400,
        "records": 30,
        "record_bytes": 12.4,
        **members,
    }
    return Contents(**values)


def _table(kind: Kind, *keys: str, **members: Any) -> FoundTable:
    return FoundTable(
        stem="orders",
        location="s3://lake/orders/",
        kind=kind,
        contents=_contents(**members),
        keys=keys,
    )


@pytest.mark.parametrize(
    ("found", "descriptor", "serde", "serde_parameters", "parameters"),
    [
        pytest.param(
            _table(CSV, quoted=True),
            _TEXT,
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            {"field.delim": ","},
            {
                "classification": "csv",
                "delimiter": ",",
                "areColumnsQuoted": "true",
                "columnsOrdered": "true",
                "skip.header.line.count": "1",
            },
            id="csv with a header and quotes",
        ),
        pytest.param(
            _table(HEADLESS),
            _TEXT,
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            {"field.delim": ","},
            {
                "classification": "csv",
                "delimiter": ",",
                "areColumnsQuoted": "false",
                "columnsOrdered": "true",
            },
            id="csv without a header",
        ),
        pytest.param(
            _table(JSON),
            _TEXT,
            "org.openx.data.jsonserde.JsonSerDe",
            {"paths": "Id,Name"},  # as the files spell them
            {"classification": "json"},
            id="json",
        ),
        pytest.param(
            _table(JSON, multi_line=True),
            _TEXT,
            "org.openx.data.jsonserde.JsonSerDe",
            {"paths": "Id,Name"},
            {"classification": "json", "multiLine": "true"},
            id="json with line ends in its records",
        ),
        pytest.param(
            _table(PARQUET),
            {
                "InputFormat": f"{_HIVE}.parquet.MapredParquetInputFormat",
                "OutputFormat": f"{_HIVE}.parquet.MapredParquetOutputFormat",
            },
            f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
            {"serialization.format": "1"},
            {"classification": "parquet"},
            id="parquet",
        ),
        pytest.param(
            _table(Kind(classification="orc")),
            {
                "InputFormat": f"{_HIVE}.orc.OrcInputFormat",
                "OutputFormat": f"{_HIVE}.orc.OrcOutputFormat",
            },
            f"{_HIVE}.orc.OrcSerde",
            {},
            {"classification": "orc"},
            id="orc",
        ),
        pytest.param(
            _table(Kind(classification="avro"), avro_schema='{"type":"int"}'),
            {
                "InputFormat": f"{_HIVE}.avro.AvroContainerInputFormat",
                "OutputFormat": f"{_HIVE}.avro.AvroContainerOutputFormat",
            },
            "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
            {"serialization.format": "1", "avro.schema.literal": '{"type":"int"}'},
            {"classification": "avro", "avro.schema.literal": '{"type":"int"}'},
            id="avro, with its schema in both places",
        ),
    ],
)
def test_a_table_is_described_as_aws_describes_it(
    found: FoundTable,
    descriptor: dict[str, str],
    serde: str,
    serde_parameters: dict[str, str],
    parameters: dict[str, str],
) -> None:
    document = table_input("orders", found, _STAMP)
    described = document["StorageDescriptor"]
    assert described["SerdeInfo"] == {
        "SerializationLibrary": serde,
        "Parameters": serde_parameters,
    }
    assert {name: described[name] for name in descriptor} == descriptor
    assert described["Columns"] == [
        {"Name": "id", "Type": "int"}, {"Name": "name", "Type": "string"},
    ]  # fmt: skip
    assert document["Parameters"] == described["Parameters"] == {**_COUNTED, **parameters}
    assert (document["Name"], document["TableType"], document["PartitionKeys"]) == (
        "orders", "EXTERNAL_TABLE", [],
    )  # fmt: skip


def test_packed_files_are_compressed() -> None:
    found = _table(Kind(classification="json", compression="gzip"))
    document = table_input("orders", found, _STAMP)
    assert document["StorageDescriptor"]["Compressed"] is True
    assert document["Parameters"]["compressionType"] == "gzip"


def test_partition_keys_are_strings_and_filtered_by_their_index() -> None:
    document = table_input("orders", _table(JSON, "year", "day"), _STAMP)
    assert document["PartitionKeys"] == [
        {"Name": "year", "Type": "string"}, {"Name": "day", "Type": "string"},
    ]  # fmt: skip
    assert document["Parameters"]["partition_filtering.enabled"] == "true"


def test_without_an_index_nothing_is_said_of_it() -> None:
    stamp = Stamp(crawler="nightly", run_id="run-1", filtering=False)
    document = table_input("orders", _table(JSON, "year"), stamp)
    assert "partition_filtering.enabled" not in document["Parameters"]


def test_exclude_patterns_are_kept_for_jobs() -> None:
    stamp = Stamp(crawler="nightly", run_id="run-1", exclusions=("s3://lake/**.tmp",))
    document = table_input("orders", _table(JSON), stamp)
    assert document["Parameters"]["exclusions"] == '["s3://lake/**.tmp"]'


def test_schemas_that_are_too_long_for_a_parameter_are_left_out() -> None:
    found = _table(Kind(classification="avro"), avro_schema="x" * 600_000)
    document = table_input("orders", found, _STAMP)
    assert "avro.schema.literal" not in document["Parameters"]


def _partition(found: FoundTable) -> dict[str, Any]:
    partition = FoundPartition(
        values=("2024",),
        location="s3://lake/orders/year=2024/",
        contents=_contents(schema=schema("id:bigint"), objects=1),
    )
    return partition_input(found, partition, _STAMP)


def test_a_partition_is_described_by_its_own_files() -> None:
    document = _partition(_table(JSON, "year"))
    assert document["Values"] == ["2024"]
    assert document["StorageDescriptor"]["Location"] == "s3://lake/orders/year=2024/"
    assert document["StorageDescriptor"]["Columns"] == [{"Name": "id", "Type": "bigint"}]
    assert document["Parameters"]["objectCount"] == "1"
    assert document["Parameters"] == document["StorageDescriptor"]["Parameters"]


def test_a_partition_that_inherits_has_the_columns_of_its_table() -> None:
    found = _table(JSON, "year")
    table = table_input("orders", found, _STAMP)
    document = inherited(_partition(found), table)
    assert document["StorageDescriptor"]["Columns"] == table["StorageDescriptor"]["Columns"]
    assert document["StorageDescriptor"]["Location"] == "s3://lake/orders/year=2024/"
    assert document["Parameters"]["objectCount"] == "1"
