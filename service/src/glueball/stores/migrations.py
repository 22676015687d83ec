"""How the database of an older Glueball becomes one of this one.

A table that is new needs no step: it is created because it is missing. A table that changes needs
one, written out in SQL: the code that the file was made with is gone. What SQL cannot do, a
function does. A step is never edited once it was released; the next change is the next step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from glueball.stores.catalog.migration import arrange_by_values
from glueball.stores.tables import schema_version


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One step."""

    to: int  #: the schema version that the file has afterwards
    statements: tuple[str, ...] = ()
    transform: Callable[[sa.Connection], None] | None = None  #: called behind the statements


#: the columns that runs had until schema 2
_RUNS_2 = (
    "sequence, id, job_name, state, execution_class, command, script_location, python_version, "
    "glue_version, attempt, previous_run_id, max_retries, timeout_minutes, dpus, held_dpus, "
    "held_memory_mb, token, submitted, started, running, completed, modified, stop_cause, "
    "state_detail, error_message, document"
)

#: those that they had until schema 3
_RUNS_3 = (
    _RUNS_2.removesuffix("document")
    + "trigger_name, chain_id, due, queued, deadline, notified, dpu_seconds, flex_delay, document"
)
_INDEXES_OF_RUNS = (
    "CREATE INDEX runs_of_job ON runs (job_name, sequence)",
    "CREATE INDEX runs_active ON runs (job_name, completed) WHERE completed IS NULL",
    "CREATE INDEX runs_unfinished ON runs (state, sequence) WHERE completed IS NULL",
    "CREATE INDEX runs_of_chain ON runs (chain_id, sequence) WHERE chain_id IS NOT NULL",
)

#: in order
MIGRATIONS = (
    Migration(  # the Data Catalog, too, whose tables are new
        to=2,
        statements=("CREATE INDEX bookmarks_of_run ON bookmarks (job_name, run_id)",),
    ),
    Migration(  # triggers, workflows, queues: their tables are new, runs know of them
        to=3,
        statements=(
            """
            CREATE TABLE runs_3 (
                sequence INTEGER NOT NULL, id TEXT NOT NULL, job_name TEXT NOT NULL,
                state TEXT NOT NULL, execution_class TEXT NOT NULL, command TEXT NOT NULL,
                script_location TEXT NOT NULL, python_version TEXT, glue_version TEXT,
                attempt INTEGER NOT NULL, previous_run_id TEXT, max_retries INTEGER NOT NULL,
                timeout_minutes INTEGER NOT NULL, dpus FLOAT NOT NULL, held_dpus FLOAT,
                held_memory_mb INTEGER, token TEXT NOT NULL, submitted FLOAT NOT NULL,
                started FLOAT, running FLOAT, completed FLOAT, modified FLOAT NOT NULL,
                stop_cause TEXT, state_detail TEXT, error_message TEXT, trigger_name TEXT,
                chain_id TEXT, due FLOAT NOT NULL, queued BOOLEAN NOT NULL, deadline FLOAT,
                notified FLOAT, dpu_seconds FLOAT, flex_delay FLOAT, document BLOB NOT NULL,
                PRIMARY KEY (sequence), UNIQUE (id) )
            """,
            f"""
            INSERT INTO runs_3 ({_RUNS_2}, due, queued)
            SELECT {_RUNS_2}, submitted, 0 FROM runs
            """,
            "DROP TABLE runs",
            "ALTER TABLE runs_3 RENAME TO runs",
            *_INDEXES_OF_RUNS,
        ),
    ),
    Migration(  # how long scripts ran, by a clock that nobody sets
        to=4,
        statements=(
            """
            CREATE TABLE runs_4 (
                sequence INTEGER NOT NULL, id TEXT NOT NULL, job_name TEXT NOT NULL,
                state TEXT NOT NULL, execution_class TEXT NOT NULL, command TEXT NOT NULL,
                script_location TEXT NOT NULL, python_version TEXT, glue_version TEXT,
                attempt INTEGER NOT NULL, previous_run_id TEXT, max_retries INTEGER NOT NULL,
                timeout_minutes INTEGER NOT NULL, dpus FLOAT NOT NULL, held_dpus FLOAT,
                held_memory_mb INTEGER, token TEXT NOT NULL, submitted FLOAT NOT NULL,
                started FLOAT, running FLOAT, completed FLOAT, modified FLOAT NOT NULL,
                stop_cause TEXT, state_detail TEXT, error_message TEXT, trigger_name TEXT,
                chain_id TEXT, due FLOAT NOT NULL, queued BOOLEAN NOT NULL, deadline FLOAT,
                notified FLOAT, dpu_seconds FLOAT, flex_delay FLOAT, ran_seconds FLOAT,
                document BLOB NOT NULL,
                PRIMARY KEY (sequence), UNIQUE (id) )
            """,
            f"INSERT INTO runs_4 ({_RUNS_3}) SELECT {_RUNS_3} FROM runs",
            "DROP TABLE runs",
            "ALTER TABLE runs_4 RENAME TO runs",
            *_INDEXES_OF_RUNS,
        ),
    ),
    Migration(to=5, transform=arrange_by_values),
)


def migrate(connection: sa.Connection, found: int) -> None:
    """Take the steps that a file of schema version `found` has not had yet.

    Call it in the transaction that opens the file: a step that fails then changes nothing.
    """
    for migration in MIGRATIONS:
        if migration.to > found:
            for statement in migration.statements:
                connection.exec_driver_sql(statement)
            if migration.transform is not None:
                migration.transform(connection)
            connection.execute(sa.update(schema_version).values(version=migration.to))
