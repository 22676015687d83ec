"""How STANDARD demand rose at other times: the part of the forecast that needs no schedule.

Demand is a step function of time. It is kept for 28 days as its level at the beginning, and its
peak, of every slot of five minutes.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from operator import sub

from glueball.core.forecast_lengths import rank

SLOT_SECONDS = 300
DAYS = 28
_HOUR_SLOTS = 3600 // SLOT_SECONDS
_DAY_SLOTS = 24 * _HOUR_SLOTS
_KEPT_SLOTS = DAYS * _DAY_SLOTS
#: of other days count so many slots before and after the one of the same time
_NEAR_SLOTS = 1
#: 1970-01-01 was a Thursday
_FIRST_WEEKDAY = 3
_SATURDAY = 5
#: spans are rounded up to one of these numbers of slots, so that few have to be worked out; the
#: last is a week, the longest that AWS lets a run take
_SPANS: tuple[int, ...] = tuple(
    sorted({*range(1, 5), *(2**n for n in range(3, 11)), *(3 * 2**n for n in range(1, 10)), 2016})
)


class DemandHistory:
    """The demand of past days; changes of it are added in order of time.

    Args:
        began: epoch seconds since when every change is known.
    """

    def __init__(self, began: float) -> None:
        self.began = began
        self._first = math.floor(began / SLOT_SECONDS)  # number of the slot with index 0
        self._level = self._start = self._peak = 0.0
        #: of the slots that are over: the level at their beginning
        self._levels = array("d")
        #: [n][i]: the highest peak of the 2**n slots that end with slot i
        self._peaks = [array("d")]
        self._sorted: dict[int, tuple[int, Sequence[float]]] = {}

    def change(self, time: float, dpus: float) -> None:
        """Say that demand rose (or fell) by so many DPUs.

        Args:
            time: epoch seconds; what comes late counts from the beginning of the open slot.
        """
        self.advance(time)
        self._level += dpus
        self._peak = max(self._peak, self._level)

    def advance(self, now: float) -> None:
        """Close the slots that are over by now."""
        open_slot = self._first + len(self._levels)
        for _ in range(math.floor(now / SLOT_SECONDS) - open_slot):
            self._close()
        if len(self._levels) > 2 * _KEPT_SLOTS:
            self._forget(len(self._levels) - _KEPT_SLOTS)

    def _close(self) -> None:
        index = len(self._levels)
        self._levels.append(self._start)
        self._peaks[0].append(self._peak)
        if 2 ** len(self._peaks) <= min(index + 1, _SPANS[-1]):
            self._peaks.append(array("d", self._peaks[-1][:index]))
        for n in range(1, len(self._peaks)):
            half = 2 ** (n - 1)
            below = self._peaks[n - 1]
            self._peaks[n].append(max(below[index], below[max(0, index - half)]))
        self._start = self._peak = self._level

    def _forget(self, count: int) -> None:
        for values in (self._levels, *self._peaks):
            del values[:count]
        self._first += count

    def rise(self, now: float, seconds: float, probability: float) -> float:
        """Return the DPUs by which demand will rise at most, with a probability.

        What counts is how far demand peaked within so many seconds above where it stood, at this
        time of days of the same kind (Monday to Friday, or the weekend) among the last 28, and
        an hour before and after it. The minutes of the hour count: most jobs start by a clock.

        Args:
            now: epoch seconds.
            seconds: how far to look ahead.
            probability: 0.99, say.

        Returns:
            0.0 where no day has shown anything.
        """
        span = _span(seconds)
        slot = math.floor(now / SLOT_SECONDS)
        known = self._sorted.get(span)
        if known is None or known[0] != slot:
            known = (slot, sorted(self._rises(slot, span)))
            self._sorted[span] = known
        rises = known[1]
        return max(0.0, rises[rank(len(rises), probability)]) if rises else 0.0

    def _rises(self, slot: int, span: int) -> Iterator[float]:
        span = min(span, max(1, len(self._levels) // 2))
        power = min(span.bit_length(), len(self._peaks)) - 1
        peaks, late = self._peaks[power], span - 2**power
        # a span is over, and seen whole, where its last slot is closed
        over = len(self._levels) - span + 1
        for begin in self._begins(slot):
            first, end = max(begin, 0), min(begin + 2 * _NEAR_SLOTS + 1, over)
            if first < end:
                near = first + 2**power - 1
                count = end - first
                yield from map(
                    sub,
                    map(max, peaks[near : near + count], peaks[near + late : near + late + count]),
                    self._levels[first:end],
                )

    def _begins(self, slot: int) -> Iterator[int]:
        """Give the index of the first slot of each stretch of time that counts."""
        kind = _is_weekend(slot // _DAY_SLOTS)
        for day in range(DAYS + 1):
            then = slot - _DAY_SLOTS * day
            if _is_weekend(then // _DAY_SLOTS) == kind:
                for hour in (-1, 0, 1):
                    yield then + hour * _HOUR_SLOTS - _NEAR_SLOTS - self._first


def _span(seconds: float) -> int:
    """Return how many slots to look over for so many seconds."""
    slots = math.ceil(seconds / SLOT_SECONDS)
    return next((span for span in _SPANS if span >= slots), _SPANS[-1])


def _is_weekend(day: int) -> bool:
    return (day + _FIRST_WEEKDAY) % 7 >= _SATURDAY
