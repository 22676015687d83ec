"""Job runs: every change is a compare-and-set on the state, so the first writer wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from glueball.core.crawls import CRAWLER
from glueball.core.runs import (
    ACTIVE,
    HOLDING,
    ExecutionClass,
    Run,
    RunState,
    WaitingRun,
    may_follow,
)
from glueball.stores import sealing
from glueball.stores.lookups import Insertion, Lookup
from glueball.stores.tables import runs

_COLUMNS = tuple(field.name for field in fields(Run))
_SELECT = sa.select(*(runs.c[name] for name in _COLUMNS))
_BY_ID = Lookup(_SELECT.where(runs.c.id == sa.bindparam("wanted")))
_UNFINISHED = runs.c.completed.is_(None)
_IS_CRAWL = runs.c.command == CRAWLER
_OF_NAME = runs.c.job_name == sa.bindparam("name")
_ACTIVE_OF_JOB = Lookup(sa.select(sa.func.count()).select_from(runs).where(_OF_NAME, _UNFINISHED))
_ACTIVE_CRAWL = Lookup(_SELECT.where(_OF_NAME, _UNFINISHED, _IS_CRAWL).limit(1))
_ACTIVE_IN_ALL = Lookup(
    sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(runs.c.dpus), 0.0)).where(
        _UNFINISHED, ~_IS_CRAWL
    )
)
_ACTIVE_IN_CHAIN = Lookup(
    sa.select(runs.c.sequence).where(runs.c.chain_id == sa.bindparam("chain"), _UNFINISHED).limit(1)
)
_IS_WAITING = runs.c.state == RunState.WAITING.value
_HOLDING_STATES = {state.name: state.value for state in sorted(HOLDING)}
_HOLDING = Lookup(
    _SELECT.where(
        _UNFINISHED,
        runs.c.state.in_([sa.bindparam(name, type_=sa.Text) for name in _HOLDING_STATES]),
    ).order_by(runs.c.sequence)
)
_WAITING = (
    sa.select(*(runs.c[name] for name in WaitingRun._fields))
    .where(_UNFINISHED, _IS_WAITING)
    .order_by(runs.c.sequence)
)
_WAITING_BEHIND = Lookup(_WAITING.where(runs.c.sequence > sa.bindparam("after")))
_WAITING_PLACES = Lookup(
    sa.select(runs.c.sequence).where(_UNFINISHED, runs.c.state == sa.bindparam("wanted"))
)
_WAITING_COUNT = Lookup(
    sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(runs.c.sequence), 0)).where(
        _UNFINISHED, runs.c.state == sa.bindparam("wanted")
    )
)
_ANY_WAITS = Lookup(
    sa.select(runs.c.sequence).where(_UNFINISHED, runs.c.state == sa.bindparam("wanted"))
)
_ATTEMPT = Lookup(
    sa.select(runs.c.sequence).where(
        runs.c.id == sa.bindparam("wanted"), runs.c.token == sa.bindparam("token"), _UNFINISHED
    )
)
_ACTIVE = Lookup(sa.select(runs.c.sequence).where(runs.c.id == sa.bindparam("wanted"), _UNFINISHED))
_ANY_EXPLAINED = Lookup(
    sa.select(runs.c.sequence)
    .where(_IS_WAITING, _UNFINISHED, runs.c.state_detail.is_not(None))
    .where(runs.c.execution_class == sa.bindparam("execution_class"))
    .limit(1)
)
_INSERT = Insertion(sa.insert(runs), _COLUMNS)
_EXPLAIN = (
    sa.update(runs)
    .where(runs.c.id == sa.bindparam("wanted"), _IS_WAITING)
    .values(state_detail=sa.bindparam("detail"))
)


def insert(connection: sa.Connection, run: Run) -> None:
    """Add a run."""
    values = {name: getattr(run, name) for name in _COLUMNS}
    values["document"] = sealing.encode(connection, run.document)
    _INSERT.run(connection, **values)


def get(connection: sa.Connection, run_id: str) -> Run | None:
    """Return the run with this id, or None."""
    row = _BY_ID.first(connection, wanted=run_id)
    return None if row is None else _from_row(connection, row)


def is_active(connection: sa.Connection, run_id: str) -> bool:
    """Tell whether a run has not ended."""
    return _ACTIVE.first(connection, wanted=run_id) is not None


def is_active_attempt(connection: sa.Connection, run_id: str, token: str) -> bool:
    """Tell whether a run has not ended and has this fencing token."""
    return _ATTEMPT.first(connection, wanted=run_id, token=token) is not None


def count_active(connection: sa.Connection, job_name: str) -> int:
    """Count the runs of a job that have not ended."""
    row = _ACTIVE_OF_JOB.first(connection, name=job_name)
    return int(row[0]) if row else 0


def active_in_all(connection: sa.Connection) -> tuple[int, float]:
    """Count the runs of jobs that have not ended, and the DPUs that they ask for."""
    row = _ACTIVE_IN_ALL.first(connection)
    return (int(row[0]), float(row[1])) if row else (0, 0.0)


def of_chain(connection: sa.Connection, chain_id: str) -> list[Run]:
    """Return the runs of a chain, in order of arrival."""
    query = _SELECT.where(runs.c.chain_id == chain_id).order_by(runs.c.sequence)
    return [_from_row(connection, row) for row in connection.execute(query)]


def chain_is_active(connection: sa.Connection, chain_id: str) -> bool:
    """Tell whether a run of a chain has not ended."""
    return _ACTIVE_IN_CHAIN.first(connection, chain=chain_id) is not None


def holding(connection: sa.Connection) -> list[Run]:
    """Return every run that holds capacity, in order of arrival."""
    return [_from_row(connection, row) for row in _HOLDING.all(connection, **_HOLDING_STATES)]


def waiting(connection: sa.Connection) -> list[WaitingRun]:
    """Return every run that waits, in order of arrival."""
    return [WaitingRun._make(row) for row in connection.execute(_WAITING)]


def waiting_behind(connection: sa.Connection, after: int) -> list[WaitingRun]:
    """Return the waiting runs that arrived after the one with this sequence, in that order."""
    return [WaitingRun._make(row) for row in _WAITING_BEHIND.all(connection, after=after)]


def count_waiting(connection: sa.Connection) -> tuple[int, int]:
    """Return how many runs wait, and the sequence of the last one (0 where there is none)."""
    row = _WAITING_COUNT.first(connection, wanted=RunState.WAITING.value)
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def waiting_places(connection: sa.Connection) -> set[int]:
    """Return the sequences of the runs that wait."""
    rows = _WAITING_PLACES.all(connection, wanted=RunState.WAITING.value)
    return {int(row[0]) for row in rows}


def any_waits(connection: sa.Connection) -> bool:
    """Tell whether a run waits."""
    return _ANY_WAITS.first(connection, wanted=RunState.WAITING.value) is not None


def any_is_held_back(connection: sa.Connection, execution_class: ExecutionClass) -> bool:
    """Tell whether a run of this class was looked at and has to wait."""
    return _ANY_EXPLAINED.first(connection, execution_class=execution_class.value) is not None


def page(
    connection: sa.Connection, *, job_name: str, before: int | None, limit: int
) -> list[tuple[int, Run]]:
    """Return up to `limit` runs of a job, newest first, with the position that each has.

    Args:
        before: only runs behind this position; None begins at the newest.
    """
    return _page(connection, [runs.c.job_name == job_name], before, limit)


def crawls(
    connection: sa.Connection, *, name: str, since: float, before: int | None, limit: int
) -> list[tuple[int, Run]]:
    """Return up to `limit` crawls of a crawler, newest first, with the position that each has.

    What a trigger could not even ask for is none.

    Args:
        name: what the runs of the crawler have in place of a job's.
        since: when the crawler was made, epoch seconds: one that was deleted may have had its name.
        before: only crawls behind this position; None begins at the newest.
    """
    asked_for = runs.c.job_name == name, _IS_CRAWL, runs.c.submitted >= since, runs.c.dpus > 0
    return _page(connection, asked_for, before, limit)


def _page(
    connection: sa.Connection,
    conditions: Iterable[sa.ColumnElement[bool]],
    before: int | None,
    limit: int,
) -> list[tuple[int, Run]]:
    query = sa.select(*_SELECT.selected_columns, runs.c.sequence).where(*conditions)
    if before is not None:
        query = query.where(runs.c.sequence < before)
    rows = connection.execute(query.order_by(runs.c.sequence.desc()).limit(limit))
    return [(row.sequence, _from_row(connection, row[:-1])) for row in rows]


def active_crawl(connection: sa.Connection, name: str) -> Run | None:
    """Return the crawl that has not ended, if there is one.

    Args:
        name: what the runs of its crawler have in place of a job's.
    """
    row = _ACTIVE_CRAWL.first(connection, name=name)
    return None if row is None else _from_row(connection, row)


def last_succeeded(connection: sa.Connection, job_name: str, limit: int) -> Sequence[Run]:
    """Return up to `limit` runs of a job that succeeded, newest first."""
    query = (
        _SELECT.where(runs.c.job_name == job_name, runs.c.state == RunState.SUCCEEDED.value)
        .order_by(runs.c.sequence.desc())
        .limit(limit)
    )
    return [_from_row(connection, row) for row in connection.execute(query)]


def change(
    connection: sa.Connection,
    run: Run,
    *,
    to: RunState,
    now: float,
    ended: float | None = None,
    **values: float | int | str | None,
) -> bool:
    """Move a run to another state, if it is still in the state that `run` shows, and is still to
    end as `run` shows.

    Args:
        run: the run as it was read.
        to: the new state; terminal states set `completed`.
        ended: when the run's processes ended; by default `now`.
        values: further columns to set.

    Returns:
        True when this call made the change; False when someone else was first.
    """
    if to is not run.state and not may_follow(run.state, to):
        raise ValueError(f"a run cannot go from {run.state} to {to}")
    if to not in ACTIVE:
        values["completed"] = now if ended is None else ended
    query = (
        sa.update(runs)
        .where(
            runs.c.id == run.id,
            runs.c.state == run.state.value,
            runs.c.stop_cause.is_not_distinct_from(run.stop_cause and run.stop_cause.value),
        )
        .values(state=to.value, modified=now, **values)
    )
    return connection.execute(query).rowcount == 1


def start(
    connection: sa.Connection,
    run_id: str,
    *,
    now: float,
    dpus: float,
    memory_mb: int,
    detail: str | None,
    flex_delay: float | None = None,
) -> bool:
    """Let a waiting run start with what it holds; False when it does not wait any more.

    Args:
        flex_delay: seconds that it waited because of FLEX.
    """
    query = (
        sa.update(runs)
        .where(runs.c.id == run_id, _IS_WAITING)
        .values(
            state=RunState.STARTING.value,
            started=now,
            modified=now,
            held_dpus=dpus,
            held_memory_mb=memory_mb,
            state_detail=detail,
            flex_delay=flex_delay,
        )
    )
    return connection.execute(query).rowcount == 1


def set_notified(connection: sa.Connection, run_id: str, now: float) -> None:
    """Note when it was announced that a run lasts longer than its owner expected."""
    connection.execute(sa.update(runs).where(runs.c.id == run_id).values(notified=now))


def explain(connection: sa.Connection, reasons: Mapping[str, str]) -> None:
    """Say why waiting runs wait, by their ids."""
    if reasons:
        values = [{"wanted": run_id, "detail": reason} for run_id, reason in reasons.items()]
        connection.execute(_EXPLAIN, values)


def _from_row(connection: sa.Connection, row: Sequence[Any]) -> Run:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["state"] = RunState(values["state"])
    values["execution_class"] = ExecutionClass(values["execution_class"])
    values["queued"] = bool(values["queued"])
    if values["stop_cause"] is not None:
        values["stop_cause"] = RunState(values["stop_cause"])
    values["document"] = sealing.decode(connection, values["document"])
    return Run(**values)
