from __future__ import annotations

import re
from typing import Any

import pytest

from glueball.core.crawlers import (
    Crawler,
    check_crawlable,
    define,
    start_schedule,
    stop_schedule,
    update,
    with_schedule,
)
from glueball.core.errors import (
    AwsError,
    InvalidInput,
    NoSchedule,
    SchedulerNotRunning,
    SchedulerRunning,
)

NOW = 1_700_000_000.0
S3: dict[str, Any] = {"S3Targets": [{"Path": "s3://lake/sales"}]}
TABLES: dict[str, Any] = {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}
LOG = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
ONLY_NEW = {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}


def crawler(**members: Any) -> Crawler:
    return define({"Name": "c", "Role": "r", "Targets": S3, **members}, NOW)


def test_defaults_are_those_of_aws() -> None:
    made = crawler()
    assert (made.version, made.schedule, made.next_due) == (1, None, None)
    assert made.database_name == "default"
    document = made.document
    assert document["Targets"]["S3Targets"] == [{"Path": "s3://lake/sales", "Exclusions": []}]
    assert document["Targets"]["JdbcTargets"] == []
    assert document["RecrawlPolicy"] == {"RecrawlBehavior": "CRAWL_EVERYTHING"}
    assert document["SchemaChangePolicy"] == {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
    }
    assert document["LineageConfiguration"] == {"CrawlerLineageSettings": "DISABLE"}


def test_a_part_of_a_policy_leaves_the_rest_as_it_is() -> None:
    policy = crawler(SchemaChangePolicy={"DeleteBehavior": "LOG"}).document["SchemaChangePolicy"]
    assert policy == {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"Targets": {}}, "at least one target"),
        ({"Targets": {"S3Targets": []}}, "at least one target"),
        ({"Targets": {"S3Targets": [{"Exclusions": ["a"]}]}}, "needs a Path"),
        ({"Targets": {"S3Targets": [{"Path": "lake/sales"}]}}, "s3://"),
        ({"Targets": {**S3, "CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}},
         "cannot be crawled together"),
        ({"Schedule": "cron(0 0 30 2 ? *)"}, "never fires"),
        ({"Schedule": "every night"}, "neither cron"),
        ({"Configuration": "{"}, "not valid JSON"),
        ({"RecrawlPolicy": ONLY_NEW}, "can have only LOG"),
        ({"RecrawlPolicy": ONLY_NEW, "SchemaChangePolicy": {**LOG, "UpdateBehavior":
          "UPDATE_IN_DATABASE"}}, "can have only LOG"),
        ({"RecrawlPolicy": ONLY_NEW, "Targets": TABLES, "SchemaChangePolicy": LOG},
         'RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.'),
        ({"RecrawlPolicy": ONLY_NEW, "Targets": {**S3, "JdbcTargets": [{"Path": "d"}]}},
         'RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.'),
        ({"Targets": TABLES, "SchemaChangePolicy": {"DeleteBehavior": "DELETE_FROM_DATABASE"}},
         "CatalogTargets can have only LOG DeleteBehavior value; it is DELETE_FROM_DATABASE"),
        ({"Targets": TABLES, "SchemaChangePolicy": {"DeleteBehavior": "DEPRECATE_IN_DATABASE"}},
         "CatalogTargets can have only LOG DeleteBehavior value"),
        *(({"Targets": {"S3Targets": [{"Path": "s3://lake", "SampleSize": size}]}},
           f"The SampleSize of s3://lake is {size}; it must be from 1 to 249")
          for size in (0, -1, 250)),
        ({"Targets": {"S3Targets": [{"Path": "s3://lake", "Exclusions": ["a", "["]}]}},
         "The exclude pattern '[' cannot be read"),
        *(({"DatabaseName": name}, "must be a single line of at most 255 characters")
          for name in ("d" * 256, "a\nb", "a\n", "a\0b")),
        *(({"Role": role}, "Role is empty") for role in ("", " ")),
    ],
)  # fmt: skip
def test_what_is_refused(members: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(says)):
        crawler(**members)
    before = crawler()
    with pytest.raises(InvalidInput, match=re.escape(says)):
        update(before, {"Name": "c", **members}, NOW)


