"""Whole crawls, with objects and a catalog in memory."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from crawl.memory_catalog import MemoryCatalog
from crawl.memory_objects import MemoryObjects
from glueball.crawl.catalog import Catalog
from glueball.crawl.crawl import Means, run_crawl
from glueball.crawl.crawler import read_crawler
from glueball.crawl.errors import MissingBucket, MissingTable, TooManyTables
from glueball.crawl.log import CrawlLog
from glueball.crawl.memory import CrawlMemory
from glueball.crawl.reports import Summary

_ORDERS = b"id,name,price\n1,pen,2.5\n2,ink,3\n"
_PEOPLE = b'{"Name": "ann", "city": "Bonn", "age": 3}\n{"Name": "bob", "city": "Ulm", "age": 4}\n'


def _parquet(**columns: list[Any]) -> bytes:
    written = io.BytesIO()
    parquet.write_table(pa.table(columns), written)
    return written.getvalue()


class _World:
    """A bucket, a catalog, and a crawler that is run again and again."""

    def __init__(self, **objects: bytes) -> None:
        self.objects: dict[str, bytes] = objects
        self.catalog = MemoryCatalog()
        self.lines: list[str] = []
        self.crawls = 0
        self.memory: CrawlMemory | None = None
        self.opened: list[str] = []  #: keys of objects that the last crawl has read of

    def crawl(
        self,
        *,
        targets: Mapping[str, Any] | None = None,
        updates: str = "UPDATE_IN_DATABASE",
        deletions: str = "DEPRECATE_IN_DATABASE",
        recrawl: str = "CRAWL_EVERYTHING",
        configuration: Mapping[str, Any] | None = None,
        **members: Any,
    ) -> Summary:
        """Run the crawler; forget what was written and logged before."""
        crawler = read_crawler(
            {
                "Name": "nightly",
                "DatabaseName": "lake",
                "Targets": targets or {"S3Targets": [{"Path": "s3://lake/shop/"}]},
                "SchemaChangePolicy": {"UpdateBehavior": updates, "DeleteBehavior": deletions},
                "RecrawlPolicy": {"RecrawlBehavior": recrawl},
                "Configuration": json.dumps(configuration) if configuration else None,
                "LastCrawlStarted": 1.0 if self.crawls else None,
                **members,
            }
        )
        self.crawls += 1
        self.catalog.writes, self.catalog.archived, self.lines = [], [], []
        catalog: Catalog = self.catalog
        objects = MemoryObjects({"lake": self.objects})
        self.opened = objects.opened
        means = Means(
            objects=objects,
            memory=self.memory,
            catalog=catalog,
            log=CrawlLog("run", self.lines.append),
            run_id=f"run-{self.crawls}",
            now=1000.0 + self.crawls,
        )
        return run_crawl(crawler, means)

    def table(self, name: str) -> Mapping[str, Any]:
        table = self.catalog.table("lake", name)
        assert table is not None, sorted(self.catalog.tables("lake"))
        return table

    def values(self, table: str) -> list[str]:
        """Return the values of a table's partitions, those that are not deprecated."""
        return sorted(
            "/".join(one["Values"])
            for one in self.catalog.partitions("lake", table)
            if "DEPRECATED_BY_CRAWLER" not in one["Parameters"]
        )

    def columns(self, table: str) -> list[str]:
        return [one["Name"] for one in self.table(table)["StorageDescriptor"]["Columns"]]

    def said(self, text: str) -> bool:
        return any(text in line for line in self.lines)


def _shop() -> _World:
    days = {f"shop/orders/year=2024/day={day}/a.csv": _ORDERS for day in (1, 2)}
    return _World(**days, **{"shop/people/a.json": _PEOPLE})


