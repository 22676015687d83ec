"""Shapes of a service model as Python types that msgspec decodes and checks in one pass.

A structure becomes a TypedDict, so a decoded request is a plain dict; members that the model does
not know are dropped, as AWS does. Lengths, ranges and enums become constraints, and patterns of one
class of characters; the others are left to `text_checks`.
"""

from __future__ import annotations

from functools import lru_cache
from types import GenericAlias
from typing import Annotated, Any, Literal, TypedDict

import msgspec
from botocore.model import ListShape, MapShape, Shape, StructureShape

from glueball.wire.enums import values_of
from glueball.wire.patterns import class_pattern

#: of Java's Integer and Long, which AWS's services are written with, both ends included
INTEGER_RANGES = {
    "integer": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
}
#: of the years 1 to 9999, in epoch seconds; nothing else has a calendar date
TIMESTAMP_RANGE = (-62_135_596_800, 253_402_300_799)

#: the checker insists on literal arguments
_typed_dict: Any = TypedDict


class JsonTypes:
    """The types of one service's shapes, made when they are asked for.

    Args:
        service: botocore's name of the service.
        patterns: whether patterns become constraints. The decoder keeps all other threads waiting
            while it matches, so those of a large request are better matched afterwards.
    """

    def __init__(self, service: str, *, patterns: bool = True) -> None:
        self._service = service
        self._patterns = patterns
        self._structures: dict[str, Any] = {}

    def type_of(self, shape: Shape) -> Any:
        """Return the type that decodes a shape."""
        if isinstance(shape, StructureShape):
            return Any if shape.is_document_type else self._structure(shape)
        if isinstance(shape, ListShape):
            return _sized(GenericAlias(list, self.type_of(shape.member)), shape)
        if isinstance(shape, MapShape):
            sides = self.type_of(shape.key), self.type_of(shape.value)
            return _sized(GenericAlias(dict, sides), shape)
        return self._scalar(shape)

    def _structure(self, shape: StructureShape) -> Any:
        known = self._structures.get(shape.name)
        if known is not None:
            return known
        made = _typed_dict(shape.name, {})
        # Known before its members are: a structure may hold itself.
        self._structures[shape.name] = made
        made.__annotations__ = {
            name: self.type_of(member) for name, member in shape.members.items()
        }
        made.__required_keys__ = frozenset(shape.required_members)
        made.__optional_keys__ = frozenset(shape.members) - made.__required_keys__
        return made

    def _scalar(self, shape: Shape) -> Any:
        kind = shape.type_name
        if kind == "string":
            return _string(self._service, shape, patterns=self._patterns)
        if kind in INTEGER_RANGES:
            low, high = INTEGER_RANGES[kind]
            limits = shape.metadata
            return _ranged(
                int, max(low, limits.get("min", low)), min(high, limits.get("max", high))
            )
        if kind == "timestamp":
            return _ranged(float, *TIMESTAMP_RANGE)
        if kind in ("float", "double"):
            return _ranged(float, shape.metadata.get("min"), shape.metadata.get("max"))
        return {"boolean": bool, "blob": bytes}[kind]


@lru_cache(maxsize=4096)
def _ranged(number: type, low: float | None, high: float | None) -> Any:
    return Annotated[number, msgspec.Meta(ge=low, le=high)]


def _string(service: str, shape: Shape, *, patterns: bool) -> Any:
    values = values_of(service, shape)
    if values:
        return Literal[values]
    pattern = shape.metadata.get("pattern") if patterns else None
    return _sized(str, shape, pattern=class_pattern(pattern) if pattern else None)


def _sized(inner: Any, shape: Shape, pattern: str | None = None) -> Any:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is None and high is None and pattern is None:
        return inner
    return Annotated[inner, msgspec.Meta(min_length=low, max_length=high, pattern=pattern)]
