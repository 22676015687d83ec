from __future__ import annotations

import contextlib
from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import crawler_schedules, crawlers, crawls, tags
from glueball.core.errors import (
    AlreadyExists,
    CrawlerRunning,
    EntityNotFound,
    InvalidInput,
    NoSchedule,
    SchedulerNotRunning,
    SchedulerRunning,
)
from glueball.stores import runs
from glueball.stores.object_errors import BucketAlreadyOwnedByYou
from glueball.stores.orchestration_tables import firings
from support.runs import BASE_TIME
from support.workflows import end

ARN = "arn:aws:glue:us-east-1:123456789012:crawler/c"
TARGETS = {"S3Targets": [{"Path": "s3://lake/sales"}]}


def create(context: Context, name: str = "c", **members: Any) -> None:
    with contextlib.suppress(BucketAlreadyOwnedByYou):
        context.objects.create_bucket("lake", region="us-east-1", now=BASE_TIME)
    request: Any = {"Name": name, "Role": "r", "DatabaseName": "sales", "Targets": TARGETS}
    crawlers.create_crawler(context, request | members)


def shown(context: Context, name: str = "c") -> dict[str, Any]:
    crawler: dict[str, Any] = crawlers.get_crawler(context, {"Name": name})["Crawler"]
    return crawler


def test_a_crawler_comes_back_as_it_was_made(context: Context) -> None:
    create(context, Description="d", TablePrefix="raw_", Configuration='{"Version":1.0}')
    assert shown(context) == {
        "Name": "c",
        "Role": "r",
        "DatabaseName": "sales",
        "Description": "d",
        "TablePrefix": "raw_",
        "Configuration": '{"Version":1.0}',
        "Classifiers": [],
        "Targets": {
            "S3Targets": [{"Path": "s3://lake/sales", "Exclusions": []}],
            "CatalogTargets": [],
            "JdbcTargets": [],
            "MongoDBTargets": [],
            "DynamoDBTargets": [],
            "DeltaTargets": [],
            "IcebergTargets": [],
            "HudiTargets": [],
        },
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
        "SchemaChangePolicy": {
            "UpdateBehavior": "UPDATE_IN_DATABASE",
            "DeleteBehavior": "DEPRECATE_IN_DATABASE",
        },
        "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
        "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
        "State": "READY",
        "CrawlElapsedTime": 0,
        "CreationTime": BASE_TIME,
        "LastUpdated": BASE_TIME,
        "Version": 1,
    }


def test_a_name_is_taken_once(context: Context) -> None:
    create(context)
    with pytest.raises(AlreadyExists, match="c already exists"):
        create(context)


def test_custom_classifiers_are_not_there(context: Context) -> None:
    with pytest.raises(InvalidInput, match="Classifier with name grok does not exist"):
        create(context, Classifiers=["grok"])
    create(context)
    request: Any = {"Name": "c", "Classifiers": ["grok"]}
    with pytest.raises(InvalidInput, match="leave Classifiers out"):
        crawlers.update_crawler(context, request)


@pytest.mark.parametrize(
    "operation",
    [
        lambda context: crawlers.update_crawler(context, {"Name": "x"}),
        lambda context: crawlers.delete_crawler(context, {"Name": "x"}),
        lambda context: crawls.start_crawler(context, {"Name": "x"}),
        lambda context: crawls.stop_crawler(context, {"Name": "x"}),
        lambda context: crawler_schedules.start_crawler_schedule(context, {"CrawlerName": "x"}),
        lambda context: crawler_schedules.stop_crawler_schedule(context, {"CrawlerName": "x"}),
        lambda context: crawler_schedules.update_crawler_schedule(context, {"CrawlerName": "x"}),
    ],
)
def test_what_is_not_there(context: Context, operation: Any) -> None:
    with pytest.raises(EntityNotFound, match="Crawler with name x does not exist"):
        operation(context)


@pytest.mark.parametrize(
    "operation",
    [
        lambda context: crawlers.get_crawler(context, {"Name": "x"}),
        lambda context: crawls.list_crawls(context, {"CrawlerName": "x"}),
    ],
)
def test_looking_a_crawler_up_that_is_not_there(context: Context, operation: Any) -> None:
    """Recorded from AWS: these two speak of an entry."""
    with pytest.raises(EntityNotFound, match=r"^Crawler entry with name x does not exist$"):
        operation(context)


_ELSEWHERE: Any = {"S3Targets": [*TARGETS["S3Targets"], {"Path": "s3://not-there/sales"}]}


def test_a_bucket_of_a_target_must_exist(context: Context) -> None:
    sentence = r"^S3 bucket not-there does not exist.$"
    with pytest.raises(InvalidInput, match=sentence):
        create(context, Targets=_ELSEWHERE)
    create(context)
    with pytest.raises(InvalidInput, match=sentence):
        crawlers.update_crawler(context, {"Name": "c", "Targets": _ELSEWHERE})
    assert shown(context)["Version"] == 1


def test_a_crawler_whose_bucket_has_gone_can_still_be_changed(context: Context) -> None:
    create(context)
    context.objects.delete_bucket("lake")
    crawlers.update_crawler(context, {"Name": "c", "Description": "d"})
    assert shown(context)["Description"] == "d"


