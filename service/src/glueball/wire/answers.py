"""Responses before they are sent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glueball.core.errors import AwsError
from glueball.wire.bodies import FileRange

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A response: its status, headers and body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes | FileRange


class UnsafeHeader(AwsError):
    """A value that would break out of its header line."""

    code = "InvalidArgument"


def header_value(name: str, text: str) -> bytes:
    """Return the bytes of a header's value.

    Raises:
        UnsafeHeader: the text holds a line end or another control character. Texts of requests
            come back in headers (S3's `response-content-disposition`).
    """
    if _CONTROL.search(text):
        raise UnsafeHeader(f"The value of the header {name} holds a control character.")
    return text.encode("utf-8", "replace")


def with_length(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Answer:
    """Return an answer whose body is at hand; the length is added to the headers given."""
    headers.append((b"content-length", b"%d" % len(body)))
    return Answer(status=status, headers=headers, body=body)
