"""Responses as XML, written by their shapes (the query and REST-XML protocols)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from glueball.wire.texts import text_of

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
#: a line end as such would be normalised away; other control characters are written as S3 does
_SPECIAL = re.compile(r'[&<>"\x00-\x08\x0b-\x1f\x7f]')


def escaped(text: str) -> str:
    """Return a text as XML character data, also fit for an attribute in double quotes."""
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], f"&#x{ord(match[0]):X};"), text)


def element(tag: str, text: str) -> str:
    """Return an element that holds a text."""
    return f"<{tag}>{escaped(text)}</{tag}>"


def encoded(parts: Iterable[str]) -> bytes:
    """Return a document's bytes; what is not a character becomes a question mark."""
    return "".join(parts).encode("utf-8", "replace")


def write_members(
    out: list[str], shape: StructureShape, value: dict[str, Any], skip: frozenset[str] = frozenset()
) -> None:
    """Append the members of a structure, in the model's order.

    Args:
        out: where the XML goes, piece by piece.
        shape: of the structure.
        value: its members by name; absent and None ones are not written.
        skip: members that travel elsewhere.
    """
    for name, member in shape.members.items():
        item = value.get(name)
        if item is None or name in skip or "xmlAttribute" in member.serialization:
            continue
        _write(out, member, item, member.serialization.get("name", name))


def _write(out: list[str], shape: Shape, value: Any, tag: str) -> None:
    if isinstance(shape, StructureShape):
        _write_structure(out, shape, value, tag)
    elif isinstance(shape, ListShape):
        _write_list(out, shape, value, tag)
    elif isinstance(shape, MapShape):
        _write_map(out, shape, value, tag)
    else:
        out.append(element(tag, text_of(shape, value)))


def _write_structure(
    out: list[str], shape: StructureShape, value: dict[str, Any], tag: str
) -> None:
    out.append(f"<{tag}{_namespace(shape)}{_attributes(shape, value)}>")
    write_members(out, shape, value)
    out.append(f"</{tag}>")


def _write_list(out: list[str], shape: ListShape, value: Iterable[Any], tag: str) -> None:
    if shape.serialization.get("flattened"):
        inner = shape.member.serialization.get("name", tag)
        for item in value:
            _write(out, shape.member, item, inner)
        return
    inner = shape.member.serialization.get("name", "member")
    out.append(f"<{tag}>")
    for item in value:
        _write(out, shape.member, item, inner)
    out.append(f"</{tag}>")


def _write_map(out: list[str], shape: MapShape, value: dict[str, Any], tag: str) -> None:
    flattened = shape.serialization.get("flattened")
    entry = tag if flattened else "entry"
    if not flattened:
        out.append(f"<{tag}>")
    for key, item in value.items():
        out.append(f"<{entry}>")
        _write(out, shape.key, key, shape.key.serialization.get("name", "key"))
        _write(out, shape.value, item, shape.value.serialization.get("name", "value"))
        out.append(f"</{entry}>")
    if not flattened:
        out.append(f"</{tag}>")


def _namespace(shape: Shape) -> str:
    namespace = shape.serialization.get("xmlNamespace")
    if not isinstance(namespace, dict):
        return ""
    prefix = f":{namespace['prefix']}" if "prefix" in namespace else ""
    return f' xmlns{prefix}="{escaped(namespace["uri"])}"'


def _attributes(shape: StructureShape, value: dict[str, Any]) -> str:
    return "".join(
        f' {member.serialization["name"]}="{escaped(text_of(member, value[name]))}"'
        for name, member in shape.members.items()
        if "xmlAttribute" in member.serialization and value.get(name) is not None
    )