def test_new_folders_are_asked_for_in_the_words_of_aws() -> None:
    with pytest.raises(InvalidInput) as raised:
        crawler(RecrawlPolicy=ONLY_NEW)
    assert str(raised.value) == (
        'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG '
        "DeleteBehavior value and LOG UpdateBehavior value."
    )


@pytest.mark.parametrize(
    ("given", "policy"),
    [
        pytest.param(
            None,
            {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"},
            id="nothing was chosen",
        ),
        pytest.param({"UpdateBehavior": "LOG"}, LOG, id="nothing was chosen for deletions"),
        pytest.param(LOG, LOG, id="what AWS asks for"),
    ],
)
def test_crawls_of_tables_delete_nothing(
    given: dict[str, str] | None, policy: dict[str, str]
) -> None:
    assert (
        crawler(Targets=TABLES, SchemaChangePolicy=given).document["SchemaChangePolicy"] == policy
    )


@pytest.mark.parametrize(
    "members",
    [
        {"DatabaseName": "d" * 255},
        {"DatabaseName": "my\tsales ü"},
        {"Targets": {"S3Targets": [{"Path": "s3://lake", "SampleSize": 1}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://lake", "SampleSize": 249}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://lake", "Exclusions": ["**/{a,b}*"]}]}},
        {"Configuration": '{"Version": 1, "CreatePartitionIndex": false}'},
        {"Configuration": ""},
    ],
)
def test_what_is_at_the_limit(members: dict[str, Any]) -> None:
    assert crawler(**members).version == 1


@pytest.mark.parametrize("path", ["s3://lake", "s3://lake/", "s3://lake/a/b", "s3://lake/a.csv"])
def test_paths_that_are_right(path: str) -> None:
    made = crawler(Targets={"S3Targets": [{"Path": path, "SampleSize": 3}]})
    assert made.document["Targets"]["S3Targets"][0]["Path"] == path


def test_only_new_folders_with_a_policy_that_logs() -> None:
    made = crawler(RecrawlPolicy=ONLY_NEW, SchemaChangePolicy=LOG)
    assert made.document["RecrawlPolicy"] == ONLY_NEW


def test_an_update_changes_what_it_names() -> None:
    before = crawler(TablePrefix="raw_", Schedule="rate(1 hour)", Description="d")
    after = update(before, {"Name": "c", "Description": "e"}, NOW + 60)
    assert (after.version, after.modified, after.created) == (2, NOW + 60, NOW)
    assert (after.document["Description"], after.document["TablePrefix"]) == ("e", "raw_")
    assert (after.schedule, after.next_due) == ("rate(1 hour)", NOW + 3600)
    timed = update(after, {"Schedule": "rate(2 hours)"}, NOW + 100)
    assert (timed.schedule, timed.next_due) == ("rate(2 hours)", NOW + 100 + 7200)
    assert update(timed, {"Schedule": ""}, NOW).schedule is None


def test_the_life_of_a_schedule() -> None:
    made = with_schedule(crawler(), "cron(0 * * * ? *)", NOW)
    assert (made.activated, made.next_due) == (NOW, 1_700_002_800.0)
    resting = stop_schedule(made)
    assert (resting.schedule, resting.activated, resting.next_due) == (made.schedule, None, None)
    assert start_schedule(resting, NOW + 3600).next_due == 1_700_006_400.0


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda: start_schedule(crawler(), NOW), NoSchedule),
        (lambda: start_schedule(crawler(Schedule="rate(1 hour)"), NOW), SchedulerRunning),
        (lambda: stop_schedule(crawler()), SchedulerNotRunning),
        (lambda: stop_schedule(stop_schedule(crawler(Schedule="rate(1 hour)"))),
         SchedulerNotRunning),
    ],
)  # fmt: skip
def test_schedules_that_are_not_so(change: Any, error: type[AwsError]) -> None:
    with pytest.raises(error):
        change()


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"Targets": {"DynamoDBTargets": [{"Path": "t"}]}}, "DynamoDBTargets can be defined"),
        ({"Targets": {**S3, "JdbcTargets": [{"Path": "d"}]}}, "JdbcTargets can be defined"),
        ({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}}, "CRAWL_EVENT_MODE"),
    ],
)
def test_what_can_be_defined_and_not_crawled(members: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        check_crawlable(crawler(**members))


def test_what_can_be_crawled() -> None:
    check_crawlable(crawler())
    check_crawlable(crawler(Targets=TABLES))
