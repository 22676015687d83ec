"""Crawls: runs of crawlers, and what their states are called.

A crawl is a run like that of a job: it waits for capacity, has its processes, is stopped and
announced in the same way. AWS calls its states otherwise, and in four ways.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from glueball.core.runs import Run, RunState

#: the command of runs that are crawls
CRAWLER = "crawler"
#: that a crawl takes and is billed for, as in the example of AWS's price list
DPUS = 2.0
#: after which a crawl is ended
TIMEOUT_MINUTES = 24 * 60
LOG_GROUP = "/aws-glue/crawlers"
#: what the names of crawlers' own schedules begin with: no trigger has a line break in its name
OWN_SCHEDULE = f"{CRAWLER}\n"

#: API_Crawl and API_Condition (CrawlState)
_CRAWL_STATES: Mapping[RunState, str] = {
    RunState.STOPPING: "CANCELLING",
    RunState.STOPPED: "CANCELLED",
    RunState.SUCCEEDED: "SUCCEEDED",
    RunState.FAILED: "FAILED",
    RunState.TIMEOUT: "FAILED",
    RunState.ERROR: "ERROR",
    RunState.EXPIRED: "CANCELLED",
}
#: API_LastCrawlInfo
_LAST_STATUSES: Mapping[str, str] = {
    "SUCCEEDED": "SUCCEEDED",
    "CANCELLED": "CANCELLED",
    "FAILED": "FAILED",
    "ERROR": "FAILED",
}
#: API_CrawlerHistory
_HISTORY_STATES: Mapping[str, str] = {
    "RUNNING": "RUNNING",
    "CANCELLING": "RUNNING",
    "SUCCEEDED": "COMPLETED",
    "CANCELLED": "STOPPED",
    "FAILED": "FAILED",
    "ERROR": "FAILED",
}


def run_name(crawler_name: str) -> str:
    """Return what the runs of a crawler have in place of a job's name: in reports and reasons."""
    return f"{CRAWLER}:{crawler_name}"


def crawler_named(run_name: str) -> str | None:
    """Return the crawler whose runs have this name; None where they are those of a job."""
    kind, colon, name = run_name.partition(":")
    return name if colon and kind == CRAWLER else None


def part_name(named: Mapping[str, Any]) -> str:
    """Return what the runs of a part of a chain are called: a job's by the job, a crawler's as
    `run_name` says.

    Args:
        named: an action or a condition of a trigger, which names one of the two.
    """
    crawler: str | None = named.get("CrawlerName")
    return str(named["JobName"]) if crawler is None else run_name(crawler)


def own_schedule(crawler_name: str) -> str:
    """Return what a crawler's own schedule has in place of a trigger's name: where its due times
    are written down, and in the crawls that it starts."""
    return f"{OWN_SCHEDULE}{crawler_name}"


def is_own_schedule(trigger_name: str | None) -> bool:
    """Tell whether it was a crawler's own schedule, and no trigger, that started a run."""
    return trigger_name is not None and trigger_name.startswith(OWN_SCHEDULE)


def crawler_of(run: Run) -> str | None:
    """Return the crawler that a run is a crawl of; None for the run of a job."""
    name: str | None = run.document.get("CrawlerName")
    return name


def crawl_state(state: RunState) -> str:
    """Return AWS's CrawlState."""
    return _CRAWL_STATES.get(state, "RUNNING")


def crawler_state(active: Run | None) -> str:
    """Return AWS's CrawlerState of a crawler.

    Args:
        active: its crawl that goes on, if one does.
    """
    if active is None:
        return "READY"
    return "STOPPING" if active.state is RunState.STOPPING else "RUNNING"


def last_status(state: RunState) -> str:
    """Return AWS's LastCrawlStatus of a crawl that has ended."""
    return _LAST_STATUSES[crawl_state(state)]


def history_state(state: RunState) -> str:
    """Return AWS's CrawlerHistoryState."""
    return _HISTORY_STATES[crawl_state(state)]


def memory_name(crawler: str) -> str:
    """Return what the directory is called in which a crawler remembers its last crawl."""
    return hashlib.sha256(crawler.encode()).hexdigest()[:32]
