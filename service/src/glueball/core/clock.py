"""Time as an argument: the clock on the wall, which may be set, and one that nobody sets."""

from __future__ import annotations

import time
from typing import NamedTuple, Protocol


class Clock(Protocol):
    """Where time comes from; tests drive a virtual one."""

    def now(self) -> float:
        """Return the wall-clock time in seconds since the epoch (UTC)."""
        ...

    def steady(self) -> float:
        """Return seconds that pass evenly, whatever the clock on the wall is set to.

        All processes of a machine share this count until it is started anew, so how long a script
        has run can be told by a service that did not start it.
        """
        ...


class Instant(NamedTuple):
    """One moment by both clocks."""

    wall: float  #: `Clock.now`
    steady: float  #: `Clock.steady`

    @classmethod
    def of(cls, clock: Clock) -> Instant:
        """Return what a clock shows."""
        return cls(clock.now(), clock.steady())


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()

    def steady(self) -> float:
        return time.monotonic()
