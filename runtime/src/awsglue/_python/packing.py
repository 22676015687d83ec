"""Records that a function returned, packed: an Arrow stream for each batch, with its own types.

The types of all records are known only after the last one, so each batch is packed with the types
that it has itself, and brought to those of all when it is unpacked. Columns that the function left
alone are passed on as they came.
"""

from __future__ import annotations

import hashlib
import pickle
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import is_, itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from awsglue import gluetypes as glue
from awsglue._python.shapes import Shape, arrow_type, to_arrow
from awsglue._steps.columns import ABSENT, absences
from awsglue._steps.conforming import arrow_type_in, conform_fields, lacking
from awsglue._types import columns_of, is_marked, mark_of

Record = dict[str, Any]
#: Types of which a column that no record changed needs no look at its values but integers.
_PLAIN = (
    *(glue.StringType, glue.BooleanType, glue.DoubleType, glue.DateType, glue.BinaryType),
    *(glue.TimestampType, glue.TimestampNTZType, glue.FloatType),
)
#: Types whose values a function can change in their place.
_MUTABLE = (glue.StructType, glue.ArrayType, glue.MapType, glue.ChoiceType)
_INTEGERS = (glue.ByteType, glue.ShortType, glue.IntegerType, glue.LongType)
_TYPES = b"glueball.types"  # a packed batch's own types, in the metadata of its schema


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchanged:
    """What a function was given, to see what it left alone."""

    batch: pa.RecordBatch
    given: list[list[Any]]  #: the values, column by column
    schema: glue.StructType
    rows: list[int]  #: the rows for which the function returned a record
    before: dict[str, bytes]  #: digests of the values that can be changed in their place

    @classmethod
    def unknown(cls, schema: glue.StructType) -> Unchanged:
        """Return that of records of which nobody knows whether they are those that were given."""
        return cls(batch=_EMPTY, given=[], schema=schema, rows=[], before={})

    @classmethod
    def of(
        cls, batch: pa.RecordBatch, given: list[list[Any]], schema: glue.StructType
    ) -> Unchanged:
        """Return what a function is about to be given."""
        before = {
            field.name: _digest(values)
            for field, values in zip(schema, given, strict=True)
            if isinstance(field.dataType, _MUTABLE)
        }
        return cls(batch=batch, given=given, schema=schema, rows=[], before=before)

    def column(self, name: str, values: list[Any]) -> Kept | None:
        """Return the column of a name if these are its very values."""
        for number, field in enumerate(self.schema):
            if field.name == name and not self.given:
                return _without_values(field, values)
            if field.name == name:
                return self._kept(number, field) if self._same(number, name, values) else None
        return None

    def _same(self, number: int, name: str, values: list[Any]) -> bool:
        given = self.given[number]
        some = given if len(self.rows) == len(given) else [given[row] for row in self.rows]
        if not all(map(is_, values, some)):
            return False
        return name not in self.before or self.before[name] == _digest(given)

    def _kept(self, number: int, field: glue.Field) -> Kept:
        columns = {field.name: self._rows_of(self.batch.column(number))}
        if is_marked(field):
            names = [column.name for column in columns_of(self.schema)]
            mark = mark_of(field.name)
            columns[mark] = self._rows_of(self.batch.column(names.index(mark)))
        absent = absences(columns, field) if field.optional else None
        return Kept(values=columns[field.name], type=field.dataType, absent=absent)

    def _rows_of(self, column: pa.Array) -> pa.Array:
        if len(self.rows) == len(column):
            return column
        return column.take(pa.array(self.rows, pa.int64()))

    def of_rows(self, rows: list[int]) -> Unchanged:
        """Return the same for the rows for which the function returned a record."""
        return replace(self, rows=rows)

    def without(self, failed: Sequence[int]) -> Unchanged:
        """Return the same for fewer records."""
        gone = set(failed)
        return self.of_rows([row for index, row in enumerate(self.rows) if index not in gone])


def _without_values(field: glue.Field, values: list[Any]) -> Kept | None:
    """Return a column that has no values but null: it has the type that it had before."""
    if any(value is not None and value is not ABSENT for value in values):
        return None
    absent = np.array([value is ABSENT for value in values], bool)
    nulls = pa.nulls(len(values), arrow_type(field.dataType))
    return Kept(values=nulls, type=field.dataType, absent=absent)


def _digest(values: list[Any]) -> bytes:
    """Return bytes that change when any value inside of these does."""
    return hashlib.blake2b(pickle.dumps(values, pickle.HIGHEST_PROTOCOL)).digest()


