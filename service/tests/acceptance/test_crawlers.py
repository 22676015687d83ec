"""Crawlers as people use them: the real AWS CLI, the real service, files in its S3, real crawls."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import orc

from acceptance.test_workflow_commands import counts, spark_job, start, wait_for_status
from support.service_process import ServiceProcess, answer_of, wait_until

_COMMANDS = """
aws glue create-crawler --name sales --role arn:aws:iam::123456789012:role/glue \\
    --database-name shop --targets 'S3Targets=[{Path=s3://landing/sales/}]'
aws glue start-crawler --name sales
"""
_CSV = "id,amount,item\n1,9.50,pen\n2,12.00,ink\n"
#: as people read what a crawler has found
_REPORT = """
from awsglue.context import GlueContext
from pyspark.context import SparkContext

context = GlueContext(SparkContext())
frame = context.create_dynamic_frame.from_catalog(
    database="shop", table_name="orders", push_down_predicate="day == '2'"
)
rows = sorted(row["item"] + " " + str(row["amount"]) for row in frame.toDF().collect())
print(frame.count(), rows)
for name in ("array_json", "lines_json", "columns_orc", "columns_parquet"):
    frame = context.create_dynamic_frame.from_catalog(database="shop", table_name=name)
    print(name, sorted(row["id"] for row in frame.toDF().collect()))
"""


def put(service: ServiceProcess, *keys: str, bucket: str = "landing") -> None:
    s3 = service.client("s3")
    s3.create_bucket(Bucket=bucket)
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=_CSV.encode())


def put_all_kinds(service: ServiceProcess, bucket: str) -> None:
    """Put a file of each format that a table is made of into a folder of its own."""
    table = pa.table({"id": [1, 2, 3], "name": ["a", "b", "c"]})
    parquet, orc_file = io.BytesIO(), io.BytesIO()
    pq.write_table(table, parquet)
    orc.write_table(table, orc_file)
    lines = "\n".join(map(json.dumps, table.to_pylist())).encode()
    files = {
        "array_json/a.json": json.dumps(table.to_pylist(), indent=2).encode(),
        "lines_json/a.json.gz": gzip.compress(lines),
        "columns_parquet/a.parquet": parquet.getvalue(),
        "columns_orc/a.orc": orc_file.getvalue(),
    }
    for key, body in files.items():
        service.client("s3").put_object(Bucket=bucket, Key=f"kinds/{key}", Body=body)


def last_crawl(service: ServiceProcess, name: str) -> dict[str, Any]:
    """Wait until a crawler is ready again; return its last crawl."""

    def ready() -> dict[str, Any] | None:
        crawler: dict[str, Any] = service.client("glue").get_crawler(Name=name)["Crawler"]
        return crawler if crawler["State"] == "READY" and "LastCrawl" in crawler else None

    crawl: dict[str, Any] = wait_until(ready, seconds=120, what=f"{name} to be ready")["LastCrawl"]
    return crawl


def start_sales(service: ServiceProcess) -> None:
    result = service.shell(_COMMANDS)
    assert result.returncode == 0, result.stderr


def columns(table: dict[str, Any]) -> dict[str, str]:
    return {one["Name"]: one["Type"] for one in table["StorageDescriptor"]["Columns"]}


def test_a_crawl_makes_a_table_with_partitions(service: ServiceProcess) -> None:
    put(service, "sales/day=2026-11-29/a.csv", "sales/day=2026-11-30/a.csv")
    start_sales(service)
    assert last_crawl(service, "sales")["Status"] == "SUCCEEDED"

    glue = service.client("glue")
    table = glue.get_table(DatabaseName="shop", Name="sales")["Table"]
    assert columns(table) == {"id": "bigint", "amount": "double", "item": "string"}
    assert [key["Name"] for key in table["PartitionKeys"]] == ["day"]
    partitions = answer_of(
        service.shell("aws glue get-partitions --database-name shop --table-name sales")
    )["Partitions"]
    assert sorted(one["Values"] for one in partitions) == [["2026-11-29"], ["2026-11-30"]]
    (crawl,) = answer_of(service.shell("aws glue list-crawls --crawler-name sales"))["Crawls"]
    assert crawl["State"] == "COMPLETED"
    log = "\n".join(service.messages("/aws-glue/crawlers", "sales"))
    assert crawl["CrawlId"] in log
    assert "Created table sales in database shop" in log


def test_a_crawler_and_a_job_are_links_of_one_workflow(service: ServiceProcess) -> None:
    put(service, "orders/day=1/a.csv", "orders/day=2/a.csv", bucket="orders")
    put_all_kinds(service, "orders")
    glue = service.client("glue")
    glue.create_crawler(
        Name="orders",
        Role="arn:aws:iam::123456789012:role/glue",
        DatabaseName="shop",
        Targets={"S3Targets": [{"Path": "s3://orders/orders/"}, {"Path": "s3://orders/kinds/"}]},
    )
    spark_job(service, "report", _REPORT)
    glue.create_workflow(Name="fresh")
    glue.create_trigger(
        Name="fresh-start",
        WorkflowName="fresh",
        Type="ON_DEMAND",
        Actions=[{"CrawlerName": "orders"}],
    )
    crawled = {"LogicalOperator": "EQUALS", "CrawlerName": "orders", "CrawlState": "SUCCEEDED"}
    glue.create_trigger(
        Name="fresh-report",
        WorkflowName="fresh",
        Type="CONDITIONAL",
        StartOnCreation=True,
        Predicate={"Conditions": [crawled]},
        Actions=[{"JobName": "report"}],
    )
    run = wait_for_status(service, "fresh", start(service, "fresh"), "COMPLETED")
    assert counts(run) == {"TotalActions": 2, "SucceededActions": 2}, run
    nodes = {node["Name"]: node for node in run["Graph"]["Nodes"]}
    (crawl,) = nodes["orders"]["CrawlerDetails"]["Crawls"]
    assert crawl["State"] == "SUCCEEDED"
    (report,) = nodes["report"]["JobDetails"]["JobRuns"]
    log = service.messages("/aws-glue/jobs/output", report["Id"])
    assert "2 ['ink 12.0', 'pen 9.5']" in log
    for name in ("array_json", "lines_json", "columns_orc", "columns_parquet"):
        assert f"{name} [1, 2, 3]" in log
    assert report["TriggerName"] == "fresh-report"


def test_a_crawl_that_cannot_be_done_says_why(service: ServiceProcess) -> None:
    glue, s3 = service.client("glue"), service.client("s3")
    s3.create_bucket(Bucket="nowhere")
    glue.create_crawler(
        Name="lost",
        Role="arn:aws:iam::123456789012:role/glue",
        DatabaseName="shop",
        Targets={"S3Targets": [{"Path": "s3://nowhere/at-all/"}]},
    )
    s3.delete_bucket(Bucket="nowhere")
    glue.start_crawler(Name="lost")
    last = last_crawl(service, "lost")
    assert last["Status"] == "FAILED"
    assert "There is no bucket nowhere" in last["ErrorMessage"]


def test_a_crawl_outlives_a_service_that_is_killed(fresh: ServiceProcess) -> None:
    service = fresh.start()
    put(service, *(f"sales/day={day}/a.csv" for day in range(300)))
    start_sales(service)
    wait_until(lambda: service.left_processes(), seconds=60, what="the crawl to begin")
    service.kill()
    service.start()
    assert last_crawl(service, "sales")["Status"] == "SUCCEEDED"
    pages = service.client("glue").get_paginator("get_partitions")
    found = pages.paginate(DatabaseName="shop", TableName="sales").build_full_result()
    assert len(found["Partitions"]) == 300
