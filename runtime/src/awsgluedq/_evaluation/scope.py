"""What the evaluation of one ruleset over one frame shares between its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from awsglue._records import Records
from awsgluedq._dqdl.model import Check
from awsgluedq._errors import WhereClauseError
from awsgluedq._evaluation.fields import Fields
from awsgluedq._evaluation.operands import Past, Surroundings
from awsgluedq._evaluation.outcome import RowCheck
from awsgluedq._evaluation.scan import Scan, chosen

#: How rules call the frame that is evaluated.
PRIMARY = "primary"


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistic:
    """A number that a rule or an analyzer finds, known after the scan."""

    name: str
    value: Callable[[], float | None]  #: None when there are no values


class Shares:
    """The parts of the rows that row checks pass, all found in one job when one is asked for.

    Args:
        frame: the rows.
    """

    def __init__(self, frame: DataFrame) -> None:
        self._frame = frame
        self._counts: list[Column] = []
        self._found: list[int] = []

    def want(self, attach: RowCheck, where: str | None) -> Callable[[], tuple[int, int]]:
        """Ask how many rows pass, and how many there are.

        Args:
            attach: the row check.
            where: the clause of its rule.
        """
        first = len(self._counts)
        self._frame, passing = attach(self._frame)
        self._counts += [
            F.count(F.when(chosen(where) & passing, 1)),
            F.count(F.when(chosen(where), 1)),
        ]
        return lambda: self._counted(first)

    def _counted(self, first: int) -> tuple[int, int]:
        if not self._found:
            names = [f"n{number}" for number in range(len(self._counts))]
            columns = [one.alias(name) for one, name in zip(self._counts, names, strict=True)]
            (row,) = self._frame.agg(*columns).collect()
            self._found = list(row)
        return self._found[first], self._found[first + 1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What is evaluated, and how."""

    records: Records
    fields: Fields
    scan: Scan
    shares: Shares
    sources: Mapping[str, DataFrame]  #: the other frames by alias
    surroundings: Surroundings
    skip_filtered: bool  #: rows that a where clause leaves out are skipped, not passed

    @property
    def frame(self) -> DataFrame:
        """The frame that is evaluated."""
        return self.records.frame

    @property
    def spark(self) -> SparkSession:
        """The session of the frame."""
        return self.records.spark

    def past(self, check: Check, statistic: str) -> Past:
        """Return the earlier values of a statistic of a rule."""
        return self.surroundings.past(recorded_name(statistic, check.where))

    def validate(self, check: Check) -> None:
        """See that a where clause is one.

        Raises:
            WhereClauseError: it is not a condition over the frame.
        """
        if check.where is None:
            return
        try:
            self.frame.where(F.expr(check.where))
        except AnalysisException as error:
            raise WhereClauseError(str(check), str(error)) from error

    def selected(self, check: Check) -> DataFrame:
        """Return the rows that a rule looks at."""
        return self.frame if check.where is None else self.frame.where(chosen(check.where))

    def want_rows(self, where: str | None) -> Callable[[], int]:
        """Ask for the number of rows that a where clause leaves."""
        return self.want_count("rows", F.lit(True), where)

    def want_count(self, name: str, predicate: Column, where: str | None) -> Callable[[], int]:
        """Ask for the number of rows for which a predicate is true.

        Args:
            name: what the predicate says; equal names stand for equal predicates.
            predicate: true or false.
            where: the clause that rows have to satisfy too.
        """
        aggregate = F.count(F.when(chosen(where) & predicate, 1))
        return self._want(("count", name, where), aggregate)

    def want_value(
        self, function: Callable[[Column], Column], name: str, value: Column, where: str | None
    ) -> Callable[[], float | None]:
        """Ask for an aggregate of the values in the rows that a where clause leaves."""
        aggregate = function(F.when(chosen(where), value))
        found = self._want((function.__name__, name, where), aggregate)
        return lambda: None if found() is None else float(found())

    def _want(self, key: tuple[str | None, ...], aggregate: Column) -> Callable[[], int]:
        self.scan.want(key, aggregate)
        return lambda: self.scan.value(key)

    def row_check(self, check: Check, predicate: Column) -> RowCheck:
        """Return a row check of a predicate over the columns of a row."""
        return lambda frame: (frame, self.labelled(check, predicate))

    def labelled(self, check: Check, predicate: Column) -> Column:
        """Return a predicate with what the rows get that the where clause leaves out."""
        if check.where is None:
            return predicate
        other = F.lit(None) if self.skip_filtered else F.lit(True)
        return F.when(chosen(check.where), predicate).otherwise(other.cast("boolean"))


def recorded_name(statistic: str, where: str | None) -> str:
    """Return the name that a statistic has in the history."""
    return statistic if where is None else f"{statistic} where {where}"
