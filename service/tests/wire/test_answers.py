from __future__ import annotations

import pytest

from glueball.wire.answers import UnsafeHeader, header_value, with_length


@pytest.mark.parametrize("text", ["a\r\nb: c", "a\nb", "a\0", "\x7f"])
def test_what_cannot_be_in_a_header(text: str) -> None:
    with pytest.raises(UnsafeHeader, match="x-name"):
        header_value("x-name", text)


@pytest.mark.parametrize(
    ("text", "value"), [("a b", b"a b"), ("a\tb", b"a\tb"), ("ü", b"\xc3\xbc"), ("\udcff", b"?")]
)
def test_what_can(text: str, value: bytes) -> None:
    assert header_value("x-name", text) == value


def test_the_length_is_told() -> None:
    answer = with_length(200, [(b"a", b"b")], b"abc")
    assert answer.headers == [(b"a", b"b"), (b"content-length", b"3")]
