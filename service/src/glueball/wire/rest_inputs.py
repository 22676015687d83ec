"""Requests of the REST-XML protocol, read by their shapes: URL, query, headers and body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from glueball.core.errors import AwsError
from glueball.wire.bodies import SpooledBody
from glueball.wire.errors import MalformedRequest
from glueball.wire.s3_targets import S3Target
from glueball.wire.shapes import INTEGER_RANGES
from glueball.wire.texts import Unreadable, value_of
from glueball.wire.xml_reader import MalformedXml, read_structure


class InvalidArgument(AwsError):
    code = "InvalidArgument"


class MissingBody(AwsError):
    code = "MissingRequestBodyError"


class RestInput:
    """How the members of an operation's input travel.

    Args:
        shape: of the input.
    """

    def __init__(self, shape: StructureShape | None) -> None:
        members = shape.members if shape else {}
        self._required = set(shape.required_members) if shape else set()
        self._payload_name: str | None = shape.serialization.get("payload") if shape else None
        self._payload = members.get(self._payload_name) if self._payload_name else None
        self._uri = [(name, _sent(name, member)) for name, member in _at(members, "uri")]
        self._query = [
            (name, _sent(name, member), member) for name, member in _at(members, "querystring")
        ]
        self._headers = [
            (name, _sent(name, member).lower().encode(), member)
            for name, member in _at(members, "header")
        ]
        self._prefixed = [
            (name, _sent(name, member).lower().encode()) for name, member in _at(members, "headers")
        ]

    @property
    def streams(self) -> bool:
        """Tell whether the payload travels as a file."""
        return self._payload is not None and self._payload.type_name == "blob"

    def read(
        self,
        target: S3Target,
        headers: Mapping[bytes, bytes],
        body: bytes,
        spooled: SpooledBody | None,
    ) -> dict[str, Any]:
        """Return the members of a request.

        Raises:
            InvalidArgument: a value in query or headers is not of its type.
            MalformedRequest: a required one is missing.
            MissingBody, MalformedXml: the body does not fit.
        """
        places = {"Bucket": target.bucket, "Key": target.key}
        members: dict[str, Any] = {name: places[place] for name, place in self._uri}
        for name, parameter, shape in self._query:
            if parameter in target.query:
                members[name] = _parsed(shape, parameter, target.query[parameter])
            elif name in self._required:
                raise _missing("parameter", parameter)
        self._read_headers(members, headers)
        if spooled is not None and self._payload_name is not None:
            members[self._payload_name] = spooled
        elif self._payload is not None and self._payload_name is not None:
            self._read_payload(members, self._payload_name, self._payload, body)
        return members

    def _read_headers(self, members: dict[str, Any], headers: Mapping[bytes, bytes]) -> None:
        for name, header, shape in self._headers:
            if header in headers:
                value = _parsed_header(shape, header.decode(), _text(headers[header]))
                if value is not None:
                    members[name] = value
            elif name in self._required:
                raise _missing("header", header.decode())
        for name, prefix in self._prefixed:
            found = {
                header[len(prefix) :].decode("latin-1"): _text(value)
                for header, value in headers.items()
                if header.startswith(prefix)
            }
            if found:
                members[name] = found

    def _read_payload(self, members: dict[str, Any], name: str, shape: Shape, body: bytes) -> None:
        if not body.strip():
            if name in self._required:
                raise MissingBody("Request Body is empty")
        elif isinstance(shape, StructureShape):
            members[name] = read_structure(shape, body)
        else:
            try:
                members[name] = body.decode("utf-8")
            except UnicodeDecodeError as error:
                raise MalformedXml from error


def _at(members: Mapping[str, Shape], location: str) -> list[tuple[str, Shape]]:
    return [
        (name, member)
        for name, member in members.items()
        if member.serialization.get("location") == location
    ]


def _sent(name: str, member: Shape) -> str:
    sent: str = member.serialization.get("name", name)
    return sent


def _text(value: bytes) -> str:
    """Decode a header: RFC 9110 leaves it open; clients that send more than ASCII send UTF-8."""
    try:
        return value.strip().decode("utf-8")
    except UnicodeDecodeError:
        return value.strip().decode("latin-1")


def _parsed(shape: Shape, name: str, text: str) -> Any:
    try:
        value = value_of(shape, text)
    except Unreadable as error:
        problem = (
            f"Provided {name} not an integer or within integer range"
            if shape.type_name in INTEGER_RANGES
            else f"Provided {name} is not {error.args[0]}"
        )
        raise InvalidArgument(problem, ArgumentName=name, ArgumentValue=text) from error
    if shape.type_name in INTEGER_RANGES:
        low, high = INTEGER_RANGES[shape.type_name]
        low, high = shape.metadata.get("min", low), shape.metadata.get("max", high)
        if not low <= value <= high:
            raise InvalidArgument(
                f"Argument {name} must be an integer between {low} and {high}",
                ArgumentName=name,
                ArgumentValue=text,
            )
    return value


def _parsed_header(shape: Shape, name: str, text: str) -> Any:
    if isinstance(shape, ListShape):
        return [_parsed(shape.member, name, item.strip()) for item in text.split(",")]
    if shape.type_name == "timestamp":
        try:
            return value_of(shape, text)
        except Unreadable:
            return None  # RFC 9110, 13.1.3: who cannot read a date must ignore the header
    return _parsed(shape, name, text)


def _missing(what: str, name: str) -> MalformedRequest:
    return MalformedRequest(f"Missing required {what} for this request: {name}")
