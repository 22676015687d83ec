"""Arrow columns brought from the types of one batch to those of all batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from awsglue import gluetypes as glue
from awsglue._python.shapes import arrow_type
from awsglue._steps.columns import absences
from awsglue._types import columns_of, is_mark, is_marked, mark_of, members

_INTEGERS = ("byte", "short", "int", "long", "decimal", "string")


def arrow_type_in(data_type: glue.DataType, zone: str) -> pa.DataType:
    """Return a type as Arrow's, with moments in a time zone, as Spark itself gives them."""
    return _in_zone(arrow_type(data_type), zone)


def _in_zone(kind: pa.DataType, zone: str) -> pa.DataType:
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return pa.timestamp(kind.unit, tz=zone)
    if pa.types.is_list(kind):
        return pa.list_(_in_zone(kind.value_type, zone))
    if pa.types.is_map(kind):
        return pa.map_(_in_zone(kind.key_type, zone), _in_zone(kind.item_type, zone))
    if pa.types.is_struct(kind):
        return pa.struct([(one.name, _in_zone(one.type, zone)) for one in kind])
    return kind


def conform(
    column: pa.Array, source: glue.DataType, target: glue.DataType, kind: pa.DataType
) -> pa.Array:
    """Return a column with another type, which holds every value of its own.

    Args:
        column: the values.
        source: their type.
        target: what `Shape.data_type` found for these values, among others.
        kind: `target` as Arrow's type.
    """
    if column.type == kind and source == target:
        return column
    if column.null_count == len(column) or pa.types.is_null(kind):
        return pa.nulls(len(column), kind)
    if isinstance(target, glue.ChoiceType):
        return _to_choice(column, source, target, kind)
    if isinstance(source, glue.StructType) and isinstance(target, glue.StructType):
        return _to_struct(column, source, target, kind)
    if isinstance(source, glue.ArrayType) and isinstance(target, glue.ArrayType):
        return _to_list(column, source, target, kind)
    if isinstance(target, glue.TimestampNTZType) and isinstance(source, glue.TimestampType):
        return pc.local_timestamp(column)
    return column.cast(kind)


def _missing(column: pa.Array) -> Any:
    return column.is_null() if column.null_count else None


def _struct(children: dict[str, pa.Array], column: pa.Array, kind: pa.DataType) -> pa.Array:
    if not kind.num_fields:  # of no fields Arrow cannot tell how many records there are
        return pa.array([{} if there else None for there in column.is_valid().to_pylist()], kind)
    arrays = [
        children[field.name] if field.name in children else lacking(field, len(column))
        for field in kind
    ]
    return pa.StructArray.from_arrays(arrays, fields=list(kind), mask=_missing(column))


def lacking(field: pa.Field, number: int) -> pa.Array:
    """Return a column of a field that none of so many records has; its mark says so."""
    if is_mark(field.name):
        return pa.array(np.ones(number, bool))
    return pa.nulls(number, field.type)


def _to_struct(
    column: pa.Array, source: glue.StructType, target: glue.StructType, kind: pa.DataType
) -> pa.Array:
    kinds = {one.name: one.type for one in kind}
    return _struct(conform_fields(column.flatten(), source, target, kinds), column, kind)


def conform_fields(
    arrays: Sequence[pa.Array],
    source: glue.StructType,
    target: glue.StructType,
    kinds: Mapping[str, pa.DataType],
) -> dict[str, pa.Array]:
    """Return the fields of records with the types, and the marks, of other records.

    Args:
        arrays: the fields and marks of the source, as `columns_of` has them.
        source: what they are.
        target: what they are to be; fields that the source has not stay away.
        kinds: the target's columns as Arrow's types.
    """
    columns = dict(zip((one.name for one in columns_of(source)), arrays, strict=True))
    wanted, conformed = target.field_map, {}
    for field in source:
        new = wanted[field.name]
        array = columns[field.name]
        conformed[field.name] = conform(array, field.dataType, new.dataType, kinds[field.name])
        if is_marked(new):
            lacking = absences(columns, field) if field.optional else np.zeros(len(array), bool)
            conformed[mark_of(field.name)] = pa.array(lacking)
    return conformed


def _to_list(
    column: pa.Array, source: glue.ArrayType, target: glue.ArrayType, kind: pa.DataType
) -> pa.Array:
    inner = conform(column.values, source.elementType, target.elementType, kind.value_type)
    offsets = column.offsets
    if column.null_count:  # a null where a list begins makes it null
        begins = offsets.to_numpy()[:-1]
        mask = np.append(column.is_null().to_numpy(zero_copy_only=False), False)
        offsets = pa.array(np.append(begins, offsets.to_numpy()[-1]), pa.int32(), mask=mask)
    return pa.ListArray.from_arrays(offsets, inner, type=kind)


def _to_choice(
    column: pa.Array, source: glue.DataType, target: glue.ChoiceType, kind: pa.DataType
) -> pa.Array:
    wanted = dict(members(target))
    alone = not isinstance(source, glue.ChoiceType)
    held = [(source.typeName(), source)] if alone else members(source)  # type: ignore[arg-type]
    parts = [column] if alone else column.flatten()
    children: dict[str, pa.Array] = {}
    for part, (name, one) in zip(parts, held, strict=True):
        place = _place(name, one, wanted)
        made = conform(part, one, wanted[place], kind.field(place).type)
        # Several types of numbers can have become one.
        children[place] = pc.coalesce(children[place], made) if place in children else made
    return _struct(children, column, kind)


def _place(name: str, source: glue.DataType, wanted: dict[str, glue.DataType]) -> str:
    """Return the member of a choice that takes values of a type."""
    if name in wanted:
        return name
    if isinstance(source, glue.TimestampType) and "timestampntz" in wanted:
        return "timestampntz"
    return next(other for other in _INTEGERS[_INTEGERS.index(name) :] if other in wanted)
