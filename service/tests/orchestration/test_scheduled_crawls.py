"""What crawls by their crawlers' own schedules are known by."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from glueball.core.crawls import own_schedule
from glueball.core.runs import Run
from glueball.core.triggers import TriggerState, TriggerType
from glueball.orchestration.account import Account
from glueball.orchestration.schedules import fire_due, forget_crawler
from glueball.stores import runs, triggers
from glueball.stores.demand import began_by_schedule, ended_since
from support.runs import BASE_TIME
from support.workflows import add_crawler, add_started, add_triggers, end, make_trigger

_HOUR = 3600.0
_FIRST_HOUR = BASE_TIME - BASE_TIME % _HOUR + _HOUR
_HOURLY = "cron(0 * * * ? *)"


def crawl(connection: sa.Connection, account: Account) -> Run:
    """Let the first hour come; return the crawl that it starts."""
    fire_due(connection, account, _FIRST_HOUR, catch_up_seconds=_HOUR, most=100)
    run = runs.active_crawl(connection, "crawler:c")
    assert run is not None
    return run


def test_it_names_its_schedule_and_belongs_to_no_chain(
    connection: sa.Connection, account: Account
) -> None:
    add_crawler(connection, "c", Schedule=_HOURLY)
    then = make_trigger("then", after="@c", starts="load", workflow=None)
    add_triggers(connection, then)
    add_started(connection, then)
    run = crawl(connection, account)
    assert (run.trigger_name, run.chain_id, run.due) == (own_schedule("c"), None, _FIRST_HOUR)
    end(connection, account, run)
    assert not runs.any_waits(connection), "triggers wait for what triggers have started"


@pytest.mark.parametrize("by_trigger", [False, True])
def test_it_was_foreseen_whichever_schedule_started_it(
    connection: sa.Connection, account: Account, by_trigger: bool
) -> None:
    add_crawler(connection, "c", Schedule=None if by_trigger else _HOURLY)
    if by_trigger:
        hourly = make_trigger(
            "hourly",
            type=TriggerType.SCHEDULED,
            state=TriggerState.ACTIVATED,
            schedule=_HOURLY,
            next_due=_FIRST_HOUR,
            starts="@c",
            workflow=None,
        )
        add_triggers(connection, hourly)
    run = crawl(connection, account)
    assert began_by_schedule(connection, run.chain_id, run.trigger_name)
    end(connection, account, run)
    assert [one.by_schedule for one in ended_since(connection, 0.0)] == [True]


def test_it_was_foreseen_even_if_its_crawler_is_gone(
    connection: sa.Connection, account: Account
) -> None:
    """A trigger that is deleted takes its firings along; the past of a crawler stays."""
    add_crawler(connection, "c", Schedule=_HOURLY)
    run = crawl(connection, account)
    end(connection, account, run)
    forget_crawler(connection, "c")
    assert not triggers.has_fired(connection, own_schedule("c"), "due 2023-11-14T23:00:00Z")
    assert [one.by_schedule for one in ended_since(connection, 0.0)] == [True]
