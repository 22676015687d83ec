"""Moving committed pages from the write-ahead log into the database, beside those who write."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from glueball.stores.log_record import LogRecord
from glueball.stores.write_ahead_log import LogPosition, read_position

_log = logging.getLogger(__name__)

#: how long a commit may stay in the log alone
_SECONDS = 5.0
_LOOK_SECONDS = 0.25
#: frames after which it is moved earlier
_FRAMES = 1000
#: frames after which writers wait a moment, so that the log begins anew
_MOST_FRAMES = 8000


class Checkpointer:
    """A thread that checkpoints a database a few seconds after something was written.

    It uses SQLite's passive checkpoint, which waits for nobody and stops nobody.

    Args:
        connect: opens the database for this thread alone.
        database: its path.
        record: is told how far the database is.
    """

    def __init__(
        self, connect: Callable[[], sqlite3.Connection], database: Path, record: LogRecord
    ) -> None:
        self._connect = connect
        self._index = Path(f"{database}-shm")
        self._record = record
        self._written = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="checkpoints", daemon=True)
        self._thread.start()

    def wrote(self) -> None:
        """Note that something was committed."""
        self._written.set()

    def stop(self) -> None:
        """End the thread; what is in the log stays there."""
        self._ending.set()
        self._written.set()
        self._thread.join()

    def _loop(self) -> None:
        connection = self._connect()
        try:
            while not self._ending.is_set():
                self._written.wait()
                self._wait_for_more()
                self._written.clear()
                if not self._ending.is_set():
                    self._checkpoint(connection)
        finally:
            connection.close()

    def _wait_for_more(self) -> None:
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline and not self._ending.wait(_LOOK_SECONDS):
            position = read_position(self._index)
            if position is not None and position.frames >= _FRAMES:
                return

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        try:
            frames = checkpoint(connection, self._index, self._record)
            if frames > _MOST_FRAMES:
                connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
        except (sqlite3.Error, OSError) as error:  # a full disk, say: the log keeps everything
            _log.warning("The write-ahead log could not be moved into the database: %s", error)


def checkpoint(connection: sqlite3.Connection, index: Path, record: LogRecord) -> int:
    """Move what can be moved without waiting for anybody; return how many frames the log has.

    Raises:
        sqlite3.Error: the disk is full, say.
        OSError: the record cannot be written.
    """
    before = read_position(index)
    _, frames, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    after = read_position(index)
    if before is not None and after is not None and before.salts == after.salts and moved > 0:
        record.note_checkpointed(LogPosition(salts=before.salts, frames=moved))
    return int(frames)
