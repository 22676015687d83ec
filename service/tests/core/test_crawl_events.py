from __future__ import annotations

import json
from typing import Any

import pytest

from glueball.core.crawl_events import crawl_ended, crawl_started
from glueball.core.crawl_reports import summary
from glueball.core.runs import Run, RunState
from support.runs import BASE_TIME, make_run

REPORT = {
    "TablesCreated": ["sales", "visits"],
    "TablesUpdated": [],
    "PartitionsCreated": 3,
    "PartitionsDeleted": 0,
}


def crawl(state: RunState, **changes: Any) -> Run:
    return make_run(
        state=state,
        running=BASE_TIME,
        completed=BASE_TIME + 7,
        document={"CrawlerName": "c"},
        **changes,
    )


def test_a_start_is_announced() -> None:
    event = crawl_started(crawl(RunState.WAITING), BASE_TIME)
    assert (event.source, event.detail_type) == ("aws.glue", "Glue Crawler State Change")
    assert event.detail == {
        "crawlerName": "c",
        "startTime": "2023-11-14T22:13:20Z",
        "state": "Started",
        "message": "Crawler Started",
    }


def test_a_success_tells_what_was_done() -> None:
    event = crawl_ended(crawl(RunState.SUCCEEDED), REPORT, BASE_TIME + 7)
    assert event is not None
    assert event.detail == {
        "crawlerName": "c",
        "completionDate": "2023-11-14T22:13:27Z",
        "state": "Succeeded",
        "warningMessage": "N/A",
        "message": "Crawler Succeeded",
        "runningTime (sec)": "7",
        "tablesCreated": "2",
        "tablesUpdated": "0",
        "tablesDeleted": "0",
        "partitionsCreated": "3",
        "partitionsUpdated": "0",
        "partitionsDeleted": "0",
    }


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.TIMEOUT, RunState.ERROR])
def test_a_failure_says_why(state: RunState) -> None:
    event = crawl_ended(crawl(state, error_message="no such bucket"), None, BASE_TIME)
    assert event is not None
    assert (event.detail["state"], event.detail["message"]) == ("Failed", "no such bucket")


def test_of_a_crawl_that_was_cancelled_nothing_is_said() -> None:
    assert crawl_ended(crawl(RunState.STOPPED), None, BASE_TIME) is None


def test_start_and_end_are_two_events() -> None:
    started = crawl_started(crawl(RunState.WAITING), BASE_TIME)
    ended = crawl_ended(crawl(RunState.SUCCEEDED), REPORT, BASE_TIME)
    assert ended is not None and started.id != ended.id


def test_a_summary_tells_what_has_changed() -> None:
    told = json.loads(summary(REPORT))
    assert json.loads(told["TABLE"]["ADD"]) == {
        "Count": 2,
        "Details": {"names": ["sales", "visits"]},
    }
    assert json.loads(told["PARTITION"]["ADD"]) == {"Count": 3}
    assert list(told["TABLE"]) == list(told["PARTITION"]) == ["ADD"]
    assert summary({}) == "{}"
