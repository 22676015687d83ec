"""Time that tests drive."""

from __future__ import annotations


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds
