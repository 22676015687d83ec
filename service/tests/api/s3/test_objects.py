from __future__ import annotations

from typing import Any

import pytest

from glueball.api.s3 import attributes, objects
from glueball.api.s3.errors import (
    BadRequest,
    FeatureNotImplemented,
    InvalidPartNumber,
    InvalidRange,
    InvalidStorageClass,
    InvalidTag,
    MalformedXml,
    MetadataTooLarge,
    NoSuchVersion,
    NotModified,
    PreconditionFailed,
)
from glueball.core.errors import AwsError
from glueball.stores.object_errors import InvalidArgument, NoSuchBucket, NoSuchKey
from glueball.wire.bodies import FileRange
from glueball.wire.payload_errors import InvalidRequest
from support.object_stores import S3Parts, exists, put_text

_K = {"Bucket": "data", "Key": "k"}
_HEADERS = {
    "ContentType": "text/csv",
    "ContentEncoding": "gzip",
    "ContentLanguage": "de",
    "ContentDisposition": "attachment",
    "CacheControl": "no-cache",
    "Expires": 1_800_000_000.0,
    "Metadata": {"owner": "me"},
    "StorageClass": "STANDARD_IA",
}


def _put(s3: S3Parts, data: bytes, **members: Any) -> dict[str, Any]:
    return objects.put_object(s3, {**_K, "Body": s3.body(data), **members})


def test_what_is_put_is_got(s3: S3Parts) -> None:
    put = _put(s3, b"0123456789", **_HEADERS, Tagging="a=1&b=")
    got = objects.get_object(s3, _K)
    assert got["Body"] == b"0123456789"
    assert got["ETag"] == put["ETag"] == '"781e5e245d69b566979b86e28d23f2c7"'
    assert got["ContentLength"] == 10
    assert got["TagCount"] == 2
    assert got["AcceptRanges"] == "bytes"
    assert {name: got[name] for name in _HEADERS} == _HEADERS
    head = objects.head_object(s3, _K)
    assert head == {name: value for name, value in got.items() if name != "Body"}
    assert list(s3.objects.incoming().iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("aws-chunked", None),
        ("gzip, aws-chunked", "gzip"),
        ("aws-chunked,gzip,br", "gzip,br"),
        ("", None),
    ],
)
def test_the_framing_of_the_upload_is_no_encoding(s3: S3Parts, sent: str, kept: str | None) -> None:
    _put(s3, b"x", ContentEncoding=sent)
    assert objects.head_object(s3, _K).get("ContentEncoding") == kept


def test_a_put_without_a_payload_is_of_no_bytes(s3: S3Parts) -> None:
    put = objects.put_object(s3, _K)
    assert put["ETag"] == '"d41d8cd98f00b204e9800998ecf8427e"'
    got = objects.get_object(s3, _K)
    assert (got["Body"], got["ContentType"]) == (b"", "binary/octet-stream")


def test_a_large_payload_travels_as_a_file(s3: S3Parts) -> None:
    _put(s3, bytes(300_000))
    path = s3.objects.root / "data" / "k"
    for members, offset in (({}, 0), ({"Range": "bytes=1-"}, 1)):
        body = objects.get_object(s3, {**_K, **members})["Body"]
        assert body == FileRange(path=path, offset=offset, length=300_000 - offset)
        path.unlink()  # whatever becomes of the name, the bytes are those of the answer
        with body.file:
            assert len(body.file.read()) == 300_000
        _put(s3, bytes(300_000))


def test_ranges(s3: S3Parts) -> None:
    _put(s3, b"0123456789")
    got = objects.get_object(s3, {**_K, "Range": "bytes=2-4"})
    assert (got["Body"], got["ContentLength"], got["ContentRange"]) == (
        b"234",
        3,
        "bytes 2-4/10",
    )
    assert objects.head_object(s3, {**_K, "Range": "bytes=-3"})["ContentRange"] == "bytes 7-9/10"
    whole = objects.get_object(s3, {**_K, "Range": "bytes=0-1,3-4"})
    assert whole["Body"] == b"0123456789"
    assert "ContentRange" not in whole
    with pytest.raises(InvalidRange):
        objects.get_object(s3, {**_K, "Range": "bytes=10-"})


def test_a_checksum_is_told_when_asked_for_and_never_beside_a_part(s3: S3Parts) -> None:
    put = objects.put_object(s3, {**_K, "Body": s3.body(b"0123456789", CRC32="pmhCdg==")})
    assert (put["ChecksumCRC32"], put["ChecksumType"]) == ("pmhCdg==", "FULL_OBJECT")
    asked = {**_K, "ChecksumMode": "ENABLED"}
    assert objects.get_object(s3, asked)["ChecksumCRC32"] == "pmhCdg=="
    assert objects.head_object(s3, asked)["ChecksumType"] == "FULL_OBJECT"
    for request in (_K, {**asked, "Range": "bytes=2-4"}):
        assert "ChecksumCRC32" not in objects.get_object(s3, request)
        assert "ChecksumCRC32" not in objects.head_object(s3, request)


