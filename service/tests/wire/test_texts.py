from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from botocore.model import Shape
from hypothesis import given
from hypothesis import strategies as st

from glueball.wire.texts import Unreadable, text_of, value_of

NOON = 1_773_489_600.0  # 2026-03-14 12:00 UTC


def shape(kind: str, **members: Any) -> Shape:
    return Shape("S", {"type": kind, **members})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " a ", " a "),
        ("integer", " 5 ", 5),
        ("integer", "-5", -5),
        ("long", str(2**63 - 1), 2**63 - 1),
        ("boolean", "true", True),
        ("boolean", "False", False),
        ("double", "1.5", 1.5),
        ("blob", "YWI=", b"ab"),
        ("timestamp", "2026-03-14T12:00:00Z", NOON),
        ("timestamp", "2026-03-14T13:00:00.000+01:00", NOON),
        ("timestamp", "2026-03-14T12:00:00", NOON),  # without a zone: UTC
        ("timestamp", "Sat, 14 Mar 2026 12:00:00 GMT", NOON),
    ],
)
def test_texts_are_read(kind: str, text: str, value: Any) -> None:
    assert value_of(shape(kind), text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", ""),
        ("integer", "1.5"),
        ("integer", "2147483648"),
        ("integer", "٣"),  # a digit, but not ASCII
        ("integer", "1_000"),
        ("integer", "9" * 100_000),
        ("boolean", "yes"),
        ("double", "nan"),
        ("double", "1e999"),
        ("blob", "?"),
        ("blob", "é"),
        ("timestamp", "yesterday"),
        ("timestamp", "0001-01-01T00:00:00+23:00"),
    ],
)
def test_what_is_no_value_is_refused(kind: str, text: str) -> None:
    with pytest.raises(Unreadable):
        value_of(shape(kind), text)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("string", "a", "a"),
        ("integer", 5, "5"),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("blob", b"ab", "YWI="),
        ("timestamp", NOON + 0.25, "2026-03-14T12:00:00.250Z"),
    ],
)
def test_values_are_written(kind: str, value: Any, text: str) -> None:
    assert text_of(shape(kind), value) == text


def test_timestamps_in_headers() -> None:
    assert text_of(shape("timestamp"), NOON, timestamp="rfc822") == "Sat, 14 Mar 2026 12:00:00 GMT"
    as_model_says = shape("timestamp", timestampFormat="iso8601")
    assert text_of(as_model_says, NOON, timestamp="rfc822") == "2026-03-14T12:00:00.000Z"


@given(
    st.sampled_from(["integer", "long", "boolean", "double", "blob", "timestamp"]),
    st.text(max_size=30),
)
def test_any_text_is_read_or_refused(kind: str, text: str) -> None:
    with suppress(Unreadable):
        value_of(shape(kind), text)
