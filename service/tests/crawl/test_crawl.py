"""Crawls of the real service: files in its S3, tables in its Data Catalog."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from support.service_process import ServiceProcess, wait_until

_ORDERS = b"id,name,price\n1,pen,2.5\n2,ink,3\n"
_PEOPLE = b'{"Name": "ann", "Age": 3, "home": {"city": "Bonn"}}\n'
_ITEM: dict[str, list[Any]] = {"sku": ["a", "b"], "name": ["pen", "ink"], "n": [1, 2]}
_SUMMARY = {
    "TABLE": {"ADD": {"Count": 3, "Details": {"names": ["items", "orders", "people"]}}},
    "PARTITION": {"ADD": {"Count": 3}},
}


def _parquet(**columns: list[Any]) -> bytes:
    written = io.BytesIO()
    parquet.write_table(pa.table(columns), written)
    return written.getvalue()


class _Shop:
    """A service with a bucket and a crawler of it."""

    def __init__(self, service: ServiceProcess) -> None:
        self._service = service
        self.s3 = service.client("s3")
        self.glue = service.client("glue")
        self.s3.create_bucket(Bucket="lake")

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket="lake", Key=f"shop/{key}", Body=body)

    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket="lake", Key=f"shop/{key}")

    def crawl(self, name: str = "nightly") -> dict[str, Any]:
        """Run a crawler; return its `CrawlerHistory`, the summary unpacked."""
        self.glue.start_crawler(Name=name)
        wait_until(
            lambda: self.glue.get_crawler(Name=name)["Crawler"]["State"] == "READY",
            seconds=60,
            what="the crawler to be READY",
        )
        crawl: dict[str, Any] = self.glue.list_crawls(CrawlerName=name)["Crawls"][0]
        summary = json.loads(crawl.get("Summary") or "{}")
        crawl["Summary"] = {
            what: {verb: json.loads(told) for verb, told in verbs.items()}
            for what, verbs in summary.items()
        }
        return crawl

    def table(self, name: str) -> dict[str, Any]:
        table: dict[str, Any] = self.glue.get_table(DatabaseName="lake", Name=name)["Table"]
        return table

    def columns(self, name: str) -> dict[str, str]:
        columns = self.table(name)["StorageDescriptor"]["Columns"]
        return {column["Name"]: column["Type"] for column in columns}

    def partitions(self, name: str) -> dict[str, dict[str, Any]]:
        answer = self.glue.get_partitions(DatabaseName="lake", TableName=name)
        return {"/".join(one["Values"]): one for one in answer["Partitions"]}

    def messages(self, name: str = "nightly") -> str:
        return "\n".join(self._service.messages("/aws-glue/crawlers", name))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Shop]:
    service = ServiceProcess(tmp_path_factory.mktemp("service") / "home").start()
    shop = _Shop(service)
    for day in ("year=2023/day=1", "year=2024/day=1", "year=2024/day=2"):
        shop.put(f"orders/{day}/a.csv", _ORDERS)
    shop.put("people/a.json", _PEOPLE)
    shop.put("items/a.parquet", _parquet(**_ITEM))
    shop.put("items/notes.bin", b"\0\1\2")
    targets = {"S3Targets": [{"Path": "s3://lake/shop"}]}
    shop.glue.create_crawler(Name="nightly", Role="r", DatabaseName="lake", Targets=targets)
    yield shop
    service.close()


def test_files_become_tables_stay_change_and_go(shop: _Shop) -> None:
    """One life of a crawler, in order: each crawl builds on the one before."""
    crawl = shop.crawl()
    assert (crawl["State"], crawl["Summary"]) == ("COMPLETED", _SUMMARY), shop.messages()
    assert shop.columns("orders") == {"id": "bigint", "name": "string", "price": "double"}
    assert shop.columns("people") == {
        "name": "string", "age": "int", "home": "struct<city:string>",
    }  # fmt: skip
    assert shop.columns("items") == {"sku": "string", "name": "string", "n": "bigint"}
    assert shop.table("orders")["PartitionKeys"] == [
        {"Name": "year", "Type": "string"}, {"Name": "day", "Type": "string"},
    ]  # fmt: skip
    partitions = shop.partitions("orders")
    assert list(partitions) == ["2023/1", "2024/1", "2024/2"]
    location = partitions["2024/2"]["StorageDescriptor"]["Location"]
    assert location == "s3://lake/shop/orders/year=2024/day=2/"
    indexes = shop.glue.get_partition_indexes(DatabaseName="lake", TableName="orders")
    (index,) = indexes["PartitionIndexDescriptorList"]
    assert index["IndexName"] == "crawler_partition_index"
    said = shop.messages()
    assert "INFO : Created table orders in database lake" in said
    assert "s3://lake/shop/items/notes.bin" in said

    assert shop.crawl()["Summary"] == {}, "nothing has changed"
    assert shop.table("orders")["VersionId"] == "0"

    shop.put("items/b.parquet", _parquet(**_ITEM, colour=["red", "blue"]))
    shop.delete("orders/year=2023/day=1/a.csv")
    shop.delete("people/a.json")
    shop.put("staff/a.json", b'{"badge": 7, "since": "2024"}\n')
    summary = shop.crawl()["Summary"]
    assert summary["TABLE"]["ADD"]["Details"]["names"] == ["staff"]
    assert sorted(summary["TABLE"]["UPDATE"]["Details"]["names"]) == ["items", "orders", "people"]
    assert summary["PARTITION"] == {"UPDATE": {"Count": 1}}
    assert shop.columns("items")["colour"] == "string"
    assert "DEPRECATED_BY_CRAWLER" in shop.table("people")["Parameters"]
    assert "DEPRECATED_BY_CRAWLER" in shop.partitions("orders")["2023/1"]["Parameters"]
    assert shop.crawl()["Summary"] == {}


def test_a_crawl_that_fails_says_why(shop: _Shop) -> None:
    targets = {"S3Targets": [{"Path": "s3://nowhere-at-all/"}]}
    shop.s3.create_bucket(Bucket="nowhere-at-all")
    shop.glue.create_crawler(Name="lost", Role="r", DatabaseName="lake", Targets=targets)
    shop.s3.delete_bucket(Bucket="nowhere-at-all")
    crawl = shop.crawl("lost")
    assert crawl["State"] == "FAILED"
    assert "There is no bucket nowhere-at-all" in crawl["ErrorMessage"]
    last = shop.glue.get_crawler(Name="lost")["Crawler"]["LastCrawl"]
    assert last["Status"] == "FAILED"
    assert "ERROR : There is no bucket nowhere-at-all" in shop.messages("lost")


def test_a_table_is_a_target(shop: _Shop, tmp_path: Path) -> None:
    shop.put("prices/day=1/a.csv", b"sku,price\na,1.5\nb,2\n")
    shop.glue.create_database(DatabaseInput={"Name": "mine"})
    table: Any = {
        "Name": "prices",
        "Description": "made by hand",
        "PartitionKeys": [{"Name": "day", "Type": "int"}],
        "Parameters": {"classification": "csv"},
        "StorageDescriptor": {"Location": "s3://lake/shop/prices/", "Columns": []},
    }
    shop.glue.create_table(DatabaseName="mine", TableInput=table)
    targets = {"CatalogTargets": [{"DatabaseName": "mine", "Tables": ["prices"]}]}
    shop.glue.create_crawler(
        Name="tables",
        Role="r",
        Targets=targets,
        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
    )
    summary = shop.crawl("tables")["Summary"]
    assert summary["TABLE"]["UPDATE"]["Details"]["names"] == ["prices"], shop.messages("tables")
    assert summary["PARTITION"] == {"ADD": {"Count": 1}}
    made = shop.glue.get_table(DatabaseName="mine", Name="prices")["Table"]
    assert made["Description"] == "made by hand"
    assert [one["Name"] for one in made["StorageDescriptor"]["Columns"]] == ["sku", "price"]
