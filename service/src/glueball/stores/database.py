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
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from glueball import failpoints
from glueball.core.errors import AwsError, ConfigurationError, ServiceUnavailable
from glueball.stores import event_tables, orchestration_tables  # noqa: F401 - their tables are ours
from glueball.stores.checkpoints import Checkpointer, checkpoint
from glueball.stores.damage import describe_log_damage, find_damage, keep_copy
from glueball.stores.journal import Journal
from glueball.stores.log_record import LogRecord, boot_id
from glueball.stores.migrations import migrate
from glueball.stores.sealing import Sealer, attach, seal_what_is_there
from glueball.stores.tables import SCHEMA_VERSION, metadata, schema_version, sealing_key
from glueball.stores.write_ahead_log import read_frames, read_position

_BUSY_TIMEOUT_SECONDS = 30.0
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "cache_size=-8000",
    "wal_autocheckpoint=16000",  # pages; `checkpoints` comes long before
)


class Database:
    """A handle on the tables.

    Args:
        path: the SQLite file; its directory exists.
        extra: tables that other stores define (objects, roles), created along.
        sealer: encrypts the secrets in documents; None leaves them in clear.

    Raises:
        ConfigurationError: the file was written by a newer Glueball, or is not a database.
    """

    def __init__(
        self, path: Path, *, extra: tuple[sa.MetaData, ...] = (), sealer: Sealer | None = None
    ) -> None:
        self.path = path
        self._sealer = sealer
        _keep_private(path)
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
        self._record = LogRecord(path)
        #: sentences about damage that was found when the file was opened
        self.warnings: list[str] = []
        self._checkpointer: Checkpointer | None = None
        self._closing = threading.Event()
        self._open()
        self._inode = os.stat(path).st_ino
        self.journal = Journal(Path(f"{path}-wal"), self._record, self._note_write)

    def _open(self) -> None:
        try:
            self._look_for_damage()
            connection = self._connection("writer")
            with _transaction(connection):
                sealed = self._bring_up_to_date(connection)
            if sealed:
                _forget_what_was_replaced(connection)
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            raise ConfigurationError(
                f"{self.path} cannot be opened as Glueball's database ({error}). If the disk "
                "is full or read-only, mend that; otherwise move the file away and start again."
            ) from error

    def _look_for_damage(self) -> None:
        """Compare the log with what SQLite reads of it; put all that can be read into the file.

        Raises:
            sqlite3.DatabaseError: the file is no database, or damaged beyond opening.
        """
        log = Path(f"{self.path}-wal")
        frames, record = read_frames(log), self._record.read()
        damage = find_damage(frames, self._recovered(), record, boot_id())
        if damage is not None:
            place = keep_copy(self.path)
            self.warnings.append(describe_log_damage(damage, place))
            if damage.drops_log:
                log.unlink()
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._record.forget()

    def _recovered(self) -> int:
        """Return how many frames of the log SQLite reads; nothing is changed by asking."""
        # who may only read does not move the log into the file when he leaves
        uri = f"{self.path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            position = read_position(Path(f"{self.path}-shm"))
        return 0 if position is None else position.frames

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_TIMEOUT_SECONDS)
        _configure(connection, None)
        return connection

    def start_checkpoints(self) -> None:
        """Keep the log short from now on, in a thread of its own; `close` ends it."""
        self._checkpointer = Checkpointer(self._connect, self.path, self._record)

    def _note_write(self) -> None:
        if self._checkpointer is not None:
            self._checkpointer.wrote()

    def check(self) -> list[str]:
        """Return what SQLite finds wrong with the whole file; it reads all of it.

        Other threads work on meanwhile; `close` ends it.
        """
        try:
            with closing(self._connect()) as connection:
                connection.set_progress_handler(self._closing.is_set, 100_000)
                rows = connection.execute("PRAGMA quick_check(20)").fetchall()
        except sqlite3.DatabaseError as error:
            return [] if self._closing.is_set() else [str(error)]
        return [] if rows == [("ok",)] else [str(row[0]) for row in rows]

    def _bring_up_to_date(self, connection: sa.Connection) -> bool:
        """Make what is missing in the file, and change what an older Glueball made otherwise.

        Returns:
            True when secrets that stood there in clear were encrypted.

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
        return self._sealer is not None and seal_what_is_there(connection, self._sealer)

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
            attach(kept, self._sealer)
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
                    if table not in (schema_version, sealing_key):
                        connection.exec_driver_sql(f"DELETE FROM {table.name}")

    def close(self) -> None:
        """Close every connection; the file is whole without its side files afterwards."""
        self._closing.set()
        if self._checkpointer is not None:
            self._checkpointer.stop()
            self._checkpointer = None
        with suppress(sqlite3.Error, OSError, ServiceUnavailable):  # then the log keeps everything
            self.check_present()
            with closing(self._connect()) as connection:
                checkpoint(connection, Path(f"{self.path}-shm"), self._record)
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._record.forget()
        while self._all:
            self._all.pop().close()
        self._own = threading.local()
        self.journal.close()


def translate(error: BaseException) -> AwsError | None:
    """Say a storage error in a client's words; None where it is none of the disk's doing."""
    if isinstance(error, sa.exc.DatabaseError):
        reason = str(error.orig)
    elif isinstance(error, sqlite3.DatabaseError):
        reason = str(error)
    else:
        return None
    if "full" in reason or "I/O" in reason:
        remedy = "The disk is full or failing; free some space and try again."
    elif "readonly" in reason or "unable to open" in reason:
        remedy = "The home directory cannot be written; check that it exists and its permissions."
    elif "malformed" in reason:
        return ServiceUnavailable(
            "The database is damaged here; the service's log says where its copy is. Restore a "
            f"backup. ({reason})"
        )
    elif "locked" in reason:
        remedy = "Another process holds the database; stop it and try again."
    else:
        return None
    return ServiceUnavailable(f"{remedy} Nothing was changed. ({reason})")


def _forget_what_was_replaced(connection: sa.Connection) -> None:
    """Leave nothing of deleted or changed rows in the file or its log."""
    connection.exec_driver_sql("VACUUM")
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _keep_private(path: Path) -> None:
    """Let the owner alone read the file and those that SQLite makes beside it, with its mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        with suppress(FileNotFoundError):
            name.chmod(0o600)


def _version_of(connection: sa.Connection) -> int | None:
    """Return the schema that a file was written with; None where it is empty."""
    if not sa.inspect(connection).has_table(schema_version.name):
        return None
    return connection.execute(sa.select(schema_version.c.version)).scalar()


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
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
