from __future__ import annotations

import pytest

from glueball.core.errors import InvalidInput
from glueball.core.s3_uri import parse_s3_uri


@pytest.mark.parametrize(
    ("text", "bucket", "key"),
    [
        ("s3://scripts/etl.py", "scripts", "etl.py"),
        ("s3a://scripts/a/b.py", "scripts", "a/b.py"),
        ("s3n://scripts/a", "scripts", "a"),
        ("S3://scripts/a", "scripts", "a"),  # schemes know no case
        ("s3://scripts", "scripts", ""),  # a prefix: all of the bucket
        ("s3://scripts/", "scripts", ""),
        ("s3://my.bucket-1/tmp/", "my.bucket-1", "tmp/"),
        ("s3://scripts/a%20b c?d#e", "scripts", "a%20b c?d#e"),  # a key is literal
        ("s3://scripts/../x", "scripts", "../x"),  # literal too; no file can be called so
        ("s3://scripts//x", "scripts", "/x"),
    ],
)
def test_locations(text: str, bucket: str, key: str) -> None:
    uri = parse_s3_uri(text)
    assert (uri.bucket, uri.key) == (bucket, key)


def test_is_written_as_it_is_read() -> None:
    assert str(parse_s3_uri("s3a://scripts/a/b.py")) == "s3://scripts/a/b.py"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "write it as s3://bucket/key"),
        ("etl.py", "write it as"),
        ("/etc/passwd", "write it as"),
        ("file:///etc/shadow", "write it as"),
        ("file:/etc/shadow", "write it as"),
        ("http://169.254.169.254/latest/meta-data", "write it as"),
        ("https://bucket.s3.amazonaws.com/key", "write it as"),
        ("gopher://x/y", "write it as"),
        ("hdfs://namenode/x", "write it as"),
        ("s3:/bucket/key", "write it as"),
        (" s3://bucket/key", "write it as"),
        ("s3://", "3 to 63 characters"),
        ("s3:///key", "3 to 63 characters"),
        ("s3://../x", "3 to 63 characters"),
        ("s3://.incoming/x", "begin and end with a letter"),
        ("s3://a..b/x", "two dots"),
        ("s3://Bucket/x", "lower-case"),
        ("s3://user:password@host/x", "lower-case"),
        ("s3://bucket?x", "lower-case"),
        ("s3://169.254.169.254/x", "IP address"),
        ("s3://bucket/a\0b", "NUL"),
    ],
)
def test_what_is_none(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        parse_s3_uri(text)


def test_a_sentence_stays_short_and_on_one_line() -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_s3_uri("x\n" * 100_000)
    assert len(raised.value.message) < 600
    assert "\n" not in raised.value.message
