"""`Filter` and `Map`: users' Python functions as steps over records."""

from __future__ import annotations

import pickle
import sys
import traceback
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

import awsglue
import glueball_runtime
from awsglue._jvm import partitions
from awsglue._python import functions, partition_functions
from awsglue._python.kept import keep
from awsglue._python.ledger import Found, Ledger, Notes
from awsglue._python.predicates import recognise
from awsglue._python.shapes import Shape
from awsglue._records import ERROR_SCHEMA, Errors, Lazy, Records, Step, map_in_arrow
from awsglue._types import schema_ddl

_LIBRARIES = (Path(awsglue.__file__).parent, Path(glueball_runtime.__file__).parent)
_NO_FIELD = "c0"
_BATCH_BYTES = 64 * 1024 * 1024  # of packed records that cross to Python at once


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where in a script a step was asked for, for its error records."""

    site: str  #: the stack, as text
    info: str  #: the script's own words

    @classmethod
    def here(cls, info: str | None) -> Origin:
        """Return the place that is running now, without the frames of our own libraries."""
        stack = traceback.extract_stack()
        script = getattr(sys.modules["__main__"], "__file__", None)
        began = [number for number, frame in enumerate(stack) if frame.filename == script]
        frames = [
            frame
            for frame in stack[began[0] if began else 0 :]
            if not any(Path(frame.filename).is_relative_to(library) for library in _LIBRARIES)
        ]
        return cls(site="".join(traceback.format_list(frames[-3:])), info=info or "")


def filter_records(records: Records, function: functions.Function, origin: Origin) -> Records:
    """Return the records for which a function is true.

    A record for which it raises KeyError, ValueError or TypeError is dropped; with any other
    exception it becomes an error record. Those are noted while an action computes the step; when
    none has computed all of it yet, asking for them computes it, once. A function that only
    compares fields with constants is not called at all: Spark evaluates a condition.
    """
    condition = _condition(records, function) if records.schema.fields else None
    if condition is not None:
        return records.next(frame=records.frame.where(condition))
    step = _Filter(records, function, origin)
    errors = (Errors(rows=step.rows, count=lambda: step.found.count),)
    if not records.schema.fields:
        kept = map_in_arrow(_rows_of(records), step.predicate.keep, f"{_NO_FIELD} boolean")
        return records.next(frame=kept.select(), errors=errors)
    kept = map_in_arrow(records.ordered, step.predicate.keep, schema_ddl(records.schema))
    return records.next(frame=kept, errors=errors)


def _rows_of(records: Records) -> DataFrame:
    """Return the records for functions; those without fields get one, or Arrow would lose them."""
    if records.schema.fields:
        return records.ordered
    return records.frame.selectExpr(f"true AS {_NO_FIELD}")


def _condition(records: Records, function: functions.Function) -> str | None:
    if "collate" in records.frame.schema.simpleString():  # texts that Spark compares in other ways
        return None
    return recognise(function, records.schema, _zone(records.spark))


class _Filter:
    """A step of `Filter`, and what is known of its errors."""

    def __init__(self, records: Records, function: functions.Function, origin: Origin) -> None:
        self._source = _rows_of(records)
        self._schema = records.schema
        self._function = function
        self._origin = origin
        self._ledger = Ledger(records.spark.sparkContext)
        self._computed = Lazy(self._compute)
        self.predicate = self._noted_in(self._ledger)

    def _noted_in(self, ledger: Ledger) -> functions.Predicate:
        notes = partial(Notes, ledger.step, ledger.accumulator)
        return functions.Predicate(function=self._function, schema=self._schema, notes=notes)

    @property
    def found(self) -> Found:
        """The errors: as an action has met them, else found now."""
        if not self._computed.ready and (met := self._met()) is not None:
            self._computed = Lazy.made(met)
        return self._computed.get()

    def _met(self) -> Found | None:
        number = partitions(self._source)
        return None if number is None else self._ledger.found(number)

    def _compute(self) -> Found:
        ledger = Ledger(self._source.sparkSession.sparkContext)
        look = map_in_arrow(self._source, self._noted_in(ledger).look, ERROR_SCHEMA)
        look.write.format("noop").mode("overwrite").save()
        found = ledger.found(None)
        return Found(count=0, failures=[]) if found is None else found

    def rows(self) -> DataFrame:
        """Return the errors; if they are more than were kept, from the source again."""
        site, info = self._origin.site, self._origin.info
        if not self.found.whole:
            find = partial(self.predicate.failures, site, info)
            return map_in_arrow(self._source, find, ERROR_SCHEMA)
        rows = [(site, info, msg, stack, text, "") for msg, stack, text in self.found.failures]
        return self._source.sparkSession.createDataFrame(rows, ERROR_SCHEMA)


def map_records(records: Records, function: functions.Function, origin: Origin) -> Records:
    """Return what a function makes of each record, with the types that it really returned.

    Fields that the function leaves alone keep their types, and without records all fields stay.
    This runs a Spark job: the types are known only after the last record. The function is called
    once for each record; what it returned is kept on disk, packed, and read from there. A record
    for which it raises, or returns nothing, becomes an error record.
    """
    step = functions.Mapping(
        function=function,
        schema=records.schema,
        zone=_zone(records.spark),
        row_bytes=_row_bytes(records.spark),
    )
    return _kept(records, step.pack, origin)


def map_partitions(
    records: Records, function: partition_functions.Function, origin: Origin
) -> Records:
    """Return what a function makes of each partition; like `map_records` in all else."""
    step = partition_functions.PartitionMapping(
        function=function,
        schema=records.schema,
        zone=_zone(records.spark),
        row_bytes=_row_bytes(records.spark),
    )
    return _kept(records, step.pack, origin)


def _zone(spark: SparkSession) -> str:
    return spark.conf.get("spark.sql.session.timeZone") or "UTC"


def _kept(records: Records, pack: Step, origin: Origin) -> Records:
    """Return what a step packs, computed once and kept."""
    kept = keep(map_in_arrow(_rows_of(records), pack, functions.PACKED_SCHEMA))
    shape, failed = _summary(kept)
    schema = shape.struct(records.schema)
    errors = (Errors(rows=lambda: _failed(kept, origin), count=lambda: failed),)
    if shape.fields is None and not failed:
        return records.next(frame=records.frame.limit(0), errors=errors)
    if not schema.fields:
        nothing = Records.none(records.spark)
        return records.next(frame=nothing.frame, schema=nothing.schema, errors=errors)
    unpack = functions.unpacked(schema, _zone(records.spark))
    return records.next(
        frame=map_in_arrow(kept.select("packed"), unpack, schema_ddl(schema)),
        schema=schema,
        errors=errors,
    )


def _row_bytes(spark: SparkSession) -> int:
    """Return how many packed bytes a row stands for, so that no batch of rows gets too large."""
    rows = int(spark.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch") or 10_000)
    return max(_BATCH_BYTES // max(rows, 1), 1)


def _failed(kept: DataFrame, origin: Origin) -> DataFrame:
    failures = kept.where("failed > 0").select("failures")
    return map_in_arrow(failures, functions.packed_failures(origin.site, origin.info), ERROR_SCHEMA)


def _summary(kept: DataFrame) -> tuple[Shape, int]:
    """Return the types of all records, merged from those of the batches, and how many failed.

    The shapes are merged in the order in which they first occur: it is that of the fields.
    """
    numbered = kept.where("shape is not null").selectExpr(
        "shape", "failed", "monotonically_increasing_id() AS position"
    )
    found = numbered.groupBy("shape").agg({"position": "min", "failed": "sum"})
    merged, failed = Shape(), 0
    for row in sorted(found.collect(), key=lambda row: int(row["min(position)"])):
        merged.merge(pickle.loads(row["shape"]))
        failed += row["sum(failed)"]
    return merged, failed
