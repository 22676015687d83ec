"""Users' functions over records: `Filter` and `Map`, in Arrow batches on Spark's workers.

A batch comes from the JVM as columns; records are made of it as dicts, and the function runs. For
`Filter` the untouched columns go back; for `Map` what it returned is packed (`_packing`). This
module is what workers import.
"""

from __future__ import annotations

import json
import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from awsglue._python import packing
from awsglue._python.fields_read import fields_read
from awsglue._python.ledger import Failure, Notes
from awsglue._python.shapes import plain
from awsglue._steps.columns import field_values, records_of
from awsglue._types import columns_of
from awsglue.gluetypes import DynamicRecord, StructType

Function = Callable[[DynamicRecord], Any]
Batches = Iterable[pa.RecordBatch]
Step = Callable[[Batches], Iterator[pa.RecordBatch]]
Record = dict[str, Any]

#: A record that misses a field, or holds another type than the predicate expects, is not kept.
UNSATISFIED = (KeyError, ValueError, TypeError)

_NO_RECORD = "User-specified function returned None instead of DynamicRecord"


def records(batch: pa.RecordBatch, schema: StructType) -> Iterator[DynamicRecord]:
    """Yield the records of a batch; dicts at their first level have attributes too."""
    return _rows(columns(batch, schema), schema, batch.num_rows)


def columns(batch: pa.RecordBatch, schema: StructType) -> list[list[Any]]:
    """Return the values of a batch, field by field; records without fields have none of them."""
    return field_values(batch.columns if schema.fields else [], schema, DynamicRecord)


def _rows(values: list[list[Any]], schema: StructType, number: int) -> Iterator[DynamicRecord]:
    if any(field.optional for field in schema):
        return iter(records_of(values, schema, number, DynamicRecord))
    names = [field.name for field in schema]
    if not values:
        return (DynamicRecord() for _ in range(number))
    return (DynamicRecord(zip(names, row, strict=True)) for row in zip(*values, strict=True))


@dataclass(frozen=True, kw_only=True, slots=True)
class Predicate:
    """A function of `Filter`, with what it needs on a worker."""

    function: Function
    schema: StructType
    notes: Callable[[], Notes]  #: opens the notes of one partition

    def keep(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Yield the records for which the function is true, as they came."""
        names = [column.name for column in columns_of(self.schema)]
        for batch, mask in self._masks(batches):
            kept = batch if all(mask) else batch.filter(pa.array(mask, pa.bool_()))
            yield pa.RecordBatch.from_arrays(kept.columns, names or batch.schema.names)

    def look(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Call the function for the sake of its failures; yield nothing."""
        for _ in self._masks(batches):
            pass
        yield from ()

    def failures(self, site: str, info: str, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Yield an error record for each failure."""
        for batch in batches:
            found: list[Failure] = []
            self._mask(batch, found.append)
            rows = [error_row(site, info, *failure) for failure in found]
            yield pa.RecordBatch.from_pylist(rows, ERROR_ARROW)

    def _masks(self, batches: Batches) -> Iterator[tuple[pa.RecordBatch, list[bool]]]:
        notes = self.notes()
        for batch in batches:
            yield batch, self._mask(batch, notes.failed)
        notes.close()

    def _mask(self, batch: pa.RecordBatch, failed: Callable[[Failure], None]) -> list[bool]:
        """Call the function for each record, with no more fields than it can ask for."""
        read = fields_read(self.function)
        schema = StructType(field for field in self.schema if read is None or field.name in read)
        places = {column.name: at for at, column in enumerate(columns_of(self.schema))}
        values = columns(batch.select([places[one.name] for one in columns_of(schema)]), schema)
        function, mask = self.function, []
        for record in _rows(values, schema, batch.num_rows):
            try:
                mask.append(bool(function(record)))
            except UNSATISFIED:
                mask.append(False)
            except Exception as error:
                failed(_failure(error, batch, len(mask), self.schema))
                mask.append(False)
        return mask


def _failure(error: Exception, batch: pa.RecordBatch, row: int, schema: StructType) -> Failure:
    return (str(error), traceback.format_exc(), _text(batch, row, schema))


def _text(batch: pa.RecordBatch, row: int, schema: StructType) -> str:
    """Return a record of a batch as JSON, as it was before a function saw it."""
    return as_json(next(records(batch.slice(row, 1), schema)))


ERROR_ARROW = pa.schema(
    [(name, pa.string()) for name in ("site", "info", "msg", "stackTrace", "input", "source")]
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


#: The columns of what `Mapping.pack` yields: for each batch a row with its packed records, their
#: types, how many records failed, and those; followed by rows of nulls that are only ballast.
PACKED_SCHEMA = "packed binary, shape binary, failed long, failures binary"
PACKED_ARROW = pa.schema(
    [
        ("packed", pa.binary()),
        ("shape", pa.binary()),
        ("failed", pa.int64()),
        ("failures", pa.binary()),
    ]
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapping:
    """A function of `Map`, with what it needs on a worker."""

    function: Function
    schema: StructType
    zone: str  #: the session's time zone, for times of day without one
    row_bytes: int  #: how many packed bytes one row may stand for

    def pack(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Call the function, once for each record, and yield what it returned, packed."""
        for batch in batches:
            if batch.num_rows:
                yield self._packed(batch)

    def _packed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        given = columns(batch, self.schema)
        same = packing.Unchanged.of(batch, given, self.schema)
        results: list[Record] = []
        sources: list[int] = []  # the row of each result in the batch
        failures: list[Failure] = []
        for row, record in enumerate(_rows(given, self.schema, batch.num_rows)):
            try:
                results.append(_called(self.function, record))
                sources.append(row)
            except _NoRecordError:
                failures.append((_NO_RECORD, "", _text(batch, row, self.schema)))
            except Exception as error:
                failures.append(_failure(error, batch, row, self.schema))
        packed = packing.pack(results, self.schema, self.zone, same.of_rows(sources))
        failures += [
            (msg, stack, _text(batch, sources[index], self.schema))
            for index, msg, stack in packed.failures
        ]
        ballast = [None] * (len(packed.content) // self.row_bytes)
        values = (packed.content, packed.shape, len(failures), pickle.dumps(failures))
        return pa.RecordBatch.from_arrays(
            [
                pa.array([value, *ballast], kind)
                for value, kind in zip(values, PACKED_ARROW.types, strict=True)
            ],
            schema=PACKED_ARROW,
        )


class _NoRecordError(Exception):
    """A function returned nothing."""


def _called(function: Function, record: DynamicRecord) -> Record:
    result: object = function(record)
    if not result:
        raise _NoRecordError
    if result is record:
        return record
    values: object = plain(result)
    if not isinstance(values, dict):
        raise TypeError(f"The function returned a {type(result).__name__} instead of a record.")
    return {**values}  # a function may fill one and the same dict again and again


def packed_failures(site: str, info: str) -> Step:
    """Return the step that makes error records of what `Mapping.pack` kept of failures."""

    def step(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            kept = (pickle.loads(one) for one in batch.column(0).to_pylist())
            rows = [error_row(site, info, *failure) for failures in kept for failure in failures]
            yield pa.RecordBatch.from_pylist(rows, ERROR_ARROW)

    return step


def unpacked(schema: StructType, zone: str) -> Step:
    """Return the step that makes columns of what `Mapping.pack` yielded.

    Args:
        schema: the types found in all batches.
        zone: the session's time zone.
    """
    return partial(packing.unpack, schema, zone)
