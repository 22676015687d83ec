from __future__ import annotations

import pytest

from glueball.core.errors import ValidationFailed
from glueball.wire.head import Head, head_of
from glueball.wire.routing import Dialects

DIALECTS = Dialects({})


def head(method: str, path: bytes, headers: dict[bytes, bytes]) -> Head:
    scope = {
        "method": method,
        "raw_path": path,
        "query_string": b"",
        "headers": list(headers.items()),
    }
    return head_of(scope, "request-1")


@pytest.mark.parametrize(
    ("method", "path", "headers", "protocol"),
    [
        ("POST", b"/", {b"x-amz-target": b"AWSGlue.GetJob"}, "json"),
        ("POST", b"/", {b"content-type": b"application/x-amz-json-1.0"}, "json"),
        ("POST", b"/", {b"content-type": b"application/x-www-form-urlencoded"}, "query"),
        (
            "POST",
            b"/",
            {b"content-type": b"application/x-www-form-urlencoded; charset=utf-8"},
            "query",
        ),
        # a form to an object is S3's business
        ("POST", b"/b/k", {b"content-type": b"application/x-www-form-urlencoded"}, "rest-xml"),
        ("PUT", b"/", {b"content-type": b"application/x-www-form-urlencoded"}, "rest-xml"),
        ("GET", b"/", {}, "rest-xml"),
        ("POST", b"/", {b"content-type": b"text/plain"}, "rest-xml"),
    ],
)
def test_protocols(method: str, path: bytes, headers: dict[bytes, bytes], protocol: str) -> None:
    assert DIALECTS.of(head(method, path, headers)).protocol == protocol


def test_refusals_are_in_the_requests_protocol() -> None:
    error = ValidationFailed("x")
    answer = DIALECTS.refuse(head("POST", b"/", {b"x-amz-target": b"?"}), error)
    assert answer.body == b'{"__type":"ValidationException","message":"x"}'
    answer = DIALECTS.refuse(head("GET", b"/", {}), error)
    assert isinstance(answer.body, bytes)
    assert b"<Code>InvalidArgument</Code>" in answer.body
