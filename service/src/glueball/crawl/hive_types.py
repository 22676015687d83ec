"""Types of columns as Hive writes them, and the type that holds the values of two.

`merge` is commutative and associative, but for the order of a struct's fields: it does not matter
in which order files are looked at.
https://docs.aws.amazon.com/glue/latest/dg/glue-types.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import fsum
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Scalar:
    """A type without parts."""

    name: str  #: "bigint", "decimal(10,2)"


@dataclass(frozen=True, slots=True)
class Array:
    """A list of values."""

    element: HiveType


@dataclass(frozen=True, slots=True)
class Map:
    """Values by keys."""

    key: HiveType
    value: HiveType


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a struct."""

    name: str
    type: HiveType


@dataclass(frozen=True, slots=True)
class Struct:
    """Named values."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """One of several types, which the file tells for each value."""

    members: tuple[HiveType, ...]


HiveType: TypeAlias = Scalar | Array | Map | Struct | Union

BINARY: Final = Scalar("binary")
BOOLEAN: Final = Scalar("boolean")
TINYINT: Final = Scalar("tinyint")
SMALLINT: Final = Scalar("smallint")
INT: Final = Scalar("int")
BIGINT: Final = Scalar("bigint")
FLOAT: Final = Scalar("float")
DOUBLE: Final = Scalar("double")
STRING: Final = Scalar("string")
DATE: Final = Scalar("date")
TIMESTAMP: Final = Scalar("timestamp")
#: of what was always null: it says nothing of the type
NOTHING: Final = Scalar("void")

#: whole numbers by how many digits they need
_DIGITS: Final = {TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 19}
_FRACTIONS: Final = (FLOAT, DOUBLE)
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_MOST_DIGITS: Final = 38
#: what a type's text keeps for itself: a field's name cannot hold it
_RESERVED = re.compile("[,:<>()`\\x00-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")
#: where spaces in a type's text mean nothing: "decimal(10, 2)"
_SPACED = re.compile(r"\s*([(),])\s*")
_LONGEST_TEXT: Final = 131_072  # of a column's type, in the API
#: types in types that are told apart; deeper ones are strings
DEEPEST: Final = 100


def decimal(precision: int, scale: int) -> HiveType:
    """Return a decimal type; a string where Hive has none so long."""
    if not 1 <= precision <= _MOST_DIGITS or not 0 <= scale <= precision:
        return STRING
    return Scalar(f"decimal({precision},{scale})")


def struct(fields: Sequence[Field]) -> Struct:
    """Return a struct of a file's fields, named as a type's text can name them.

    Names in another case are the same to Hive: such fields are one, of the type that holds both.
    """
    named = [Field(_RESERVED.sub("_", one.name).strip() or "_", one.type) for one in fields]
    return Struct(merge_fields((), named))


def bounded(data_type: HiveType, depth: int = 0) -> HiveType:
    """Return a type with strings for all types with parts that lie too deep in it.

    Args:
        data_type: of any depth.
        depth: how many types it lies in itself.
    """
    if depth > DEEPEST and not isinstance(data_type, Scalar):
        return STRING
    match data_type:
        case Array():
            return Array(bounded(data_type.element, depth + 1))
        case Map():
            return Map(bounded(data_type.key, depth + 1), bounded(data_type.value, depth + 1))
        case Union():
            return Union(tuple(bounded(one, depth + 1) for one in data_type.members))
        case Struct():
            return Struct(
                tuple(Field(one.name, bounded(one.type, depth + 1)) for one in data_type.fields)
            )
    return data_type


def text_of(data_type: HiveType) -> str:
    """Return a type as the Data Catalog has it: "struct<a:int,b:array<string>>".

    What was always null is a string, and so is a struct without fields, which Hive has not, and
    what would be longer than a type may be.
    """
    text = _text(data_type)
    return text if len(text) <= _LONGEST_TEXT else STRING.name


def _text(data_type: HiveType) -> str:
    match data_type:
        case Scalar():
            return STRING.name if data_type == NOTHING else data_type.name
        case Array():
            return f"array<{_text(data_type.element)}>"
        case Map():
            return f"map<{_text(data_type.key)},{_text(data_type.value)}>"
        case Union():
            return f"uniontype<{','.join(map(_text, data_type.members))}>"
        case Struct():
            fields = [f"{one.name}:{_text(one.type)}" for one in data_type.fields]
            return f"struct<{','.join(fields)}>" if fields else STRING.name


def parse(text: str) -> HiveType:
    """Read a type; what is none that we know stays the text that it is, a scalar."""
    return _parse(text, 0)


def _parse(text: str, depth: int) -> HiveType:
    text = text.strip()
    head, separator, rest = text.partition("<")
    if not separator:
        return Scalar(_SPACED.sub(r"\1", text.lower()))
    parts = list(_split(rest[:-1]))
    if not rest.endswith(">") or depth > DEEPEST or not all(map(str.strip, parts)):
        return Scalar(text)
    match head.strip().lower(), len(parts):
        case "struct", _ if all(":" in part for part in parts):
            return Struct(tuple(_parse_field(part, depth + 1) for part in parts))
        case "array", 1:
            return Array(_parse(parts[0], depth + 1))
        case "map", 2:
            return Map(_parse(parts[0], depth + 1), _parse(parts[1], depth + 1))
        case "uniontype", _:
            return Union(tuple(_parse(part, depth + 1) for part in parts))
    return Scalar(text)


def _parse_field(text: str, depth: int) -> Field:
    name, _, data_type = text.partition(":")
    return Field(name.strip().strip("`"), _parse(data_type, depth))


def _split(text: str) -> Iterator[str]:
    """Yield the parts of a text between commas that are in no brackets."""
    depth = start = 0
    for place, mark in enumerate(text):
        depth += (mark in "<(") - (mark in ">)")
        if mark == "," and depth == 0:
            yield text[start:place]
            start = place + 1
    yield text[start:]


def merge(one: HiveType, other: HiveType) -> HiveType:
    """Return the type that holds the values of both; a string where only that does."""
    if one == other or other == NOTHING:
        return one
    if one == NOTHING:
        return other
    match one, other:
        case Scalar(), Scalar():
            return _wider(one, other)
        case Array(), Array():
            return Array(merge(one.element, other.element))
        case Map(), Map():
            return Map(merge(one.key, other.key), merge(one.value, other.value))
        case Struct(), Struct():
            return Struct(merge_fields(one.fields, other.fields))
    return STRING


def merge_all(types: Sequence[HiveType]) -> HiveType:
    """Return the type that holds the values of all; of none, that of nothing."""
    nothing: HiveType = NOTHING
    return reduce(merge, types, nothing)


def merge_fields(one: Sequence[Field], other: Sequence[Field]) -> tuple[Field, ...]:
    """Return the fields of both, those of the first first; names in another case are the same."""
    merged: dict[str, Field] = {}
    for field in (*one, *other):
        known = merged.get(field.name.lower())
        joined = field if known is None else Field(known.name, merge(known.type, field.type))
        merged[field.name.lower()] = joined
    return tuple(merged.values())


def _wider(one: Scalar, other: Scalar) -> HiveType:
    if one in _DIGITS and other in _DIGITS:
        return max(one, other, key=_DIGITS.__getitem__)
    if not (is_number(one) and is_number(other)):
        return STRING
    if one in _FRACTIONS or other in _FRACTIONS:
        return DOUBLE
    whole, fraction = map(max, zip(_digits(one), _digits(other), strict=True))
    if whole + fraction > _MOST_DIGITS:
        return DOUBLE
    return decimal(whole + fraction, fraction)


def is_number(data_type: HiveType) -> bool:
    """Tell whether values of a type are numbers."""
    if not isinstance(data_type, Scalar):
        return False
    known = data_type in _DIGITS or data_type in _FRACTIONS
    return known or _DECIMAL.fullmatch(data_type.name) is not None


def _digits(number: Scalar) -> tuple[int, int]:
    """Return how many digits a number may have before and after its point."""
    if number in _DIGITS:
        return _DIGITS[number], 0
    found = _DECIMAL.fullmatch(number.name)
    assert found is not None  # floats are dealt with before
    return int(found[1]) - int(found[2]), int(found[2])


def likeness(one: HiveType, other: HiveType) -> float:
    """Return how alike two types are: 1 for the same, 0.5 for two scalars, 0 for another shape."""
    if one == other or NOTHING in (one, other) or (is_number(one) and is_number(other)):
        return 1.0
    match one, other:
        case Scalar(), Scalar():
            return 0.5
        case Array(), Array():
            return likeness(one.element, other.element)
        case Map(), Map():
            return likeness(one.value, other.value)
        case Struct(), Struct():
            return likeness_of_fields(one.fields, other.fields)
    return 0.0


def likeness_of_fields(one: Sequence[Field], other: Sequence[Field]) -> float:
    """Return which share of the fields of the one that has more are alike in both, from 0 to 1."""
    known = {field.name.lower(): field.type for field in one}
    most = max(len(known), len({field.name.lower() for field in other}))
    if most == 0:
        return 1.0
    shared = {field.name.lower(): field.type for field in other if field.name.lower() in known}
    # fsum: the order of the fields must not decide by a rounding
    return fsum(likeness(known[name], found) for name, found in shared.items()) / most
