"""Users' functions over records: `Filter` and `Map`, in Arrow batches on Spark's workers.

A batch comes from the JVM as columns; records are made of it as dicts, the function runs, and for
`Filter` the untouched columns go back. This module is what workers import.
"""

from __future__ import annotations

import json
import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from awsglue._shapes import Converter, Shape, arrow_type, from_arrow, plain, to_arrow
from awsglue.gluetypes import DynamicRecord, StructType, TimestampType

Function = Callable[[DynamicRecord], Any]
Batches = Iterable[pa.RecordBatch]

#: A record that misses a field, or holds another type than the predicate expects, is not kept.
UNSATISFIED = (KeyError, ValueError, TypeError)
#: The columns of `mapped`: what the function returned, or why not; `shape` is in the first row of a
#: batch only and tells the types of the whole batch.
MAPPED_SCHEMA = "record binary, msg string, stackTrace string, input string, shape binary"

_NO_RECORD = "User-specified function returned None instead of DynamicRecord"


def records(batch: pa.RecordBatch, schema: StructType) -> Iterator[DynamicRecord]:
    """Yield the records of a batch; dicts at their first level have attributes too."""
    names = [field.name for field in schema]
    columns = [
        _values(column, from_arrow(field.dataType), isinstance(field.dataType, StructType))
        if not isinstance(field.dataType, TimestampType)
        else pc.local_timestamp(column).to_pylist()
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    for values in zip(*columns, strict=True):
        yield DynamicRecord(zip(names, values, strict=True))


def _values(column: pa.Array, converter: Converter | None, nested: bool) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if converter is not None:
        values = [converter(value) for value in values]
    if nested:
        return [value if value is None else DynamicRecord(value) for value in values]
    return values


def filtered(
    function: Function, schema: StructType
) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """Return the step that keeps the records for which the function is true."""

    def keep(record: DynamicRecord) -> bool:
        try:
            return bool(function(record))
        except Exception:
            return False  # dropped, or an error that `filter_errors` finds

    names = [field.name for field in schema]

    def step(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            mask = pa.array([keep(one) for one in records(batch, schema)], pa.bool_())
            yield pa.RecordBatch.from_arrays(batch.filter(mask).columns, names)

    return step


def filter_errors(
    function: Function, schema: StructType, site: str, info: str
) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """Return the step that gives an error for each record that the function raised for."""

    def failures(batch: pa.RecordBatch) -> Iterator[dict[str, str]]:
        for record in records(batch, schema):
            text = as_json(record)
            try:
                function(record)
            except UNSATISFIED:
                continue
            except Exception as error:
                yield error_row(site, info, str(error), traceback.format_exc(), text)

    def step(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield pa.RecordBatch.from_pylist(list(failures(batch)), ERROR_ARROW)

    return step


ERROR_ARROW = pa.schema(
    [(name, pa.string()) for name in ("site", "info", "msg", "stackTrace", "input", "source")]
)
_MAPPED_ARROW = pa.schema(
    [
        ("record", pa.binary()),
        ("msg", pa.string()),
        ("stackTrace", pa.string()),
        ("input", pa.string()),
        ("shape", pa.binary()),
    ]
)


def error_row(site: str, info: str, msg: str, stack: str, text: str) -> dict[str, str]:
    """Return an error record."""
    return {
        "site": site,
        "info": info,
        "msg": msg,
        "stackTrace": stack,
        "input": text,
        "source": "",
    }


def as_json(record: Any) -> str:
    """Return a record as JSON; values that JSON lacks are written as their texts."""
    return json.dumps(record, default=str, ensure_ascii=False)


def mapped(function: Function, schema: StructType) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """Return the step that calls the function, once for each record."""

    def step(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            shape = Shape()
            rows = [_call(function, record, shape) for record in records(batch, schema)]
            if rows:
                rows[0]["shape"] = pickle.dumps(shape)
            yield pa.RecordBatch.from_pylist(rows, _MAPPED_ARROW)

    return step


def _call(function: Function, record: DynamicRecord, shape: Shape) -> dict[str, Any]:
    untouched = dict(record)  # functions change their record in place
    try:
        result = function(record)
        if not result:
            return {"msg": _NO_RECORD, "stackTrace": "", "input": as_json(untouched)}
        values = plain(result)
        if not isinstance(values, dict):
            raise TypeError(f"The function returned a {type(result).__name__} instead of a record.")
        single = Shape()  # a record that cannot be kept must leave no trace in the schema
        single.add(values)
        pickled = pickle.dumps(_bare(values), protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return {
            "msg": str(error),
            "stackTrace": traceback.format_exc(),
            "input": as_json(untouched),
        }
    shape.merge(single)
    return {"record": pickled}


def _bare(value: Any) -> Any:
    """Return a value without the classes of awsglue and NumPy, which cost more to pickle."""
    value = plain(value)
    if isinstance(value, dict):
        return {str(name): _bare(inner) for name, inner in value.items()}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def unpacked(schema: StructType, zone: str) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """Return the step that makes columns of what `mapped` gave.

    Args:
        schema: the types found.
        zone: the session's time zone, for times of day without one.
    """

    def step(batches: Batches) -> Iterator[pa.RecordBatch]:
        converters = [(f.name, to_arrow(f.dataType, ZoneInfo(zone))) for f in schema]
        arrow = pa.schema([(f.name, arrow_type(f.dataType)) for f in schema])
        for batch in batches:
            rows = [pickle.loads(one) for one in batch.column(0).to_pylist()]
            columns = [
                pa.array([converter(row.get(name)) for row in rows], arrow.field(name).type)
                for name, converter in converters
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=arrow)

    return step
