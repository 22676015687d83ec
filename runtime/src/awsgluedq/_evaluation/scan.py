"""The scans of a frame: all aggregates of all rules in one, all groupings in a second."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from awsgluedq._evaluation.outcome import RuleFailedError

#: Spark numbers the sets of a grouping by the bits of a long.
MOST_KEYS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Frequencies:
    """How often the values of some columns occur, rows in which all of them are null apart."""

    rows: int
    distinct: int  #: values that occur
    unique: int  #: values that occur once
    entropy: float | None  #: natural; None without rows


@dataclass(frozen=True, kw_only=True, slots=True)
class _Keys:
    columns: tuple[str, ...]  #: as SQL
    where: str | None


class Scan:
    """Collects what rules want to know of a frame, and reads the frame once for all of it.

    Args:
        frame: what to read.
    """

    def __init__(self, frame: DataFrame) -> None:
        self._frame = frame
        self._aggregates: dict[Hashable, Column] = {}
        self._values: dict[Hashable, Any] = {}
        self._refused: dict[Hashable, str] = {}
        self._keys: dict[_Keys, int] = {}
        self._frequencies: dict[_Keys, Frequencies] = {}

    def want(self, key: Hashable, aggregate: Column) -> None:
        """Ask for the value of an aggregate; the same key stands for the same aggregate."""
        self._aggregates.setdefault(key, aggregate)

    def want_frequencies(self, columns: Sequence[str], where: str | None) -> None:
        """Ask how often the values of columns, given as SQL, occur."""
        self._keys.setdefault(_Keys(columns=tuple(columns), where=where), len(self._keys))

    def value(self, key: Hashable) -> Any:
        """Return the value of an aggregate, after `run`.

        Raises:
            RuleFailedError: the types of the frame do not allow it.
        """
        if key in self._refused:
            raise RuleFailedError(self._refused[key])
        return self._values[key]

    def frequencies(self, columns: Sequence[str], where: str | None) -> Frequencies:
        """Return how often values occur, after `run`."""
        return self._frequencies[_Keys(columns=tuple(columns), where=where)]

    def run(self) -> None:
        """Read the frame: not at all, once or twice, as what is wanted needs it."""
        if self._aggregates:
            self._values = self._aggregated()
        wanted = list(self._keys)
        for start in range(0, len(wanted), MOST_KEYS):
            some = wanted[start : start + MOST_KEYS]
            self._frequencies |= zip(some, self._count(some), strict=True)

    def _aggregated(self) -> dict[Hashable, Any]:
        columns = [one.alias(f"a{n}") for n, one in enumerate(self._aggregates.values())]
        try:
            (row,) = self._frame.agg(*columns).collect()
        except AnalysisException:
            if not self._set_aside():
                raise
            return self._aggregated() if self._aggregates else {}
        return dict(zip(self._aggregates, row, strict=True))

    def _set_aside(self) -> bool:
        """Take out the aggregates that the frame's types do not allow; tell whether there are."""
        for key, aggregate in list(self._aggregates.items()):
            try:
                self._frame.agg(aggregate)
            except AnalysisException as error:
                self._refused[key] = str(error).strip().split("\n")[0]
                del self._aggregates[key]
        return bool(self._refused)

    def _count(self, wanted: list[_Keys]) -> Iterator[Frequencies]:
        names = [f"k{number}" for number in range(len(wanted))]
        keys = self._frame.select(
            *(_key(one).alias(name) for one, name in zip(wanted, names, strict=True))
        )
        some = " or ".join(f"{name} is not null" for name in names)
        sets = ", ".join(f"({name})" for name in names)
        groups = self._frame.sparkSession.sql(
            f"select grouping_id({', '.join(names)}) as id, count(1) as n from {{keys}} "
            f"group by {', '.join(names)} grouping sets ({sets}) having {some}",
            keys=keys,
        )
        n = F.col("n")
        rows = groups.groupBy("id").agg(
            F.sum(n), F.count(n), F.sum(F.when(n == 1, 1).otherwise(0)), F.sum(n * F.log(n))
        )
        found = {row[0]: row[1:] for row in rows.collect()}
        everything = (1 << len(wanted)) - 1
        for number in range(len(wanted)):
            bit = 1 << (len(wanted) - 1 - number)  # the set's own bit is 0
            yield _frequencies(*found.get(everything - bit, (0, 0, 0, 0.0)))


def _key(keys: _Keys) -> Column:
    """Return what rows are grouped by; null in rows that do not count."""
    if len(keys.columns) == 1:  # without a struct around it, Spark groups it far faster
        (only,) = map(F.expr, keys.columns)
        return only if keys.where is None else F.when(chosen(keys.where), only)
    parts = [F.expr(sql).alias(f"c{number}") for number, sql in enumerate(keys.columns)]
    some = F.coalesce(*(F.when(F.expr(sql).isNotNull(), True) for sql in keys.columns))
    return F.when(chosen(keys.where) & some.isNotNull(), F.struct(*parts))


def _frequencies(rows: int, distinct: int, unique: int, logs: float) -> Frequencies:
    entropy = max(0.0, math.log(rows) - logs / rows) if rows else None
    return Frequencies(rows=rows, distinct=distinct, unique=unique, entropy=entropy)


def chosen(where: str | None) -> Column:
    """Return a column that is true in the rows that a rule looks at."""
    return F.lit(True) if where is None else F.coalesce(F.expr(where), F.lit(False))
