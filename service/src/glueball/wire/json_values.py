"""Decoded JSON held against a shape: what the fast decoder refused is looked at again.

This is the authority on what AWS accepts; the types of `shapes` are its fast equal. It drops null
members, which AWS takes for absent ones and typed decoding refuses, and it words type errors.
"""

from __future__ import annotations

import binascii
import math
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from glueball.wire.errors import MalformedBody
from glueball.wire.shapes import INTEGER_RANGES, TIMESTAMP_RANGE


def conform(shape: Shape, value: Any) -> Any:
    """Return a JSON value as the shape's Python value; constraints are not looked at.

    Args:
        shape: what is expected.
        value: decoded JSON, not null, that nests no deeper than `nesting.DEEPEST`.

    Raises:
        MalformedBody: a value of another type, or a number out of its type's range.
    """
    if isinstance(shape, StructureShape):
        return value if shape.is_document_type else _structure(shape, value)
    if isinstance(shape, ListShape):
        if not isinstance(value, list):
            raise _unexpected(value)
        return [conform(shape.member, item) for item in value if item is not None]
    if isinstance(shape, MapShape):
        return _map(shape, value)
    return _scalar(shape, value)


def _structure(shape: StructureShape, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unexpected(value)
    return {
        name: conform(member, value[name])
        for name, member in shape.members.items()
        if value.get(name) is not None
    }


def _map(shape: MapShape, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unexpected(value)
    return {key: conform(shape.value, item) for key, item in value.items() if item is not None}


def _scalar(shape: Shape, value: Any) -> Any:
    kind = shape.type_name
    if isinstance(value, (dict, list)):
        raise _unexpected(value)
    if kind == "string" and isinstance(value, str):
        return value
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "blob" and isinstance(value, str):
        return _bytes(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if kind in INTEGER_RANGES:
            return _integer(kind, value)
        if kind in ("timestamp", "float", "double"):
            return _real(kind, value)
    raise MalformedBody(f"{_token(value)} can not be converted to {_JAVA_TYPES[kind]}")


def _integer(kind: str, value: float) -> int:
    low, high = INTEGER_RANGES[kind]
    if value != math.floor(value) or not low <= value <= high:
        raise MalformedBody(f"NUMBER_VALUE can not be converted to {_JAVA_TYPES[kind]}")
    return int(value)


def _real(kind: str, value: float) -> float:
    low, high = TIMESTAMP_RANGE
    if kind == "timestamp" and not low <= value <= high:
        raise MalformedBody("NUMBER_VALUE can not be converted to a Timestamp")
    try:
        return float(value)
    except OverflowError as error:
        raise MalformedBody("NUMBER_VALUE can not be converted to a Double") from error


def _bytes(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError as error:
        raise MalformedBody("STRING_VALUE can not be converted to a Blob") from error


#: how AWS names the type that it wanted
_JAVA_TYPES = {
    "string": "a String",
    "boolean": "a Boolean",
    "blob": "a Blob",
    "integer": "an Integer",
    "long": "a Long",
    "float": "a Float",
    "double": "a Double",
    "timestamp": "a Timestamp",
}


def _token(value: str | float | bool) -> str:
    """Return how AWS names the type that it got."""
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    return "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"


def _unexpected(value: Any) -> MalformedBody:
    if isinstance(value, dict):
        return MalformedBody("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return MalformedBody("Start of list found where not expected")
    return MalformedBody("Unexpected field type")
