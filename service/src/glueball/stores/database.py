"""The database: opened once, read and written through two doors.

SQLite in WAL mode. Every write transaction begins IMMEDIATE, so that two writers queue instead of
failing half-way. What an answered request wrote survives a power cut: the write-ahead log is
synced before the answer, by `write` itself or, for many requests at once, by `journal.py`.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from glueball import failpoints
from glueball.core.errors import AwsError, ConfigurationError, ServiceUnavailable
from glueball.stores import event_tables, orchestration_tables  # noqa: F401 - their tables are ours
from glueball.stores.journal import Journal
from glueball.stores.migrations import migrate
from glueball.stores.tables import SCHEMA_VERSION, metadata, schema_version

_BUSY_TIMEOUT_SECONDS = 30.0


class Database:
    """A handle on the tables.

    Args:
        path: the SQLite file; its directory exists.
        extra: tables that other stores define (objects, roles), created along.

    Raises:
        ConfigurationError: the file was written by a newer Glueball, or is not a database.
    """

    def __init__(self, path: Path, *, extra: tuple[sa.MetaData, ...] = ()) -> None:
        self.path = path
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path)),  # a path may hold any character
            connect_args={"timeout": _BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            poolclass=sa.NullPool,
            isolation_level="AUTOCOMMIT",  # transactions are begun below, IMMEDIATE
        )
        self._tables = (metadata, *extra)
        #: a thread keeps its connections: taking one from a pool costs more than a query
        self._own = threading.local()
        self._all: list[sa.Connection] = []
        sa.event.listen(self._engine, "connect", _configure)
        self._open()
        self._inode = os.stat(path).st_ino
        self.journal = Journal(Path(f"{path}-wal"))

    def _open(self) -> None:
        try:
            connection = self._connection("writer")
            with _transaction(connection):
                self._bring_up_to_date(connection)
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            raise ConfigurationError(
                f"{self.path} cannot be opened as Glueball's database ({error}). If the disk "
                "is full or read-only, mend that; otherwise move the file away and start again."
            ) from error

    def _bring_up_to_date(self, connection: sa.Connection) -> None:
        """Make what is missing in the file, and change what an older Glueball made otherwise.

        Raises:
            ConfigurationError: a newer Glueball wrote it; nothing is changed then.
        """
        found = _version_of(connection)
        if found is not None and found > SCHEMA_VERSION:
            raise ConfigurationError(
                f"{self.path} was written by a newer Glueball (schema {found}; this one knows "
                f"{SCHEMA_VERSION}). Install that version, or start with another --home."
            )
        if found is not None:
            migrate(connection, found)
        for tables in self._tables:
            tables.create_all(connection)
        if found is None:
            connection.execute(sa.insert(schema_version).values(version=SCHEMA_VERSION))

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection for reading; each statement sees the newest commit."""
        yield self._connection("reader")

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Give a connection for reading; all statements see the same moment."""
        connection = self._connection("reader")
        driver: Any = connection.connection.dbapi_connection
        driver.execute("BEGIN")
        try:
            yield connection
        finally:
            driver.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give a connection in a write transaction; it commits durably or changes nothing.

        Raises:
            ServiceUnavailable: the home directory was taken away from under the service.
        """
        with self.write_behind() as connection:
            yield connection
        self.journal.sync()

    @contextmanager
    def write_behind(self) -> Iterator[sa.Connection]:
        """Like `write`, but durable only after the next `journal.sync`: nothing of it may be
        promised to anybody before."""
        self.check_present()
        connection = self._connection("writer")
        driver: Any = connection.connection.dbapi_connection
        before = driver.total_changes
        with _transaction(connection):
            yield connection
            failpoints.reach("database.uncommitted")
        if driver.total_changes != before:  # else there is nothing to make durable
            self.journal.wrote()
        failpoints.reach("database.committed")

    def _connection(self, kind: str) -> sa.Connection:
        kept: sa.Connection | None = getattr(self._own, kind, None)
        if kept is None:
            kept = self._engine.connect()
            setattr(self._own, kind, kept)
            self._all.append(kept)
        return kept

    def check_present(self) -> None:
        """Make sure that the file is still the one that was opened: SQLite itself would go on
        writing into a deleted file and lose everything."""
        try:
            present = os.stat(self.path).st_ino == self._inode
        except OSError:
            present = False
        if not present:
            raise ServiceUnavailable(
                f"The home directory {self.path.parent} was deleted while the service was "
                "running, so nothing can be kept. Stop it and start `glueball up` again."
            )

    def clear(self) -> None:
        """Empty every table; what `glueball up --testing` offers to test suites."""
        with self.write() as connection:
            for tables in self._tables:
                for table in reversed(tables.sorted_tables):
                    if table is not schema_version:
                        connection.exec_driver_sql(f"DELETE FROM {table.name}")

    def close(self) -> None:
        """Close every connection; the file is whole without its side files afterwards."""
        while self._all:
            self._all.pop().close()
        self._own = threading.local()
        self.journal.close()


def translate(error: BaseException) -> AwsError | None:
    """Say a storage error in a client's words; None where it is none of the disk's doing."""
    if isinstance(error, sa.exc.OperationalError):
        reason = str(error.orig)
    elif isinstance(error, sqlite3.OperationalError):
        reason = str(error)
    else:
        return None
    if "full" in reason or "I/O" in reason:
        remedy = "The disk is full or failing; free some space and try again."
    elif "readonly" in reason or "unable to open" in reason:
        remedy = "The home directory cannot be written; check that it exists and its permissions."
    elif "locked" in reason:
        remedy = "Another process holds the database; stop it and try again."
    else:
        return None
    return ServiceUnavailable(f"{remedy} Nothing was changed. ({reason})")


def _version_of(connection: sa.Connection) -> int | None:
    """Return the schema that a file was written with; None where it is empty."""
    if not sa.inspect(connection).has_table(schema_version.name):
        return None
    return connection.execute(sa.select(schema_version.c.version)).scalar()


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-8000"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _transaction(connection: sa.Connection) -> Iterator[None]:
    driver: Any = connection.connection.dbapi_connection
    driver.execute("BEGIN IMMEDIATE")
    try:
        yield
        driver.execute("COMMIT")
    except BaseException:
        if driver.in_transaction:  # SQLite ends it by itself when the disk is full
            driver.execute("ROLLBACK")
        raise
