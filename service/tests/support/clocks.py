"""Time that tests drive."""

from __future__ import annotations


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._steady = 1000.0

    def now(self) -> float:
        return self._now

    def steady(self) -> float:
        return self._steady

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
        self._steady += seconds

    def set(self, seconds: float) -> None:
        """Set the clock on the wall forward, or back; no time passes."""
        self._now += seconds
