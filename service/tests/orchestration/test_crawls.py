"""Crawlers as parts of chains and workflows, and by schedules of their own."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from glueball.core.crawlers import start_schedule, stop_schedule
from glueball.core.errors import CrawlerRunning, InvalidInput
from glueball.core.runs import Run, RunState
from glueball.core.workflow_graph import Node, NodeType, unique_id
from glueball.core.workflows import WorkflowRunStatus
from glueball.orchestration.account import Account
from glueball.orchestration.chains import fire_now
from glueball.orchestration.crawls import start_crawl
from glueball.orchestration.schedules import fire_due, forget_crawler, next_due, rewind
from glueball.orchestration.starts import Origin
from glueball.orchestration.workflow_resume import resume
from glueball.orchestration.workflow_runs import stop
from glueball.stores import crawlers, events, runs, triggers
from support.runs import BASE_TIME
from support.workflows import (
    add_all,
    add_crawler,
    add_started,
    add_triggers,
    end,
    make_trigger,
    start,
    states,
    the_run,
    workflow_run,
)

_HOUR = 3600.0
_FIRST_HOUR = BASE_TIME - BASE_TIME % _HOUR + _HOUR


def crawl(connection: sa.Connection, account: Account, name: str = "c", **members: Any) -> Run:
    crawler = crawlers.get(connection, name) or add_crawler(connection, name, **members)
    return start_crawl(connection, account, crawler, Origin(due=BASE_TIME), BASE_TIME)


def announced(connection: sa.Connection) -> list[tuple[str, str]]:
    """Return what was announced of crawlers: their names and states."""
    return [
        (event.detail["crawlerName"], event.detail["state"])
        for _, event in events.undelivered(connection, 100)
        if event.detail_type == "Glue Crawler State Change"
    ]


def fire_hours(connection: sa.Connection, account: Account, now: float) -> list[float]:
    """Let the engine look at schedules; return when the crawls that are there were due."""
    fire_due(connection, account, now, catch_up_seconds=_HOUR, most=100)
    found = runs.page(connection, job_name="crawler:c", before=None, limit=100)
    return [run.due for _, run in reversed(found)]


def end_crawl(connection: sa.Connection, account: Account, run: Run, ended: RunState) -> None:
    """Let a crawl end through STOPPING, where that is the way."""
    if ended in (RunState.SUCCEEDED, RunState.FAILED):
        end(connection, account, run, ended)
        return
    runs.start(connection, run.id, now=BASE_TIME, dpus=2.0, memory_mb=1, detail=None)
    current = runs.get(connection, run.id)
    assert current is not None
    runs.change(connection, current, to=RunState.STOPPING, now=BASE_TIME, stop_cause=ended.value)
    stopping = runs.get(connection, run.id)
    assert stopping is not None
    end(connection, account, stopping, ended)


def finish(connection: sa.Connection, account: Account) -> None:
    run = runs.active_crawl(connection, "crawler:c")
    assert run is not None
    end(connection, account, run)


def test_a_crawl_knows_its_crawler_as_it_was(connection: sa.Connection, account: Account) -> None:
    run = crawl(connection, account, DatabaseName=None, TablePrefix="raw_")
    assert (run.state, run.dpus, run.command) == (RunState.WAITING, 2.0, "crawler")
    assert run.document["Crawler"]["TablePrefix"] == "raw_"
    assert run.document["Crawler"]["DatabaseName"] == "default"
    assert announced(connection) == [("c", "Started")]


def test_a_crawler_runs_once_at_a_time(connection: sa.Connection, account: Account) -> None:
    first = crawl(connection, account)
    with pytest.raises(CrawlerRunning, match="c has already started"):
        crawl(connection, account)
    end(connection, account, first)
    assert crawl(connection, account).id != first.id


def test_what_cannot_be_crawled_is_refused(connection: sa.Connection, account: Account) -> None:
    targets = {"JdbcTargets": [{"ConnectionName": "db", "Path": "shop/%"}]}
    with pytest.raises(InvalidInput, match="JdbcTargets can be defined but not crawled"):
        crawl(connection, account, Targets=targets)
    assert runs.active_crawl(connection, "crawler:c") is None


@pytest.mark.parametrize(
    ("ended", "after", "fires"),
    [
        (RunState.SUCCEEDED, "@c", True),
        (RunState.SUCCEEDED, "@c:FAILED", False),
        (RunState.FAILED, "@c:FAILED", True),
        (RunState.TIMEOUT, "@c:FAILED", True),
        (RunState.STOPPED, "@c:CANCELLED", True),
        (RunState.STOPPED, "@c:FAILED", False),
        # a job of the same name is another thing
        (RunState.SUCCEEDED, "c", False),
    ],
)
def test_a_trigger_waits_for_a_state_of_a_crawler(
    connection: sa.Connection, account: Account, ended: RunState, after: str, fires: bool
) -> None:
    begin = make_trigger("begin", starts="@c", workflow=None)
    then = make_trigger("then", after=after, starts="load", workflow=None)
    add_triggers(connection, begin, then)
    add_started(connection, begin, then)
    (run,) = fire_now(connection, account, begin, BASE_TIME)
    assert run.chain_id is not None and run.trigger_name == "begin"
    end_crawl(connection, account, run, ended)
    found = states(connection, run.chain_id)[1:]
    assert found == ([("load", "WAITING")] if fires else [])
    if fires:
        assert "PredecessorRuns" not in the_run(connection, run.chain_id, "load").document


def test_a_join_of_a_job_and_a_crawler(connection: sa.Connection, account: Account) -> None:
    begin = make_trigger("begin", starts="a @c")
    then = make_trigger("then", after="a @c", starts="load")
    workflow = add_all(connection, begin, then)
    run_id = start(connection, account, workflow)
    end(connection, account, the_run(connection, run_id, "crawler:c"))
    assert len(states(connection, run_id)) == 2
    end(connection, account, the_run(connection, run_id, "a"))
    assert states(connection, run_id)[2:] == [("load", "WAITING")]
    end(connection, account, the_run(connection, run_id, "load"))
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.COMPLETED


def test_a_crawler_that_runs_already_leaves_a_crawl_that_says_so(
    connection: sa.Connection, account: Account
) -> None:
    then = make_trigger("then", after="@c:FAILED", starts="a")
    workflow = add_all(connection, make_trigger("begin", starts="@c"), then)
    by_hand = crawl(connection, account)
    run_id = start(connection, account, workflow)
    assert states(connection, run_id) == [("crawler:c", "FAILED"), ("a", "WAITING")]
    failed = the_run(connection, run_id, "crawler:c")
    assert failed.error_message == "Crawler with name c has already started"
    end(connection, account, by_hand)
    assert len(states(connection, run_id)) == 2, "who starts it by hand fires no trigger"


def test_a_workflow_run_that_is_stopped_stops_its_crawls(
    connection: sa.Connection, account: Account
) -> None:
    workflow = add_all(connection, make_trigger("begin", starts="@c"))
    run_id = start(connection, account, workflow)
    stop(connection, workflow_run(connection, run_id), BASE_TIME)
    assert states(connection, run_id) == [("crawler:c", "STOPPED")]
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.STOPPED


def test_a_workflow_run_is_resumed_from_a_crawler(
    connection: sa.Connection, account: Account
) -> None:
    begin = make_trigger("begin", starts="a @c")
    then = make_trigger("then", after="a @c", starts="load")
    workflow = add_all(connection, begin, then)
    run_id = start(connection, account, workflow)
    end(connection, account, the_run(connection, run_id, "a"))
    end(connection, account, the_run(connection, run_id, "crawler:c"), RunState.FAILED)
    node = unique_id("w", Node(NodeType.CRAWLER, "c"))
    again, _ = resume(
        connection, account, workflow, workflow_run(connection, run_id), [node], BASE_TIME
    )
    assert states(connection, again.id) == [("crawler:c", "WAITING")]
    end(connection, account, the_run(connection, again.id, "crawler:c"))
    assert states(connection, again.id)[1:] == [("load", "WAITING")], "a has succeeded before"


def test_a_schedule_runs_a_crawler_once_for_each_time(
    connection: sa.Connection, account: Account
) -> None:
    add_crawler(connection, "c", Schedule="cron(0 * * * ? *)")
    assert next_due(connection) == _FIRST_HOUR
    assert fire_hours(connection, account, _FIRST_HOUR - 1) == []
    assert fire_hours(connection, account, _FIRST_HOUR) == [_FIRST_HOUR]
    finish(connection, account)
    assert fire_hours(connection, account, _FIRST_HOUR + 5) == [_FIRST_HOUR]
    # the clock is set back, and comes by once more
    rewind(connection, _FIRST_HOUR - 60)
    assert next_due(connection) == _FIRST_HOUR
    assert fire_hours(connection, account, _FIRST_HOUR) == [_FIRST_HOUR]
    assert next_due(connection) == _FIRST_HOUR + _HOUR
    assert runs.chain_is_active(connection, "") is False


def test_times_that_were_missed_are_made_up_for_by_the_last(
    connection: sa.Connection, account: Account
) -> None:
    add_crawler(connection, "c", Schedule="cron(0 * * * ? *)")
    later = _FIRST_HOUR + 5 * _HOUR
    assert fire_hours(connection, account, later + 60) == [later]


def test_a_time_at_which_it_runs_is_passed_over(
    connection: sa.Connection, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    add_crawler(connection, "c", Schedule="cron(0 * * * ? *)")
    fire_hours(connection, account, _FIRST_HOUR)
    assert fire_hours(connection, account, _FIRST_HOUR + _HOUR) == [_FIRST_HOUR]
    assert "crawler c did not run (due 2023-11-15T00:00:00Z)" in caplog.text
    finish(connection, account)
    last = _FIRST_HOUR + 2 * _HOUR
    assert fire_hours(connection, account, last) == [_FIRST_HOUR, last]


def test_a_schedule_rests_and_goes_on(connection: sa.Connection, account: Account) -> None:
    crawler = add_crawler(connection, "c", Schedule="rate(1 hour)")
    assert next_due(connection) == BASE_TIME + _HOUR
    crawlers.replace(connection, stop_schedule(crawler))
    assert next_due(connection) is None
    crawlers.replace(connection, start_schedule(stop_schedule(crawler), BASE_TIME + 60))
    assert next_due(connection) == BASE_TIME + 60 + _HOUR


def test_a_crawler_with_a_schedule_is_in_no_triggers_way(
    connection: sa.Connection, account: Account
) -> None:
    """A trigger may have any name; what is written down of crawlers is theirs alone."""
    add_crawler(connection, "c", Schedule="cron(0 * * * ? *)")
    fire_hours(connection, account, _FIRST_HOUR)
    occasion = "due 2023-11-14T23:00:00Z"
    assert triggers.has_fired(connection, "crawler\nc", occasion)
    assert not triggers.has_fired(connection, "c", occasion)
    forget_crawler(connection, "c")
    assert not triggers.has_fired(connection, "crawler\nc", occasion)
