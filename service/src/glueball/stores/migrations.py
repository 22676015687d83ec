"""How the database of an older Glueball becomes one of this one.

A table that is new needs no step: it is created because it is missing. A table that changes needs
one, written out in SQL: the code that the file was made with is gone. A step is never edited once
it was released; the next change is the next step.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from glueball.stores.tables import schema_version


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One step."""

    to: int  #: the schema version that the file has afterwards
    statements: tuple[str, ...]


#: in order
MIGRATIONS = (
    Migration(  # the Data Catalog, too, whose tables are new
        to=2,
        statements=("CREATE INDEX bookmarks_of_run ON bookmarks (job_name, run_id)",),
    ),
)


def migrate(connection: sa.Connection, found: int) -> None:
    """Take the steps that a file of schema version `found` has not had yet.

    Call it in the transaction that opens the file: a step that fails then changes nothing.
    """
    for migration in MIGRATIONS:
        if migration.to > found:
            for statement in migration.statements:
                connection.exec_driver_sql(statement)
            connection.execute(sa.update(schema_version).values(version=migration.to))