def test_a_crawl_makes_tables_and_partitions_and_says_so() -> None:
    world = _shop()
    summary = world.crawl(TablePrefix="raw_")
    assert summary.document() == {
        "TablesCreated": ["raw_orders", "raw_people"],
        "TablesUpdated": [],
        "TablesDeleted": [],
        "PartitionsCreated": 2,
        "PartitionsUpdated": 0,
        "PartitionsDeleted": 0,
    }
    assert world.values("raw_orders") == ["2024/1", "2024/2"]
    assert world.catalog.indexed == {"raw_orders", "raw_people"}
    assert world.lines == [
        "[run] BENCHMARK : Running Start Crawl for Crawler nightly",
        "[run] BENCHMARK : Classification complete, writing results to database lake",
        "[run] INFO : Created database lake",
        "[run] INFO : Created table raw_orders in database lake",
        "[run] INFO : Created 2 partitions of table raw_orders",
        "[run] INFO : Created table raw_people in database lake",
        "[run] BENCHMARK : Finished writing to Catalog",
        "[run] INFO : Run Summary For TABLE:",
        "[run] INFO : ADD: 2",
        "[run] INFO : Run Summary For PARTITION:",
        "[run] INFO : ADD: 2",
    ]


def test_a_second_crawl_writes_nothing() -> None:
    world = _shop()
    world.crawl()
    assert world.crawl() == Summary()
    assert world.catalog.writes == []


def test_new_columns_of_a_file_are_merged_and_kept_as_a_version() -> None:
    world = _shop()
    item: dict[str, list[Any]] = {"sku": ["a"], "name": ["pen"], "price": [2.5]}
    world.objects["shop/items/a.parquet"] = _parquet(**item)
    world.crawl()
    world.objects["shop/items/b.parquet"] = _parquet(**item, colour=["red"])
    assert world.crawl().tables_updated == ["items"]
    assert world.columns("items") == ["sku", "name", "price", "colour"]
    assert world.catalog.archived == ["items"]
    assert world.said("Updated table items in database lake: new column colour string")


def test_more_records_refresh_statistics_without_a_version() -> None:
    world = _shop()
    world.crawl()
    world.objects["shop/people/a.json"] = _PEOPLE * 2
    assert world.crawl().tables_updated == ["people"]
    assert world.table("people")["Parameters"]["recordCount"] == "4"
    assert world.catalog.archived == []


def test_with_log_changes_are_told_and_new_tables_made() -> None:
    world = _shop()
    world.crawl()
    world.objects["shop/people/a.json"] = b'{"Name": "ann", "street": "x"}\n'
    world.objects["shop/orders/year=2024/day=3/a.csv"] = _ORDERS
    world.objects["shop/new/a.json"] = b'{"z": [1], "y": true}\n'
    summary = world.crawl(updates="LOG", deletions="LOG")
    assert (summary.tables_created, summary.partitions_created) == (["new"], 1)
    assert summary.tables_updated == []
    assert world.said("Table people in database lake has changed and is not updated: new column")


@pytest.mark.parametrize("deletions", ["DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE", "LOG"])
def test_what_is_gone_follows_the_policy(deletions: str) -> None:
    world = _shop()
    world.crawl()
    del world.objects["shop/orders/year=2024/day=2/a.csv"], world.objects["shop/people/a.json"]
    # A table that is left as it is: the level of folders stays the same.
    world.objects["shop/other/a.json"] = b'{"z": [1], "y": true}\n'
    summary = world.crawl(deletions=deletions)
    deprecated = "DEPRECATED_BY_CRAWLER"
    if deletions == "DEPRECATE_IN_DATABASE":
        assert world.table("people")["Parameters"][deprecated] == "1002000"
        assert "people" in summary.tables_updated
        assert world.values("orders") == ["2024/1"]
        assert world.crawl() == Summary(), "it is marked once"
    elif deletions == "DELETE_FROM_DATABASE":
        assert (summary.tables_deleted, summary.partitions_deleted) == (["people"], 1)
        assert sorted(world.catalog.tables("lake")) == ["orders", "other"]
    else:
        assert deprecated not in world.table("people")["Parameters"]
        assert world.said("Table people in database lake has no data any more")
        assert world.said("Partition 2024/2 has no data any more")


def test_data_that_is_back_takes_the_mark_away() -> None:
    world = _shop()
    world.crawl()
    people = world.objects.pop("shop/people/a.json")
    world.objects["shop/other/a.json"] = b'{"z": [1], "y": true}\n'
    world.crawl()
    world.objects["shop/people/a.json"] = people
    world.crawl()
    assert "DEPRECATED_BY_CRAWLER" not in world.table("people")["Parameters"]


