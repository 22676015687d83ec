"""How STANDARD demand rose and fell in the past.

Demand is a step function of time. It is kept for 28 days as its level at the beginning, and its
peak, of every slot of five minutes.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from operator import sub

SLOT_SECONDS = 300
DAYS = 28
_KEPT_SLOTS = DAYS * 24 * 3600 // SLOT_SECONDS
#: slots over which demand may be asked for: a week, the longest that AWS lets a run take
LONGEST_SPAN = 7 * 24 * 3600 // SLOT_SECONDS


class DemandHistory:
    """The demand of past days; changes of it are added in order of time.

    Args:
        began: epoch seconds since when every change is known.
    """

    def __init__(self, began: float) -> None:
        self.began = began
        self._first = slot_of(began)  # number of the slot with index 0
        self._level = self._start = self._peak = 0.0
        #: of the slots that are over: the level at their beginning
        self._levels = array("d")
        #: [n][i]: the highest peak of the 2**n slots that end with slot i
        self._peaks = [array("d")]

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
        for _ in range(slot_of(now) - open_slot):
            self._close()
        if len(self._levels) > 2 * _KEPT_SLOTS:
            self._forget(len(self._levels) - _KEPT_SLOTS)

    def _close(self) -> None:
        index = len(self._levels)
        self._levels.append(self._start)
        self._peaks[0].append(self._peak)
        if 2 ** len(self._peaks) <= min(index + 1, LONGEST_SPAN):
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

    @property
    def closed(self) -> range:
        """The numbers of the slots that are over, as far as they are kept."""
        return range(self._first, self._first + len(self._levels))

    def rises(self, slots: range, span: int) -> Iterator[float]:
        """Give how far demand peaked above the level at the beginning of each slot.

        Args:
            slots: numbers of slots.
            span: within how many slots; those of the last one are over.
        """
        power = span.bit_length() - 1
        peaks, late = self._peaks[power], span - 2**power
        first, last = slots.start - self._first, slots.stop - self._first
        near, step = first + 2**power - 1, slots.step
        count = last - first
        return map(
            sub,
            map(
                max,
                peaks[near : near + count : step],
                peaks[near + late : near + late + count : step],
            ),
            self._levels[first:last:step],
        )


def slot_of(time: float) -> int:
    """Return the number of the slot in which a moment lies."""
    return math.floor(time / SLOT_SECONDS)
