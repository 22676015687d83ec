"""How long a run will take, from how long runs took before.

The likely length is the mean of the job's last two successful runs; that beats the estimates of
users (Tsafrir, Etsion, Feitelson, Backfilling Using System-Generated Predictions, TPDS 2007). How
far runs strayed from such predictions says how careful one must be (Nissimov, Feitelson,
Probabilistic Backfilling, JSSPP 2007). While a run goes on its length is predicted again, given
that it has run so long already (Barbalho and others, LAVA, 2024).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

#: with which the length of a FLEX run is not to be exceeded: the reserve is kept for so long
LENGTH_PROBABILITY = 0.95
#: the same of STANDARD runs that are known: many of them add up, and they are not all late at once
KNOWN_LENGTH_PROBABILITY = 0.8
#: runs of a job that its prediction is made of
_RUNS = 2
#: runs of a class that are remembered
_REMEMBERED = 1000
#: what is taken for the spread of lengths until so many runs have shown it
_FEW = 20
_SPREAD_OF_FEW = 1.5
#: a run that outlasts all that was seen is taken to go on for this part of its age
_OVERDUE = 0.5
_CLASS_QUANTILE_WITHOUT_HISTORY = 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class Length:
    """A prediction, in seconds; None where nothing at all is known."""

    likely: float | None
    careful: float | None  #: not exceeded with the probability that was asked for
    #: no run tells anything: these are the time after which it would be ended
    bound_only: bool = False


class Sample:
    """The last values of something, in order of size."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._arrived: deque[float] = deque()
        self._sorted: list[float] = []

    def __len__(self) -> int:
        return len(self._sorted)

    def add(self, value: float) -> None:
        """Remember a value, and forget the oldest of too many."""
        self._arrived.append(value)
        insort(self._sorted, value)
        if len(self._arrived) > self._most:
            del self._sorted[bisect_left(self._sorted, self._arrived.popleft())]

    def quantile(self, probability: float, above: float = -math.inf) -> float | None:
        """Return the least value that is not exceeded with a probability.

        Args:
            above: only greater values count.

        Returns:
            None where there is no value.
        """
        first = bisect_right(self._sorted, above)
        count = len(self._sorted) - first
        return self._sorted[first + rank(count, probability)] if count else None


def rank(count: int, probability: float) -> int:
    """Return the place of a quantile among `count` sorted values (`count` > 0).

    >>> rank(100, 0.99), rank(10, 0.99), rank(3, 0.5)
    (98, 9, 1)
    """
    return min(count - 1, max(0, math.ceil(probability * count) - 1))


@dataclass(slots=True)
class _Class:
    lengths: Sample = field(default_factory=Sample)
    #: length of a run by the prediction that was made of it
    ratios: Sample = field(default_factory=Sample)


class Lengths:
    """How long successful runs took; runs are added as they end."""

    def __init__(self) -> None:
        self._of_job: dict[str, tuple[float, ...]] = {}
        self._of_class: dict[str, _Class] = {}

    def knows(self, job_name: str) -> bool:
        """Tell whether anything was said of a job."""
        return job_name in self._of_job

    def remember(self, job_name: str, seconds: Sequence[float]) -> None:
        """Say how long the last runs of a job took, the newest last, that were not added."""
        self._of_job[job_name] = tuple(seconds[-_RUNS:])

    def add(self, job_name: str, execution_class: str, seconds: float) -> None:
        """Add a run that succeeded."""
        of_class = self._of_class.setdefault(execution_class, _Class())
        before = self._of_job.get(job_name, ())
        if before and sum(before) > 0:
            of_class.ratios.add(seconds * len(before) / sum(before))
        of_class.lengths.add(seconds)
        self._of_job[job_name] = (*before, seconds)[-_RUNS:]

    def predict(
        self,
        job_name: str,
        execution_class: str,
        *,
        timeout_seconds: float | None,
        probability: float,
        age: float = 0.0,
    ) -> Length:
        """Predict the whole length of a run.

        Args:
            timeout_seconds: after which it is ended in any case.
            probability: with which the careful length is not to be exceeded. Besides, it is not
                less than the median of the class: too short a prediction costs STANDARD more
                than too long a one costs FLEX.
            age: seconds that it has run already.

        Returns:
            For a job that took 100 and 300 s, with runs that strayed by up to a tenth: likely
            200, careful 220. For a job without history, what nine of ten runs of its class keep.
        """
        of_class = self._of_class.get(execution_class)
        before = self._of_job.get(job_name, ())
        if before:
            likely = sum(before) / len(before)
            ratios = of_class.ratios if of_class else Sample()
            careful = _stretched(likely, ratios, probability, age)
            if of_class and len(before) < _RUNS:
                careful = max(careful, of_class.lengths.quantile(0.5) or 0.0)
            likely = max(likely, age) if age <= likely else _stretched(likely, ratios, 0.5, age)
        elif of_class and len(of_class.lengths):
            usual = of_class.lengths.quantile(_CLASS_QUANTILE_WITHOUT_HISTORY, above=age)
            likely = careful = age * (1 + _OVERDUE) if usual is None else usual
        else:
            return Length(likely=timeout_seconds, careful=timeout_seconds, bound_only=True)
        return Length(
            likely=_capped(likely, timeout_seconds), careful=_capped(careful, timeout_seconds)
        )


def _stretched(likely: float, ratios: Sample, probability: float, age: float) -> float:
    """Return the length that is not exceeded with a probability, given the age."""
    past = age / likely if likely > 0 else math.inf
    if len(ratios) < _FEW:
        ratio = _SPREAD_OF_FEW if past < _SPREAD_OF_FEW else None
    else:
        ratio = ratios.quantile(probability, above=past)
    return age * (1 + _OVERDUE) if ratio is None else likely * ratio


def _capped(seconds: float, timeout_seconds: float | None) -> float:
    return seconds if timeout_seconds is None else min(seconds, timeout_seconds)