def test_tables_of_others_are_never_deleted() -> None:
    world = _shop()
    world.crawl()
    theirs = {"Name": "theirs", "StorageDescriptor": {"Location": "s3://lake/shop/none/"}}
    world.catalog.create_table("lake", theirs)
    world.catalog.create_table("lake", {**theirs, "Name": "b", "Parameters": {
        "UPDATED_BY_CRAWLER": "another"}})  # fmt: skip
    world.catalog.create_table("lake", {"Name": "far", "StorageDescriptor": {
        "Location": "s3://far/"}, "Parameters": {"UPDATED_BY_CRAWLER": "nightly"}})  # fmt: skip
    assert world.crawl(deletions="DELETE_FROM_DATABASE").tables_deleted == []


def test_data_that_cannot_be_read_any_more_is_not_gone() -> None:
    world = _shop()
    world.crawl()
    world.objects["shop/people/a.json"] = b"\0\1\2"
    world.objects["shop/orders/year=2024/day=2/a.csv"] = b"\0\1\2"
    summary = world.crawl(deletions="DELETE_FROM_DATABASE")
    assert (summary.tables_deleted, summary.partitions_deleted) == ([], 0)


_EVERY_POLICY = pytest.mark.parametrize(
    "deletions", ["DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE", "LOG"]
)


@_EVERY_POLICY
def test_what_people_have_made_stays_though_crawls_update_it(deletions: str) -> None:
    world = _shop()
    world.catalog.make_database("lake")
    theirs = {"Name": "people", "StorageDescriptor": {"Location": "s3://lake/shop/people/"}}
    world.catalog.create_table("lake", theirs)
    assert world.crawl(deletions=deletions).tables_updated == ["people"]
    assert world.columns("people") == ["name", "city", "age"]
    assert "UPDATED_BY_CRAWLER" not in world.table("people")["Parameters"]
    del world.objects["shop/people/a.json"]
    world.objects["shop/other/a.json"] = b'{"z": [1], "y": true}\n'
    before = world.table("people")
    world.crawl(deletions=deletions)
    assert world.table("people") == before
    assert not world.said("Table people"), "it is none of the crawler's business"


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({}, id="of the same place"),
        pytest.param(
            {"targets": {"CatalogTargets": [{"DatabaseName": "lake", "Tables": ["orders"]}]}},
            id="of the table",
        ),
    ],
)
def test_a_second_crawler_takes_no_tables_from_the_first(second: dict[str, Any]) -> None:
    world = _shop()
    world.crawl()
    assert world.crawl(Name="weekly", **second) == Summary(), "only the stamp would differ"
    world.objects["shop/orders/year=2024/day=1/a.csv"] = _ORDERS + b"3,cup,1.5\n"
    world.objects["shop/orders/year=2024/day=3/a.csv"] = _ORDERS
    assert world.crawl(Name="weekly", **second).partitions_created == 1
    assert world.crawl() == Summary()
    for day in (1, 2, 3):
        del world.objects[f"shop/orders/year=2024/day={day}/a.csv"]
    world.objects["shop/orders/year=2024/day=4/a.csv"] = _ORDERS
    world.objects["shop/other/a.json"] = b'{"z": [1], "y": true}\n'
    world.crawl(deletions="DELETE_FROM_DATABASE")
    assert world.values("orders") == ["2024/3", "2024/4"], "the third is the second crawler's"
    del world.objects["shop/orders/year=2024/day=4/a.csv"]
    assert world.crawl(deletions="DELETE_FROM_DATABASE").tables_deleted == ["orders"]


def test_a_crawler_deletes_nothing_that_another_one_has_made() -> None:
    world = _shop()
    world.crawl()
    world.objects["shop/people/a.json"] = _PEOPLE * 2
    assert world.crawl(Name="weekly").tables_updated == ["people"]
    del world.objects["shop/people/a.json"]
    world.objects["shop/other/a.json"] = b'{"z": [1], "y": true}\n'
    deletions = "DELETE_FROM_DATABASE"
    assert world.crawl(Name="weekly", deletions=deletions).tables_deleted == []
    assert world.crawl(deletions=deletions).tables_deleted == ["people"]


