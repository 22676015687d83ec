"""Paths of fields: `a.b`, with backticks around names that hold dots, and `[]` for elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from awsglue.gluetypes import Field, StructType

ELEMENT = "[]"  # the segment of a path that stands for the elements of an array
VALUE = "{}"  # the same for the values of a map; never written by users

_SEGMENT = re.compile(r"`((?:[^`]|``)*)`|([^.`\[\]]+|\[(?!\]))|(\[\])|\.")


def quote(name: str) -> str:
    """Return a name as a Spark SQL identifier."""
    return "`" + name.replace("`", "``") + "`"


def parse(path: str) -> tuple[str, ...]:
    """Split a path into names; `list[].price` becomes `("list", "[]", "price")`.

    Raises:
        ValueError: the path is empty.
    """
    names: list[str] = []
    joinable = False  # text right after a name without a dot between still belongs to that name
    for quoted, plain, element in _SEGMENT.findall(path):
        if element:
            names.append(ELEMENT)
        elif quoted or plain:
            text = quoted.replace("``", "`") or plain
            names[-1:] = [names[-1] + text] if joinable else [*names[-1:], text]
        joinable = bool(plain)
    if not names:
        raise ValueError(f"{path!r} is not the path of a field.")
    return tuple(names)


def resolve(path: str, schema: StructType) -> tuple[str, ...]:
    """Split a path, reading it as one name when the schema has a field of exactly that name.

    AWS wants backticks around a name with dots; a frame with a field `a.b` and no struct `a`
    leaves no doubt, so they may be left out here.
    """
    if schema.hasField(path):
        return (path,)
    return parse(path)


def as_list(paths: str | Iterable[str]) -> list[str]:
    """Return paths as a list; one text is a list of one, as AWS takes it."""
    return [paths] if isinstance(paths, str) else list(paths)


def without_elements(path: Sequence[str]) -> tuple[str, ...]:
    """Drop the segments that stand for elements: `friends.age` also names `friends[].age`."""
    return tuple(name for name in path if name not in (ELEMENT, VALUE))


def find(schema: StructType, name: str, case_sensitive: bool) -> Field | None:
    """Return the field of this name, the exact one first, then any that differs by case only."""
    fields = schema.field_map
    if name in fields or case_sensitive:
        return fields.get(name)
    return next((field for field in schema if field.name.lower() == name.lower()), None)
