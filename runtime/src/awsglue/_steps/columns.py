"""The values of Arrow columns as Python has them, a whole column at a time.

`pyarrow.Array.to_pylist` makes a scalar object for each value and costs several times as much.
A choice becomes the one value that it holds, a map a dict, and a time loses its zone. A dict has no
key for a field that its record lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from awsglue import gluetypes as glue
from awsglue._types import columns_of, is_marked, mark_of, members

Values = list[Any]
#: What stands among the values of a field where a record lacks it.
ABSENT: Any = object()
#: What makes the dict of a struct.
Maker = Callable[[Iterator[tuple[str, Any]]], dict[str, Any]]


def values_of(column: pa.Array, data_type: glue.DataType, make: Maker = dict) -> Values:
    """Return the values of a column.

    Args:
        column: of the Arrow type that Spark makes of the type.
        data_type: the type.
        make: makes the records of a struct; those inside of it are dicts.
    """
    if isinstance(data_type, glue.ChoiceType):
        return _choices(column, data_type)
    if isinstance(data_type, glue.StructType):
        return _structs(column, data_type, make)
    if isinstance(data_type, glue.MapType):
        return _maps(column, data_type)
    if isinstance(data_type, glue.ArrayType):
        starts, inner = _inside(column, column.values)
        elements = values_of(inner, data_type.elementType)
        return _with_nulls([elements[a:b] for a, b in pairwise(starts)], column)
    return _atoms(column, data_type)


def _atoms(column: pa.Array, data_type: glue.DataType) -> Values:
    if isinstance(data_type, glue.TimestampType):
        column = pc.local_timestamp(column)
    elif isinstance(data_type, _NUMBERS):
        full = column.fill_null(0) if column.null_count else column
        return _with_nulls(full.to_numpy(zero_copy_only=False).tolist(), column)
    elif not isinstance(data_type, _OBJECTS):
        return list(column.to_pylist())
    return list(column.to_numpy(zero_copy_only=False).tolist())


_NUMBERS = (
    *(glue.ByteType, glue.ShortType, glue.IntegerType, glue.LongType),
    *(glue.FloatType, glue.DoubleType),
)
#: Types whose nulls NumPy shows as None.
_OBJECTS = (
    *(glue.StringType, glue.EnumType, glue.BinaryType, glue.BooleanType, glue.DecimalType),
    *(glue.DateType, glue.TimestampNTZType),
)


def _with_nulls(values: Values, column: pa.Array) -> Values:
    if column.null_count:
        for index in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
            values[index] = None
    return values


def _structs(column: pa.Array, data_type: glue.StructType, make: Maker) -> Values:
    columns = field_values(column.flatten(), data_type)
    return _with_nulls(records_of(columns, data_type, len(column), make), column)


def field_values(
    columns: Sequence[pa.Array], schema: glue.StructType, make: Maker = dict
) -> list[Values]:
    """Return the values of records, field by field, with `ABSENT` where one lacks a field.

    Args:
        columns: of the fields, then of their marks, as `columns_of` has them.
        schema: the fields.
        make: makes the records of structs.
    """
    by_name = dict(zip((one.name for one in columns_of(schema)), columns, strict=True))
    return [_field_values(by_name, field, make) for field in schema]


def _field_values(columns: Mapping[str, pa.Array], field: glue.Field, make: Maker) -> Values:
    values = values_of(columns[field.name], field.dataType, make)
    if field.optional:
        for index in np.flatnonzero(absences(columns, field)).tolist():
            values[index] = ABSENT
    return values


def absences(columns: Mapping[str, pa.Array], field: glue.Field) -> Any:
    """Return, as an array of NumPy's, which records lack an optional field.

    Args:
        columns: fields and marks by name.
        field: the field.
    """
    if not is_marked(field):
        return columns[field.name].is_null().to_numpy(zero_copy_only=False)
    return columns[mark_of(field.name)].fill_null(True).to_numpy(zero_copy_only=False)


def records_of(
    columns: Sequence[Values], schema: glue.StructType, number: int, make: Maker
) -> list[Any]:
    """Return records made of what `field_values` returns.

    Args:
        columns: the values, field by field.
        schema: the fields.
        number: how many records there are: without fields nothing else tells.
        make: makes a record.
    """
    if not columns:
        return [make(iter(())) for _ in range(number)]
    names = [field.name for field in schema]
    records = [make(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    for field, values in zip(schema, columns, strict=True):
        if field.optional:
            for index in [index for index, value in enumerate(values) if value is ABSENT]:
                del records[index][field.name]
    return records


def _choices(column: pa.Array, data_type: glue.ChoiceType) -> Values:
    found: Values = [None] * len(column)
    for one, (_, kind) in zip(column.flatten(), members(data_type), strict=True):
        held = np.flatnonzero(one.is_valid().to_numpy(zero_copy_only=False))
        if len(held):
            for index, value in zip(held.tolist(), values_of(one.take(held), kind), strict=True):
                found[index] = value
    return found


def _maps(column: pa.Array, data_type: glue.MapType) -> Values:
    starts, keys = _inside(column, column.keys)
    _, items = _inside(column, column.items)
    held = values_of(items, data_type.valueType)
    named = keys.to_pylist()
    made = [dict(zip(named[a:b], held[a:b], strict=True)) for a, b in pairwise(starts)]
    return _with_nulls(made, column)


def _inside(column: pa.Array, values: pa.Array) -> tuple[list[int], pa.Array]:
    """Return where each list of a column begins, and what is in all of them."""
    offsets = column.offsets.to_numpy()
    first = int(offsets[0]) if len(offsets) else 0
    last = int(offsets[-1]) if len(offsets) else 0
    return (offsets - first).tolist(), values.slice(first, last - first)
