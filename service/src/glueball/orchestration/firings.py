"""A trigger fires: each of its actions becomes a run, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from glueball.core.errors import AwsError
from glueball.core.runs import Run, RunState
from glueball.core.triggers import Trigger
from glueball.orchestration.account import Account
from glueball.orchestration.starts import Origin, record_failure, start_run
from glueball.stores import jobs, triggers


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
    name = action.get("JobName")
    if name is None:
        crawler = action["CrawlerName"]
        reason = f"Crawler with name: {crawler} not found."
        return record_failure(
            connection, account, "", reason, origin, now, RunState.ERROR, crawler_name=crawler
        )
    job = jobs.get(connection, name)
    if job is None:
        reason = f"Job with name: {name} not found."
        return record_failure(connection, account, name, reason, origin, now, RunState.ERROR)
    try:
        return start_run(connection, account, job, action, origin, now)
    except AwsError as error:
        return record_failure(connection, account, name, error.message, origin, now)
