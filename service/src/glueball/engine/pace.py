"""How much of a processor the engine takes while others have work for it, too."""

from __future__ import annotations


class Pace:
    """A budget of processor time, refilled as time passes.

    Work that comes now and then is done at once: a run starts the moment that the one before it
    ends. Under a stream of requests the budget runs out, and the rests that follow let many of
    them share one round.

    Args:
        share: of a processor that the work may take in the long run, more than 0.
        burst_seconds: of processor time that may be taken at a stretch.
        most_rest_seconds: how long one rest may be.
    """

    def __init__(self, *, share: float, burst_seconds: float, most_rest_seconds: float) -> None:
        self._share = share
        self._burst_seconds = burst_seconds
        self._most_rest_seconds = most_rest_seconds
        self._left_seconds = burst_seconds

    def rest_seconds(self, worked: float, passed: float) -> float:
        """Say how long to rest after a round.

        Args:
            worked: processor seconds that the round took.
            passed: seconds since the round before it ended.
        """
        refilled = self._left_seconds + passed * self._share
        self._left_seconds = min(self._burst_seconds, refilled) - worked
        return min(self._most_rest_seconds, max(0.0, -self._left_seconds / self._share))
