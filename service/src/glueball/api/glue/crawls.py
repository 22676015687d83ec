"""Crawls: crawlers run, are stopped and looked back at.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.crawlers import existing
from glueball.api.paging import decode_number, decode_token, encode_token
from glueball.core.crawl_filters import matches, parse_filters
from glueball.core.crawl_reports import counts, summary
from glueball.core.crawlers import Crawler
from glueball.core.crawls import LOG_GROUP, crawl_state, history_state, run_name
from glueball.core.errors import CrawlerNotRunning, CrawlerStopping
from glueball.core.runs import TERMINAL, Run, RunState, script_seconds
from glueball.orchestration.crawls import start_crawl
from glueball.orchestration.endings import follow
from glueball.orchestration.starts import Origin
from glueball.orchestration.workflow_runs import stop_run
from glueball.stores import crawlers, runs

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        GetCrawlerMetricsRequestTypeDef,
        ListCrawlsRequestTypeDef,
        StartCrawlerRequestTypeDef,
        StopCrawlerRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 20
_MAX_PAGE = 1000
#: crawls that the figures of a crawler are made of, the newest ones
_MEASURED = 100
_SECONDS_PER_HOUR = 3600


def start_crawler(context: Context, request: StartCrawlerRequestTypeDef) -> dict[str, Any]:
    """Run a crawler.

    Raises:
        CrawlerRunning: it runs already.
        InvalidInput: what it is to crawl cannot be crawled here.
    """
    now = context.clock.now()
    with context.database.write_behind() as connection:
        crawler = existing(connection, request["Name"])
        start_crawl(connection, context.account, crawler, Origin(due=now), now)
    context.wake()
    return {}


def stop_crawler(context: Context, request: StopCrawlerRequestTypeDef) -> dict[str, Any]:
    """Ask a crawl to end; what it has written stays.

    Raises:
        CrawlerNotRunning: none goes on.
        CrawlerStopping: it is being stopped.
    """
    name, now = request["Name"], context.clock.now()
    with context.database.write_behind() as connection:
        existing(connection, name)
        run = runs.active_crawl(connection, run_name(name))
        if run is None:
            raise CrawlerNotRunning(f"Crawler with name {name} isn't running")
        if run.state is RunState.STOPPING:
            raise CrawlerStopping(f"Crawler with name {name} is stopping")
        if stop_run(connection, run, now):
            follow(connection, context.account, run, RunState.STOPPED, now)
    context.wake()
    return {}


def list_crawls(context: Context, request: ListCrawlsRequestTypeDef) -> dict[str, Any]:
    """Show the crawls of a crawler, newest first, a page at a time.

    Raises:
        InvalidInput: a filter cannot be understood.
    """
    name = request["CrawlerName"]
    before = decode_number(request.get("NextToken"), "ListCrawls", name)
    size = min(request.get("MaxResults", _PAGE), _MAX_PAGE)
    filters = parse_filters(request.get("Filters", ()))
    shown: list[dict[str, Any]] = []
    with context.database.read() as connection:
        crawler = existing(connection, name, "Crawler entry")
        while True:
            page = _page(connection, crawler, before, size)
            for position, crawl in page:
                if len(shown) == size:
                    token = encode_token("ListCrawls", name, str(before))
                    return {"Crawls": shown, "NextToken": token}
                before = position
                if matches(filters, crawl):
                    shown.append(crawl)
            if len(page) < size:
                return {"Crawls": shown}


def get_crawler_metrics(
    context: Context, request: GetCrawlerMetricsRequestTypeDef
) -> dict[str, Any]:
    """Show how long crawlers take, and what their last crawls have done."""
    names, now = request.get("CrawlerNameList"), context.clock.now()
    after = decode_token(request.get("NextToken"), "GetCrawlerMetrics", "") or ""
    size = min(request.get("MaxResults", _MAX_PAGE), _MAX_PAGE)
    with context.database.read() as connection:
        if names:
            found = [one for one in crawlers.named(connection, names) if one.name > after]
        else:
            found = crawlers.page(connection, after=after, limit=size + 1)
        found.sort(key=lambda one: one.name)
        metrics = [_metrics(connection, one, now) for one in found[:size]]
    answer: dict[str, Any] = {"CrawlerMetricsList": metrics}
    if len(found) > size:
        answer["NextToken"] = encode_token("GetCrawlerMetrics", "", found[size - 1].name)
    return answer


def crawl_shown(run: Run) -> dict[str, Any]:
    """Return AWS's `Crawl` shape, as graphs of workflows show it."""
    crawler = run.document["CrawlerName"]
    members = {
        "State": crawl_state(run.state),
        "StartedOn": run.submitted,
        "CompletedOn": run.completed,
        "ErrorMessage": run.error_message,
        "LogGroup": LOG_GROUP if run.started is not None else None,
        "LogStream": crawler if run.started is not None else None,
    }
    return {name: value for name, value in members.items() if value is not None}


