"""STANDARD runs that are known before they start: by schedules and by what follows running jobs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

#: of how many runs the jobs are named
_LOOKED_AT = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownStart:
    """A STANDARD run that will start."""

    at: float  #: epoch seconds; what should have started counts from now
    dpus: float
    seconds: float  #: how long it will hold them, with caution
    job_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownPeak:
    """The most that known runs will need on top of what they hold."""

    dpus: float
    at: float  #: epoch seconds
    job_names: tuple[str, ...]  #: of the runs that make it, the last to start first; not all


class KnownDemand:
    """What known runs will need, from one moment on.

    Runs that overlap add up; one that follows another that has ended does not. It is worked out
    only as far ahead as somebody asks.

    Args:
        now: epoch seconds.
        starts: in order of time.
        ends: when, and how many DPUs, known runs that go on now will give back, with caution.
    """

    def __init__(
        self, now: float, starts: Sequence[KnownStart], ends: Iterable[tuple[float, float]]
    ) -> None:
        self._now = now
        self._starts = starts
        self._next = 0
        #: (time, how many starts came before, DPUs)
        self._ends = [(at, -1, dpus) for at, dpus in ends]
        heapify(self._ends)
        self._level = 0.0
        #: ever higher levels: when each is reached, how high it is, and by which start
        self._times: list[float] = []
        self._peaks: list[tuple[float, int]] = []

    def peak(self, seconds: float) -> KnownPeak | None:
        """Return the highest need within so many seconds; None where there is none."""
        until = self._now + seconds
        while self._next < len(self._starts) and self._starts[self._next].at <= until:
            self._climb(self._starts[self._next])
        found = bisect_right(self._times, until)
        if not found:
            return None
        dpus, index = self._peaks[found - 1]
        at = self._times[found - 1]
        return KnownPeak(dpus=dpus, at=at, job_names=self._going(at, index))

    def _climb(self, start: KnownStart) -> None:
        at = max(self._now, start.at)
        while self._ends and self._ends[0][0] < at:  # what ends just then may be late
            self._level -= heappop(self._ends)[2]
        self._level += start.dpus
        heappush(self._ends, (at + start.seconds, self._next, start.dpus))
        if self._level > (self._peaks[-1][0] if self._peaks else 0.0):
            self._times.append(at)
            self._peaks.append((self._level, self._next))
        self._next += 1

    def _going(self, at: float, index: int) -> tuple[str, ...]:
        """Name the jobs of a few runs that go on at a peak."""
        names: dict[str, None] = {}
        for start in self._starts[max(0, index - _LOOKED_AT) : index + 1][::-1]:
            if max(self._now, start.at) + start.seconds >= at:
                names[start.job_name] = None
        return tuple(names)
