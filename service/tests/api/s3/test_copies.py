from __future__ import annotations

from typing import Any

import pytest

from glueball.api.s3 import copies, objects
from glueball.api.s3.copies import parse_copy_source
from glueball.api.s3.errors import NoSuchVersion, PreconditionFailed
from glueball.core.errors import AwsError
from glueball.stores.object_errors import (
    InvalidArgument,
    InvalidBucketName,
    KeyCollision,
    NoSuchBucket,
    NoSuchKey,
)
from glueball.wire.payload_errors import InvalidRequest
from support.object_stores import S3Parts, put_text, text_of

_TO = {"Bucket": "data", "Key": "copy"}


@pytest.fixture(autouse=True)
def _source(s3: S3Parts) -> None:
    s3.objects.create_bucket("other", region="us-east-1", now=0.0)
    objects.put_object(
        s3,
        {
            "Bucket": "other",
            "Key": "a b/ü+%.csv",
            "Body": s3.body(b"1,2", CRC32="AAAAAA=="),
            "ContentType": "text/csv",
            "Metadata": {"owner": "me"},
            "Tagging": "t=1",
            "StorageClass": "STANDARD_IA",
        },
    )


_SOURCE = "other/a%20b/%C3%BC%2B%25.csv"


def _copy(s3: S3Parts, **members: Any) -> dict[str, Any]:
    copied = copies.copy_object(s3, {**_TO, "CopySource": _SOURCE, **members})
    result: dict[str, Any] = copied["CopyObjectResult"]
    return result


@pytest.mark.parametrize(
    ("header", "bucket", "key"),
    [
        ("b/k", "b", "k"),
        ("/b/k", "b", "k"),
        ("b/a/b%20c", "b", "a/b c"),
        ("%2Fb%2Fk%3Fx", "b", "k?x"),
        ("b/a+b", "b", "a+b"),  # no form: a plus is a plus
        ("b/k?versionId=null", "b", "k"),
    ],
)
def test_sources(header: str, bucket: str, key: str) -> None:
    found = parse_copy_source(header)
    assert (found.bucket, found.key) == (bucket, key)


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("b", InvalidArgument),
        ("b/", InvalidArgument),
        ("", InvalidArgument),
        ("arn:aws:s3:us-east-1:123456789012:accesspoint/a/object/k", InvalidArgument),
        ("b/k?versionId=v1", NoSuchVersion),
    ],
)
def test_what_is_no_source(header: str, error: type[AwsError]) -> None:
    with pytest.raises(error):
        parse_copy_source(header)


def test_a_copy_has_the_attributes_of_its_source(s3: S3Parts) -> None:
    result = _copy(s3)
    got = objects.get_object(s3, {**_TO, "ChecksumMode": "ENABLED"})
    assert result["ETag"] == got["ETag"]
    assert result["LastModified"] == got["LastModified"]
    assert got["Body"] == b"1,2"
    assert (got["ContentType"], got["Metadata"]) == ("text/csv", {"owner": "me"})
    assert (got["ChecksumCRC32"], got["TagCount"]) == ("AAAAAA==", 1)
    assert "StorageClass" not in got  # that of the request, which names none


def test_a_copy_may_get_others(s3: S3Parts) -> None:
    result = _copy(
        s3,
        MetadataDirective="REPLACE",
        Metadata={"x": "y"},
        TaggingDirective="REPLACE",
        ChecksumAlgorithm="SHA1",
    )
    got = objects.get_object(s3, {**_TO, "ChecksumMode": "ENABLED"})
    assert (got["ContentType"], got["Metadata"]) == ("binary/octet-stream", {"x": "y"})
    assert "TagCount" not in got
    assert result["ChecksumSHA1"] == got["ChecksumSHA1"]
    assert "ChecksumCRC32" not in got


def test_a_copy_onto_itself_must_change_something(s3: S3Parts) -> None:
    put_text(s3.objects, "data", "copy", "x")
    with pytest.raises(InvalidRequest):
        _copy(s3, CopySource="data/copy")
    _copy(s3, CopySource="data/copy", MetadataDirective="REPLACE", Metadata={"new": "1"})
    assert text_of(s3.objects, "data", "copy") == "x"
    assert s3.objects.head("data", "copy").attributes.metadata == {"new": "1"}


@pytest.mark.parametrize(
    "change",
    [
        {"MetadataDirective": "REPLACE"},
        {"StorageClass": "STANDARD"},
        {"ServerSideEncryption": "AES256"},
    ],
)
def test_a_copy_onto_itself_may_set_what_is_set(s3: S3Parts, change: dict[str, str]) -> None:
    objects.put_object(s3, {"Bucket": "data", "Key": "copy", "Body": s3.body(b"x")})
    before = s3.objects.head("data", "copy")
    _copy(s3, CopySource="data/copy", **change)
    after = s3.objects.head("data", "copy")
    assert after.attributes == before.attributes
    assert after.modified > before.modified


def test_a_copy_of_what_spark_wrote_has_a_plain_entity_tag(s3: S3Parts) -> None:
    (s3.objects.root / "data" / "part-0").write_bytes(b"")
    result = _copy(s3, CopySource="data/part-0")
    assert result["ETag"] == '"d41d8cd98f00b204e9800998ecf8427e"'


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"CopySource": "missing/k"}, NoSuchBucket),
        ({"CopySource": "../k"}, InvalidBucketName),
        ({"CopySource": "data/missing"}, NoSuchKey),
        ({"CopySource": "data/../other/x"}, NoSuchKey),
        ({"CopySourceIfMatch": "x"}, PreconditionFailed),
        ({"CopySourceIfNoneMatch": "*"}, PreconditionFailed),
        ({"CopySourceIfModifiedSince": 9e9}, PreconditionFailed),
        ({"IfMatch": "x"}, NoSuchKey),
        ({"Key": "../x"}, InvalidArgument),
        ({"Key": "file/x"}, KeyCollision),
        ({"ChecksumAlgorithm": "XXHASH3"}, InvalidRequest),
    ],
)
def test_what_cannot_be_copied(s3: S3Parts, members: dict[str, Any], error: type[AwsError]) -> None:
    put_text(s3.objects, "data", "file", "x")
    with pytest.raises(error):
        _copy(s3, **members)
    assert [found.key for found in s3.objects.page("data").objects] == ["file"]
    assert list(s3.objects.incoming().iterdir()) == []
