"""The head of a request: everything but its body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueball.wire.errors import MalformedRequest

#: headers whose repetition could make two readers see two different requests
_ONCE = frozenset(
    (
        b"authorization",
        b"content-length",
        b"content-type",
        b"host",
        b"transfer-encoding",
        b"x-amz-target",
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What the client sent before the body, undecoded."""

    request_id: str
    method: str
    path: bytes  #: percent-encoded, without the query
    query: bytes  #: without the question mark
    #: names in lower case, in order, duplicates preserved
    headers: Sequence[tuple[bytes, bytes]]
    #: by name; values of repeated headers are joined by commas
    values: Mapping[bytes, bytes]

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for leave before it sends the body."""
        return self.values.get(b"expect", b"").lower() == b"100-continue"


def head_of(scope: Mapping[str, Any], request_id: str) -> Head:
    """Read the head of a request from its ASGI scope."""
    headers = scope["headers"]
    return Head(
        request_id=request_id,
        method=scope["method"],
        path=scope["raw_path"],
        query=scope["query_string"],
        headers=headers,
        values=_joined(headers),
    )


def refuse_ambiguous(head: Head) -> None:
    """Refuse a head that two readers could understand differently (request smuggling).

    Raises:
        MalformedRequest: a header that must come once came twice, or the body has two lengths.
    """
    if len(head.values) != len(head.headers):
        seen = set[bytes]()
        for name, _ in head.headers:
            if name in seen and name in _ONCE:
                raise MalformedRequest(f"The header {name.decode()} was sent twice; send one.")
            seen.add(name)
    if b"transfer-encoding" in head.values and b"content-length" in head.values:
        raise MalformedRequest("Send either Transfer-Encoding or Content-Length, not both.")


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    values = dict(headers)
    if len(values) == len(headers):
        return values
    values = {}
    for name, value in headers:
        values[name] = values[name] + b"," + value if name in values else value
    return values
