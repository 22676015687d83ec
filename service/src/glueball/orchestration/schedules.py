"""Scheduled triggers and crawlers start once for each time that is due, whatever the service and
clock do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa

from glueball.core.crawlers import Crawler
from glueball.core.crawls import own_schedule
from glueball.core.errors import AwsError, InvalidInput
from glueball.core.schedules import Schedule, parse_schedule
from glueball.core.triggers import Trigger
from glueball.orchestration import workflow_runs
from glueball.orchestration.account import Account
from glueball.orchestration.crawls import start_crawl
from glueball.orchestration.endings import set_off
from glueball.orchestration.firings import Occasion
from glueball.orchestration.starts import Origin
from glueball.stores import crawlers, triggers, workflows

_log = logging.getLogger(__name__)

_MISSED = "The service was not there; of the times that it missed, the last one counts."
_NOT_UNDERSTOOD = "This release does not understand the schedule; update it."
_TOO_LATE = "The service was not there, and came back too late to catch up."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Timed:
    """Something that has a schedule."""

    what: str  #: in the log
    key: str  #: under which its due times are written down
    schedule: str | None
    anchor: float  #: since when it is in force, epoch seconds
    next_due: float | None


def next_due(connection: sa.Connection) -> float | None:
    """Return when something is due next, in epoch seconds; None when nothing is scheduled."""
    found = (triggers.next_due(connection), crawlers.next_due(connection))
    return min((due for due in found if due is not None), default=None)


def fire_due(
    connection: sa.Connection,
    account: Account,
    now: float,
    *,
    catch_up_seconds: float,
    most: int,
) -> int:
    """Fire the scheduled triggers that are due, and run the crawlers.

    Times that passed while nobody looked are made up for by the last of them, if it is no longer
    ago than `catch_up_seconds`; since when they were missed is written down.

    Args:
        now: epoch seconds.
        catch_up_seconds: how late something may still start.
        most: triggers and crawlers in this transaction.

    Returns:
        How many were due; `most` means that there may be more.
    """
    due = triggers.due(connection, now, most)
    following: list[tuple[str, float | None]] = []
    for trigger in due:
        fire = partial(_fire, connection, account, trigger, now=now)
        after = _proceed(connection, _of_trigger(trigger), now, catch_up_seconds, fire)
        following.append((trigger.name, after))
    triggers.set_next_due(connection, following)
    due_crawlers = crawlers.due(connection, now, most - len(due))
    following = []
    for crawler in due_crawlers:
        crawl = partial(_crawl, connection, account, crawler, now=now)
        after = _proceed(connection, _of_crawler(crawler), now, catch_up_seconds, crawl)
        following.append((crawler.name, after))
    crawlers.set_next_due(connection, following)
    return len(due) + len(due_crawlers)


def rewind(connection: sa.Connection, now: float) -> None:
    """Bring schedules back to a clock that was set back, or may have been.

    While a clock is ahead, schedules run ahead with it: they would then pass over all the times
    between. Times at which something has started already do not count again.

    Args:
        now: epoch seconds.
    """
    following: list[tuple[str, float | None]] = []
    for trigger in triggers.ahead_of(connection, now):
        schedule = _understood(trigger.schedule)
        if schedule is None:
            continue
        anchor = trigger.activated or trigger.created
        due = schedule.next_after(now, min(anchor, now))
        if anchor > now:  # an activation that is still to come: rate() counts from now
            changed = replace(trigger, activated=now, next_due=due)
            triggers.replace(connection, changed, changed.watched)
        elif due != trigger.next_due:
            following.append((trigger.name, due))
    triggers.set_next_due(connection, following)
    for crawler in crawlers.ahead_of(connection, now):
        schedule = _understood(crawler.schedule)
        if schedule is not None:
            anchor = min(crawler.activated or crawler.created, now)
            due = schedule.next_after(now, anchor)
            if (anchor, due) != (crawler.activated, crawler.next_due):
                crawlers.replace(connection, replace(crawler, activated=anchor, next_due=due))


def forget_crawler(connection: sa.Connection, name: str) -> None:
    """Forget at which times a crawler was run by its schedule."""
    triggers.forget_firings(connection, own_schedule(name))


def _proceed(
    connection: sa.Connection,
    timed: _Timed,
    now: float,
    catch_up_seconds: float,
    start: Callable[[float], None],
) -> float | None:
    """Start what is due, or write down why not.

    Args:
        start: is given the due time.

    Returns:
        When it is due next; None for never.
    """
    schedule = _understood(timed.schedule)
    first = timed.next_due or now
    if schedule is None:
        _lose(connection, timed, first, _NOT_UNDERSTOOD)
        return None
    last = max(first, schedule.last_until(now, timed.anchor) or first)
    if last > first:
        _miss(connection, timed.key, first, _MISSED)
    if now - last > catch_up_seconds:
        _lose(connection, timed, last, _TOO_LATE)
    elif not triggers.has_fired(connection, timed.key, _occasion(last)):
        start(last)  # else the clock went back, or somebody activated it anew
    return schedule.next_after(max(now, last), timed.anchor)


def _of_trigger(trigger: Trigger) -> _Timed:
    return _Timed(
        what=f"trigger {trigger.name}",
        key=trigger.name,
        schedule=trigger.schedule,
        anchor=trigger.activated or trigger.created,
        next_due=trigger.next_due,
    )


def _of_crawler(crawler: Crawler) -> _Timed:
    return _Timed(
        what=f"crawler {crawler.name}",
        key=own_schedule(crawler.name),
        schedule=crawler.schedule,
        anchor=crawler.activated or crawler.created,
        next_due=crawler.next_due,
    )


def _fire(
    connection: sa.Connection, account: Account, trigger: Trigger, due: float, now: float
) -> None:
    chain_id = f"tc_{account.new_id()}"
    workflow = trigger.workflow_name and workflows.get(connection, trigger.workflow_name)
    if workflow:
        run = workflow_runs.begin_unasked(connection, account, workflow, now, properties={})
        if run.error_message is not None:
            _miss(connection, trigger.name, due, run.error_message)
            return
        chain_id = run.id
    occasion = Occasion(key=_occasion(due), due=due, chain_id=chain_id)
    set_off(connection, account, trigger, occasion, now)


def _crawl(
    connection: sa.Connection, account: Account, crawler: Crawler, due: float, now: float
) -> None:
    """Run a crawler by its schedule; it belongs to no chain, as one that somebody starts: triggers
    do not wait for it. That it was foreseen is seen by what started it."""
    key = own_schedule(crawler.name)
    try:
        run = start_crawl(connection, account, crawler, Origin(due=due, trigger_name=key), now)
    except AwsError as error:
        _miss(connection, key, due, error.message)
        _log.warning("crawler %s did not run (%s): %s", crawler.name, _occasion(due), error)
        return
    triggers.record_firing(connection, key, _occasion(due), fired=now, chain_id=None, note=run.id)


def _understood(schedule: str | None) -> Schedule | None:
    """Return a schedule; None where another release took what this one refuses. It must not keep
    the others from starting."""
    try:
        return parse_schedule(schedule or "")
    except InvalidInput:
        return None


def _lose(connection: sa.Connection, timed: _Timed, due: float, why: str) -> None:
    """Write down, and say in the log, that nothing makes up for a due time."""
    _miss(connection, timed.key, due, why)
    _log.warning("%s did not fire (%s): %s", timed.what, _occasion(due), why)


def _miss(connection: sa.Connection, key: str, due: float, why: str) -> None:
    triggers.record_firing(connection, key, _occasion(due), fired=None, chain_id=None, note=why)


def _occasion(due: float) -> str:
    """Name a due time: "due 2026-11-21T00:00:00Z"."""
    return datetime.fromtimestamp(due, UTC).strftime("due %Y-%m-%dT%H:%M:%SZ")
