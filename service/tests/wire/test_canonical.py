"""Canonical forms, by AWS's rules."""

from __future__ import annotations

import pytest
from botocore.utils import normalize_url_path
from hypothesis import given
from hypothesis import strategies as st

from glueball.wire import canonical


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(b"", b"/", id="empty"),
        pytest.param(b"/", b"/", id="root"),
        pytest.param(b"*", b"%2A", id="OPTIONS has no path"),
        pytest.param(b"/a/./b//c", b"/a/b/c", id="dots and double slashes vanish"),
        pytest.param(b"/a/../../b/", b"/b/", id="dots never leave the root; last slash stays"),
        pytest.param(b"/c%20d", b"/c%2520d", id="encoded once more"),
    ],
)
def test_service_path(path: bytes, expected: bytes) -> None:
    assert canonical.service_path(path) == expected


@given(
    st.lists(st.sampled_from(["a", ".", "..", "", "b~c"])).map(lambda parts: "/" + "/".join(parts))
)
def test_service_path_is_normalised_as_botocore_does(path: str) -> None:
    assert canonical.service_path(path.encode()) == normalize_url_path(path).encode()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(b"/b/a/../c//d/.", b"/b/a/../c//d/.", id="keys may hold dots and slashes"),
        pytest.param(b"/b/(x)+y", b"/b/%28x%29%2By", id="what AWS encodes and others send bare"),
        pytest.param(b"/b/%7Ex%41", b"/b/~xA", id="what others encode and AWS does not"),
        pytest.param(b"/b/x%2fy", b"/b/x%2Fy", id="an encoded slash parts nothing"),
        pytest.param(b"/b/%zz%", b"/b/%25zz%25", id="percent signs that encode nothing"),
        pytest.param("/b/é".encode(), b"/b/%C3%A9", id="bare UTF-8"),
    ],
)
def test_object_path(path: bytes, expected: bytes) -> None:
    assert canonical.object_path(path) == expected


@pytest.mark.parametrize(
    ("query", "as_received", "as_defined"),
    [
        pytest.param(b"", b"", b"", id="empty"),
        pytest.param(b"b=1&a=2", b"a=2&b=1", b"a=2&b=1", id="sorted by name"),
        pytest.param(b"a=2&a=1&a=2", b"a=1&a=2&a=2", b"a=1&a=2&a=2", id="duplicates stay"),
        pytest.param(b"uploads", b"uploads=", b"uploads=", id="no value"),
        pytest.param(b"&a=1&&b=", b"a=1&b=", b"a=1&b=", id="empty pieces"),
        pytest.param(b"a=b=c", b"a=b=c", b"a=b%3Dc", id="equal signs in a value"),
        pytest.param(b"p=x+y/z", b"p=x+y/z", b"p=x%20y%2Fz", id="loosely encoded"),
        pytest.param(
            b"b=1&B=1&a-=1&a=1", b"B=1&a=1&a-=1&b=1", b"B=1&a=1&a-=1&b=1", id="by code point"
        ),
    ],
)
def test_query(query: bytes, as_received: bytes, as_defined: bytes) -> None:
    pairs = canonical.query_pairs(query)
    assert canonical.joined_query(pairs) == as_received
    assert canonical.joined_query(canonical.encoded_pairs(pairs)) == as_defined


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"a", b"a"), (b"  a \t b  ", b"a b"), (b"", b""), (b'"a   b"', b'"a b"')],
)
def test_header_value(value: bytes, expected: bytes) -> None:
    assert canonical.header_value(value) == expected
