"""Plain values as texts: in forms, URLs, headers and XML."""

from __future__ import annotations

import base64
import binascii
import math
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

from botocore.model import Shape

from glueball.wire.shapes import INTEGER_RANGES, TIMESTAMP_RANGE
from glueball.wire.timestamps import parse_http_date

_BOOLEANS = {"true": True, "false": False}


class Unreadable(Exception):
    """A text that is not a value of its shape's type; its argument is the type in words."""


def value_of(shape: Shape, text: str) -> Any:
    """Return the value that a text stands for.

    Args:
        shape: a scalar one.
        text: as the client wrote it.

    Raises:
        Unreadable: it is not a value of that type.
    """
    kind = shape.type_name
    if kind == "string":
        return text
    if kind == "boolean":
        return _boolean(text.strip())
    if kind in INTEGER_RANGES:
        return _integer(kind, text.strip())
    if kind == "timestamp":
        return _timestamp(text.strip())
    if kind == "blob":
        return _blob(text)
    return _real(text.strip())


def text_of(shape: Shape, value: Any, *, timestamp: str = "iso8601") -> str:
    """Return a value as a text.

    Args:
        shape: a scalar one.
        value: of the shape's type; timestamps in epoch seconds.
        timestamp: how one is written where the shape does not say: "iso8601" or "rfc822".
    """
    kind = shape.type_name
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp":
        form = shape.serialization.get("timestampFormat", timestamp)
        return formatdate(value, usegmt=True) if form == "rfc822" else _iso8601(value)
    if kind == "blob":
        return base64.b64encode(value).decode("ascii")
    return str(value)


def _boolean(text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise Unreadable("a boolean")
    return _BOOLEANS[text.lower()]


def _integer(kind: str, text: str) -> int:
    low, high = INTEGER_RANGES[kind]
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        raise Unreadable("an integer")
    value = int(text)
    if not low <= value <= high:
        raise Unreadable("an integer within its range")
    return value


def _real(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Unreadable("a number")
    return value


def _timestamp(text: str) -> float:
    """Read ISO 8601 or an HTTP date."""
    parsed = parse_http_date(text)
    if parsed is not None:
        return parsed
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("a timestamp") from None
    epoch = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    low, high = TIMESTAMP_RANGE
    if not low <= epoch <= high:
        raise Unreadable("a timestamp")
    return epoch


def _blob(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise Unreadable("base64") from None


def _iso8601(epoch: float) -> str:
    moment = datetime.fromtimestamp(epoch, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
