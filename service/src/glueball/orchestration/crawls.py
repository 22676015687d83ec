"""A crawler is run: its crawl waits for the engine like the run of a job."""

from __future__ import annotations

import math

import sqlalchemy as sa

from glueball.core.crawl_events import crawl_started
from glueball.core.crawlers import Crawler, check_crawlable
from glueball.core.crawls import CRAWLER, DPUS, TIMEOUT_MINUTES, run_name
from glueball.core.errors import CrawlerRunning
from glueball.core.events import random_id
from glueball.core.runs import ExecutionClass, Run, RunState
from glueball.orchestration.account import Account
from glueball.orchestration.starts import Origin, with_predecessors
from glueball.stores import crawlers, events, runs


def start_crawl(
    connection: sa.Connection, account: Account, crawler: Crawler, origin: Origin, now: float
) -> Run:
    """Keep a new crawl of a crawler, as it is defined now.

    Args:
        now: epoch seconds.

    Raises:
        CrawlerRunning: it runs already.
        InvalidInput: what it is to crawl cannot be crawled here.
    """
    check_crawlable(crawler)
    if runs.active_crawl(connection, run_name(crawler.name)) is not None:
        raise CrawlerRunning(f"Crawler with name {crawler.name} has already started")
    run = Run(
        id=random_id(account.new_id()),
        job_name=run_name(crawler.name),
        state=RunState.WAITING,
        execution_class=ExecutionClass.STANDARD,
        command=CRAWLER,
        script_location="",
        python_version=None,
        glue_version=None,
        attempt=0,
        max_retries=0,
        timeout_minutes=TIMEOUT_MINUTES,
        dpus=DPUS,
        token=account.new_id(),
        submitted=now,
        modified=now,
        trigger_name=origin.trigger_name,
        chain_id=origin.chain_id,
        due=origin.due,
        document=with_predecessors(
            {
                "Arguments": {},
                "CrawlerName": crawler.name,
                "Crawler": {**crawler.document, "DatabaseName": crawler.database_name},
            },
            origin,
        ),
    )
    runs.insert(connection, run)
    events.append(connection, crawl_started(run, now))
    return run


def last_crawl_started(connection: sa.Connection, crawler_name: str) -> float | None:
    """Return when the last crawl of a crawler that succeeded was started, in epoch seconds.

    Crawls of a crawler that was deleted and had the same name do not count.
    """
    crawler = crawlers.get(connection, crawler_name)
    since = math.inf if crawler is None else crawler.created
    found = runs.last_succeeded(connection, run_name(crawler_name), 1)
    return next((run.started for run in found if run.submitted >= since), None)
