"""The values of Arrow columns as Python has them, a whole column at a time.

`pyarrow.Array.to_pylist` makes a scalar object for each value and costs several times as much.
A choice becomes the one value that it holds, a map a dict, and a time loses its zone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from awsglue import gluetypes as glue
from awsglue._types import members

Values = list[Any]
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
    if not data_type.fields:
        return _with_nulls([make(iter(())) for _ in range(len(column))], column)
    names = [field.name for field in data_type]
    columns = [
        values_of(one, field.dataType)
        for one, field in zip(column.flatten(), data_type, strict=True)
    ]
    rows = zip(*columns, strict=True)
    return _with_nulls([make(zip(names, row, strict=True)) for row in rows], column)


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
