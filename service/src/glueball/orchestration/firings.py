"""A trigger fires: each of its actions becomes a run, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from glueball.core.crawls import run_name
from glueball.core.errors import AwsError, EntityNotFound
from glueball.core.runs import Run, RunState
from glueball.core.triggers import Trigger
from glueball.orchestration.account import Account
from glueball.orchestration.crawls import start_crawl
from glueball.orchestration.starts import Origin, record_failure, start_run
from glueball.stores import crawlers, jobs, triggers


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """Why a trigger fires now. Each one happens once: the store refuses the second."""

    key: str  #: among the occasions of this trigger
    due: float  #: when it should have fired, epoch seconds
    chain_id: str  #: what the runs will belong to
    #: AWS's `Predecessor` shapes: the runs whose end brought it about
    predecessors: tuple[Mapping[str, str], ...] = ()


def fire(
    connection: sa.Connection,
    account: Account,
    trigger: Trigger,
    occasion: Occasion,
    now: float,
) -> list[Run] | None:
    """Start what a trigger starts.

    An action that cannot be carried out leaves a run that says why, so that it is seen where
    people look: ERROR where its job is gone, FAILED where a limit is reached.

    Returns:
        The runs, in order of the actions; None when this occasion was seen before.
    """
    first = triggers.record_firing(
        connection, trigger.name, occasion.key, fired=now, chain_id=occasion.chain_id
    )
    if not first:
        return None
    return start_actions(
        connection, account, trigger.actions, trigger_name=trigger.name, occasion=occasion, now=now
    )


def start_actions(
    connection: sa.Connection,
    account: Account,
    actions: Iterable[Mapping[str, Any]],
    *,
    trigger_name: str,
    occasion: Occasion,
    now: float,
) -> list[Run]:
    """Start jobs as actions of a trigger say; see `fire`."""
    origin = Origin(
        due=occasion.due,
        trigger_name=trigger_name,
        chain_id=occasion.chain_id,
        predecessors=occasion.predecessors,
    )
    return [_start(connection, account, action, origin, now) for action in actions]


def _start(
    connection: sa.Connection,
    account: Account,
    action: Mapping[str, Any],
    origin: Origin,
    now: float,
) -> Run:
    """Carry out an action; what cannot be carried out leaves a run that says why."""
    crawler = action.get("CrawlerName")
    name = action["JobName"] if crawler is None else run_name(crawler)
    try:
        if crawler is None:
            return _start_job(connection, account, action, origin, now)
        return _start_crawler(connection, account, crawler, origin, now)
    except EntityNotFound as error:
        state, reason = RunState.ERROR, error.message
    except AwsError as error:
        state, reason = RunState.FAILED, error.message
    return record_failure(
        connection, account, name, reason, origin, now, state, crawler_name=crawler
    )


def _start_job(
    connection: sa.Connection,
    account: Account,
    action: Mapping[str, Any],
    origin: Origin,
    now: float,
) -> Run:
    job = jobs.get(connection, action["JobName"])
    if job is None:
        raise EntityNotFound(f"Job with name: {action['JobName']} not found.")
    return start_run(connection, account, job, action, origin, now)


def _start_crawler(
    connection: sa.Connection, account: Account, name: str, origin: Origin, now: float
) -> Run:
    crawler = crawlers.get(connection, name)
    if crawler is None:
        raise EntityNotFound(f"Crawler with name: {name} not found.")
    return start_crawl(connection, account, crawler, origin, now)
