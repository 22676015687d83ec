from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any

import pytest

from glueball.api.s3 import buckets, multipart, objects, upload_listing
from glueball.api.s3.errors import MalformedXml, PreconditionFailed
from glueball.core.errors import AwsError
from glueball.stores.object_errors import (
    EntityTooSmall,
    InvalidArgument,
    InvalidPart,
    InvalidPartOrder,
    KeyCollision,
    KeyTooLong,
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
)
from glueball.wire.payload_errors import BadDigest, InvalidRequest
from support.object_stores import S3Parts, object_store, put_text

_K = {"Bucket": "data", "Key": "big"}
_SMALLEST = 5 * 1024 * 1024
_FIRST = bytes(_SMALLEST)


def _begin(s3: S3Parts, **members: Any) -> dict[str, Any]:
    begun = multipart.create_multipart_upload(s3, {**_K, **members})
    return {**_K, "UploadId": begun["UploadId"]}


def _send(s3: S3Parts, upload: dict[str, Any], number: int, data: bytes) -> dict[str, Any]:
    request = {**upload, "PartNumber": number, "Body": s3.body(data)}
    answer = multipart.upload_part(s3, request)
    return {"PartNumber": number, **answer}


def _complete(
    s3: S3Parts, upload: dict[str, Any], parts: list[dict[str, Any]], **members: Any
) -> dict[str, Any]:
    request = {**upload, "MultipartUpload": {"Parts": parts}, **members}
    return multipart.complete_multipart_upload(s3, request)


def _is_clean(s3: S3Parts) -> bool:
    left = [*s3.objects.incoming().iterdir(), *(s3.objects.root / ".uploads").iterdir()]
    return not left


