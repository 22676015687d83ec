"""What a DynamicFrame holds: a DataFrame, the types we know of it, and where its errors are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from awsglue._paths import quote
from awsglue._steps.casts import conform_fields
from awsglue._steps.names import exact, unique
from awsglue._steps.rewrite import Item, items_of, schema_of, select_list
from awsglue._types import columns_of, complete_schema, from_spark_schema, has_marks
from awsglue.gluetypes import StructType

T = TypeVar("T")

#: The columns of every DataFrame of error records.
ERROR_SCHEMA = (
    "site string, info string, msg string, stackTrace string, input string, source string"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Errors:
    """The records that one step could not take."""

    rows: Callable[[], DataFrame]  #: all of them, in `ERROR_SCHEMA`
    count: Callable[[], int] | None = None  #: their number; without it `rows` is counted

    def number(self) -> int:
        """Return how many there are."""
        return self.rows().count() if self.count is None else self.count()


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """How many errors a step allows before actions on its frame, and all after it, fail."""

    name: str  #: `stageThreshold`: the errors of the step; `totalThreshold`: also those before it
    allowed: int  #: more than 0
    errors: tuple[Errors, ...]  #: those that count


@dataclass(frozen=True, kw_only=True, slots=True)
class Records:
    """Records with their types and errors.

    A choice is a struct in the DataFrame, with one field for each type, of which one is not null.
    Only `schema` knows it for a choice, so nothing depends on what Spark does with metadata.

    A record lacks a field where the field is null, if `schema` says that it is null for no other
    reason; else a column beside the field, its mark, tells. Structs have marks likewise.
    """

    frame: DataFrame
    schema: StructType
    stage_errors: tuple[Errors, ...] = ()  #: of the step that made these records
    earlier_errors: tuple[Errors, ...] = ()  #: of all steps before it
    limits: tuple[Limit, ...] = ()  #: of this step and those before it

    @property
    def errors(self) -> tuple[Errors, ...]:
        """All errors, the earliest first."""
        return self.earlier_errors + self.stage_errors

    @property
    def spark(self) -> SparkSession:
        """The session of the DataFrame."""
        return self.frame.sparkSession

    @property
    def ordered(self) -> DataFrame:
        """The DataFrame with its columns in the order of the schema, the marks behind them."""
        names = [column.name for column in columns_of(self.schema)]
        if self.frame.columns == names:
            return self.frame
        with exact(self.spark, self.schema):
            return self.frame.selectExpr(*map(quote, names))

    def complete(self) -> Records:
        """Return the records with all fields: where one was missing, it is null."""
        schema = complete_schema(self.schema)
        if not has_marks(self.schema):
            return replace(self, schema=schema)
        fields = conform_fields("", self.schema, schema)
        with exact(self.spark, self.schema):
            frame = self.frame.selectExpr(*(f"{sql} AS {quote(name)}" for name, sql in fields))
        return replace(self, frame=frame, schema=schema)

    @property
    def items(self) -> list[Item]:
        """The fields, unchanged."""
        return items_of(self.schema)

    @classmethod
    def of(cls, frame: DataFrame) -> Records:
        """Return the records of a DataFrame; of several columns of one name the last counts."""
        frame = unique(frame)
        return cls(frame=frame, schema=from_spark_schema(frame.schema))

    @classmethod
    def none(cls, spark: SparkSession) -> Records:
        """Return no records at all, of no known type."""
        return cls(frame=spark.range(0).select(), schema=StructType())

    def select(self, items: Sequence[Item]) -> Records:
        """Return the records with these fields instead."""
        if list(items) == self.items:
            return self.next(frame=self.frame)
        with exact(self.spark, self.schema):
            frame = self.frame.selectExpr(*select_list(items))
        return self.next(frame=frame, schema=schema_of(items))

    def as_source(self) -> Records:
        """Return the records of a source, all of whose errors are those of one step: reading."""
        return replace(self, stage_errors=self.errors, earlier_errors=())

    def limited(self, stage: int, total: int) -> Records:
        """Return the same records with the thresholds of their step; 0 is none."""
        limits = (
            Limit(name="stageThreshold", allowed=stage, errors=self.stage_errors),
            Limit(name="totalThreshold", allowed=total, errors=self.errors),
        )
        wanted = tuple(limit for limit in limits if limit.allowed > 0)
        return replace(self, limits=self.limits + wanted) if wanted else self

    def next(
        self,
        *,
        frame: DataFrame,
        schema: StructType | None = None,
        errors: tuple[Errors, ...] = (),
    ) -> Records:
        """Return the records after one more step, which had these errors."""
        return replace(
            self,
            frame=frame,
            schema=self.schema if schema is None else schema,
            stage_errors=errors,
            earlier_errors=self.errors,
        )


Batches = Iterable[Any]
Step = Callable[[Batches], Iterable[Any]]

#: What DataFrames were made of that a step over Arrow batches made: its input, and the step.
_made: WeakKeyDictionary[DataFrame, tuple[DataFrame, Step]] = WeakKeyDictionary()


def map_in_arrow(frame: DataFrame, step: Step, schema: str) -> DataFrame:
    """Return what a function over Arrow batches makes of a DataFrame.

    PySpark itself looks the columns up by name, and takes a dot in one for a path; here batches
    have the columns `c0`, `c1` and so on. Steps that follow each other run as one: a batch crosses
    between the JVM and Python once.
    """
    source, before = _made.get(frame, (None, None))
    if source is None or before is None:
        source = frame.toDF(*(f"c{number}" for number in range(len(frame.columns))))
        whole = step
    else:
        whole = _Chain(before, step)
    made = source.mapInArrow(whole, schema)
    _made[made] = (source, whole)
    return made


@dataclass(frozen=True, slots=True)
class _Chain:
    """Two steps as one."""

    first: Step
    second: Step

    def __call__(self, batches: Batches) -> Iterable[Any]:
        return self.second(_numbered(batch) for batch in self.first(batches))


def _numbered(batch: pa.RecordBatch) -> pa.RecordBatch:
    names = [f"c{number}" for number in range(batch.num_columns)]
    return pa.RecordBatch.from_arrays(batch.columns, names)


class Lazy(Generic[T]):
    """A value that is made when first asked for, once, by whichever thread asks first."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make: Callable[[], T] | None = make
        self._made: list[T] = []
        self._lock = threading.RLock()

    @classmethod
    def made(cls, value: T) -> Lazy[T]:
        """Return one whose value is there already."""
        lazy = cls(lambda: value)
        lazy.get()
        return lazy

    @property
    def ready(self) -> bool:
        """Whether the value is there."""
        return bool(self._made)

    def get(self) -> T:
        """Return the value; a failure to make it is not remembered."""
        with self._lock:
            if self._make is not None:
                self._made.append(self._make())
                self._make = None  # frees what it needed
            return self._made[0]

    def then(self, step: Callable[[T], T]) -> Lazy[T]:
        """Return the value after a step, made at once when nothing has to be waited for."""
        following = Lazy(lambda: step(self.get()))
        if self.ready:
            following.get()
        return following
