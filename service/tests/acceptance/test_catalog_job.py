"""A job from table to table, as Glue Studio writes it, with a bookmark and new partitions."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from support.service_process import ServiceProcess

_SCRIPT = """
import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job

args = getResolvedOptions(sys.argv, ['JOB_NAME'])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

# Script generated for node Orders
Orders_node1 = glueContext.create_dynamic_frame.from_catalog(database="shop", table_name="orders", push_down_predicate="day > '00'", transformation_ctx="Orders_node1")

# Script generated for node Change Schema
ChangeSchema_node2 = ApplyMapping.apply(frame=Orders_node1, mappings=[("id", "bigint", "id", "long"), ("price", "double", "amount", "double"), ("day", "string", "day", "string")], transformation_ctx="ChangeSchema_node2")

# Script generated for node Amounts
Amounts_node3 = glueContext.getSink(path="s3://shop-lake/amounts/", connection_type="s3", updateBehavior="UPDATE_IN_DATABASE", partitionKeys=["day"], enableUpdateCatalog=True, transformation_ctx="Amounts_node3")
Amounts_node3.setCatalogInfo(catalogDatabase="shop", catalogTableName="amounts")
Amounts_node3.setFormat("glueparquet", compression="snappy")
Amounts_node3.writeFrame(ChangeSchema_node2)
job.commit()

print("read", ChangeSchema_node2.count())
again = glueContext.create_dynamic_frame.from_catalog(database="shop", table_name="amounts")
print("written", sorted((row.id, row.amount, row.day) for row in again.toDF().collect()))
"""  # noqa: E501 - as Glue Studio writes it

_ORDERS: Any = {
    "Name": "orders",
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"classification": "csv", "skip.header.line.count": "1"},
    "PartitionKeys": [{"Name": "day", "Type": "string"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "price", "Type": "double"}],
        "Location": "s3://shop-raw/orders/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
    },
}


def _put(service: ServiceProcess, key: str, text: str) -> None:
    body = gzip.compress(text.encode()) if key.endswith(".gz") else text.encode()
    service.client("s3").put_object(Bucket="shop-raw", Key=key, Body=body)


def _partition(service: ServiceProcess, day: str, location: str) -> None:
    service.client("glue").create_partition(
        DatabaseName="shop",
        TableName="orders",
        PartitionInput={
            "Values": [day],
            "StorageDescriptor": {**_ORDERS["StorageDescriptor"], "Location": location},
        },
    )


def _run(service: ServiceProcess) -> tuple[dict[str, Any], list[str]]:
    run_id = service.client("glue").start_job_run(JobName="orders-to-amounts")["JobRunId"]
    run = service.wait_for("orders-to-amounts", run_id, seconds=240)
    return run, service.messages("/aws-glue/jobs/output", run_id)


@pytest.fixture(scope="module")
def shop(service: ServiceProcess) -> ServiceProcess:
    """A service with the table of orders, of two days, and the job."""
    s3, glue = service.client("s3"), service.client("glue")
    for bucket in ("shop-raw", "shop-lake"):
        s3.create_bucket(Bucket=bucket)
    glue.create_database(DatabaseInput={"Name": "shop"})
    glue.create_table(DatabaseName="shop", TableInput=_ORDERS)
    _put(service, "orders/day=01/a.csv", "id,price\n1,0.5\n2,\n")
    _put(service, "elsewhere/b.csv.gz", "id,price\n3,2.5\n")
    _partition(service, "01", "s3://shop-raw/orders/day=01/")
    _partition(service, "02", "s3://shop-raw/elsewhere/")
    glue.create_job(
        Name="orders-to-amounts",
        Role="r",
        Command={
            "Name": "glueetl",
            "ScriptLocation": service.upload("scripts", "orders.py", _SCRIPT),
            "PythonVersion": "3",
        },
        DefaultArguments={"--job-bookmark-option": "job-bookmark-enable"},
    )
    return service


def test_a_table_grows_by_what_is_new(shop: ServiceProcess) -> None:
    glue = shop.client("glue")

    def partitions() -> dict[str, str]:
        answer = glue.get_partitions(DatabaseName="shop", TableName="amounts")
        return {
            one["Values"][0]: one["StorageDescriptor"]["Location"] for one in answer["Partitions"]
        }

    run, output = _run(shop)
    assert run["JobRunState"] == "SUCCEEDED", run
    assert output == ["read 3", "written [(1, 0.5, '01'), (2, None, '01'), (3, 2.5, '02')]"]
    table = glue.get_table(DatabaseName="shop", Name="amounts")["Table"]
    assert table["Parameters"] == {
        "classification": "parquet",
        "useGlueParquetWriter": "true",
        "CreatedByJob": "orders-to-amounts",
        "CreatedByJobRun": run["Id"],
    }
    columns = table["StorageDescriptor"]["Columns"]
    assert [(one["Name"], one["Type"]) for one in columns] == [
        ("id", "bigint"),
        ("amount", "double"),
    ]
    place = "s3://shop-lake/amounts/day="
    assert partitions() == {"01": f"{place}01/", "02": f"{place}02/"}

    _put(shop, "orders/day=01/more.csv", "id,price\n4,4.5\n")
    _put(shop, "orders/day=03/c.csv", "id,price\n5,free\n6,6.5\n")
    _partition(shop, "03", "s3://shop-raw/orders/day=03")
    run, output = _run(shop)
    assert run["JobRunState"] == "SUCCEEDED", run
    assert output == [
        "read 3",
        "written [(1, 0.5, '01'), (2, None, '01'), (3, 2.5, '02'), (4, 4.5, '01'), "
        "(5, None, '03'), (6, 6.5, '03')]",
    ]
    assert partitions() == {"01": f"{place}01/", "02": f"{place}02/", "03": f"{place}03/"}


def test_a_table_that_is_not_there_is_named_in_the_runs_message(shop: ServiceProcess) -> None:
    script = _SCRIPT.replace('table_name="orders"', 'table_name="older"')
    shop.upload("scripts", "orders.py", script)
    run, _ = _run(shop)
    assert run["JobRunState"] == "FAILED"
    line = 1 + script.splitlines().index(next(x for x in script.splitlines() if "older" in x))
    assert run["ErrorMessage"].startswith(
        f"Error Category: RESOURCE_NOT_FOUND_ERROR; Failed Line Number: {line}; "
        "EntityNotFoundError: Table shop.older not found (EntityNotFoundException)."
    )
