"""Making commits durable, many at once.

With `synchronous=NORMAL` SQLite appends a commit to its write-ahead log without syncing it. One
`fdatasync` of that file makes every commit before it durable (https://www.sqlite.org/wal.html,
"Performance Considerations"), so the requests that wait at the same moment share one. It is what
`synchronous=FULL` does for each commit alone.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from glueball.core.errors import ServiceUnavailable
from glueball.stores.log_record import LogRecord
from glueball.stores.write_ahead_log import read_position

# macOS has no fdatasync
_sync = os.fsync if sys.platform == "darwin" else os.fdatasync


class Journal:
    """The write-ahead log of an open database.

    Args:
        path: the file; it exists as long as a connection is open.
        record: is told how far the log was synced.
        on_write: is called after each commit.
    """

    def __init__(
        self,
        path: Path,
        record: LogRecord | None = None,
        on_write: Callable[[], None] = lambda: None,
    ) -> None:
        self._index = path.with_name(path.name.removesuffix("-wal") + "-shm")
        self._record = record
        self._on_write = on_write
        self._file = os.open(path, os.O_RDWR)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)  # the file's own name must survive, too
        finally:
            os.close(directory)
        self._lock = threading.Lock()
        self._written = 0  # commits so far
        self._synced = 0  # commits that are durable
        self._running: asyncio.Task[None] | None = None

    def wrote(self) -> None:
        """Note that a transaction was committed."""
        with self._lock:
            self._written += 1
        self._on_write()

    def sync(self) -> None:
        """Make every commit so far durable.

        Raises:
            ServiceUnavailable: the disk fails; what was committed may be lost at a power cut.
        """
        written = self._written
        if self._synced < written:
            position = read_position(self._index)
            try:
                _sync(self._file)
                if position is not None and self._record is not None:
                    self._record.note_synced(position)
            except OSError as error:
                raise ServiceUnavailable(
                    f"The disk fails ({error.strerror}): the change was made, but a power cut may "
                    "undo it. Look at the system's log before you rely on it."
                ) from error
            with self._lock:
                self._synced = max(self._synced, written)

    async def settled(self) -> None:
        """Wait until every commit so far is durable; who waits at the same time shares a sync.

        Raises:
            ServiceUnavailable: the disk fails.
        """
        wanted = self._written
        while self._synced < wanted:
            if self._running is None:
                loop = asyncio.get_running_loop()
                self._running = loop.create_task(self._sync_aside())
            await asyncio.shield(self._running)

    async def _sync_aside(self) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(None, self.sync)
        finally:
            self._running = None

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
