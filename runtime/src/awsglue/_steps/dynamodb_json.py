"""DynamoDB's JSON without the descriptors of types that it has around every value.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html

A value is a struct with one field, whose name is its type: `{"N": "1"}`, `{"SS": ["a"]}`,
`{"M": {…}}`. Numbers are texts, and stay texts, as on AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from awsglue._records import Records
from awsglue._steps.casts import Expression, conform, lifted, member, unless_null
from awsglue._steps.rewrite import Item, fields_at, items_of, schema_of, struct_of
from awsglue._steps.unnest import flatten
from awsglue.gluetypes import (
    ArrayType,
    ChoiceType,
    DataType,
    MapType,
    NullType,
    StructType,
    mergeDataTypes,
)

_ITEM = "Item"  # where an export has the record
_ATOMIC = ("S", "N", "B", "BOOL")
_SETS = ("SS", "NS", "BS")
_TYPES = {*_ATOMIC, *_SETS, "NULL", "M", "L"}


def simplify(records: Records) -> Records:
    """Return the records of an export with plain values; maps become structs.

    A field that has values of several types becomes a choice. A list of several types, or of maps,
    stays as it is.
    """
    return records.select([_simple(item) for item in _fields(records)])


def unnest(records: Records) -> Records:
    """Return the records of an export with plain values at the top; fields of maps are `a.b`.

    Lists of maps stay as they are.

    Raises:
        FlattenedNamesError: two fields would get one name.
    """
    plain = [_simple(item) for item in _fields(records)]
    return records.select(flatten(plain))


def _fields(records: Records) -> Iterator[Item]:
    """Yield the record's fields: those of `Item`, and what else there is at the top."""
    for item in items_of(records.schema):
        if item.name == _ITEM and isinstance(item.type, StructType):
            for one in item.type:
                yield Item.of(one.name, lifted(item.value, one))
        else:
            yield item


def _is_described(kind: DataType) -> bool:
    """Tell whether a type is that of a value with its descriptor."""
    return (
        isinstance(kind, StructType)
        and bool(kind.fields)
        and all(field.name in _TYPES for field in kind)
        and all(_fits(field.name, field.dataType) for field in kind)
    )


def _fits(name: str, kind: DataType) -> bool:
    """Tell apart a descriptor from a field of a map that happens to have its name."""
    if isinstance(kind, NullType):
        return True
    if name == "M":
        return isinstance(kind, (StructType, MapType))
    if name == "L" or name in _SETS:
        return isinstance(kind, ArrayType)
    return not isinstance(kind, (StructType, ArrayType, MapType, ChoiceType))


def _simple(item: Item, depth: int = 0) -> Item:
    """Return a field with its value plain; one without descriptor as it is."""
    if not _is_described(item.type):
        return item
    assert isinstance(item.type, StructType)
    values = [
        _value(field.name, member(item.sql, field.name), field.dataType, depth)
        for field in item.type
    ]
    together = _one_of(values)
    if item.type.hasField("NULL"):
        return item.with_nullable(together.sql, together.type)
    return item.with_value(together.sql, together.type)


def _value(name: str, sql: str, kind: DataType, depth: int) -> Expression:
    if name == "NULL":
        return Expression("cast(null as void)", NullType())
    if isinstance(kind, StructType) and kind.fields:
        plain = [_simple(one, depth) for one in fields_at(sql, kind)]
        return Expression(unless_null(sql, struct_of(plain)), schema_of(plain))
    if isinstance(kind, ArrayType):
        return _list(sql, kind, depth)
    return Expression(sql, kind)


def _list(sql: str, kind: ArrayType, depth: int) -> Expression:
    """Return a list of plain values, when its elements are all of one type and no maps."""
    element = kind.elementType
    if not isinstance(element, StructType) or not _is_described(element):
        return Expression(sql, kind)
    first, *others = element
    if others or first.name == "M":
        return Expression(sql, kind)
    value = _value(first.name, member(f"x{depth}", first.name), first.dataType, depth + 1)
    return Expression(f"transform({sql}, x{depth} -> {value.sql})", ArrayType(value.type))


def _one_of(values: Sequence[Expression]) -> Expression:
    """Return the one value that is there; a choice where they are of several types."""
    kind = reduce(mergeDataTypes, (one.type for one in values))
    there = [one for one in values if not isinstance(one.type, NullType)] or values
    if len(there) == 1:
        return there[0]
    return Expression(
        f"coalesce({', '.join(conform(one.sql, one.type, kind) for one in there)})", kind
    )
