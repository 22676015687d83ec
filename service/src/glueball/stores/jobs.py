"""Job definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from glueball.stores import sealing
from glueball.stores.lookups import Lookup
from glueball.stores.tables import jobs

_COLUMNS = (jobs.c.name, jobs.c.created, jobs.c.modified, jobs.c.document)
_BY_NAME = Lookup(sa.select(*_COLUMNS).where(jobs.c.name == sa.bindparam("wanted")))
_INSERT = sa.insert(jobs)
#: that one query asks for: a database takes so many parameters and no more
_MOST_NAMES = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class JobDefinition:
    """What CreateJob and UpdateJob wrote."""

    name: str
    created: float
    modified: float
    document: Mapping[str, Any]  #: the members of AWS's Job shape, defaults filled in


def get(connection: sa.Connection, name: str) -> JobDefinition | None:
    """Return the job called `name`, or None."""
    row = _BY_NAME.first(connection, wanted=name)
    return None if row is None else _from_row(connection, row)


def insert(connection: sa.Connection, job: JobDefinition) -> None:
    """Add a job whose name is free."""
    connection.execute(_INSERT, _to_row(connection, job))


def replace(connection: sa.Connection, job: JobDefinition) -> None:
    """Put `job` in the place of the one that has its name."""
    connection.execute(
        sa.update(jobs).where(jobs.c.name == job.name).values(_to_row(connection, job))
    )


def delete(connection: sa.Connection, name: str) -> None:
    """Forget the job called `name`; nothing happens where there is none."""
    connection.execute(sa.delete(jobs).where(jobs.c.name == name))


def page(connection: sa.Connection, *, after: str, limit: int) -> list[JobDefinition]:
    """Return up to `limit` jobs in order of name, the first one behind the name `after`."""
    query = sa.select(*_COLUMNS).where(jobs.c.name > after).order_by(jobs.c.name).limit(limit)
    return [_from_row(connection, row) for row in connection.execute(query)]


def named(connection: sa.Connection, names: Sequence[str]) -> list[JobDefinition]:
    """Return those of `names` that exist."""
    query = sa.select(*_COLUMNS).where(jobs.c.name.in_(sa.bindparam("wanted", expanding=True)))
    found: list[JobDefinition] = []
    for start in range(0, len(names), _MOST_NAMES):
        wanted = {"wanted": names[start : start + _MOST_NAMES]}
        found += [_from_row(connection, row) for row in connection.execute(query, wanted)]
    return found


def _to_row(connection: sa.Connection, job: JobDefinition) -> dict[str, Any]:
    return {
        "name": job.name,
        "created": job.created,
        "modified": job.modified,
        "document": sealing.encode(connection, job.document),
    }


def _from_row(connection: sa.Connection, row: Sequence[Any]) -> JobDefinition:
    name, created, modified, document = row
    return JobDefinition(
        name=name,
        created=created,
        modified=modified,
        document=sealing.decode(connection, document),
    )