def test_parts_become_an_object(s3: S3Parts) -> None:
    upload = _begin(s3, ContentType="text/plain", Metadata={"a": "b"}, Tagging="t=1")
    last = _send(s3, upload, 7, b"end")
    first = _send(s3, upload, 2, _FIRST)
    answer = _complete(s3, upload, [first, last])
    md5s = hashlib.md5(_FIRST).digest() + hashlib.md5(b"end").digest()
    assert answer["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-2"'
    assert (answer["Bucket"], answer["Key"], answer["Location"]) == ("data", "big", "/data/big")
    got = objects.head_object(s3, _K)
    assert got["ContentLength"] == _SMALLEST + 3
    assert (got["ContentType"], got["Metadata"], got["TagCount"]) == ("text/plain", {"a": "b"}, 1)
    assert (s3.objects.root / "data" / "big").read_bytes() == _FIRST + b"end"
    part = objects.get_object(s3, {**_K, "PartNumber": 2})
    assert (part["Body"], part["PartsCount"]) == (b"end", 2)
    assert _is_clean(s3)


def test_a_part_may_be_sent_again_or_left_out(s3: S3Parts) -> None:
    upload = _begin(s3)
    old = _send(s3, upload, 1, b"old")
    new = _send(s3, upload, 1, b"new")
    _send(s3, upload, 2, b"unused")
    with pytest.raises(InvalidPart):
        _complete(s3, upload, [old])
    _complete(s3, upload, [new])
    assert objects.get_object(s3, _K)["Body"] == b"new"
    assert _is_clean(s3)


def test_completing_again_gives_the_same_answer(s3: S3Parts) -> None:
    upload = _begin(s3)
    part = _send(s3, upload, 1, b"x")
    assert _complete(s3, upload, [part]) == _complete(s3, upload, [part])
    put_text(s3.objects, "data", "big", "another")
    for etag in (part["ETag"], '"no md5"'):
        with pytest.raises(NoSuchUpload):
            _complete(s3, upload, [{**part, "ETag": etag}])


def test_parts_survive_a_restart(s3: S3Parts) -> None:
    upload = _begin(s3)
    part = _send(s3, upload, 1, b"x")
    with object_store(s3.objects.root.parent) as restarted:
        restarted.sweep()
        again = S3Parts(objects=restarted)
        _complete(again, upload, [part])
        assert objects.get_object(again, _K)["Body"] == b"x"


def _crc32(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("kind", "digest", "suffix"),
    [
        ("COMPOSITE", _crc32(_crc32(_FIRST) + _crc32(b"end")), "-2"),
        ("FULL_OBJECT", _crc32(_FIRST + b"end"), ""),
    ],
)
def test_checksums(s3: S3Parts, kind: str, digest: bytes, suffix: str) -> None:
    expected = base64.b64encode(digest).decode() + suffix
    upload = _begin(s3, ChecksumAlgorithm="CRC32", ChecksumType=kind)
    parts = [_send(s3, upload, 1, _FIRST), _send(s3, upload, 2, b"end")]
    assert all(part["ChecksumCRC32"] for part in parts)
    with pytest.raises(BadDigest):
        _complete(s3, upload, parts, ChecksumCRC32="AAAAAA==")
    with pytest.raises(InvalidPart):
        _complete(s3, upload, [{**parts[0], "ChecksumCRC32": "AAAAAA=="}])
    answer = _complete(s3, upload, parts, ChecksumCRC32=expected)
    assert (answer["ChecksumCRC32"], answer["ChecksumType"]) == (expected, kind)
    head = objects.head_object(s3, {**_K, "ChecksumMode": "ENABLED"})
    assert head["ChecksumCRC32"] == expected


@pytest.mark.parametrize(
    ("algorithm", "wanted", "kind"),
    [
        (None, None, None),
        ("CRC32", None, "COMPOSITE"),
        ("CRC32", "FULL_OBJECT", "FULL_OBJECT"),
        ("CRC64NVME", None, "FULL_OBJECT"),
        ("CRC64NVME", "COMPOSITE", InvalidRequest),
        ("SHA256", None, "COMPOSITE"),
        ("SHA256", "FULL_OBJECT", InvalidRequest),
        ("XXHASH3", None, InvalidRequest),
    ],
)
def test_types_of_checksums(
    s3: S3Parts, algorithm: str | None, wanted: str | None, kind: str | type[AwsError] | None
) -> None:
    request = {**_K, "ChecksumAlgorithm": algorithm, "ChecksumType": wanted}
    if isinstance(kind, type):
        with pytest.raises(kind):
            multipart.create_multipart_upload(s3, request)
        return
    begun = multipart.create_multipart_upload(s3, request)
    assert begun.get("ChecksumType") == kind


def test_copied_parts(s3: S3Parts) -> None:
    put_text(s3.objects, "data", "source", "0123456789")
    upload = _begin(s3, ChecksumAlgorithm="CRC32")
    request = {**upload, "PartNumber": 1, "CopySource": "data/source"}
    copied = multipart.upload_part_copy(s3, {**request, "CopySourceRange": "bytes=2-4"})
    result = copied["CopyPartResult"]
    assert result["ChecksumCRC32"]
    for members, error in (
        ({"CopySourceRange": "bytes=5-10"}, InvalidArgument),
        ({"CopySource": "data/missing"}, NoSuchKey),
        ({"CopySourceIfMatch": "x"}, PreconditionFailed),
        ({"PartNumber": 10_001}, InvalidArgument),
        ({"UploadId": "missing"}, NoSuchUpload),
    ):
        with pytest.raises(error):
            multipart.upload_part_copy(s3, {**request, **members})
    assert list(s3.objects.incoming().iterdir()) == []
    _complete(s3, upload, [{"PartNumber": 1, "ETag": result["ETag"]}])
    assert objects.get_object(s3, _K)["Body"] == b"234"


@pytest.mark.parametrize("nameless", [{}, {"ETag": "x"}])
def test_a_part_without_its_number(s3: S3Parts, nameless: dict[str, str]) -> None:
    upload = _begin(s3)
    part = _send(s3, upload, 1, b"1")
    with pytest.raises(MalformedXml):
        _complete(s3, upload, [part, nameless])
    assert _complete(s3, upload, [part])["Key"] == upload["Key"]


@pytest.mark.parametrize(
    ("parts", "members", "error"),
    [
        ([], {}, MalformedXml),
        ([2, 1], {}, InvalidPartOrder),
        ([1, 1], {}, InvalidPartOrder),
        ([1, 3], {}, InvalidPart),  # never sent
        ([1, 2], {}, EntityTooSmall),  # the first is not the last
        ([2], {"MpuObjectSize": 99}, InvalidRequest),
        ([2], {"IfNoneMatch": "*"}, PreconditionFailed),
        ([2], {"IfMatch": "x"}, PreconditionFailed),
        ([2], {"UploadId": "../../etc"}, NoSuchUpload),
        ([2], {"Key": "another"}, NoSuchUpload),
        ([2], {"Bucket": "missing"}, NoSuchBucket),
    ],
)
def test_what_cannot_be_completed(
    s3: S3Parts, parts: list[int], members: dict[str, Any], error: type[AwsError]
) -> None:
    put_text(s3.objects, "data", "big", "before")
    upload = _begin(s3)
    sent = {number: _send(s3, upload, number, b"part") for number in (1, 2)}
    named = [sent.get(number, {"PartNumber": number, "ETag": '"x"'}) for number in parts]
    with pytest.raises(error):
        _complete(s3, upload, named, **members)
    assert objects.get_object(s3, _K)["Body"] == b"before"
    assert list(s3.objects.incoming().iterdir()) == []
    _complete(s3, upload, [sent[2]])


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"Key": "../x"}, InvalidArgument),
        ({"Key": "a" * 256}, KeyTooLong),
        ({"Key": "folder/"}, InvalidArgument),
        ({"Bucket": "missing"}, NoSuchBucket),
    ],
)
def test_what_is_not_even_begun(
    s3: S3Parts, members: dict[str, Any], error: type[AwsError]
) -> None:
    with pytest.raises(error):
        multipart.create_multipart_upload(s3, {**_K, **members})