_EMPTY = pa.RecordBatch.from_pydict({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A column that a function left alone."""

    values: pa.Array
    type: glue.DataType
    absent: Any  #: which records lack the field, as an array of NumPy's; None for none

    def shape(self) -> Shape:
        """Return what is known of the values."""
        lacking = 0 if self.absent is None else int(self.absent.sum())
        shape = Shape(absent=lacking > 0)
        shape.null = self.values.null_count > lacking
        if self.values.null_count == len(self.values):
            shape.kept = self.type
        elif isinstance(self.type, _INTEGERS):
            ends = pc.min_max(self.values)
            shape.add_all([ends["min"].as_py(), ends["max"].as_py()])
        elif isinstance(self.type, glue.TimestampNTZType):
            shape.kinds.add(glue.TimestampType)
        elif isinstance(self.type, _PLAIN):
            shape.kinds.add(type(self.type))
        else:
            shape.kept = self.type
        return shape


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """The records of one batch."""

    content: bytes  #: an Arrow stream
    shape: bytes  #: their `Shape`, pickled
    failures: list[tuple[int, str, str]]  #: index, message and stack of what no record can hold


def pack(rows: list[Record], hints: glue.StructType, zone: str, same: Unchanged) -> Packed:
    """Pack records.

    Args:
        rows: what a function returned.
        hints: the types before the function, which fields keep as long as they fit.
        zone: where times of day without a zone are meant.
        same: what the function was given.
    """
    rows = _with_text_names(rows)
    try:
        return _pack(rows, hints, zone, same, [])
    except Exception:  # some record holds what none can hold: find it
        failures = list(_unpackable(rows, hints, zone, same))
    failed = [index for index, _, _ in failures]
    good = [row for index, row in enumerate(rows) if index not in set(failed)]
    return _pack(good, hints, zone, same.without(failed), failures)


def _unpackable(
    rows: list[Record], hints: glue.StructType, zone: str, same: Unchanged
) -> Iterator[tuple[int, str, str]]:
    nothing = Unchanged.unknown(glue.StructType())
    for index, row in enumerate(rows):
        try:
            _pack([row], hints, zone, nothing, [])
        except Exception as error:
            yield index, str(error), traceback.format_exc()


def _with_text_names(rows: list[Record]) -> list[Record]:
    names: set[Any] = set(chain.from_iterable(rows))
    if all(type(name) is str for name in names):
        return rows
    return [{str(name): value for name, value in row.items()} for row in rows]


def _pack(
    rows: list[Record],
    hints: glue.StructType,
    zone: str,
    same: Unchanged,
    failures: list[tuple[int, str, str]],
) -> Packed:
    shapes, columns, fields = dict[str, Shape](), dict[str, pa.Array](), list[glue.Field]()
    known = hints.field_map
    for name in dict.fromkeys(chain.from_iterable(rows)):
        values = _values(rows, name)
        kept = same.column(name, values)
        hint = known[name].dataType if name in known else None
        one = _shape(values, hint) if kept is None else kept.shape()
        field = one.field(name, one.data_type(hint))
        columns[name] = (
            _array(values, one, field.dataType, zone)
            if kept is None
            else _typed(kept.values, arrow_type_in(field.dataType, zone))
        )
        if is_marked(field):
            columns[mark_of(name)] = pa.array([value is ABSENT for value in values])
        shapes[name] = one
        fields.append(field)
    shape = Shape()
    shape.fields = shapes if rows else None
    return Packed(
        content=_stream(columns, glue.StructType(fields)) if rows else b"",
        shape=pickle.dumps(shape.rounded()),
        failures=failures,
    )


def _shape(values: list[Any], hint: glue.DataType | None) -> Shape:
    shape = Shape()
    shape.add_all(values)
    if isinstance(hint, glue.FloatType) and shape.kinds == {glue.DoubleType} and _are_short(values):
        shape.kinds = {glue.FloatType}
    return shape


def _are_short(values: list[Any]) -> bool:
    """Tell whether 32 bits hold all of these numbers exactly."""
    numbers = np.array([value for value in values if isinstance(value, float)])
    with np.errstate(over="ignore"):
        return bool(np.array_equal(numbers.astype(np.float32), numbers, equal_nan=True))


def _values(rows: list[Record], name: str) -> list[Any]:
    try:
        return list(map(itemgetter(name), rows))
    except KeyError:
        return [row.get(name, ABSENT) for row in rows]


def _typed(column: pa.Array, target: pa.DataType) -> pa.Array:
    if column.type == target:
        return column
    return pa.nulls(len(column)) if pa.types.is_null(target) else column.cast(target)


def _array(values: list[Any], shape: Shape, kind: glue.DataType, zone: str) -> pa.Array:
    if shape.absent:
        values = [None if value is ABSENT else value for value in values]
    if not shape.takes(kind):
        convert = to_arrow(kind, ZoneInfo(zone))
        values = [convert(value) for value in values]
    return pa.array(values, arrow_type_in(kind, zone))


def _stream(columns: dict[str, pa.Array], schema: glue.StructType) -> bytes:
    names = [column.name for column in columns_of(schema)]
    batch = pa.RecordBatch.from_arrays([columns[name] for name in names], names)
    batch = batch.replace_schema_metadata({_TYPES: pickle.dumps(schema)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def unpack(
    schema: glue.StructType, zone: str, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield the records of packed batches, with the types of all.

    Args:
        schema: those types.
        zone: the session's time zone.
        batches: their first column holds what `pack` made, or nulls.
    """
    arrow = pa.schema([(one.name, arrow_type_in(one.dataType, zone)) for one in columns_of(schema)])
    for batch in batches:
        for packed in batch.column(0):
            if packed.is_valid and (content := packed.as_buffer()).size:
                with pa.ipc.open_stream(content) as reader:
                    yield _conformed(reader.read_next_batch(), schema, arrow)


def _conformed(batch: pa.RecordBatch, schema: glue.StructType, arrow: pa.Schema) -> pa.RecordBatch:
    own: glue.StructType = pickle.loads(batch.schema.metadata[_TYPES])
    kinds = {one.name: one.type for one in arrow}
    known = conform_fields(batch.columns, own, schema, kinds)
    columns = [
        known[one.name] if one.name in known else lacking(one, batch.num_rows) for one in arrow
    ]
    return pa.RecordBatch.from_arrays(columns, schema=arrow)