_STRAY = "shop/orders/year=2024/day=1/manifest.csv"
_LEFT_AS_IT_IS = "Table orders in database lake is left as it is: "


@_EVERY_POLICY
def test_a_table_that_one_stray_file_splits_is_not_gone(deletions: str) -> None:
    world = _shop()
    world.crawl(deletions=deletions)
    before, partitions = world.table("orders"), world.values("orders")
    world.objects[_STRAY] = b"file,checksum,signed,by\na.csv,17,true,ann\n"
    summary = world.crawl(deletions=deletions)
    assert "orders" not in summary.tables_updated + summary.tables_deleted
    assert (world.table("orders"), world.values("orders")) == (before, partitions)
    (line,) = [line for line in world.lines if _LEFT_AS_IT_IS in line]
    assert " WARN : " in line
    assert "manifest_csv" in line
    assert "remove it, or exclude it" in line

    del world.objects[_STRAY]
    world.crawl(deletions=deletions)
    assert (world.table("orders"), world.values("orders")) == (before, partitions)
    assert not world.said(_LEFT_AS_IT_IS)


@_EVERY_POLICY
@pytest.mark.parametrize(
    ("changes", "level", "why"),
    [
        pytest.param(
            {"targets": {"S3Targets": [{"Path": "s3://lake/shop/", "Exclusions": ["orders/**"]}]}},
            "INFO",
            "excluded, hidden or of no known format",
            id="a new exclude pattern",
        ),
        pytest.param(
            {"TablePrefix": "raw_"}, "WARN", "in other tables now (raw_orders)", id="a new prefix"
        ),
    ],
)
def test_tables_that_a_change_of_the_crawler_hides_are_not_gone(
    changes: dict[str, Any], level: str, why: str, deletions: str
) -> None:
    world = _shop()
    world.objects["shop/other/a.json"] = b'{"z": [1], "y": true}\n'
    world.crawl()
    before, partitions = world.table("orders"), world.values("orders")
    summary = world.crawl(deletions=deletions, **changes)
    assert (summary.tables_deleted, summary.partitions_deleted) == ([], 0)
    assert (world.table("orders"), world.values("orders")) == (before, partitions)
    (line,) = [line for line in world.lines if _LEFT_AS_IT_IS in line]
    assert f" {level} : " in line
    assert why in line


@_EVERY_POLICY
@pytest.mark.parametrize(
    ("objects", "exclusions", "said"),
    [
        pytest.param(
            {"a.csv": b"x\n" * 5}, ["**/day=2/**"], " INFO : Table orders keeps 1", id="excluded"
        ),
        pytest.param({"_a.csv": _ORDERS}, [], " INFO : Table orders keeps 1", id="hidden"),
        pytest.param({"a.bin": b"\0\1\2"}, [], " INFO : Table orders keeps 1", id="unknown"),
        pytest.param(
            {"a.json": b'{"z": [1]}\n'}, [], " WARN : Table orders keeps 1", id="of another table"
        ),
    ],
)
def test_partitions_with_other_files_in_them_are_not_gone(
    objects: dict[str, bytes], exclusions: list[str], said: str, deletions: str
) -> None:
    world = _World(**{f"shop/orders/day={day}/a.csv": _ORDERS for day in range(1, 6)})
    world.objects["shop/people/a.json"] = _PEOPLE
    world.crawl()
    del world.objects["shop/orders/day=2/a.csv"]
    world.objects |= {f"shop/orders/day=2/{name}": body for name, body in objects.items()}
    target = {"Path": "s3://lake/shop/", "Exclusions": exclusions}
    summary = world.crawl(targets={"S3Targets": [target]}, deletions=deletions)
    assert (summary.tables_deleted, summary.partitions_deleted) == ([], 0)
    assert world.values("orders") == list("12345")
    assert world.said(f"{said} partition (2)")