def test_the_client_may_name_the_headers_of_the_answer(s3: S3Parts) -> None:
    _put(s3, b"x", ContentType="text/plain")
    overrides = {
        "ResponseCacheControl": "private",
        "ResponseContentDisposition": "inline",
        "ResponseContentEncoding": "br",
        "ResponseContentLanguage": "en",
        "ResponseContentType": "text/html",
        "ResponseExpires": 5.0,
    }
    got = objects.get_object(s3, {**_K, **overrides})
    assert {f"Response{name}": got[name] for name in (
        "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType",
        "Expires",
    )} == overrides  # fmt: skip


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"Bucket": "missing"}, NoSuchBucket),
        ({"Key": "missing"}, NoSuchKey),
        ({"Key": "a/../b"}, NoSuchKey),  # cannot be stored, so it is not there
        ({"VersionId": "v1"}, NoSuchVersion),
        ({"IfMatch": "x"}, PreconditionFailed),
        ({"IfNoneMatch": "*"}, NotModified),
        ({"SSECustomerAlgorithm": "AES256"}, FeatureNotImplemented),
        ({"PartNumber": 2}, InvalidPartNumber),
        ({"PartNumber": 1, "Range": "bytes=0-"}, InvalidArgument),
    ],
)
def test_what_cannot_be_got(s3: S3Parts, members: dict[str, Any], error: type[AwsError]) -> None:
    _put(s3, b"x")
    for operation in (objects.get_object, objects.head_object):
        with pytest.raises(error):
            operation(s3, {**_K, **members})


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"SSECustomerKey": "secret"}, FeatureNotImplemented),  # it would be stored in clear
        ({"WriteOffsetBytes": 5}, FeatureNotImplemented),
        ({"ObjectLockMode": "GOVERNANCE"}, InvalidRequest),
        ({"Metadata": {"a": "x" * 2048}}, MetadataTooLarge),
        ({"Tagging": "a=1&a=2"}, InvalidTag),
        ({"Tagging": "=1"}, InvalidTag),
        ({"Tagging": "a" * 129 + "=1"}, InvalidTag),
        ({"Tagging": "a=" + "1" * 257}, InvalidTag),
        ({"Tagging": "a&b"}, InvalidArgument),
        ({"Tagging": "&".join(f"{n}=1" for n in range(11))}, BadRequest),
        ({"Tagging": "aws:a=1"}, InvalidTag),  # AWS's own
        ({"StorageClass": "COLD"}, InvalidStorageClass),
        ({"IfNoneMatch": "*"}, PreconditionFailed),
        ({"IfMatch": "x"}, PreconditionFailed),
        ({"Key": "../k"}, InvalidArgument),
    ],
)
def test_what_cannot_be_put(s3: S3Parts, members: dict[str, Any], error: type[AwsError]) -> None:
    _put(s3, b"before")
    with pytest.raises(error):
        _put(s3, b"after", **members)
    assert objects.get_object(s3, _K)["Body"] == b"before"
    assert list(s3.objects.incoming().iterdir()) == []


def test_deleting(s3: S3Parts) -> None:
    _put(s3, b"x")
    for key in ("missing", "a/../b", "k/below"):
        assert objects.delete_object(s3, {"Bucket": "data", "Key": key}) == {}
    with pytest.raises(PreconditionFailed):
        objects.delete_object(s3, {**_K, "IfMatch": "x"})
    with pytest.raises(NoSuchVersion):
        objects.delete_object(s3, {**_K, "VersionId": "v1"})
    objects.delete_object(s3, {**_K, "VersionId": "null"})
    assert not exists(s3.objects, "data", "k")


def test_deleting_many(s3: S3Parts) -> None:
    for key in ("a", "b", "c", "d"):
        put_text(s3.objects, "data", key, "x")
    named: list[dict[str, str]] = [
        {"Key": "a"},
        {"Key": "missing"},
        {"Key": "b", "ETag": "other"},
        {"Key": "c", "VersionId": "v1"},
        {"Key": "d", "ETag": "*"},
    ]
    answer = objects.delete_objects(s3, {"Bucket": "data", "Delete": {"Objects": named}})
    assert answer["Deleted"] == [{"Key": "a"}, {"Key": "missing"}, {"Key": "d"}]
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [
        ("b", "PreconditionFailed"),
        ("c", "NoSuchVersion"),
    ]
    quiet = {"Bucket": "data", "Delete": {"Objects": [{"Key": "b"}], "Quiet": True}}
    assert objects.delete_objects(s3, quiet) == {}
    assert [found.key for found in s3.objects.page("data").objects] == ["c"]


def test_nothing_is_deleted_under_a_condition_that_is_not_checked(s3: S3Parts) -> None:
    _put(s3, b"x")
    for condition in ({"IfMatchSize": 7}, {"IfMatchLastModifiedTime": 0.0}):
        with pytest.raises(FeatureNotImplemented):
            objects.delete_object(s3, {**_K, **condition})
    named = [{"Key": "k", "Size": 7}, {"Key": "k", "LastModifiedTime": 0.0}]
    deleted = objects.delete_objects(s3, {"Bucket": "data", "Delete": {"Objects": named}})
    assert [error["Code"] for error in deleted["Errors"]] == ["NotImplemented"] * 2
    assert objects.get_object(s3, _K)["Body"] == b"x"


def test_deleting_none_or_too_many(s3: S3Parts) -> None:
    for count in (0, 1001):
        named = [{"Key": f"k{number}"} for number in range(count)]
        with pytest.raises(MalformedXml):
            objects.delete_objects(s3, {"Bucket": "data", "Delete": {"Objects": named}})
    with pytest.raises(NoSuchBucket):
        objects.delete_objects(s3, {"Bucket": "gone", "Delete": {"Objects": [{"Key": "k"}]}})


def test_encryption_at_rest_may_be_asked_for(s3: S3Parts) -> None:
    # the disk's own business; S3 clients of companies send it with every put
    _put(s3, b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="key", ACL="private")
    assert "ServerSideEncryption" not in objects.get_object(s3, _K)
    assert objects.get_object(s3, _K)["ContentType"] == attributes.DEFAULT_CONTENT_TYPE
