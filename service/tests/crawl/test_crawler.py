from __future__ import annotations

import json
from typing import Any

import pytest

from crawl.specifications import CRAWLER
from glueball.core.s3_uri import S3Uri
from glueball.crawl.crawler import (
    DEPRECATE,
    LOG,
    UPDATE,
    Crawler,
    Policy,
    S3Target,
    TableTarget,
    read_crawler,
)
from glueball.crawl.errors import InvalidTarget

NEW_ONLY = {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}
OF_TABLES = {"CatalogTargets": [{"DatabaseName": "D", "Tables": ["T", "u"]}]}


def read(**changes: Any) -> Crawler:
    return read_crawler({**CRAWLER, **changes})


def configured(**configuration: Any) -> Policy:
    return read(Configuration=json.dumps({"Version": 1.0, **configuration})).policy


def test_a_plain_crawler() -> None:
    assert read() == Crawler(
        name="c",
        database="d",
        table_prefix="",
        s3_targets=(S3Target(place=S3Uri(bucket="data", key="a")),),
        table_targets=(),
        policy=Policy(updates=UPDATE, deletions=DEPRECATE),
    )


def test_targets_in_s3() -> None:
    given = {"Path": "s3a://data/a/", "Exclusions": ["*.tmp"], "SampleSize": 5}
    [target] = read(Targets={"S3Targets": [given]}).s3_targets
    assert target == S3Target(
        place=S3Uri(bucket="data", key="a/"), patterns=("*.tmp",), sample_size=5
    )
    assert target.exclusions.match("x.tmp")


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("s3://data", "s3://data/"),
        ("s3://data/", "s3://data/"),
        ("data/a", "s3://data/a/"),
        ("s3://data/a/", "s3://data/a/"),
        ("s3n://data/a b/c", "s3://data/a b/c/"),
    ],
)
def test_places_are_folders(path: str, base: str) -> None:
    [target] = read(Targets={"S3Targets": [{"Path": path}]}).s3_targets
    assert target.base == base


def test_targets_of_tables() -> None:
    found = read(Targets=OF_TABLES, TablePrefix="p_")
    assert found.table_targets == (
        TableTarget(database="d", table="t"),
        TableTarget(database="d", table="u"),
    )
    assert (found.s3_targets, found.table_prefix) == ((), "p_")
    # "deleted objects … are ignored", and "TableGroupingPolicy=CombineCompatibleSchemas"
    assert (found.policy.deletions, found.policy.combine) == (LOG, True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"Targets": {}}, "has no target", id="none"),
        pytest.param({"Targets": None}, "has no target", id="null"),
        pytest.param({"Targets": {"CatalogTargets": [{}]}}, "has no target", id="no tables"),
        pytest.param(
            {"Targets": {"JdbcTargets": [{}]}}, "JdbcTargets cannot be crawled here", id="others"
        ),
        pytest.param(
            {"Targets": {**OF_TABLES, "S3Targets": [{"Path": "s3://data"}]}},
            "either CatalogTargets or other targets",
            id="both",
        ),
        pytest.param(
            {"Targets": {"S3Targets": [{"Path": "http://data"}]}}, "Correct the Path", id="http"
        ),
        pytest.param({"Targets": {"S3Targets": [{}]}}, "Correct the Path", id="no path"),
        pytest.param(
            {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}}, "queue of SQS", id="events"
        ),
    ],
)
def test_what_cannot_be_crawled(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidTarget, match=says):
        read(**changes)


@pytest.mark.parametrize(
    ("configuration", "changes"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param(
            {"CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}},
            {"merge_columns": True},
            id="new columns",
        ),
        pytest.param(
            {"CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}},
            {"inherit": True},
            id="inherited",
        ),
        pytest.param(
            {"CrawlerOutput": {"Tables": {"TableThreshold": 5}}}, {"most_tables": 5}, id="threshold"
        ),
        pytest.param(
            {"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}},
            {"combine": True},
            id="combined",
        ),
        pytest.param(
            {"Grouping": {"TableLevelConfiguration": 2.0}}, {"table_level": 2}, id="level"
        ),
        pytest.param({"CreatePartitionIndex": False}, {"partition_index": False}, id="no index"),
        pytest.param({"CreatePartitionIndex": True}, {}, id="an index"),
    ],
)
def test_options(configuration: dict[str, Any], changes: dict[str, Any]) -> None:
    assert configured(**configuration) == Policy(**changes)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"Configuration": "{"}, "is not valid JSON", id="no JSON"),
        pytest.param({"Configuration": '{"Version": 2}'}, "it must be 1.0", id="another version"),
        pytest.param({"Configuration": "{}"}, "Correct the crawler's Configuration", id="none"),
    ],
)
def test_what_crawlers_may_have_that_were_defined_before_it_was_checked(
    changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidTarget, match=says):
        read(**changes)


def test_exclude_patterns_that_cannot_be_read() -> None:
    given = {"Path": "s3://data/a/", "Exclusions": ["["]}
    [target] = read(Targets={"S3Targets": [given]}).s3_targets
    with pytest.raises(InvalidTarget, match="Correct it among the target's Exclusions"):
        _ = target.exclusions


@pytest.mark.parametrize(
    ("last", "new_only"), [(None, False), (1000.0, True)], ids=["the first crawl", "a later one"]
)
def test_crawls_of_new_folders_only_add(last: float | None, new_only: bool) -> None:
    merging = {
        "Version": 1.0,
        "CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}},
    }
    found = read(
        RecrawlPolicy=NEW_ONLY, LastCrawlStarted=last, Configuration=json.dumps(merging)
    ).policy
    assert found == Policy(updates=LOG, deletions=LOG, new_folders_only=new_only)


def test_crawls_of_everything_do_so_again() -> None:
    assert not read(LastCrawlStarted=1000.0).policy.new_folders_only
