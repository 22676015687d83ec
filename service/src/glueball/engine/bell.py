"""The bell: a named pipe that wakes the engine, also from other processes.

Supervisors ring it when a script starts or ends. A ring that nobody hears is harmless: the engine
looks by itself every second while runs are active.
"""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path


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

    def wait(self, seconds: float) -> None:
        """Return when it rings, at the latest after `seconds`; many rings count as one."""
        readable, _, _ = select.select([self._fd], [], [], max(0.0, seconds))
        if readable:
            with contextlib.suppress(BlockingIOError):
                while len(os.read(self._fd, 65536)) == 65536:
                    continue

    def close(self) -> None:
        """Take the pipe away."""
        os.close(self._fd)
        self.path.unlink(missing_ok=True)
