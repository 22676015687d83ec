from __future__ import annotations

from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import jobs, tags
from glueball.core.errors import EntityNotFound, IdempotentParameterMismatch, InvalidInput
from glueball.stores import bookmarks
from support.runs import BASE_TIME

_COMMAND: dict[str, Any] = {"Name": "glueetl", "ScriptLocation": "s3://scripts/etl.py"}


def create(context: Context, name: str, **members: Any) -> None:
    request: Any = {"Name": name, "Role": "GlueJobRole", "Command": dict(_COMMAND), **members}
    assert jobs.create_job(context, request) == {"Name": name}


def test_a_job_comes_back_with_its_defaults(context: Context) -> None:
    create(context, "etl", Description="daily")
    job = jobs.get_job(context, {"JobName": "etl"})["Job"]
    assert job["Name"] == "etl"
    assert job["Description"] == "daily"
    assert job["CreatedOn"] == job["LastModifiedOn"] == BASE_TIME
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}


def test_a_name_is_given_once(context: Context) -> None:
    create(context, "etl", MaxRetries=1)
    create(context, "etl", MaxRetries=1)  # a client that lost the answer asks again
    with pytest.raises(IdempotentParameterMismatch, match="different configuration"):
        create(context, "etl", MaxRetries=2)
    assert jobs.get_job(context, {"JobName": "etl"})["Job"]["MaxRetries"] == 1


def test_missing_jobs_are_named(context: Context) -> None:
    with pytest.raises(EntityNotFound, match="Job with name: none not found"):
        jobs.get_job(context, {"JobName": "none"})
    with pytest.raises(EntityNotFound):
        jobs.update_job(context, {"JobName": "none", "JobUpdate": {}})


def test_update_replaces_the_definition(context: Context) -> None:
    create(context, "etl", MaxRetries=2, WorkerType="G.1X", NumberOfWorkers=4)
    assert jobs.update_job(context, {"JobName": "etl", "JobUpdate": {"ExecutionClass": "FLEX"}})
    job = jobs.get_job(context, {"JobName": "etl"})["Job"]
    assert (job["ExecutionClass"], job["MaxRetries"]) == ("FLEX", 0)
    assert job["Command"] == _COMMAND


def test_pages_hold_every_job_once(context: Context) -> None:
    names = [f"job-{number:03}" for number in range(25)]
    for name in reversed(names):
        create(context, name)
    seen: list[str] = []
    request: Any = {"MaxResults": 10}
    while True:
        page = jobs.get_jobs(context, request)
        seen += [job["Name"] for job in page["Jobs"]]
        if "NextToken" not in page:
            break
        request = {"MaxResults": 10, "NextToken": page["NextToken"]}
    assert seen == names


@pytest.mark.parametrize("token", ["garbage", "", "W10=", "ä", "WyJMaXN0Sm9icyIsIiIsImEiXQ=="])
def test_tokens_that_are_not_ours_are_refused(context: Context, token: str) -> None:
    create(context, "etl")
    if token == "":  # an empty token is none
        assert jobs.get_jobs(context, {"NextToken": token})["Jobs"]
        return
    with pytest.raises(InvalidInput, match="NextToken"):
        jobs.get_jobs(context, {"NextToken": token})


def test_batch_get_names_what_is_missing(context: Context) -> None:
    create(context, "a")
    answer = jobs.batch_get_jobs(context, {"JobNames": ["b", "a"]})
    assert [job["Name"] for job in answer["Jobs"]] == ["a"]
    assert answer["JobsNotFound"] == ["b"]


def test_batch_get_takes_as_many_names_as_a_request_holds(context: Context) -> None:
    create(context, "job-2500")
    names = [f"job-{number}" for number in range(300_000)]
    answer = jobs.batch_get_jobs(context, {"JobNames": names})
    assert [job["Name"] for job in answer["Jobs"]] == ["job-2500"]
    assert len(answer["JobsNotFound"]) == 299_999


def test_tags_select_jobs(context: Context) -> None:
    create(context, "etl", Tags={"team": "sales", "env": "prod"})
    create(context, "other", Tags={"team": "sales"})
    assert jobs.list_jobs(context, {})["JobNames"] == ["etl", "other"]
    assert jobs.list_jobs(context, {"Tags": {"team": "sales", "env": "prod"}}) == {
        "JobNames": ["etl"]
    }


def test_jobs_selected_by_tags_come_in_pages(context: Context) -> None:
    for name in ("c", "a", "b"):
        create(context, name, Tags={"team": "sales"})
    first = jobs.list_jobs(context, {"Tags": {"team": "sales"}, "MaxResults": 2})
    assert first["JobNames"] == ["a", "b"]
    rest: Any = {"Tags": {"team": "sales"}, "NextToken": first["NextToken"]}
    assert jobs.list_jobs(context, rest) == {"JobNames": ["c"]}


def test_deleting_forgets_bookmark_and_tags_and_may_be_repeated(context: Context) -> None:
    create(context, "etl", Tags={"team": "sales"})
    jobs.delete_job(context, {"JobName": "etl"})
    assert jobs.delete_job(context, {"JobName": "etl"}) == {"JobName": "etl"}
    create(context, "etl")
    arn = "arn:aws:glue:us-east-1:123456789012:job/etl"
    assert tags.get_tags(context, {"ResourceArn": arn}) == {"Tags": {}}
    with context.database.read() as connection:
        assert bookmarks.latest(connection, "etl") is None
