"""What is known of the write-ahead log beside it: how far it was synced, and is in the database.

The record is written after each sync and never synced itself: whatever of it is on the disk was
true when it was written, so it may lag behind, and never says too much.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from glueball.stores.write_ahead_log import LogPosition

_SIZE = 256  #: within one sector, so that it is written whole
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class LogState:
    """What was true of a log at some moment."""

    salts: str = ""  #: which log, in hexadecimal
    synced: int = 0  #: frames that are on the disk
    checkpointed: int = 0  #: frames whose pages are in the database
    boot: str = ""  #: of the machine; "" where nobody can tell


class LogRecord:
    """The file `<database>-synced`.

    Args:
        database: the database's path.
    """

    def __init__(self, database: Path) -> None:
        self._path = Path(f"{database}-synced")
        self._lock = threading.Lock()
        self._state = LogState(boot=boot_id())
        self._file: int | None = None

    def read(self) -> LogState | None:
        """Return what the last service noted; None where there is nothing, or it is damaged."""
        try:
            return LogState(**json.loads(self._path.read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def note_synced(self, position: LogPosition) -> None:
        """Note that the log was synced up to a position, which was read before.

        Raises:
            OSError: it cannot be written.
        """
        with self._lock:
            state = self._of(position)
            self._write(replace(state, synced=max(state.synced, position.frames)))

    def note_checkpointed(self, position: LogPosition) -> None:
        """Note that all frames up to a position are in the database, durably.

        Raises:
            OSError: it cannot be written.
        """
        with self._lock:
            state = self._of(position)
            self._write(replace(state, checkpointed=max(state.checkpointed, position.frames)))

    def forget(self) -> None:
        """Delete the file: nothing lies in the log any more."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None
            self._path.unlink(missing_ok=True)
            self._state = LogState(boot=self._state.boot)

    def _of(self, position: LogPosition) -> LogState:
        salts = position.salts.hex()
        known = self._state.salts == salts
        return self._state if known else LogState(salts=salts, boot=self._state.boot)

    def _write(self, state: LogState) -> None:
        if state == self._state or _is_older(state, self._state):
            return
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.pwrite(self._file, json.dumps(asdict(state)).encode().ljust(_SIZE), 0)
        self._state = state


def boot_id() -> str:
    """Return what no other start of this machine has; "" where nobody can tell."""
    return _BOOT.read_text(encoding="ascii").strip() if _BOOT.exists() else ""


def _is_older(state: LogState, than: LogState) -> bool:
    """Tell whether a state is of an earlier log: the first salt counts up (walformat.html)."""
    if not than.salts or state.salts == than.salts:
        return False
    ahead = (int(state.salts[:8], 16) - int(than.salts[:8], 16)) % 2**32
    return ahead >= 2**31
