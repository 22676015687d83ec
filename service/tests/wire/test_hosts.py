from __future__ import annotations

import pytest

from glueball.wire.errors import ForeignHost, MalformedRequest
from glueball.wire.head import Head, head_of
from glueball.wire.hosts import bucket_of, refuse_foreign

ALLOWED = frozenset({"glue.corp.example", "10.0.0.7"})


def head(host: bytes | None) -> Head:
    scope = {
        "method": "GET",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [] if host is None else [(b"host", host)],
    }
    return head_of(scope, "request-1")


@pytest.mark.parametrize(
    "host",
    [
        b"127.0.0.1",
        b"127.0.0.1:4566",
        b"127.8.9.10:80",  # all of 127.0.0.0/8 is loopback
        b"[::1]:4566",
        b"localhost:4566",
        b"LOCALHOST.",  # names have no case, and may be fully qualified
        b"bucket.localhost:4566",
        b"glue.corp.example",  # configured
        b"Glue.Corp.Example:443",
        b"10.0.0.7:4566",
    ],
)
def test_our_names_are_answered(host: bytes) -> None:
    refuse_foreign(head(host), ALLOWED)


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example",
        b"127.0.0.1.evil.example",  # a name that only starts like the address
        b"localhost.evil.example",
        b"evillocalhost",
        b"10.0.0.8",
        b"0.0.0.0",
        b"2130706433",  # 127.0.0.1 as one number: browsers understand it, nobody signs it
        b"[::2]",
    ],
)
def test_foreign_names_are_refused(host: bytes) -> None:
    with pytest.raises(ForeignHost, match="allowed_hosts"):
        refuse_foreign(head(host), ALLOWED)


@pytest.mark.parametrize(
    "host",
    [None, b"", b"a b", b"localhost:", b"localhost@evil", b"::1", b"[::1", b"a" * 300, b"\xff"],
)
def test_what_is_no_host_is_refused(host: bytes | None) -> None:
    with pytest.raises(MalformedRequest, match="Host"):
        refuse_foreign(head(host), ALLOWED)


@pytest.mark.parametrize(
    ("host", "bucket"),
    [
        (b"my-bucket.localhost:4566", "my-bucket"),
        (b"my.bucket.localhost", "my.bucket"),
        (b"s3.localhost", None),  # too short for a bucket: path style
        (b"localhost", None),
        (b"127.0.0.1", None),
        (b"my-bucket.corp.example", None),
    ],
)
def test_the_bucket_that_a_host_names(host: bytes, bucket: str | None) -> None:
    assert bucket_of(host) == bucket
