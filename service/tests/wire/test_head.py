from __future__ import annotations

import pytest

from glueball.wire.errors import MalformedRequest
from glueball.wire.head import Head, head_of, refuse_ambiguous


def head(*headers: tuple[bytes, bytes]) -> Head:
    scope = {"method": "GET", "raw_path": b"/", "query_string": b"", "headers": list(headers)}
    return head_of(scope, "request-1")


def test_repeated_headers_are_joined() -> None:
    values = head((b"x-amz-meta-a", b"1"), (b"accept", b"a"), (b"accept", b"b")).values
    assert values == {b"x-amz-meta-a": b"1", b"accept": b"a,b"}


@pytest.mark.parametrize(
    "name",
    [
        b"authorization",
        b"content-length",
        b"content-type",
        b"host",
        b"transfer-encoding",
        b"x-amz-target",
    ],
)
def test_a_header_that_must_come_once_comes_once(name: bytes) -> None:
    refuse_ambiguous(head((name, b"1")))
    with pytest.raises(MalformedRequest, match="sent twice"):
        refuse_ambiguous(head((name, b"1"), (name, b"1")))


def test_a_body_has_one_length() -> None:
    both = head((b"transfer-encoding", b"chunked"), (b"content-length", b"3"))
    with pytest.raises(MalformedRequest, match="not both"):
        refuse_ambiguous(both)


def test_other_headers_may_repeat() -> None:
    refuse_ambiguous(head((b"accept", b"a"), (b"accept", b"b")))
