from __future__ import annotations

import pytest

from glueball.core.crawls import (
    crawl_state,
    crawler_named,
    crawler_of,
    crawler_state,
    history_state,
    is_own_schedule,
    last_status,
    own_schedule,
    part_name,
    run_name,
)
from glueball.core.runs import TERMINAL, RunState
from support.runs import make_run


@pytest.mark.parametrize(
    ("state", "crawl", "history"),
    [
        (RunState.WAITING, "RUNNING", "RUNNING"),
        (RunState.STARTING, "RUNNING", "RUNNING"),
        (RunState.RUNNING, "RUNNING", "RUNNING"),
        (RunState.STOPPING, "CANCELLING", "RUNNING"),
        (RunState.STOPPED, "CANCELLED", "STOPPED"),
        (RunState.SUCCEEDED, "SUCCEEDED", "COMPLETED"),
        (RunState.FAILED, "FAILED", "FAILED"),
        (RunState.TIMEOUT, "FAILED", "FAILED"),
        (RunState.ERROR, "ERROR", "FAILED"),
    ],
)
def test_states_have_other_names(state: RunState, crawl: str, history: str) -> None:
    assert (crawl_state(state), history_state(state)) == (crawl, history)


def test_every_end_has_a_status() -> None:
    told = {last_status(state) for state in TERMINAL}
    assert told == {"SUCCEEDED", "CANCELLED", "FAILED"}


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (None, "READY"),
        (RunState.WAITING, "RUNNING"),
        (RunState.RUNNING, "RUNNING"),
        (RunState.STOPPING, "STOPPING"),
    ],
)
def test_a_crawler_is_what_its_crawl_is(state: RunState | None, told: str) -> None:
    assert crawler_state(None if state is None else make_run(state=state)) == told


def test_a_crawl_knows_its_crawler() -> None:
    assert crawler_of(make_run(document={"CrawlerName": "c"})) == "c"
    assert crawler_of(make_run()) is None
    assert run_name("c") == "crawler:c"


@pytest.mark.parametrize(
    ("named", "part", "crawler"),
    [
        ({"JobName": "load", "Arguments": {}}, "load", None),
        ({"CrawlerName": "sales", "CrawlState": "SUCCEEDED"}, "crawler:sales", "sales"),
        # a name may have colons of its own
        ({"CrawlerName": "crawler:a:b"}, "crawler:crawler:a:b", "crawler:a:b"),
        ({"JobName": "not-crawler:a"}, "not-crawler:a", None),
        # without the colon it is a name like any other
        ({"JobName": "crawler"}, "crawler", None),
    ],
)
def test_parts_of_chains_are_called_as_their_runs(
    named: dict[str, object], part: str, crawler: str | None
) -> None:
    assert part_name(named) == part
    assert crawler_named(part) == crawler


@pytest.mark.parametrize(
    ("trigger_name", "own"),
    [
        (own_schedule("c"), True),
        # somebody started it
        (None, False),
        # triggers may have nearly any name
        ("crawler", False),
        ("crawler:c", False),
        ("crawler c", False),
    ],
)
def test_what_a_crawler_started_by_itself(trigger_name: str | None, own: bool) -> None:
    assert is_own_schedule(trigger_name) is own