def _page(
    connection: Connection, crawler: Crawler, before: int | None, size: int
) -> list[tuple[int, dict[str, Any]]]:
    """Return AWS's `CrawlerHistory` shapes, with the position of each."""
    page = _crawls(connection, crawler, before, size)
    reports = crawlers.reports(connection, [run.id for _, run in page])
    return [(position, _history(crawler.name, run, reports.get(run.id))) for position, run in page]


def _crawls(
    connection: Connection, crawler: Crawler, before: int | None, size: int
) -> list[tuple[int, Run]]:
    return runs.crawls(
        connection,
        name=run_name(crawler.name),
        since=crawler.created,
        before=before,
        limit=size,
    )


def _history(name: str, run: Run, report: Mapping[str, Any] | None) -> dict[str, Any]:
    members = {
        "CrawlId": run.id,
        "State": history_state(run.state),
        # as finely as filters ask for them
        "StartTime": round(run.submitted, 3),
        "EndTime": None if run.completed is None else round(run.completed, 3),
        "Summary": None if report is None else summary(report),
        "ErrorMessage": run.error_message,
        "LogGroup": LOG_GROUP,
        "LogStream": name,
        "MessagePrefix": run.id,
        "DPUHour": round(run.dpus * _seconds(run) / _SECONDS_PER_HOUR, 6),
    }
    return {member: value for member, value in members.items() if value is not None}


def _metrics(connection: Connection, crawler: Crawler, now: float) -> dict[str, Any]:
    """Return AWS's `CrawlerMetrics` shape."""
    newest = [run for _, run in _crawls(connection, crawler, None, _MEASURED)]
    succeeded = [run for run in newest if run.state is RunState.SUCCEEDED]
    active = next((run for run in newest if run.state not in TERMINAL), None)
    reports = crawlers.reports(connection, [run.id for run in succeeded[:1]])
    done = counts(reports.get(succeeded[0].id) if succeeded else None)
    median = _median(succeeded)
    return {
        "CrawlerName": crawler.name,
        "TimeLeftSeconds": _left(active, median, now),
        "StillEstimating": active is not None and not succeeded,
        "LastRuntimeSeconds": _seconds(succeeded[0]) if succeeded else 0.0,
        "MedianRuntimeSeconds": median,
        "TablesCreated": done["tablesCreated"],
        "TablesUpdated": done["tablesUpdated"],
        "TablesDeleted": done["tablesDeleted"],
    }


def _median(succeeded: Sequence[Run]) -> float:
    return statistics.median(map(_seconds, succeeded)) if succeeded else 0.0


def _seconds(run: Run) -> float:
    return round(script_seconds(run.ran_seconds, run.running, run.completed) or 0.0, 3)


def _left(active: Run | None, median: float, now: float) -> float:
    if active is None:
        return 0.0
    began = active.running if active.running is not None else now
    return max(0.0, began + median - now)
