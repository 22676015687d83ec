"""Triggers, what they watch, and when they fired."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from glueball.core.trigger_actions import started_jobs
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.stores import sealing
from glueball.stores.lookups import Insertion, Lookup
from glueball.stores.orchestration_tables import (
    condition_marks,
    firings,
    trigger_events,
    trigger_starts,
    trigger_watches,
    triggers,
)

_COLUMNS = (
    triggers.c.name,
    triggers.c.type,
    triggers.c.state,
    triggers.c.workflow_name,
    triggers.c.schedule,
    triggers.c.created,
    triggers.c.modified,
    triggers.c.activated,
    triggers.c.next_due,
    triggers.c.document,
)
_SELECT = sa.select(*_COLUMNS)
_BY_NAME = Lookup(_SELECT.where(triggers.c.name == sa.bindparam("wanted")))
_DUE = Lookup(
    _SELECT.where(triggers.c.next_due <= sa.bindparam("now"))
    .order_by(triggers.c.next_due)
    .limit(sa.bindparam("most"))
)
_NEXT_DUE = Lookup(
    sa.select(sa.func.min(triggers.c.next_due)).where(triggers.c.next_due.is_not(None))
)
_WATCHING = Lookup(
    sa.select(*_COLUMNS)
    .join(trigger_watches, trigger_watches.c.trigger_name == triggers.c.name)
    .where(trigger_watches.c.kind == sa.bindparam("kind"))
    .where(trigger_watches.c.name == sa.bindparam("watched"))
    .order_by(triggers.c.name)
)
_FIRED = Lookup(
    sa.select(firings.c.trigger_name).where(
        firings.c.trigger_name == sa.bindparam("wanted"),
        firings.c.occasion == sa.bindparam("occasion"),
        firings.c.fired.is_not(None),
    )
)
_NEW_FIRING = upsert(firings)
_RECORD = Insertion(
    _NEW_FIRING.on_conflict_do_update(
        index_elements=[firings.c.trigger_name, firings.c.occasion],
        set_={name: _NEW_FIRING.excluded[name] for name in ("fired", "chain_id", "note")},
        # what was missed may still fire: the clock was set back
        where=firings.c.fired.is_(None),
    ),
    [column.name for column in firings.columns],
)
_SET_NEXT_DUE = (
    sa.update(triggers)
    .where(triggers.c.name == sa.bindparam("wanted"))
    .values(next_due=sa.bindparam("due"))
)
#: that one query asks for: a database takes so many parameters and no more
_MOST_NAMES = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """How something that a conditional trigger watches has ended in a chain."""

    kind: str  #: JOB or CRAWLER
    name: str
    state: str
    run_id: str


def get(connection: sa.Connection, name: str) -> Trigger | None:
    """Return the trigger called `name`, or None."""
    row = _BY_NAME.first(connection, wanted=name)
    return None if row is None else _from_row(connection, row)


def insert(connection: sa.Connection, trigger: Trigger, watched: Iterable[tuple[str, str]]) -> None:
    """Add a trigger whose name is free.

    Args:
        watched: kind (JOB or CRAWLER) and name of everything that its predicate speaks of.
    """
    connection.execute(sa.insert(triggers), _to_row(connection, trigger))
    _connect(connection, trigger, watched)


def replace(
    connection: sa.Connection, trigger: Trigger, watched: Iterable[tuple[str, str]]
) -> None:
    """Put `trigger` in the place of the one that has its name."""
    connection.execute(
        sa.update(triggers)
        .where(triggers.c.name == trigger.name)
        .values(_to_row(connection, trigger))
    )
    for table in (trigger_watches, trigger_starts):
        connection.execute(sa.delete(table).where(table.c.trigger_name == trigger.name))
    _connect(connection, trigger, watched)


def set_next_due(connection: sa.Connection, due: Iterable[tuple[str, float | None]]) -> None:
    """Say when triggers are to fire next, by their names."""
    values = [{"wanted": name, "due": time} for name, time in due]
    if values:
        connection.execute(_SET_NEXT_DUE, values)


def delete(connection: sa.Connection, name: str) -> None:
    """Forget a trigger and all that was written down of it; one that is not there is no error.

    Only what it has seen stays until its chains end: runs of workflows go on as they began.
    """
    connection.execute(sa.delete(triggers).where(triggers.c.name == name))
    for table in (trigger_watches, trigger_starts, firings, trigger_events):
        connection.execute(sa.delete(table).where(table.c.trigger_name == name))


def page(
    connection: sa.Connection, *, after: str, limit: int, job_name: str | None = None
) -> list[Trigger]:
    """Return up to `limit` triggers in order of name, the first one behind the name `after`.

    Args:
        job_name: only triggers that start this job.
    """
    query = _SELECT
    if job_name is not None:
        query = query.join(trigger_starts, trigger_starts.c.trigger_name == triggers.c.name)
        query = query.where(trigger_starts.c.job_name == job_name)
    query = query.where(triggers.c.name > after).order_by(triggers.c.name).limit(limit)
    return [_from_row(connection, row) for row in connection.execute(query)]


def starting(connection: sa.Connection, job_name: str) -> list[str]:
    """Name the triggers that start a job, in order of name."""
    query = sa.select(trigger_starts.c.trigger_name).where(trigger_starts.c.job_name == job_name)
    return list(connection.execute(query.order_by(trigger_starts.c.trigger_name)).scalars())


def named(connection: sa.Connection, names: Collection[str]) -> list[Trigger]:
    """Return those of `names` that exist, in order of name."""
    wanted = sorted(names)
    query = _SELECT.where(triggers.c.name.in_(sa.bindparam("wanted", expanding=True)))
    found: list[Trigger] = []
    for start in range(0, len(wanted), _MOST_NAMES):
        values = {"wanted": wanted[start : start + _MOST_NAMES]}
        found += [_from_row(connection, row) for row in connection.execute(query, values)]
    return sorted(found, key=lambda trigger: trigger.name)


def of_workflow(connection: sa.Connection, workflow_name: str) -> list[Trigger]:
    """Return the triggers of a workflow, in order of name."""
    query = _SELECT.where(triggers.c.workflow_name == workflow_name).order_by(triggers.c.name)
    return [_from_row(connection, row) for row in connection.execute(query)]


def due(connection: sa.Connection, now: float, most: int) -> list[Trigger]:
    """Return up to `most` triggers that are to fire by now, the longest due first."""
    return [_from_row(connection, row) for row in _DUE.all(connection, now=now, most=most)]


def ahead_of(connection: sa.Connection, now: float) -> list[Trigger]:
    """Return the active scheduled triggers that are not to fire by now."""
    query = _SELECT.where(
        triggers.c.type == TriggerType.SCHEDULED.value,
        triggers.c.state == TriggerState.ACTIVATED.value,
        triggers.c.next_due.is_(None) | (triggers.c.next_due > now),
    )
    return [
        _from_row(connection, row) for row in connection.execute(query.order_by(triggers.c.name))
    ]


def next_due(connection: sa.Connection) -> float | None:
    """Return when the next trigger is to fire; None when none is scheduled."""
    row = _NEXT_DUE.first(connection)
    return None if row is None or row[0] is None else float(row[0])


def watching(connection: sa.Connection, kind: str, name: str) -> list[Trigger]:
    """Return the conditional triggers that watch a job or a crawler, in whatever state."""
    return [
        _from_row(connection, row) for row in _WATCHING.all(connection, kind=kind, watched=name)
    ]


def record_firing(
    connection: sa.Connection,
    trigger_name: str,
    occasion: str,
    *,
    fired: float | None,
    chain_id: str | None,
    note: str | None = None,
) -> bool:
    """Write down that a trigger fires, or (`fired` None) that it misses an occasion.

    Returns:
        True when this is the first time that the occasion is written down, or it was missed until
        now; else nothing happens.
    """
    return _RECORD.run(
        connection,
        trigger_name=trigger_name,
        occasion=occasion,
        fired=fired,
        chain_id=chain_id,
        note=note,
    )


def forget_firings(connection: sa.Connection, trigger_name: str) -> None:
    """Forget when a trigger has fired, and when not."""
    connection.execute(sa.delete(firings).where(firings.c.trigger_name == trigger_name))


def has_fired(connection: sa.Connection, trigger_name: str, occasion: str) -> bool:
    """Tell whether a trigger has fired on an occasion."""
    row = _FIRED.first(connection, wanted=trigger_name, occasion=occasion)
    return row is not None


def count_firings(connection: sa.Connection, trigger_name: str, chain_id: str) -> int:
    """Count how often a trigger fired in a chain."""
    query = sa.select(sa.func.count()).where(
        firings.c.trigger_name == trigger_name, firings.c.chain_id == chain_id
    )
    return int(connection.execute(query).scalar_one())


def mark(connection: sa.Connection, chain_id: str, trigger_name: str, mark: Mark) -> None:
    """Note for a conditional trigger how something that it watches has ended; the last counts."""
    key = {
        "chain_id": chain_id,
        "trigger_name": trigger_name,
        "kind": mark.kind,
        "name": mark.name,
    }
    value = {"state": mark.state, "run_id": mark.run_id}
    statement = upsert(condition_marks).values(key | value)
    connection.execute(statement.on_conflict_do_update(index_elements=[*key], set_=value))


def marks(connection: sa.Connection, chain_id: str, trigger_name: str) -> list[Mark]:
    """Return what a conditional trigger has seen in a chain since it fired last."""
    query = sa.select(
        condition_marks.c.kind,
        condition_marks.c.name,
        condition_marks.c.state,
        condition_marks.c.run_id,
    ).where(condition_marks.c.chain_id == chain_id, condition_marks.c.trigger_name == trigger_name)
    return [Mark(**row._mapping) for row in connection.execute(query)]


def clear_marks(connection: sa.Connection, chain_id: str, trigger_name: str | None = None) -> None:
    """Forget what one trigger, or all of them, have seen in a chain."""
    statement = sa.delete(condition_marks).where(condition_marks.c.chain_id == chain_id)
    if trigger_name is not None:
        statement = statement.where(condition_marks.c.trigger_name == trigger_name)
    connection.execute(statement)


def _connect(
    connection: sa.Connection, trigger: Trigger, watched: Iterable[tuple[str, str]]
) -> None:
    """Write down what a trigger watches and starts."""
    watches = [
        {"kind": kind, "name": name, "trigger_name": trigger.name}
        for kind, name in sorted(set(watched))
    ]
    if watches:
        connection.execute(sa.insert(trigger_watches), watches)
    starts = [
        {"job_name": name, "trigger_name": trigger.name}
        for name in sorted(set(started_jobs(trigger.actions)))
    ]
    if starts:
        connection.execute(sa.insert(trigger_starts), starts)


def _to_row(connection: sa.Connection, trigger: Trigger) -> dict[str, Any]:
    return {
        "name": trigger.name,
        "type": trigger.type.value,
        "state": trigger.state.value,
        "workflow_name": trigger.workflow_name,
        "schedule": trigger.schedule,
        "created": trigger.created,
        "modified": trigger.modified,
        "activated": trigger.activated,
        "next_due": trigger.next_due,
        "document": sealing.encode(connection, trigger.document),
    }


def _from_row(connection: sa.Connection, row: Sequence[Any]) -> Trigger:
    name, kind, state, workflow, schedule, created, modified, activated, next_due, document = row
    return Trigger(
        name=name,
        type=TriggerType(kind),
        state=TriggerState(state),
        workflow_name=workflow,
        schedule=schedule,
        created=created,
        modified=modified,
        activated=activated,
        next_due=next_due,
        document=sealing.decode(connection, document),
    )
