from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from glueball.api import runtime
from glueball.api.context import Context
from glueball.api.glue import crawlers, crawls, jobs, triggers
from glueball.api.glue import runs as job_runs
from glueball.core.errors import (
    AccessDenied,
    CrawlerNotRunning,
    CrawlerRunning,
    CrawlerStopping,
    EntityNotFound,
    InvalidInput,
)
from glueball.core.runs import Run, RunState
from glueball.orchestration.crawls import last_crawl_started
from glueball.stores import events, runs
from support.clocks import VirtualClock
from support.contexts import call
from support.runs import BASE_TIME
from support.workflow_operations import job_states, nodes
from support.workflow_operations import shown as workflow_run_shown
from support.workflow_operations import start as start_workflow
from support.workflows import add_all, add_crawler, add_job, add_triggers, end, make_trigger

REPORT = {"TablesCreated": ["sales"], "TablesUpdated": ["a", "b"], "PartitionsCreated": 4}


def active(context: Context) -> Run:
    with context.database.read() as connection:
        run = runs.active_crawl(connection, "crawler:c")
    assert run is not None
    return run


def begin(context: Context, *, seconds: float | None = None) -> Run:
    """Start the crawler; let its first line run if it is to take some seconds."""
    crawls.start_crawler(context, {"Name": "c"})
    run = active(context)
    if seconds is not None:
        with context.database.write() as connection:
            now = context.clock.now()
            runs.start(connection, run.id, now=now, dpus=2.0, memory_mb=1, detail=None)
            starting = runs.get(connection, run.id)
            assert starting is not None
            runs.change(connection, starting, to=RunState.RUNNING, now=now, running=now)
    return active(context)


def finish(context: Context, state: RunState = RunState.SUCCEEDED) -> None:
    """Let the crawl that goes on end."""
    with context.database.write() as connection:
        end(connection, context.account, active(context), state, now=context.clock.now())


def report(context: Context, run: Run, summary: Mapping[str, Any], **changes: Any) -> None:
    request: Any = {"RunId": run.id, "Token": run.token, "Summary": summary, **changes}
    runtime.report_crawl(replace(context, call=call(run.id)), request)


def history(context: Context, **members: Any) -> list[dict[str, Any]]:
    request: Any = {"CrawlerName": "c", **members}
    found: list[dict[str, Any]] = crawls.list_crawls(context, request)["Crawls"]
    return found


@pytest.fixture(autouse=True)
def crawler(context: Context) -> None:
    with context.database.write() as connection:
        add_crawler(connection, "c")


def test_a_crawler_runs_once_at_a_time(context: Context) -> None:
    crawls.start_crawler(context, {"Name": "c"})
    with pytest.raises(CrawlerRunning, match="c has already started"):
        crawls.start_crawler(context, {"Name": "c"})


def test_a_crawl_that_waits_is_stopped_at_once(context: Context) -> None:
    with pytest.raises(CrawlerNotRunning, match="c isn't running"):
        crawls.stop_crawler(context, {"Name": "c"})
    begin(context)
    crawls.stop_crawler(context, {"Name": "c"})
    assert [crawl["State"] for crawl in history(context)] == ["STOPPED"]


def test_what_watches_a_crawl_is_told_when_it_is_stopped_while_it_waits(context: Context) -> None:
    then = make_trigger("then", after="@c:CANCELLED", starts="load")
    with context.database.write() as connection:
        add_all(connection, make_trigger("begin", starts="@c"), then, without="@c")
    run_id = start_workflow(context)
    crawls.stop_crawler(context, {"Name": "c"})
    assert job_states(workflow_run_shown(context, run_id)) == {"load": ["WAITING"]}


def test_a_crawl_that_runs_is_stopping_first(context: Context) -> None:
    begin(context, seconds=5)
    crawls.stop_crawler(context, {"Name": "c"})
    assert [crawl["State"] for crawl in history(context)] == ["RUNNING"]
    with pytest.raises(CrawlerStopping):
        crawls.stop_crawler(context, {"Name": "c"})


def test_history(context: Context) -> None:
    clock = context.clock
    assert isinstance(clock, VirtualClock)
    run = begin(context, seconds=90)
    clock.advance(90)
    report(context, run, REPORT)
    finish(context)
    (crawl,) = history(context)
    told = json.loads(crawl.pop("Summary"))
    assert json.loads(told["TABLE"]["UPDATE"])["Details"]["names"] == ["a", "b"]
    assert json.loads(told["PARTITION"]["ADD"]) == {"Count": 4}
    assert crawl == {
        "CrawlId": run.id,
        "State": "COMPLETED",
        "StartTime": BASE_TIME,
        "EndTime": BASE_TIME + 90,
        "LogGroup": "/aws-glue/crawlers",
        "LogStream": "c",
        "MessagePrefix": run.id,
        "DPUHour": 0.05,
    }


def test_history_is_read_a_page_at_a_time_and_through_filters(context: Context) -> None:
    for number in range(7):
        begin(context)
        finish(context, RunState.FAILED if number % 3 == 0 else RunState.SUCCEEDED)
    request: Any = {"CrawlerName": "c", "MaxResults": 2}
    state = {"FieldName": "STATE", "FilterOperator": "EQ", "FieldValue": "COMPLETED"}
    for filters, count in (([], 7), ([state], 4)):
        found: list[str] = []
        page: Any = {**request, "Filters": filters}
        while page is not None:
            answer = crawls.list_crawls(context, page)
            assert len(answer["Crawls"]) <= 2
            found += [crawl["CrawlId"] for crawl in answer["Crawls"]]
            token = answer.get("NextToken")
            page = None if token is None else {**page, "NextToken": token}
        assert len(found) == len(set(found)) == count
    with pytest.raises(InvalidInput, match="RUNNING, COMPLETED"):
        history(context, Filters=[{**state, "FieldValue": "x"}])


