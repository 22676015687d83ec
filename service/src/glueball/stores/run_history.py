"""Looking back at runs: what accounts, reports and the advisor read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.core.past_runs import PastRun
from glueball.core.runs import RunState
from glueball.stores.orchestration_tables import firings, triggers
from glueball.stores.tables import runs, tags


class _Document(msgspec.Struct):
    """What of a run's document is looked at."""

    WorkerType: str | None = None


_FROM_DOCUMENT = ("worker_type",)
_COLUMNS = tuple(name for name in PastRun.__dataclass_fields__ if name not in _FROM_DOCUMENT)
_SELECT = sa.select(*(runs.c[name] for name in _COLUMNS), runs.c.document)
_decode = msgspec.json.Decoder(_Document).decode


def began_between(
    connection: sa.Connection, since: float, until: float, *, job_name: str | None = None
) -> list[PastRun]:
    """Return the runs whose script began from `since` on and before `until` (epoch seconds)."""
    return _found(connection, runs.c.running, since, until, job_name)


def due_between(
    connection: sa.Connection, since: float, until: float, *, job_name: str | None = None
) -> list[PastRun]:
    """Return the runs that were due from `since` on and before `until` (epoch seconds)."""
    return _found(connection, runs.c.due, since, until, job_name)


def _found(
    connection: sa.Connection,
    time: sa.Column[Any],
    since: float,
    until: float,
    job_name: str | None,
) -> list[PastRun]:
    # what a trigger could not even start has asked for nothing
    wanted = time >= since, time < until, runs.c.dpus > 0
    query = _SELECT.where(*wanted).order_by(runs.c.sequence)
    if job_name is not None:
        query = query.where(runs.c.job_name == job_name)
    return [_from_row(row) for row in connection.execute(query)]


def _from_row(row: Sequence[Any]) -> PastRun:
    values = dict(zip(_COLUMNS, row[:-1], strict=True))
    values["state"] = RunState(values["state"])
    return PastRun(worker_type=_decode(row[-1]).WorkerType, **values)


def values_of_tag(connection: sa.Connection, key: str) -> dict[str, str]:
    """Return what a tag says, by the ARNs of the resources that have it."""
    query = sa.select(tags.c.arn, tags.c.value).where(tags.c.key == key)
    return {row.arn: row.value for row in connection.execute(query)}


def chains_of_schedules(connection: sa.Connection) -> set[str]:
    """Return the chains that began with a trigger of a schedule."""
    query = (
        sa.select(firings.c.chain_id)
        .join(triggers, triggers.c.name == firings.c.trigger_name)
        .where(triggers.c.schedule.is_not(None), firings.c.chain_id.is_not(None))
    )
    return set(connection.execute(query).scalars())
