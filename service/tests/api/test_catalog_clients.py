"""The Data Catalog as AWS's own clients use it, against the whole service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.service_process import ServiceProcess, answer_of

_DESCRIPTOR = {
    "Columns": [{"Name": f"c{number}", "Type": "string"} for number in range(20)],
    "Location": "s3://b/t/",
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
}
_KEYS = [{"Name": "year", "Type": "string"}, {"Name": "number", "Type": "int"}]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(tmp_path_factory.mktemp("clients") / "home")
    try:
        yield process.start()
    finally:
        process.close()


@pytest.fixture(scope="module")
def glue(service: ServiceProcess) -> Any:
    return service.client("glue")


def test_the_command_line_builds_and_reads_a_catalog(service: ServiceProcess) -> None:
    result = service.shell(
        """
        aws glue create-database --database-input '{"Name": "Shop"}'
        aws glue create-table --database-name shop --table-input '{
            "Name": "Orders", "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{"Name": "year", "Type": "int"}],
            "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}],
                                  "Location": "s3://shop/orders/"}}'
        aws glue batch-create-partition --database-name shop --table-name orders \
            --partition-input-list '[{"Values": ["2022"]}, {"Values": ["2023"]}]'
        """
    )
    assert answer_of(result) == {"Errors": []}
    result = service.shell(
        """
        aws glue get-partitions --database-name shop --table-name orders \
            --expression "year >= 2023" --query "Partitions[].Values[]"
        """
    )
    assert answer_of(result) == ["2023"]
    result = service.shell("aws glue get-tables --database-name shop --query 'TableList[].Name'")
    assert answer_of(result) == ["orders"]
    result = service.shell("aws glue get-table --database-name shop --name none")
    assert "(EntityNotFoundException) when calling the GetTable operation" in result.stderr
    assert "Table none not found." in result.stderr
    result = service.shell("aws glue delete-database --name SHOP && aws glue get-databases")
    assert answer_of(result) == {"DatabaseList": []}


def test_exceptions_are_those_of_the_client(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "exceptions"})
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        glue.create_database(DatabaseInput={"Name": "exceptions"})
    glue.create_table(DatabaseName="exceptions", TableInput={"Name": "t"})
    with pytest.raises(glue.exceptions.ConcurrentModificationException):
        glue.update_table(DatabaseName="exceptions", TableInput={"Name": "t"}, VersionId="9")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_connection(Name="none")
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.get_tables(DatabaseName="exceptions", Expression="(")


def test_the_catalog_survives_kill_9(tmp_path_factory: pytest.TempPathFactory) -> None:
    service = ServiceProcess(tmp_path_factory.mktemp("killed") / "home").start()
    try:
        glue = service.client("glue")
        glue.create_database(DatabaseInput={"Name": "db"})
        table = {"Name": "t", "PartitionKeys": _KEYS}
        glue.create_table(DatabaseName="db", TableInput=table)
        glue.create_partition(
            DatabaseName="db", TableName="t", PartitionInput={"Values": ["2024", "1"]}
        )
        service.kill()
        glue = service.start().client("glue")
        (partition,) = glue.get_partitions(DatabaseName="db", TableName="t")["Partitions"]
        assert partition["Values"] == ["2024", "1"]
    finally:
        service.close()


def test_a_password_is_stored_and_in_no_log(service: ServiceProcess, glue: Any) -> None:
    properties = {"JDBC_CONNECTION_URL": "jdbc:x", "USERNAME": "u", "PASSWORD": "s3cr3tPa55"}
    given = {"Name": "pg", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    glue.create_connection(ConnectionInput=given)
    glue.update_connection(Name="pg", ConnectionInput=given)
    for broken in ({**properties, "NONE": "x"}, {**properties, "HOST": "h" * 2000}):
        with pytest.raises(ClientError) as refused:
            glue.create_connection(ConnectionInput={**given, "ConnectionProperties": broken})
        assert "s3cr3tPa55" not in str(refused.value)
    shown = glue.get_connection(Name="pg")["Connection"]
    assert shown["ConnectionProperties"] == properties
    hidden = glue.get_connection(Name="pg", HidePassword=True)
    assert "s3cr3tPa55" not in str(hidden)
    assert "s3cr3tPa55" not in service.log()
    for path in service.home.rglob("*"):
        if path.is_file() and not path.name.startswith("glueball.db"):
            assert b"s3cr3tPa55" not in path.read_bytes(), path


_TABLE = {"DatabaseName": "inputs", "TableName": "t"}


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("create_database", {}),
        ("create_database", {"DatabaseInput": {}}),
        ("create_database", {"DatabaseInput": {"Name": ""}}),
        ("create_database", {"DatabaseInput": {"Name": "a\nb"}}),
        ("create_database", {"DatabaseInput": {"Name": "x" * 256}}),
        ("create_database", {"DatabaseInput": {"Name": ["x"]}}),
        ("get_databases", {"MaxResults": 0}),
        ("get_databases", {"MaxResults": 101}),
        ("get_databases", {"NextToken": "nonsense"}),
        ("get_table", {"DatabaseName": "inputs", "Name": "none"}),
        ("get_table", {"DatabaseName": "none", "Name": "t"}),
        ("get_table", {"DatabaseName": "inputs", "Name": "t", "CatalogId": "1"}),
        ("create_table", {"DatabaseName": "inputs"}),
        ("create_table", {"DatabaseName": "inputs", "TableInput": {"Name": "t"}}),
        ("create_table", {"DatabaseName": "inputs", "TableInput": {"Name": "v",
                          "PartitionKeys": [{"Type": "int"}]}}),
        ("create_table", {"DatabaseName": "inputs", "TableInput": {"Name": "v", "Retention": -1}}),
        ("get_tables", {"DatabaseName": "inputs", "Expression": "[["}),
        ("get_tables", {"DatabaseName": "inputs", "Expression": "(" * 2000}),
        ("get_tables", {"DatabaseName": "inputs", "Expression": "x" * 2049}),
        ("update_table", {"DatabaseName": "inputs", "TableInput": {"Name": "t"},
                          "VersionId": "99999999999999999999"}),
        ("get_table_version", {**_TABLE, "VersionId": "99999999999999999999"}),
        ("get_table_version", {**_TABLE, "VersionId": "-1"}),
        ("get_table_version", {**_TABLE, "VersionId": "7"}),
        ("delete_table_version", {**_TABLE, "VersionId": "0"}),
        ("create_partition", {**_TABLE, "PartitionInput": {}}),
        ("create_partition", {**_TABLE, "PartitionInput": {"Values": ["2024"]}}),
        ("create_partition", {**_TABLE, "PartitionInput": {"Values": ["2024", ""]}}),
        ("create_partition", {**_TABLE, "PartitionInput": {"Values": ["2024", "x" * 1025]}}),
        ("create_partition", {**_TABLE, "PartitionInput": {"Values": ["2024", "\0"]}}),
        ("get_partition", {**_TABLE, "PartitionValues": []}),
        ("get_partition", {**_TABLE, "PartitionValues": ["2024", "1"]}),
        ("get_partitions", {**_TABLE, "Expression": "year ="}),
        ("get_partitions", {**_TABLE, "Expression": "none = 1"}),
        ("get_partitions", {**_TABLE, "Expression": "number = 'x'"}),
        ("get_partitions", {**_TABLE, "Expression": "(" * 2048}),
        ("get_partitions", {**_TABLE, "Expression": "number < 1e99999999999"}),
        ("get_partitions", {**_TABLE, "Expression": f"number < {'9' * 2030}x"}),
        ("get_partitions", {**_TABLE, "Expression": "year = '\ud800'"}),
        ("get_partitions", {**_TABLE, "Segment": {"SegmentNumber": 3, "TotalSegments": 3}}),
        ("get_partitions", {**_TABLE, "Segment": {"SegmentNumber": 0, "TotalSegments": 11}}),
        ("get_partitions", {**_TABLE, "NextToken": "WyJHZXRQYXJ0aXRpb25zIiwiIiwiIl0="}),
        ("batch_create_partition", {**_TABLE, "PartitionInputList": [{}] * 101}),
        ("batch_get_partition", {**_TABLE, "PartitionsToGet": [{"Values": []}]}),
        ("batch_update_partition", {**_TABLE, "Entries": []}),
        ("create_connection", {"ConnectionInput": {"Name": "x", "ConnectionType": "NONE",
                               "ConnectionProperties": {}}}),
        ("create_connection", {"ConnectionInput": {"Name": "x", "ConnectionType": "JDBC"}}),
        ("get_connections", {"Filter": {"ConnectionType": "x"}}),
    ],
    ids=str,
)  # fmt: skip
def test_invalid_inputs_are_refused(
    service: ServiceProcess, glue: Any, operation: str, request_: dict[str, Any]
) -> None:
    try:
        glue.create_database(DatabaseInput={"Name": "inputs"})
        table = {"Name": "t", "PartitionKeys": _KEYS}
        glue.create_table(DatabaseName="inputs", TableInput=table)
    except glue.exceptions.AlreadyExistsException:
        pass
    raw = service.client("glue", config=Config(parameter_validation=False))
    with pytest.raises(ClientError) as refused:
        getattr(raw, operation)(**request_)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert refused.value.response["Error"]["Message"]


def test_pages_of_many_partitions_are_quick(service: ServiceProcess, glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "many"})
    table = {"Name": "t", "PartitionKeys": _KEYS, "StorageDescriptor": _DESCRIPTOR}
    glue.create_table(DatabaseName="many", TableInput=table)
    this = {"DatabaseName": "many", "TableName": "t"}
    for start in range(0, 10_000, 100):
        given = [
            {"Values": [str(2000 + number % 25), str(number)], "StorageDescriptor": _DESCRIPTOR}
            for number in range(start, start + 100)
        ]
        assert glue.batch_create_partition(**this, PartitionInputList=given)["Errors"] == []
    began = processor_seconds(service)
    pages = glue.get_paginator("get_partitions").paginate(**this, ExcludeColumnSchema=True)
    assert sum(len(page["Partitions"]) for page in pages) == 10_000
    pages = glue.get_paginator("get_partitions").paginate(**this, Expression="number = 7777")
    assert [page["Partitions"][0]["Values"] for page in pages] == [["2002", "7777"]]
    assert processor_seconds(service) - began < 3  # a tenth of that, where nothing else runs


def processor_seconds(service: ServiceProcess) -> float:
    assert service.process is not None
    times = psutil.Process(service.process.pid).cpu_times()
    return float(times.user + times.system)
