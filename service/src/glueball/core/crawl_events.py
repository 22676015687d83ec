"""What is announced of crawls, in the words of EventBridge.

"Events for Glue Crawler State Change are generated for Started, Succeeded, and Failed"
(automating-awsglue-with-cloudwatch-events.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueball.core.crawl_reports import counts
from glueball.core.crawls import crawl_state, crawler_of
from glueball.core.events import Event, event_of_run, instant
from glueball.core.runs import Run

CRAWLER_STATE_CHANGE = "Glue Crawler State Change"
_TOLD = {"SUCCEEDED": "Succeeded", "FAILED": "Failed", "ERROR": "Failed"}


def crawl_started(run: Run, now: float) -> Event:
    """Return what is announced of a crawl that somebody has asked for."""
    started = {"startTime": instant(now), "state": "Started", "message": "Crawler Started"}
    return _event(run, started, now)


def crawl_ended(run: Run, report: Mapping[str, Any] | None, now: float) -> Event | None:
    """Return what is announced of a crawl that has ended; None where AWS is silent (cancelled), and
    of one that a trigger could not even ask for: no `Started` was told of it.

    Args:
        report: what it has done, as it told it.
    """
    told = _TOLD.get(crawl_state(run.state))
    if told is None or not run.dpus:
        return None
    detail = {"completionDate": instant(now), "state": told}
    if told == "Failed":
        return _event(run, {**detail, "message": run.error_message or "Crawler Failed"}, now)
    seconds = {"runningTime (sec)": str(run.execution_seconds)}
    numbers = {name: str(number) for name, number in counts(report).items()}
    told_of = {"warningMessage": "N/A", "message": "Crawler Succeeded"}
    return _event(run, {**detail, **told_of, **seconds, **numbers}, now)


def _event(run: Run, detail: Mapping[str, Any], now: float) -> Event:
    detail = {"crawlerName": crawler_of(run), **detail}
    return event_of_run(run, CRAWLER_STATE_CHANGE, detail, now)
