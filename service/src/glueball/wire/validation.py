"""The constraints of a shape, and AWS's sentences about those that a value breaks.

For example::

    1 validation error detected: Value 'x' at 'executionClass' failed to satisfy constraint: Member
    must satisfy enum value set: [FLEX, STANDARD]

A member's path is written in lower camel case: ``tags.1.member.value`` is the `Value` of the
first of `Tags`. What a list or map of plain values breaks is said of the list or map as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from glueball.wire.enums import values_of
from glueball.wire.patterns import compiled

#: more errors than this are not looked for
_MOST_ERRORS = 100
#: characters of a value that an error repeats
_LONGEST_ECHO = 1024
#: shapes that hold passwords though the model does not call them sensitive: a connection's
_SECRETIVE = frozenset({"ConnectionProperties", "PropertyMap"})
_NULL_CHARACTER = "Member must not contain the character U+0000"


def problems(
    service: str, shape: StructureShape, value: dict[str, Any], *, null_characters: bool = True
) -> str | None:
    """Return AWS's sentence about everything that is wrong with a request; None if all is well.

    Args:
        service: botocore's name of the service.
        shape: the operation's input.
        value: holds values of the right types only.
        null_characters: whether strings may hold U+0000, which no database column can.
    """
    walk = _Walk(service, null_characters)
    found = list(islice(walk.structure(shape, value, ""), _MOST_ERRORS))
    if not found:
        return None
    noun = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {noun} detected: {'; '.join(found)}"


class _Walk:
    """One pass over a request; every method yields sentences."""

    def __init__(self, service: str, null_characters: bool) -> None:
        self._service = service
        self._null_characters = null_characters

    def structure(self, shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
        for name, member in shape.members.items():
            inner = f"{path}{name[:1].lower()}{name[1:]}"
            if name in value:
                yield from self.value(member, value[name], inner)
            elif name in shape.required_members:
                yield _sentence("null", inner, "Member must not be null")

    def value(self, shape: Shape, value: Any, path: str) -> Iterator[str]:
        for broken in self._broken(shape, value):
            yield _sentence(_shown(shape, value), path, broken)
        if isinstance(shape, StructureShape):
            if not shape.is_document_type:
                yield from self.structure(shape, value, f"{path}.")
        elif isinstance(shape, ListShape):
            yield from self._list(shape, value, path)
        elif isinstance(shape, MapShape):
            yield from self._map(shape, value, path)

    def _list(self, shape: ListShape, value: list[Any], path: str) -> Iterator[str]:
        if _is_plain(shape.member):
            if any(self._breaks(shape.member, item) for item in value):
                yield self._of_all(
                    "Member must satisfy constraint", shape, shape.member, value, path
                )
            return
        for number, item in enumerate(value, 1):
            yield from self.value(shape.member, item, f"{path}.{number}.member")

    def _map(self, shape: MapShape, value: dict[str, Any], path: str) -> Iterator[str]:
        if any(self._breaks(shape.key, key) for key in value):
            yield self._of_all("Map keys must satisfy constraint", shape, shape.key, value, path)
        if _is_plain(shape.value):
            if any(self._breaks(shape.value, item) for item in value.values()):
                yield self._of_all(
                    "Map value must satisfy constraint", shape, shape.value, value, path
                )
            return
        for key, item in value.items():
            yield from self.value(shape.value, item, f"{path}.{key}.member")

    def _of_all(self, what: str, shape: Shape, inner: Shape, value: Any, path: str) -> str:
        rules = ", ".join(self._rules(inner))
        return _sentence(_shown(shape, value), path, f"{what}: [{rules}]")

    def _breaks(self, shape: Shape, value: Any) -> bool:
        return next(self._broken(shape, value), None) is not None

    def _broken(self, shape: Shape, value: Any) -> Iterator[str]:
        """Yield the constraints of the shape itself, not of what it holds, that a value breaks."""
        limits = shape.metadata
        sized = isinstance(value, (str, list, dict, bytes))
        measure = len(value) if sized else value
        noun = "length" if sized else "value"
        fits = True
        if "max" in limits and measure > limits["max"]:
            fits = False
            yield f"Member must have {noun} less than or equal to {limits['max']}"
        if "min" in limits and measure < limits["min"]:
            yield f"Member must have {noun} greater than or equal to {limits['min']}"
        if isinstance(value, str):
            # An expression never sees more than the length allows: that bounds its time.
            yield from self._broken_by_text(shape, value if fits else value[: limits["max"]])

    def _broken_by_text(self, shape: Shape, text: str) -> Iterator[str]:
        pattern = shape.metadata.get("pattern")
        values = values_of(self._service, shape)
        if pattern and not compiled(pattern).matches(text):
            yield f"Member must satisfy regular expression pattern: {pattern}"
        if values and text not in values:
            yield f"Member must satisfy enum value set: [{', '.join(values)}]"
        if not self._null_characters and "\0" in text:
            yield _NULL_CHARACTER

    def _rules(self, shape: Shape) -> Iterator[str]:
        """Yield every constraint of a plain shape, broken or not."""
        limits = shape.metadata
        noun = "length" if shape.type_name in ("string", "blob") else "value"
        if "max" in limits:
            yield f"Member must have {noun} less than or equal to {limits['max']}"
        if "min" in limits:
            yield f"Member must have {noun} greater than or equal to {limits['min']}"
        if "pattern" in limits:
            yield f"Member must satisfy regular expression pattern: {limits['pattern']}"
        values = values_of(self._service, shape)
        if values:
            yield f"Member must satisfy enum value set: [{', '.join(values)}]"
        if not self._null_characters and shape.type_name == "string":
            yield _NULL_CHARACTER


def _is_plain(shape: Shape) -> bool:
    return not isinstance(shape, (StructureShape, ListShape, MapShape))


def _sentence(shown: str, path: str, rule: str) -> str:
    value = f"Value {shown}" if shown else "Value"
    return f"{value} at '{path}' failed to satisfy constraint: {rule}"


def _shown(shape: Shape, value: Any) -> str:
    """Return a value as AWS repeats it: quoted, or not at all where a secret could be."""
    if _is_withheld(shape):
        return ""
    text = _text(value, _LONGEST_ECHO)
    return f"'{text[:_LONGEST_ECHO]}{'…' if len(text) > _LONGEST_ECHO else ''}'"


def _is_withheld(shape: Shape) -> bool:
    if shape.metadata.get("sensitive") or shape.name in _SECRETIVE:
        return True
    if isinstance(shape, ListShape):
        return _is_withheld(shape.member)
    if isinstance(shape, MapShape):
        return _is_withheld(shape.key) or _is_withheld(shape.value)
    return isinstance(shape, StructureShape)


def _text(value: Any, budget: int) -> str:
    """Return a value as Java prints it, hardly longer than the budget."""
    if isinstance(value, list):
        return f"[{_joined((_text(item, budget) for item in value), budget)}]"
    if isinstance(value, dict):
        pairs = (f"{key}={_text(item, budget)}" for key, item in value.items())
        return f"{{{_joined(pairs, budget)}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value[: budget + 1] if isinstance(value, str) else str(value)


def _joined(texts: Iterator[str], budget: int) -> str:
    taken: list[str] = []
    for text in texts:
        taken.append(text)
        budget -= len(text)
        if budget < 0:
            break
    return ", ".join(taken)