def test_a_crawl_is_found_by_the_time_that_is_shown(context: Context) -> None:
    clock = context.clock
    assert isinstance(clock, VirtualClock)
    clock.advance(0.6808207)
    begin(context)
    milliseconds = round(1000 * history(context)[0]["StartTime"])
    asked = {"FieldName": "START_TIME", "FilterOperator": "EQ", "FieldValue": str(milliseconds)}
    assert len(history(context, Filters=[asked])) == 1


def test_metrics(context: Context) -> None:
    clock = context.clock
    assert isinstance(clock, VirtualClock)
    with context.database.write() as connection:
        add_crawler(connection, "a")
    for seconds in (10, 20, 60):
        run = begin(context, seconds=seconds)
        clock.advance(seconds)
        report(context, run, REPORT)
        finish(context)
    begin(context, seconds=20)
    clock.advance(5)
    idle, busy = crawls.get_crawler_metrics(context, {})["CrawlerMetricsList"]
    assert busy == {
        "CrawlerName": "c",
        "TimeLeftSeconds": 15.0,
        "StillEstimating": False,
        "LastRuntimeSeconds": 60.0,
        "MedianRuntimeSeconds": 20.0,
        "TablesCreated": 1,
        "TablesUpdated": 2,
        "TablesDeleted": 0,
    }
    assert idle["CrawlerName"] == "a" and not any(list(idle.values())[1:])
    asked = crawls.get_crawler_metrics(context, {"CrawlerNameList": ["c", "x"]})
    assert [one["CrawlerName"] for one in asked["CrawlerMetricsList"]] == ["c"]
    first = crawls.get_crawler_metrics(context, {"MaxResults": 1})
    rest = crawls.get_crawler_metrics(context, {"NextToken": first["NextToken"]})
    assert [one["CrawlerName"] for one in rest["CrawlerMetricsList"]] == ["c"]


def test_only_the_crawl_itself_may_report(context: Context) -> None:
    run = begin(context, seconds=1)
    request: Any = {"RunId": run.id, "Token": run.token, "Summary": REPORT}
    with pytest.raises(AccessDenied, match="Only the run itself"):
        runtime.report_crawl(context, request)
    with pytest.raises(AccessDenied, match="has ended"):
        report(context, run, REPORT, Token="another")
    finish(context)
    with pytest.raises(AccessDenied, match="has ended"):
        report(context, run, REPORT)
    assert "Summary" not in history(context)[0]


def test_the_run_of_a_job_is_no_crawl(context: Context) -> None:
    with context.database.write() as connection:
        add_job(connection, "load")
    started = job_runs.start_job_run(context, {"JobName": "load"})["JobRunId"]
    with context.database.read() as connection:
        run = runs.get(connection, started)
    assert run is not None
    with pytest.raises(EntityNotFound, match="not found"):
        report(context, run, REPORT)


def test_a_crawl_is_no_run_of_a_job(context: Context) -> None:
    run = begin(context)
    with pytest.raises(EntityNotFound, match="not found"):
        job_runs.get_job_run(context, {"JobName": "crawler:c", "RunId": run.id})
    command: Any = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/a.py"}
    with pytest.raises(InvalidInput, match="Names that begin with crawler: are those of crawls"):
        jobs.create_job(context, {"Name": "crawler:c", "Role": "r", "Command": command})


def test_what_a_trigger_could_not_start_is_no_crawl(context: Context) -> None:
    trigger = make_trigger("ask", starts="@c", workflow=None)
    with context.database.write() as connection:
        add_triggers(connection, trigger)
    run = begin(context, seconds=5)
    for _ in range(3):
        triggers.start_trigger(context, {"Name": "ask"})
    assert crawlers.get_crawler(context, {"Name": "c"})["Crawler"]["State"] == "RUNNING"
    finish(context)
    crawler = crawlers.get_crawler(context, {"Name": "c"})["Crawler"]
    assert (crawler["State"], crawler["LastCrawl"]["Status"]) == ("READY", "SUCCEEDED")
    assert [crawl["CrawlId"] for crawl in history(context)] == [run.id]
    with context.database.read() as connection:
        told = [event.detail["state"] for _, event in events.undelivered(connection, 100)]
    assert told == ["Started", "Succeeded"]


def test_a_crawler_of_the_same_name_begins_anew(context: Context) -> None:
    clock = context.clock
    assert isinstance(clock, VirtualClock)
    begin(context, seconds=5)
    finish(context)
    with context.database.read() as connection:
        assert last_crawl_started(connection, "c") == BASE_TIME
    crawlers.delete_crawler(context, {"Name": "c"})
    clock.advance(10)
    with context.database.write() as connection:
        add_crawler(connection, "c", now=BASE_TIME + 10)
    assert history(context) == []
    assert "LastCrawl" not in crawlers.get_crawler(context, {"Name": "c"})["Crawler"]
    with context.database.read() as connection:
        assert last_crawl_started(connection, "c") is None


def test_a_graph_shows_crawls(context: Context) -> None:
    with context.database.write() as connection:
        add_all(connection, make_trigger("begin", starts="@d"))
    run_id = start_workflow(context)
    node = nodes(workflow_run_shown(context, run_id)["Graph"])["d"]
    assert node["Type"] == "CRAWLER"
    assert node["CrawlerDetails"] == {"Crawls": [{"State": "RUNNING", "StartedOn": BASE_TIME}]}
