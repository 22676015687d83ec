"""How far STANDARD demand rises above what is known: what no schedule tells of.

At times like now of past days, demand as a whole rose so far, and that of schedules, which was
known beforehand, so far: by the difference demand surprised. A high quantile of that is to be kept
free beside what is known now. Two views of the past are taken together: the minutes of the hour say
much where something starts by a clock that nobody has told of; where people and events start runs
they say nothing, and only more of the past says how rare a rise is.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator
from operator import sub

from glueball.core.extremes import high_quantile
from glueball.core.forecast_demand import (
    DAYS,
    LONGEST_SPAN,
    SLOT_SECONDS,
    DemandHistory,
    slot_of,
)

_HOUR_SLOTS = 3600 // SLOT_SECONDS
_DAY_SLOTS = 24 * _HOUR_SLOTS
#: of the hours around this one count so many slots before and after this minute
_NEAR_SLOTS = 1
#: around this time of the day counts every slot of so many hours, each n-th of them
_AROUND_SLOTS = 2 * _HOUR_SLOTS + _HOUR_SLOTS // 2
_EACH = 3
#: spans are rounded up to one of these numbers of slots, so that few have to be worked out
_SPANS: tuple[int, ...] = tuple(
    sorted({*(2**n for n in range(11)), *(3 * 2**n for n in range(10)), LONGEST_SPAN})
)
#: 1970-01-01 was a Thursday
_FIRST_WEEKDAY = 3
_SATURDAY = 5


class SurprisingDemand:
    """The past, beside what was known of it; changes of demand are added in order of time.

    Args:
        began: epoch seconds since when every change is known.
    """

    def __init__(self, began: float) -> None:
        self.began = began
        self._all = DemandHistory(began)
        self._foreseen = DemandHistory(began)
        self._kept: dict[int, _Surprises] = {}  # by span
        self._asked: tuple[int, float] | None = None  # slot and probability
        self._views: tuple[tuple[range, ...], ...] = ()  # what of the past is looked at
        self._rises: list[float] = []  # for each span, never less than for the one before it

    def change(self, time: float, dpus: float, *, foreseen: bool) -> None:
        """Say that demand rose (or fell) by so many DPUs.

        Args:
            time: epoch seconds; what comes late counts from the beginning of the open slot.
            foreseen: a schedule told of it.
        """
        self._all.change(time, dpus)
        if foreseen:
            self._foreseen.change(time, dpus)

    def advance(self, now: float) -> None:
        """Let the time until now be over."""
        self._all.advance(now)
        self._foreseen.advance(now)

    def rise(self, now: float, seconds: float, probability: float) -> float:
        """Return the DPUs by which demand will rise at most above what is known.

        Days of the same kind (Monday to Friday, or the weekend) among the last 28 count. It is
        never less for a longer time.

        Args:
            now: epoch seconds; `advance` was called.
            seconds: how far to look ahead.
            probability: 0.99, say.

        Returns:
            0.0 where no day has shown anything.
        """
        slot = slot_of(now)
        if self._asked != (slot, probability):
            self._asked = (slot, probability)
            self._views = tuple(_near(slot)), tuple(_around(slot))
            self._rises = []
        wanted = _index_of(seconds)
        while len(self._rises) <= wanted:
            before = self._rises[-1] if self._rises else 0.0
            span = _SPANS[len(self._rises)]
            self._rises.append(max(before, self._rise(span, probability)))
        return self._rises[wanted]

    def _rise(self, span: int, probability: float) -> float:
        surprises = self._surprises(span)
        views = [_looked_at(surprises, view) for view in self._views]
        found = [high_quantile(sorted(view), probability) for view in views if view]
        return _tenths(sum(found) / len(found)) if found else 0.0

    def _surprises(self, span: int) -> _Surprises:
        """Return how far demand has surprised within so many slots, or within half of the time
        that is known where that is less."""
        closed = self._all.closed
        span = max((one for one in _SPANS if one <= min(span, len(closed) // 2)), default=1)
        kept = self._kept.setdefault(span, _Surprises(closed.start))
        kept.forget(closed.start)
        fresh = range(kept.end, closed.stop - span + 1)  # what is over since, and was seen whole
        if fresh:
            kept.values.extend(
                map(sub, self._all.rises(fresh, span), self._foreseen.rises(fresh, span))
            )
        return kept


class _Surprises:
    """How far demand surprised within one span, by the slots at which it begins."""

    def __init__(self, first: int) -> None:
        self.first = first  #: number of the first of them
        self.values = array("d")

    @property
    def end(self) -> int:
        return self.first + len(self.values)

    def forget(self, before: int) -> None:
        """Forget what began before a slot."""
        if before > self.first:
            del self.values[: before - self.first]
            self.first = before


def _looked_at(surprises: _Surprises, ranges: Iterable[range]) -> list[float]:
    found: list[float] = []
    for wanted in ranges:
        begin, end = wanted.start - surprises.first, wanted.stop - surprises.first
        found.extend(surprises.values[max(0, begin) : max(0, end) : wanted.step])
    return found


def _tenths(dpus: float) -> float:
    """Round up to a tenth, which people can read."""
    return math.ceil(round(dpus * 10, 6)) / 10


def _near(slot: int) -> Iterator[range]:
    """Give the slots at this minute of past days, an hour before and after it, too."""
    for then in _days_like(slot):
        for hour in (-_HOUR_SLOTS, 0, _HOUR_SLOTS):
            begin = then + hour - _NEAR_SLOTS
            yield range(begin, begin + 2 * _NEAR_SLOTS + 1)


def _around(slot: int) -> Iterator[range]:
    """Give slots of the hours around this time of past days."""
    for then in _days_like(slot):
        yield range(then - _AROUND_SLOTS, then + _AROUND_SLOTS, _EACH)


def _days_like(slot: int) -> Iterator[int]:
    """Give the slot at this time of today, and of the days before of the same kind."""
    kind = _is_weekend(slot // _DAY_SLOTS)
    for day in range(DAYS + 1):
        then = slot - _DAY_SLOTS * day
        if _is_weekend(then // _DAY_SLOTS) == kind:
            yield then


def _index_of(seconds: float) -> int:
    """Return the place of the span that covers so many seconds."""
    slots = -(-seconds // SLOT_SECONDS)
    return next((n for n, span in enumerate(_SPANS) if span >= slots), len(_SPANS) - 1)


def _is_weekend(day: int) -> bool:
    return (day + _FIRST_WEEKDAY) % 7 >= _SATURDAY