@pytest.mark.parametrize(
    "left",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"shop/people/": b""}, id="the object that stands for the folder"),
        pytest.param({"shop/people/_SUCCESS": b"", "shop/people/b": b""}, id="empty files"),
        pytest.param({"shop/people2/a.json": _PEOPLE}, id="a neighbour"),
    ],
)
def test_what_is_empty_is_gone(left: dict[str, bytes]) -> None:
    world = _shop()
    world.crawl()
    del world.objects["shop/people/a.json"]
    world.objects |= {**left, "shop/other/a.json": b'{"z": [1], "y": true}\n'}
    assert world.crawl(deletions="DELETE_FROM_DATABASE").tables_deleted == ["people"]
    assert world.said("Deleted table people in database lake: its data is gone")


def test_a_table_of_the_name_that_lies_elsewhere_is_not_touched() -> None:
    world = _shop()
    world.catalog.make_database("lake")
    theirs = {"Name": "people", "StorageDescriptor": {"Location": "s3://far/people/"}}
    world.catalog.create_table("lake", theirs)
    world.crawl()
    assert world.table("people")["StorageDescriptor"]["Location"] == "s3://far/people/"
    suffixed = [name for name in world.catalog.tables("lake") if name.startswith("people_")]
    assert len(suffixed) == 1
    assert world.crawl() == Summary()


def test_files_of_an_iceberg_table_are_left_alone() -> None:
    world = _shop()
    world.catalog.make_database("lake")
    iceberg = {
        "Name": "ledger",
        "Parameters": {"table_type": "ICEBERG"},
        "StorageDescriptor": {"Location": "s3://lake/shop/people"},
    }
    world.catalog.create_table("lake", iceberg)
    assert world.crawl().tables_created == ["orders"]
    assert world.said("is part of the table at s3://lake/shop/people; it is left alone")


def test_too_many_tables_are_named_and_not_written() -> None:
    world = _shop()
    configuration = {"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": 1}}}
    with pytest.raises(TooManyTables, match="Table Threshold value = 1, Tables detected - 2"):
        world.crawl(configuration=configuration)
    assert world.said("The tables are: orders, people")
    assert world.catalog.databases == {}, "not even the database is made"
    assert world.catalog.writes == []


def test_tables_that_lie_deeper_than_asked_for_are_told_of() -> None:
    world = _shop()
    configuration = {"Version": 1.0, "Grouping": {"TableLevelConfiguration": 2}}
    assert world.crawl(configuration=configuration).tables_created == ["orders", "people"]
    assert world.said(
        "Found schemas don't match at level 2; the table is at s3://lake/shop/orders/"
    )
    configuration = {"Version": 1.0, "Grouping": {"TableLevelConfiguration": 3}}
    world.crawl(configuration=configuration)
    assert not world.said("Found schemas")


def test_levels_that_do_not_fit_the_table_are_skipped() -> None:
    world = _shop()
    world.crawl()
    for key in [key for key in world.objects if "orders" in key]:
        world.objects[key.replace("/a.csv", "/hour=1/a.csv")] = world.objects.pop(key)
    assert world.crawl() == Summary()
    assert world.said("Folder partition keys do not match table partition keys, skipped folder")


def test_targets_that_lie_in_one_another_make_a_table_once() -> None:
    world = _shop()
    paths = [{"Path": "s3://lake/shop/"}, {"Path": "s3://lake/shop/people"}]
    summary = world.crawl(targets={"S3Targets": paths})
    assert sorted(summary.tables_created) == ["orders", "people"]


def test_two_targets_are_two_tables_though_they_are_alike() -> None:
    """As crawler-s3-folder-table-partition.html says."""
    world = _World(**{"shop/t1/p1/a.csv": _ORDERS, "shop/t2/p2/a.csv": _ORDERS})
    paths = [{"Path": "s3://lake/shop/t1/"}, {"Path": "s3://lake/shop/t2"}]
    assert world.crawl(targets={"S3Targets": paths}).tables_created == ["t1", "t2"]


