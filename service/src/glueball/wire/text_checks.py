"""Which texts of a decoded request break a pattern: what the decoder of JSON cannot check itself.

It checks lengths, ranges and, of small requests, patterns of one class; see `patterns`. Only
members that lead to a text with another pattern are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from glueball.wire.enums import values_of
from glueball.wire.patterns import class_pattern, compiled


class TextChecks:
    """The checks of one service's shapes, found when they are asked for.

    Args:
        service: botocore's name of the service.
        classes: whether to check patterns of one class, too.
    """

    def __init__(self, service: str, *, classes: bool = False) -> None:
        self._service = service
        self._classes = classes
        #: by shape: the members of a structure that lead to a text with a pattern
        self._members: dict[str, Mapping[str, Shape]] = {}

    def fit(self, shape: Shape, value: Any) -> bool:
        """Tell whether all texts in a decoded value match their patterns."""
        if isinstance(shape, StructureShape):
            return all(
                self.fit(member, value[name])
                for name, member in self._leading(shape).items()
                if name in value
            )
        if isinstance(shape, ListShape):
            return not self._leads(shape.member, ()) or all(
                self.fit(shape.member, item) for item in value
            )
        if isinstance(shape, MapShape):
            return self._fit_map(shape, value)
        return not self._is_checked(shape) or _matches(shape.metadata["pattern"], value)

    def _fit_map(self, shape: MapShape, value: dict[str, Any]) -> bool:
        keys = not self._leads(shape.key, ()) or all(self.fit(shape.key, key) for key in value)
        return keys and (
            not self._leads(shape.value, ())
            or all(self.fit(shape.value, item) for item in value.values())
        )

    def _leading(self, shape: StructureShape) -> Mapping[str, Shape]:
        members = self._members.get(shape.name)
        if members is None:
            members = {
                name: member
                for name, member in shape.members.items()
                if not shape.is_document_type and self._leads(member, ())
            }
            self._members[shape.name] = members
        return members

    def _leads(self, shape: Shape, within: tuple[str, ...]) -> bool:
        """Tell whether a shape is or holds a text with a pattern.

        Args:
            shape: the one that is asked about.
            within: names of the shapes around it; what holds itself leads nowhere by that.
        """
        if shape.name in within:
            return False
        inner = (*within, shape.name)
        if isinstance(shape, StructureShape):
            return any(self._leads(member, inner) for member in shape.members.values())
        if isinstance(shape, ListShape):
            return self._leads(shape.member, inner)
        if isinstance(shape, MapShape):
            return self._leads(shape.key, inner) or self._leads(shape.value, inner)
        return self._is_checked(shape)

    def _is_checked(self, shape: Shape) -> bool:
        pattern = shape.metadata.get("pattern")
        return (
            shape.type_name == "string"
            and pattern is not None
            and (self._classes or class_pattern(pattern) is None)
            and not values_of(self._service, shape)
        )


def _matches(pattern: str, text: str) -> bool:
    expression = class_pattern(pattern)
    if expression is None:
        return compiled(pattern).matches(text)
    return re.search(expression, text) is not None
