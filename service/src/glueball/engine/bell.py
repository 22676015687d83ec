"""The bell: a named pipe that wakes the engine, also from other processes.

Supervisors ring it when a script starts or ends, and say which: the engine need not look at all the
others. A ring that nobody hears is harmless: every second the engine looks at all that is active.
"""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path

_CHUNK = 65536


class Bell:
    """Something to wait for.

    Args:
        path: where the named pipe is; made anew, whatever was there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        os.mkfifo(path, 0o600)
        # open for writing too: a pipe without writers would be readable for ever
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def ring(self) -> None:
        """Wake whoever waits, or who waits next."""
        with contextlib.suppress(BlockingIOError):  # full: it rings already
            os.write(self._fd, b"\n")

    def wait(self, seconds: float) -> frozenset[str]:
        """Return when it rings, at the latest after `seconds`; many rings count as one.

        Returns:
            The ids of runs that rang, an empty text where the service itself did; nothing at all
            when the time is over.
        """
        readable, _, _ = select.select([self._fd], [], [], max(0.0, seconds))
        return frozenset(self._heard().decode().split("\n")[:-1]) if readable else frozenset()

    def _heard(self) -> bytes:
        heard = b""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._fd, _CHUNK):
                heard += chunk
        return heard

    def close(self) -> None:
        """Take the pipe away."""
        os.close(self._fd)
        self.path.unlink(missing_ok=True)