def test_a_running_crawler_stays_as_it_is(context: Context) -> None:
    create(context)
    crawls.start_crawler(context, {"Name": "c"})
    before = shown(context)
    with pytest.raises(CrawlerRunning, match="c is running"):
        crawlers.update_crawler(context, {"Name": "c", "Description": "e"})
    with pytest.raises(CrawlerRunning, match="c is running"):
        crawlers.delete_crawler(context, {"Name": "c"})
    assert shown(context) == before
    crawls.stop_crawler(context, {"Name": "c"})
    crawlers.update_crawler(context, {"Name": "c", "Description": "e"})
    assert (shown(context)["Description"], shown(context)["Version"]) == ("e", 2)


def test_a_crawler_that_is_deleted_leaves_nothing(context: Context) -> None:
    create(context, Tags={"team": "lake"}, Schedule="rate(1 hour)")
    assert tags.get_tags(context, {"ResourceArn": ARN})["Tags"] == {"team": "lake"}
    crawlers.delete_crawler(context, {"Name": "c"})
    with pytest.raises(EntityNotFound):
        tags.get_tags(context, {"ResourceArn": ARN})
    with context.database.read() as connection:
        assert connection.execute(firings.select()).all() == []
    create(context)
    assert tags.get_tags(context, {"ResourceArn": ARN})["Tags"] == {}


def test_pages(context: Context) -> None:
    for name in "edcba":
        create(context, name)
    first = crawlers.get_crawlers(context, {"MaxResults": 2})
    assert [one["Name"] for one in first["Crawlers"]] == ["a", "b"]
    token = first["NextToken"]
    rest = crawlers.get_crawlers(context, {"MaxResults": 3, "NextToken": token})
    assert [one["Name"] for one in rest["Crawlers"]] == ["c", "d", "e"]
    assert "NextToken" not in rest
    names = crawlers.list_crawlers(context, {"MaxResults": 4})
    assert names["CrawlerNames"] == ["a", "b", "c", "d"]
    last = crawlers.list_crawlers(context, {"NextToken": names["NextToken"]})
    assert last == {"CrawlerNames": ["e"]}
    with pytest.raises(InvalidInput, match="belongs to another"):
        crawlers.list_crawlers(context, {"NextToken": token})


def test_crawlers_are_found_by_their_tags(context: Context) -> None:
    for name, team in (("a", "lake"), ("b", "sales"), ("c", "lake")):
        create(context, name, Tags={"team": team})
    found = crawlers.list_crawlers(context, {"Tags": {"team": "lake"}, "MaxResults": 1})
    assert found["CrawlerNames"] == ["a"]
    request: Any = {"Tags": {"team": "lake"}, "NextToken": found["NextToken"]}
    assert crawlers.list_crawlers(context, request) == {"CrawlerNames": ["c"]}


def test_several_by_name(context: Context) -> None:
    create(context, "a")
    answer = crawlers.batch_get_crawlers(context, {"CrawlerNames": ["x", "a"]})
    assert [one["Name"] for one in answer["Crawlers"]] == ["a"]
    assert answer["CrawlersNotFound"] == ["x"]


def test_the_last_crawl_is_shown_beside_the_one_that_runs(context: Context) -> None:
    create(context)
    crawls.start_crawler(context, {"Name": "c"})
    assert (shown(context)["State"], "LastCrawl" in shown(context)) == ("RUNNING", False)
    with context.database.write() as connection:
        run = runs.active_crawl(connection, "crawler:c")
        assert run is not None
        end(connection, context.account, run)
    last = shown(context)["LastCrawl"]
    assert last == {
        "Status": "SUCCEEDED",
        "LogGroup": "/aws-glue/crawlers",
        "LogStream": "c",
        "MessagePrefix": run.id,
        "StartTime": BASE_TIME,
    }
    crawls.start_crawler(context, {"Name": "c"})
    assert (shown(context)["State"], shown(context)["LastCrawl"]) == ("RUNNING", last)


def test_the_life_of_a_schedule(context: Context) -> None:
    create(context, Schedule="cron(15 12 * * ? *)")
    expression = {"ScheduleExpression": "cron(15 12 * * ? *)"}
    assert shown(context)["Schedule"] == {**expression, "State": "SCHEDULED"}
    with pytest.raises(SchedulerRunning):
        crawler_schedules.start_crawler_schedule(context, {"CrawlerName": "c"})
    crawler_schedules.stop_crawler_schedule(context, {"CrawlerName": "c"})
    assert shown(context)["Schedule"] == {**expression, "State": "NOT_SCHEDULED"}
    with pytest.raises(SchedulerNotRunning):
        crawler_schedules.stop_crawler_schedule(context, {"CrawlerName": "c"})
    crawler_schedules.start_crawler_schedule(context, {"CrawlerName": "c"})
    assert shown(context)["Schedule"]["State"] == "SCHEDULED"
    request: Any = {"CrawlerName": "c", "Schedule": "cron(0 3 * * ? *)"}
    crawler_schedules.update_crawler_schedule(context, request)
    assert shown(context)["Schedule"]["ScheduleExpression"] == "cron(0 3 * * ? *)"
    crawler_schedules.update_crawler_schedule(context, {"CrawlerName": "c", "Schedule": ""})
    assert "Schedule" not in shown(context)
    with pytest.raises(NoSchedule):
        crawler_schedules.start_crawler_schedule(context, {"CrawlerName": "c"})
