"""Scheduled triggers fire once for each time that is due, whatever the service and clock do."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from glueball.core.errors import InvalidInput
from glueball.core.schedules import Schedule, parse_schedule
from glueball.core.triggers import Trigger
from glueball.orchestration import workflow_runs
from glueball.orchestration.account import Account
from glueball.orchestration.endings import set_off
from glueball.orchestration.firings import Occasion
from glueball.stores import triggers, workflows

_log = logging.getLogger(__name__)

_MISSED = "The service was not there; of the times that it missed, the last one counts."
_NOT_UNDERSTOOD = "This release does not understand the schedule; update the trigger."
_TOO_LATE = "The service was not there, and came back too late to catch up."


def fire_due(
    connection: sa.Connection,
    account: Account,
    now: float,
    *,
    catch_up_seconds: float,
    most: int,
) -> int:
    """Fire the scheduled triggers that are due.

    Times that passed while nobody looked are made up for by the last of them, if it is no longer
    ago than `catch_up_seconds`; since when they were missed is written down.

    Args:
        now: epoch seconds.
        catch_up_seconds: how late a trigger may still fire.
        most: triggers in this transaction.

    Returns:
        How many triggers were due; `most` means that there may be more.
    """
    found = triggers.due(connection, now, most)
    following: list[tuple[str, float | None]] = []
    for trigger in found:
        schedule = _understood(trigger)
        anchor = trigger.activated or trigger.created
        first = trigger.next_due or now
        if schedule is None:
            _lose(connection, trigger, first, _NOT_UNDERSTOOD)
            following.append((trigger.name, None))
            continue
        last = max(first, schedule.last_until(now, anchor) or first)
        if last > first:
            _miss(connection, trigger, first, _MISSED)
        if now - last > catch_up_seconds:
            _lose(connection, trigger, last, _TOO_LATE)
        else:
            _fire(connection, account, trigger, last, now)
        following.append((trigger.name, schedule.next_after(max(now, last), anchor)))
    triggers.set_next_due(connection, following)
    return len(found)


def rewind(connection: sa.Connection, now: float) -> None:
    """Bring scheduled triggers back to a clock that was set back, or may have been.

    While a clock is ahead, schedules run ahead with it: a trigger would then pass over all the
    times between. Times at which it has fired already do not count again.

    Args:
        now: epoch seconds.
    """
    following: list[tuple[str, float | None]] = []
    for trigger in triggers.ahead_of(connection, now):
        schedule = _understood(trigger)
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


def _fire(
    connection: sa.Connection, account: Account, trigger: Trigger, due: float, now: float
) -> None:
    if triggers.has_fired(connection, trigger.name, _occasion(due)):
        return  # the clock went back, or somebody activated the trigger anew
    chain_id = f"tc_{account.new_id()}"
    workflow = trigger.workflow_name and workflows.get(connection, trigger.workflow_name)
    if workflow:
        run = workflow_runs.begin_unasked(connection, account, workflow, now, properties={})
        if run.error_message is not None:
            _miss(connection, trigger, due, run.error_message)
            return
        chain_id = run.id
    occasion = Occasion(key=_occasion(due), due=due, chain_id=chain_id)
    set_off(connection, account, trigger, occasion, now)


def _understood(trigger: Trigger) -> Schedule | None:
    """Return a trigger's schedule; None where another release took what this one refuses. It must
    not keep the others from firing."""
    try:
        return parse_schedule(trigger.schedule or "")
    except InvalidInput:
        return None


def _lose(connection: sa.Connection, trigger: Trigger, due: float, why: str) -> None:
    """Write down, and say in the log, that nothing makes up for a due time."""
    _miss(connection, trigger, due, why)
    _log.warning("trigger %s did not fire (%s): %s", trigger.name, _occasion(due), why)


def _miss(connection: sa.Connection, trigger: Trigger, due: float, why: str) -> None:
    triggers.record_firing(
        connection, trigger.name, _occasion(due), fired=None, chain_id=None, note=why
    )


def _occasion(due: float) -> str:
    """Name a due time: "due 2026-11-21T00:00:00Z"."""
    return datetime.fromtimestamp(due, UTC).strftime("due %Y-%m-%dT%H:%M:%SZ")