def test_exclude_patterns_leave_out_and_are_kept_for_jobs() -> None:
    world = _shop()
    target = {"Path": "s3://lake/shop/", "Exclusions": ["people/**"]}
    assert world.crawl(targets={"S3Targets": [target]}).tables_created == ["shop"]
    assert world.table("shop")["Parameters"]["exclusions"] == '["s3://lake/shop/people/**"]'


def test_one_object_is_a_table() -> None:
    world = _shop()
    target = {"Path": "s3://lake/shop/people/a.json"}
    assert world.crawl(targets={"S3Targets": [target]}).tables_created == ["a_json"]
    location = world.table("a_json")["StorageDescriptor"]["Location"]
    assert location == "s3://lake/shop/people/a.json"
    del world.objects["shop/people/a.json"]
    world.crawl(targets={"S3Targets": [target]})
    assert "DEPRECATED_BY_CRAWLER" in world.table("a_json")["Parameters"]


def test_a_target_without_files_is_told_of() -> None:
    world = _World()
    assert world.crawl() == Summary()
    assert world.said("There are no files at s3://lake/shop/")


def test_a_bucket_that_is_missing_fails_the_crawl() -> None:
    with pytest.raises(MissingBucket):
        _World().crawl(targets={"S3Targets": [{"Path": "s3://nowhere/"}]})


class TestNewFoldersOnly:
    _ONLY_NEW: Mapping[str, Any] = {
        "recrawl": "CRAWL_NEW_FOLDERS_ONLY", "updates": "LOG", "deletions": "LOG",
    }  # fmt: skip

    def test_new_folders_are_added_and_nothing_else_is_looked_at(self) -> None:
        world = _shop()
        assert world.crawl(**self._ONLY_NEW).tables_created == ["orders", "people"]
        world.objects["shop/people/a.json"] = b"\0\1\2"
        world.objects["shop/orders/year=2025/day=1/a.csv"] = _ORDERS
        world.objects["shop/returns/a.csv"] = _ORDERS
        summary = world.crawl(**self._ONLY_NEW)
        assert (summary.tables_created, summary.partitions_created) == (["returns"], 1)
        assert world.values("orders") == ["2024/1", "2024/2", "2025/1"]
        assert sorted(set(world.catalog.writes)) == ["create partition", "create table"]

    def test_the_next_crawl_finds_nothing_new(self) -> None:
        world = _shop()
        world.crawl(**self._ONLY_NEW)
        assert world.crawl(**self._ONLY_NEW) == Summary()

    def test_folders_with_another_schema_are_told_of(self) -> None:
        world = _shop()
        world.crawl(**self._ONLY_NEW)
        world.objects["shop/orders/year=2025/day=1/a.csv"] = b"x,y\n1,2\n"
        assert world.crawl(**self._ONLY_NEW) == Summary()
        assert world.said("Its schema is not that of the table, skipped")

    def test_the_root_of_the_target_may_be_the_table(self) -> None:
        world = _World(**{f"shop/day={day}/a.csv": _ORDERS for day in (1, 2)})
        world.crawl(**self._ONLY_NEW)
        world.objects["shop/day=3/a.csv"] = _ORDERS
        assert world.crawl(**self._ONLY_NEW).partitions_created == 1
        assert sorted(world.catalog.tables("lake")) == ["shop"]


