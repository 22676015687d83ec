"""XML bodies of requests, read by their shapes (the REST-XML protocol).

The XML comes from outside: no document type, no entity and nothing external is ever looked at.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from botocore.model import ListShape, Shape, StructureShape
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from glueball.core.errors import AwsError
from glueball.wire.texts import Unreadable, value_of

#: no request of S3 nests half as deep
_DEEPEST = 50
#: CompleteMultipartUpload may list 10,000 parts of some members each
_MOST_ELEMENTS = 200_000
#: an element has a tag or two; the rest is for comments. Counted before anything is parsed
_MOST_TAGS = 3 * _MOST_ELEMENTS


class MalformedXml(AwsError):
    code = "MalformedXML"

    def __init__(self) -> None:
        super().__init__(
            "The XML you provided was not well-formed or did not validate against our published "
            "schema"
        )


def read_structure(shape: StructureShape, body: bytes) -> dict[str, Any]:
    """Return the members of the structure that a document's root element is.

    Raises:
        MalformedXml: not XML, too deep or too large, with a document type, without a required
            member, or with a value of the wrong type.
    """
    if body.count(b"<") > _MOST_TAGS:
        raise MalformedXml
    parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=True)
    try:
        parser.feed(body)
        root = parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise MalformedXml from error  # LookupError: of an encoding that nobody knows
    return _structure(shape, root)


class _BoundedBuilder(TreeBuilder):
    """Builds a tree of bounded depth and size."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise MalformedXml
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _structure(shape: StructureShape, node: Element) -> dict[str, Any]:
    children: dict[str, list[Element]] = {}
    for child in node:
        children.setdefault(_local(child.tag), []).append(child)
    members: dict[str, Any] = {}
    for name, member in shape.members.items():
        tag = member.serialization.get("name", name)
        if "xmlAttribute" in member.serialization:
            _read_attribute(members, name, member, node)
        elif isinstance(member, ListShape) and member.serialization.get("flattened"):
            nodes = children.get(tag) or children.get(member.member.serialization.get("name", tag))
            if nodes:
                members[name] = [_value(member.member, item) for item in nodes]
        elif tag in children:
            members[name] = _value(member, children[tag][-1])
    if any(name not in members for name in shape.required_members):
        raise MalformedXml
    return members


def _read_attribute(members: dict[str, Any], name: str, shape: Shape, node: Element) -> None:
    wanted = shape.serialization["name"].rpartition(":")[2]
    for attribute, text in node.attrib.items():
        if _local(attribute) == wanted:
            members[name] = _scalar(shape, text)


def _value(shape: Shape, node: Element) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(shape, node)
    if isinstance(shape, ListShape):
        return [_value(shape.member, child) for child in node]
    return _scalar(shape, node.text or "")


def _scalar(shape: Shape, text: str) -> Any:
    try:
        return value_of(shape, text)
    except Unreadable as error:
        raise MalformedXml from error


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
