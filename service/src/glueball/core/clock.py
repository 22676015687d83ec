"""Time as an argument."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Where time comes from; tests drive a virtual one."""

    def now(self) -> float:
        """Return the wall-clock time in seconds since the epoch (UTC)."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()
