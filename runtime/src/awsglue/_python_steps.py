"""`Filter` and `Map`: users' Python functions as steps over records."""

from __future__ import annotations

import pickle
import traceback
from dataclasses import dataclass
from pathlib import Path

from pyspark import StorageLevel
from pyspark.sql import DataFrame, functions

from awsglue import _functions
from awsglue._records import ERROR_SCHEMA, Errors, Records, map_in_arrow
from awsglue._shapes import Shape
from awsglue._types import schema_ddl

_LIBRARIES = (Path(__file__).parent, Path(__file__).parent.parent / "glueball_runtime")


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where in a script a step was asked for, for its error records."""

    site: str  #: the stack, as text
    info: str  #: the script's own words

    @classmethod
    def here(cls, info: str | None) -> Origin:
        """Return the place that is running now, without the frames of our own libraries."""
        frames = [
            frame
            for frame in traceback.extract_stack()
            if not any(Path(frame.filename).is_relative_to(library) for library in _LIBRARIES)
        ]
        return cls(site="".join(traceback.format_list(frames[-3:])), info=info or "")


def filter_records(records: Records, function: _functions.Function, origin: Origin) -> Records:
    """Return the records for which a function is true.

    A record for which it raises KeyError, ValueError or TypeError is dropped; with any other
    exception it becomes an error record. The errors are found by calling the function again.
    """
    if not records.schema.fields:
        return records.next(frame=records.frame)
    source = records.frame
    step = _functions.filtered(function, records.schema)
    find = _functions.filter_errors(function, records.schema, origin.site, origin.info)
    return records.next(
        frame=map_in_arrow(source, step, schema_ddl(records.schema)),
        errors=(Errors(rows=lambda: map_in_arrow(source, find, ERROR_SCHEMA)),),
    )


def map_records(records: Records, function: _functions.Function, origin: Origin) -> Records:
    """Return what a function makes of each record, with the types that it really returned.

    This runs a Spark job: the types are known only after the last record. The function is called
    once for each record; what it returned is kept (in memory, then on disk) and read from there.
    A record for which it raises, or returns nothing, becomes an error record.
    """
    if not records.schema.fields:
        return records.next(frame=records.frame)
    step = _functions.mapped(function, records.schema)
    kept = map_in_arrow(records.frame, step, _functions.MAPPED_SCHEMA)
    kept = kept.persist(StorageLevel.MEMORY_AND_DISK)
    schema = _shape(kept).struct(records.schema)
    errors = (Errors(rows=lambda: _failed(kept, origin)),)
    if not schema.fields:
        nothing = Records.none(records.spark)
        return records.next(frame=nothing.frame, schema=nothing.schema, errors=errors)
    zone = records.spark.conf.get("spark.sql.session.timeZone") or "UTC"
    unpack = _functions.unpacked(schema, zone)
    good = kept.where("record is not null").select("record")
    return records.next(
        frame=map_in_arrow(good, unpack, schema_ddl(schema)), schema=schema, errors=errors
    )


def _failed(kept: DataFrame, origin: Origin) -> DataFrame:
    return kept.where("record is null").select(
        functions.lit(origin.site).alias("site"),
        functions.lit(origin.info).alias("info"),
        *("msg", "stackTrace", "input"),
        functions.lit("").alias("source"),
    )


def _shape(kept: DataFrame) -> Shape:
    """Return the types of all records, merged from those of the batches."""
    merged = Shape()
    for row in kept.where("shape is not null").select("shape").collect():
        merged.merge(pickle.loads(row["shape"]))
    return merged
