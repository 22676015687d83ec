"""Form bodies of the query protocol, read by shapes.

Names are paths: `Tags.member.1.Key`, or `Tags.1.Key` where the list is flattened; a map's pairs
are `Map.entry.1.key` and `Map.entry.1.value`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from botocore.model import ListShape, MapShape, Shape, StructureShape

from glueball.wire.errors import MalformedBody
from glueball.wire.texts import Unreadable, value_of

#: more than any request of a query service has
_MOST_FIELDS = 20_000
#: parts of a field's name
_LONGEST_PATH = 50

#: A node of the tree that the names span. Its own value has the empty name.
Node = dict[str, Any]


def parse(body: bytes) -> Node:
    """Return a form's fields as a tree.

    Raises:
        MalformedBody: not a form, or too many fields, or names that nest too deep.
    """
    try:
        fields = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise MalformedBody(f"The request is not a form: {error}.") from error
    tree: Node = {}
    for name, text in fields:
        path = name.split(".", _LONGEST_PATH)
        if len(path) > _LONGEST_PATH:
            raise MalformedBody("A field's name nests too deep.")
        node = tree
        for part in path:
            # An empty part must not be taken for the node's own value.
            node = node.setdefault(part or " ", {})
        node[""] = text
    return tree


def read_structure(shape: StructureShape, node: Node) -> dict[str, Any]:
    """Return the members of a structure that a form gives.

    Raises:
        MalformedBody: a value is not of its member's type.
    """
    members = {}
    for name, member in shape.members.items():
        inner = node.get(_serialized(member, name))
        if inner is not None:
            value = _value(member, inner)
            if value is not None:
                members[name] = value
    return members


def _value(shape: Shape, node: Node) -> Any:
    if isinstance(shape, StructureShape):
        return read_structure(shape, node)
    if isinstance(shape, ListShape):
        return _list(shape, node)
    if isinstance(shape, MapShape):
        return _map(shape, node)
    if "" not in node:
        return None
    try:
        return value_of(shape, node[""])
    except Unreadable as error:
        raise MalformedBody(f"'{node[''][:100]}' is not {error.args[0]}.") from error


def _list(shape: ListShape, node: Node) -> list[Any]:
    if not shape.serialization.get("flattened"):
        node = node.get(_serialized(shape.member, "member"), {})
    items = [_value(shape.member, item) for item in _numbered(node)]
    return [item for item in items if item is not None]


def _map(shape: MapShape, node: Node) -> dict[str, Any]:
    if not shape.serialization.get("flattened"):
        node = node.get("entry", {})
    pairs = {}
    for item in _numbered(node):
        key = _value(shape.key, item.get(_serialized(shape.key, "key"), {}))
        value = _value(shape.value, item.get(_serialized(shape.value, "value"), {}))
        if key is not None and value is not None:
            pairs[key] = value
    return pairs


def _numbered(node: Node) -> list[Node]:
    """Return the children named by numbers, in the order of the numbers, gaps closed."""
    numbers = [name for name in node if name.isascii() and name.isdigit() and len(name) < 10]
    return [node[name] for name in sorted(numbers, key=int)]


def _serialized(shape: Shape, default: str) -> str:
    name: str = shape.serialization.get("name", default)
    return name
