"""Canonical paths, queries and header values: the bytes that SigV4 signs.

Source: AWS, "Create a signed AWS API request", step 1; for S3 "Signature Calculations for the
Authorization Header".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote_from_bytes, unquote_to_bytes

_UNRESERVED = re.compile(rb"[A-Za-z0-9._~-]*")


def service_path(path: bytes) -> bytes:
    """Return the canonical path of every service but S3: normalised, then encoded once more.

    For example ``/a/./b//c%20d`` becomes ``/a/b/c%2520d``.

    Args:
        path: the path as received, already percent-encoded once by the client.
    """
    if path in (b"/", b""):
        return b"/"
    if not path.startswith(b"/"):  # ``*`` of OPTIONS: no path, so nothing to normalise
        return quote_from_bytes(path, safe="/~").encode()
    kept: list[bytes] = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment and segment != b".":
            kept.append(segment)
    normalised = b"/" + b"/".join(kept)
    if kept and path.endswith(b"/"):
        normalised += b"/"
    return quote_from_bytes(normalised, safe="/~").encode()


def object_path(path: bytes) -> bytes:
    """Return the canonical path of S3: every segment encoded exactly once, nothing removed.

    Object keys may hold ``//`` and ``..``, so no segment is touched; ``%2F`` stays apart from
    ``/``.
    """
    return b"/".join([_encoded_once(segment) for segment in path.split(b"/")])


def query_pairs(query: bytes) -> list[tuple[bytes, bytes]]:
    """Return the (name, value) pairs of a query string as received, still encoded.

    Duplicates and empty values are kept; a name without ``=`` has an empty value; empty pieces
    (``a=1&&b=2``) mean nothing and are dropped.
    """
    if not query:
        return []
    pairs = [piece.partition(b"=") for piece in query.split(b"&") if piece]
    return [(name, value) for name, _, value in pairs]


def joined_query(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a canonical query from pairs that are encoded as the client signed them.

    Sorted by code point of the encoded name, then of the encoded value.
    """
    return b"&".join([name + b"=" + value for name, value in sorted(pairs)])


def encoded_pairs(pairs: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the pairs encoded as AWS defines it, however the client wrote them on the wire.

    Clients differ there: a space travels as ``+`` or ``%20``, a slash bare or as ``%2F``.
    """
    return [
        (_encoded_once(name.replace(b"+", b" ")), _encoded_once(value.replace(b"+", b" ")))
        for name, value in pairs
    ]


def header_value(value: bytes) -> bytes:
    """Return a header value trimmed, with each inner run of white space made one space."""
    return b" ".join(value.split())


def _encoded_once(text: bytes) -> bytes:
    if _UNRESERVED.fullmatch(text):
        return text
    return quote_from_bytes(unquote_to_bytes(text), safe="~").encode()