def test_a_collision_leaves_the_upload(s3: S3Parts) -> None:
    upload = _begin(s3)
    part = _send(s3, upload, 1, b"x")
    put_text(s3.objects, "data", "big/below", "y")
    with pytest.raises(KeyCollision):
        _complete(s3, upload, [part])
    s3.objects.delete("data", "big/below")
    _complete(s3, upload, [part])


def test_aborting_leaves_nothing(s3: S3Parts) -> None:
    upload = _begin(s3)
    _send(s3, upload, 1, b"x")
    multipart.abort_multipart_upload(s3, upload)
    assert _is_clean(s3)
    with pytest.raises(NoSuchUpload):
        _send(s3, upload, 2, b"x")
    with pytest.raises(NoSuchUpload):
        multipart.abort_multipart_upload(s3, upload)


def test_uploads_go_with_their_bucket(s3: S3Parts) -> None:
    _send(s3, _begin(s3), 1, b"x")
    buckets.delete_bucket(s3, {"Bucket": "data"})
    assert _is_clean(s3)
    buckets.create_bucket(s3, {"Bucket": "data"})
    assert upload_listing.list_multipart_uploads(s3, {"Bucket": "data"})["Uploads"] == []


def test_parts_are_listed_in_pages(s3: S3Parts) -> None:
    upload = _begin(s3, ChecksumAlgorithm="CRC32")
    for number in (3, 1, 2):
        _send(s3, upload, number, b"part %d" % number)
    first = upload_listing.list_parts(s3, {**upload, "MaxParts": 2})
    assert [part["PartNumber"] for part in first["Parts"]] == [1, 2]
    assert (first["IsTruncated"], first["NextPartNumberMarker"]) == (True, 2)
    assert first["ChecksumType"] == "COMPOSITE"
    rest = upload_listing.list_parts(s3, {**upload, "PartNumberMarker": 2})
    assert [part["PartNumber"] for part in rest["Parts"]] == [3]
    assert rest["Parts"][0]["Size"] == 6
    assert rest["Parts"][0]["LastModified"] == s3.clock.now()
    assert not rest["IsTruncated"]
    with pytest.raises(NoSuchUpload):
        upload_listing.list_parts(s3, {**upload, "UploadId": "missing"})


def test_uploads_are_listed_in_pages(s3: S3Parts) -> None:
    for key in ("a", "dir/1", "dir/2", "dir/2", "z z"):
        multipart.create_multipart_upload(s3, {"Bucket": "data", "Key": key})
    seen: list[str] = []
    request: dict[str, Any] = {"Bucket": "data", "MaxUploads": 1, "EncodingType": "url"}
    while True:
        answer = upload_listing.list_multipart_uploads(s3, request)
        seen += [each["Key"] for each in answer["Uploads"]]
        if not answer["IsTruncated"]:
            break
        request["KeyMarker"] = answer["NextKeyMarker"].replace("+", " ")
        request["UploadIdMarker"] = answer["NextUploadIdMarker"]
    assert seen == ["a", "dir/1", "dir/2", "dir/2", "z+z"]


def test_uploads_are_rolled_up(s3: S3Parts) -> None:
    for key in ("a", "dir/1", "dir/2", "z"):
        multipart.create_multipart_upload(s3, {"Bucket": "data", "Key": key})
    request = {"Bucket": "data", "Delimiter": "/", "MaxUploads": 2}
    first = upload_listing.list_multipart_uploads(s3, request)
    assert [each["Key"] for each in first["Uploads"]] == ["a"]
    assert first["CommonPrefixes"] == [{"Prefix": "dir/"}]
    assert first["NextKeyMarker"] == "dir/"
    rest = upload_listing.list_multipart_uploads(
        s3, {**request, "KeyMarker": "dir/", "UploadIdMarker": first["NextUploadIdMarker"]}
    )
    assert [each["Key"] for each in rest["Uploads"]] == ["z"]
    assert not rest["IsTruncated"]
    below = upload_listing.list_multipart_uploads(s3, {"Bucket": "data", "Prefix": "dir/"})
    assert [each["Key"] for each in below["Uploads"]] == ["dir/1", "dir/2"]
