"""Job bookmarks: one row a commit or reset, the newest one counts.

https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from glueball.stores.tables import bookmarks

#: versions of a job's bookmark that are kept: how many commits and resets it can be wound back
KEPT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookmark:
    """What a job has processed, as one of its runs committed it."""

    job_name: str
    version: int  #: grows with every commit, reset and rewind
    run_number: int  #: successful runs so far
    attempt: int  #: of the run that committed
    run_id: str | None  #: None after a reset
    previous_run_id: str | None
    state: str  #: JSON of the runtime; "" when nothing is remembered
    committed: float


def latest(connection: sa.Connection, job_name: str) -> Bookmark | None:
    """Return the newest bookmark of a job, or None where there never was one."""
    query = (
        sa.select(bookmarks)
        .where(bookmarks.c.job_name == job_name)
        .order_by(bookmarks.c.version.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else Bookmark(**row._mapping)


def of_run(connection: sa.Connection, job_name: str, run_id: str) -> Bookmark | None:
    """Return the bookmark that a run committed, or None."""
    query = (
        sa.select(bookmarks)
        .where(bookmarks.c.job_name == job_name, bookmarks.c.run_id == run_id)
        .order_by(bookmarks.c.version.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else Bookmark(**row._mapping)


def append(connection: sa.Connection, bookmark: Bookmark) -> None:
    """Make `bookmark` the newest one of its job; its version is the last one plus one.

    The `KEPT` newest versions stay; what is older is forgotten.
    """
    columns = {column.name: getattr(bookmark, column.name) for column in bookmarks.columns}
    connection.execute(sa.insert(bookmarks).values(columns))
    connection.execute(
        sa.delete(bookmarks).where(
            bookmarks.c.job_name == bookmark.job_name,
            bookmarks.c.version <= bookmark.version - KEPT,
        )
    )


def delete(connection: sa.Connection, job_name: str) -> None:
    """Forget all that a job has processed, with its history."""
    connection.execute(sa.delete(bookmarks).where(bookmarks.c.job_name == job_name))
