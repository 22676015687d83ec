"""The values that statistics had in earlier runs: `last(…)` and `DetectAnomalies` ask for them.

Without a store there are none, as in the first run on AWS: `last()` is 0.0, and no value is an
anomaly. `keep_in` gives a store:

    from awsgluedq import history

    history.keep_in(history.MemoryHistory())
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol


class StatisticsHistory(Protocol):
    """Where statistics are kept from run to run.

    A context is what `dataQualityEvaluationContext` names. A statistic is the name of a metric,
    such as `Column.price.Mean`, with ` where …` behind it when a rule had a where clause.
    """

    def last(self, context: str, statistic: str, count: int) -> Sequence[float]:
        """Return up to `count` values of a statistic, the newest first."""
        ...

    def add(self, context: str, statistics: Mapping[str, float]) -> None:
        """Keep what one evaluation found, as newer than all before."""
        ...


class NoHistory:
    """Keeps nothing."""

    def last(self, context: str, statistic: str, count: int) -> Sequence[float]:
        """Return no values."""
        return ()

    def add(self, context: str, statistics: Mapping[str, float]) -> None:
        """Keep nothing."""


class MemoryHistory:
    """Keeps statistics as long as the process lives."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], list[float]] = defaultdict(list)

    def last(self, context: str, statistic: str, count: int) -> Sequence[float]:
        """Return up to `count` values of a statistic, the newest first."""
        return self._values[context, statistic][::-1][:count]

    def add(self, context: str, statistics: Mapping[str, float]) -> None:
        """Keep what one evaluation found."""
        for statistic, value in statistics.items():
            self._values[context, statistic].append(value)


_store: StatisticsHistory = NoHistory()


def keep_in(store: StatisticsHistory) -> None:
    """Keep the statistics of all later evaluations in a store, and compare with what it has."""
    global _store
    _store = store


def store() -> StatisticsHistory:
    """Return the store that evaluations use."""
    return _store
