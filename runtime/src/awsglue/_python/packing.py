"""Records that a function returned, packed: an Arrow stream for each batch, with its own types.

The types of all records are known only after the last one, so each batch is packed with the types
that it has itself, and brought to those of all when it is unpacked. Columns that the function left
alone are passed on as they came.
"""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import is_, itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from awsglue import gluetypes as glue
from awsglue._python.shapes import Shape, to_arrow
from awsglue._steps.conforming import arrow_type_in, conform

Record = dict[str, Any]
#: Types of which a column that no record changed needs no look at its values but integers.
_PLAIN = (
    *(glue.StringType, glue.BooleanType, glue.DoubleType, glue.DateType, glue.BinaryType),
    *(glue.TimestampType, glue.TimestampNTZType),
)
_INTEGERS = (glue.ByteType, glue.ShortType, glue.IntegerType, glue.LongType)
_TYPES = b"glueball.types"  # a packed batch's own types, in the metadata of its schema


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchanged:
    """What a function was given, to see what it left alone."""

    batch: pa.RecordBatch
    given: list[list[Any]]  #: the values, column by column
    schema: glue.StructType
    rows: list[int]  #: the rows for which the function returned a record

    def column(self, name: str, values: list[Any]) -> pa.Array | None:
        """Return the column of a name if these are its very values, and need no other type."""
        for number, field in enumerate(self.schema):
            if field.name == name and isinstance(field.dataType, (*_PLAIN, *_INTEGERS)):
                return self._same(number, values)
        return None

    def _same(self, number: int, values: list[Any]) -> pa.Array | None:
        given, column = self.given[number], self.batch.column(number)
        if len(self.rows) != len(given):
            given = [given[row] for row in self.rows]
            column = column.take(pa.array(self.rows, pa.int64()))
        return column if all(map(is_, values, given)) else None

    def without(self, failed: Sequence[int]) -> Unchanged:
        """Return the same for fewer records."""
        gone = set(failed)
        rows = [row for index, row in enumerate(self.rows) if index not in gone]
        return Unchanged(batch=self.batch, given=self.given, schema=self.schema, rows=rows)


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
    nothing = Unchanged(batch=same.batch, given=[], schema=glue.StructType(), rows=[])
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
    shape, arrays, fields = Shape(), list[pa.Array](), list[glue.Field]()
    shape.fields = {}
    known = hints.field_map
    for name in dict.fromkeys(chain.from_iterable(rows)):
        values = _values(rows, name)
        hint = known[name].dataType if name in known else None
        column = same.column(name, values)
        one = Shape() if column is None else _shape_of_column(column, hint)
        if column is None:
            one.add_all(values)
        kind = one.data_type(hint)
        target = arrow_type_in(kind, zone)
        arrays.append(_array(values, one, kind, zone) if column is None else _typed(column, target))
        shape.fields[name] = one
        fields.append(glue.Field(name, kind))
    return Packed(
        content=_stream(arrays, fields) if rows else b"",
        shape=pickle.dumps(shape.rounded()),
        failures=failures,
    )


def _values(rows: list[Record], name: str) -> list[Any]:
    try:
        return list(map(itemgetter(name), rows))
    except KeyError:
        return [row.get(name) for row in rows]


def _typed(column: pa.Array, target: pa.DataType) -> pa.Array:
    return pa.nulls(len(column)) if pa.types.is_null(target) else column.cast(target)


def _shape_of_column(column: pa.Array, data_type: glue.DataType | None) -> Shape:
    shape = Shape()
    if column.null_count == len(column):
        return shape
    if isinstance(data_type, _INTEGERS):
        ends = pc.min_max(column)
        shape.add_all([ends["min"].as_py(), ends["max"].as_py()])
    elif isinstance(data_type, glue.TimestampNTZType):
        shape.kinds.add(glue.TimestampType)
    else:
        shape.kinds.add(type(data_type))  # type: ignore[arg-type]
    return shape


def _array(values: list[Any], shape: Shape, kind: glue.DataType, zone: str) -> pa.Array:
    if not shape.takes(kind):
        convert = to_arrow(kind, ZoneInfo(zone))
        values = [convert(value) for value in values]
    return pa.array(values, arrow_type_in(kind, zone))


def _stream(arrays: list[pa.Array], fields: list[glue.Field]) -> bytes:
    types = pickle.dumps(glue.StructType(fields))
    names = [field.name for field in fields]
    batch = pa.RecordBatch.from_arrays(arrays, names).replace_schema_metadata({_TYPES: types})
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
    arrow = pa.schema([(one.name, arrow_type_in(one.dataType, zone)) for one in schema])
    for batch in batches:
        for packed in batch.column(0):
            if packed.is_valid and (content := packed.as_buffer()).size:
                with pa.ipc.open_stream(content) as reader:
                    yield _conformed(reader.read_next_batch(), schema, arrow)


def _conformed(batch: pa.RecordBatch, schema: glue.StructType, arrow: pa.Schema) -> pa.RecordBatch:
    own: glue.StructType = pickle.loads(batch.schema.metadata[_TYPES])
    numbers = {field.name: number for number, field in enumerate(own)}
    columns = [
        conform(
            batch.column(numbers[field.name]),
            own.fields[numbers[field.name]].dataType,
            field.dataType,
            arrow.field(target).type,
        )
        if field.name in numbers
        else pa.nulls(batch.num_rows, arrow.field(target).type)
        for target, field in enumerate(schema)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=arrow)
