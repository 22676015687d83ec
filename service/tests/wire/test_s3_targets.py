from __future__ import annotations

import pytest

from glueball.wire.head import Head, head_of
from glueball.wire.s3_targets import InvalidUri, S3Target, target_of


def head(path: bytes, query: bytes = b"", host: bytes = b"127.0.0.1:4566") -> Head:
    scope = {
        "method": "GET",
        "raw_path": path,
        "query_string": query,
        "headers": [(b"host", host)],
    }
    return head_of(scope, "request-1")


@pytest.mark.parametrize(
    ("path", "bucket", "key"),
    [
        (b"/", "", ""),
        (b"/b", "b", ""),
        (b"/b/", "b", ""),
        (b"/b/k", "b", "k"),
        (b"/b/a%20b/%C3%BC+c", "b", "a b/ü+c"),
        (b"/b/k/", "b", "k/"),
        (b"/b//k", "b", "/k"),
        # attack 11: nothing is resolved here; the store says where a key may lie
        (b"/b/../../etc/passwd", "b", "../../etc/passwd"),
        (b"/b/%2e%2e%2fetc", "b", "../etc"),
        (b"/%2e%2e/x", "..", "x"),
        (b"/b/..%5C", "b", "..\\"),
        (b"/b/a%00b", "b", "a\0b"),
        (b"/a%2Fb/k", "a/b", "k"),  # an encoded slash does not end the bucket
    ],
)
def test_paths(path: bytes, bucket: str, key: str) -> None:
    target = target_of(head(path))
    assert (target.bucket, target.key) == (bucket, key)


@pytest.mark.parametrize(
    ("path", "key", "level"), [(b"/", "", 1), (b"/k", "k", 2), (b"/b/k", "b/k", 2)]
)
def test_the_bucket_may_be_in_the_host(path: bytes, key: str, level: int) -> None:
    target = target_of(head(path, host=b"my-bucket.localhost:4566"))
    assert target == S3Target(bucket="my-bucket", key=key, query={})
    assert target.level == level


def test_queries() -> None:
    target = target_of(head(b"/b", b"uploads&prefix=a%20b+c&prefix=second&marker="))
    assert target.query == {"uploads": "", "prefix": "a b c", "marker": ""}


@pytest.mark.parametrize("request_head", [head(b"/%ff"), head(b"/b/%ff"), head(b"/b", b"a=%ff")])
def test_what_is_not_utf_8_is_refused(request_head: Head) -> None:
    with pytest.raises(InvalidUri):
        target_of(request_head)