class TestTablesAsTargets:
    _TARGETS: Mapping[str, Any] = {
        "CatalogTargets": [{"DatabaseName": "Lake", "Tables": ["Orders"]}]
    }

    def _made(self, *keys: str, **parameters: str) -> _World:
        world = _shop()
        world.catalog.make_database("lake")
        world.catalog.create_table(
            "lake",
            {
                "Name": "orders",
                "Description": "made by hand",
                "PartitionKeys": [{"Name": key, "Type": "int"} for key in keys],
                "Parameters": {"classification": "csv", **parameters},
                "StorageDescriptor": {"Location": "s3://lake/shop/orders"},
            },
        )
        return world

    def test_the_schema_and_the_partitions_are_filled_in(self) -> None:
        world = self._made("year", "day")
        summary = world.crawl(targets=self._TARGETS, deletions="LOG")
        assert (summary.tables_updated, summary.partitions_created) == (["orders"], 2)
        assert world.columns("orders") == ["id", "name", "price"]
        assert world.table("orders")["Description"] == "made by hand"
        assert world.table("orders")["PartitionKeys"][0]["Type"] == "int"
        assert world.crawl(targets=self._TARGETS) == Summary()

    def test_a_table_without_keys_holds_all_its_files(self) -> None:
        world = self._made()
        assert world.crawl(targets=self._TARGETS).partitions_created == 0
        assert world.table("orders")["Parameters"]["objectCount"] == "2"

    def test_nothing_is_deleted(self) -> None:
        world = self._made("year", "day")
        world.crawl(targets=self._TARGETS)
        del world.objects["shop/orders/year=2024/day=2/a.csv"]
        world.crawl(targets=self._TARGETS, deletions="DELETE_FROM_DATABASE")
        assert world.values("orders") == ["2024/1", "2024/2"]

    def test_what_the_table_excludes_is_left_out(self) -> None:
        world = self._made("year", "day", exclusions='["s3://lake/shop/orders/**/day=2/**"]')
        world.crawl(targets=self._TARGETS)
        assert world.values("orders") == ["2024/1"]
        exclusions = world.table("orders")["Parameters"]["exclusions"]
        assert exclusions == '["s3://lake/shop/orders/**/day=2/**"]'

    def test_files_of_another_kind_leave_the_table_as_it_is(self) -> None:
        world = self._made("year", "day", classification="parquet")
        assert world.crawl(targets=self._TARGETS) == Summary()
        assert world.said("There are no files at s3://lake/shop/orders that fit the table orders")
        assert world.said("Some files do not match the schema detected")

    @pytest.mark.parametrize(
        ("table", "why"),
        [
            (None, "does not exist"),
            ({"TableType": "VIRTUAL_VIEW"}, "cannot be crawled"),
            ({"StorageDescriptor": {"Location": "hdfs://x/"}}, "has no location in S3"),
            ({"StorageDescriptor": {}}, "has no location in S3"),
        ],
    )
    def test_tables_without_files_fail_the_crawl(
        self, table: Mapping[str, Any] | None, why: str
    ) -> None:
        world = _shop()
        world.catalog.make_database("lake")
        if table is not None:
            world.catalog.create_table("lake", {"Name": "orders", **table})
        with pytest.raises(MissingTable, match=why):
            world.crawl(targets=self._TARGETS)


_CONTENTS = st.sampled_from(
    (_ORDERS, _PEOPLE, b'{"id": 1, "z": [2]}\n', b"\0\1\2", b"a,b\nx,y\nu,v\n", b"")
)
_KEYS = st.lists(
    st.sampled_from(("a", "b", "Day=1", "day=2", "day=%31", "k=", "", "A")), max_size=3
).map(lambda folders: "/".join(("shop", *folders)))


@given(
    objects=st.dictionaries(_KEYS, _CONTENTS, max_size=6),
    later=st.dictionaries(_KEYS, _CONTENTS, max_size=4),
    updates=st.sampled_from(("UPDATE_IN_DATABASE", "LOG")),
    deletions=st.sampled_from(("DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE", "LOG")),
    combine=st.booleans(),
    merge=st.booleans(),
)
def test_crawling_again_changes_nothing_whatever_there_is(
    objects: dict[str, bytes],
    later: dict[str, bytes],
    updates: str,
    deletions: str,
    combine: bool,
    merge: bool,
) -> None:
    configuration: dict[str, Any] = {"Version": 1.0}
    if combine:
        configuration["Grouping"] = {"TableGroupingPolicy": "CombineCompatibleSchemas"}
    if merge:
        tables = {"AddOrUpdateBehavior": "MergeNewColumns"}
        configuration["CrawlerOutput"] = {"Tables": tables}
    world = _World()
    for contents in (objects, later):
        world.objects = {f"{folder}/{number}": one for number, (folder, one) in
                         enumerate(contents.items())}  # fmt: skip
        policy: dict[str, Any] = {"updates": updates, "deletions": deletions}
        policy["configuration"] = configuration
        world.crawl(**policy)
        assert world.crawl(**policy) == Summary()
        assert world.catalog.writes == []
