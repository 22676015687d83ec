"""Multipart uploads: docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html"""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from glueball.api.s3 import checksums
from glueball.api.s3.attributes import attributes_of, quoted, refuse_unsupported
from glueball.api.s3.conditions import write_check
from glueball.api.s3.context import Request, S3Context, bucket_of
from glueball.api.s3.copies import opened_source
from glueball.api.s3.errors import MalformedXml
from glueball.api.s3.notifications import announce
from glueball.api.s3.objects import body_of, checksums_of
from glueball.api.s3.ranges import ByteRange, parse_copy_range
from glueball.stores.object_errors import (
    EntityTooSmall,
    InvalidArgument,
    InvalidPart,
    InvalidPartOrder,
    NoSuchKey,
    NoSuchUpload,
)
from glueball.stores.object_keys import parse_key
from glueball.stores.object_metadata import Attributes
from glueball.stores.stored_objects import StoredObject
from glueball.stores.uploads import Part, Upload
from glueball.wire.payload_errors import BadDigest, InvalidRequest

#: docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
_MOST_PARTS = 10_000
_SMALLEST_PART = 5 * 1024 * 1024


def create_multipart_upload(context: S3Context, request: Request) -> dict[str, Any]:
    """Begin an upload. Keys that cannot be stored are refused here, before any part comes."""
    bucket, key = bucket_of(context, request), str(request["Key"])
    if parse_key(key).folder:
        raise InvalidArgument(
            "A key that ends with a slash marks a folder here, and holds no bytes. Take the "
            "slash away.",
            ArgumentName="key",
            ArgumentValue=key,
        )
    context.objects.bucket(bucket)
    algorithm = checksums.algorithm_of(request)
    attributes = replace(attributes_of(request), checksum_type=_checksum_type(request, algorithm))
    upload = context.objects.uploads.create(
        bucket, key, attributes, checksum_algorithm=algorithm, now=context.clock.now()
    )
    return {"Bucket": bucket, "Key": key, "UploadId": upload.id, **_algorithm_of(upload)}


def upload_part(context: S3Context, request: Request) -> dict[str, Any]:
    """Add a part to an upload, or replace it."""
    body = body_of(context, request)
    try:
        refuse_unsupported(request)
        part = _put_part(context, request, body.path, body.md5, body.checksums)
    finally:
        body.path.unlink(missing_ok=True)
    return {"ETag": quoted(part.etag), **checksums.members(part.checksums)}


def upload_part_copy(context: S3Context, request: Request) -> dict[str, Any]:
    """Add bytes of another object to an upload as a part."""
    _upload_of(context, request)
    with opened_source(context, request) as (found, file):
        wanted = request.get("CopySourceRange")
        part_range = (
            ByteRange(offset=0, length=found.size)
            if wanted is None
            else parse_copy_range(wanted, found.size)
        )
        file.seek(part_range.offset)
        path, etag = context.objects.take_in(file, part_range.length)
    try:
        part = _put_part(context, request, path, etag, {})
    finally:
        path.unlink(missing_ok=True)
    return {
        "CopyPartResult": {
            "ETag": quoted(part.etag),
            "LastModified": part.modified,
            **checksums.members(part.checksums),
        }
    }


def complete_multipart_upload(context: S3Context, request: Request) -> dict[str, Any]:
    """Make an object of the parts that the request names, in their order.

    A client that lost the answer may ask again: the object that is there already is the answer.
    """
    bucket, key = bucket_of(context, request), str(request["Key"])
    named = (request.get("MultipartUpload") or {}).get("Parts") or ()
    if not named or any("PartNumber" not in each for each in named):
        raise MalformedXml
    with context.objects.uploads.held(str(request["UploadId"])):
        try:
            upload = _upload_of(context, request)
        except NoSuchUpload:
            put = _already_completed(context, bucket, key, named)
            if put is None:
                raise
        else:
            put = _complete(context, request, upload, named)
            announce(context, put, "CompleteMultipartUpload")
    return {
        "Location": f"/{bucket}/{key}",
        "Bucket": bucket,
        "Key": key,
        "ETag": quoted(put.etag),
        **checksums_of(put),
    }


def abort_multipart_upload(context: S3Context, request: Request) -> dict[str, Any]:
    """Take an upload and its parts away."""
    with context.objects.uploads.held(str(request["UploadId"])):
        context.objects.uploads.forget(_upload_of(context, request))
    return {}


def _put_part(
    context: S3Context,
    request: Request,
    path: Path,
    etag: str,
    digests: Mapping[str, str],
) -> Part:
    upload = _upload_of(context, request)
    number = int(request["PartNumber"])
    if not 1 <= number <= _MOST_PARTS:
        raise InvalidArgument(
            f"Part number must be an integer between 1 and {_MOST_PARTS}, inclusive",
            ArgumentName="partNumber",
            ArgumentValue=str(number),
        )
    algorithm = upload.checksum_algorithm
    if algorithm is not None and algorithm not in digests:
        digests = {algorithm: checksums.compute(algorithm, path)}
    part = Part(
        number=number,
        size=path.stat().st_size,
        etag=etag,
        modified=context.clock.now(),
        checksums=dict(digests),
        file=f"{number}.{secrets.token_hex(8)}",
    )
    context.objects.uploads.put_part(upload, path, part)
    return part


def _complete(
    context: S3Context, request: Request, upload: Upload, named: Sequence[Mapping[str, Any]]
) -> StoredObject:
    parts = _named_parts(upload, context.objects.uploads.parts(upload), named)
    attributes = _attributes_of_whole(request, upload, parts)
    path = context.objects.new_file()
    try:
        context.objects.uploads.assemble(upload, parts, path)
        put = context.objects.put(
            upload.bucket,
            upload.key,
            path,
            etag=_etag([part.etag for part in parts]),
            attributes=attributes,
            check=write_check(request, upload.key),
        )
    finally:
        path.unlink(missing_ok=True)
    context.objects.uploads.forget(upload)
    return put


def _named_parts(
    upload: Upload, uploaded: Sequence[Part], named: Sequence[Mapping[str, Any]]
) -> list[Part]:
    """Return the parts that a client names.

    Raises:
        InvalidPartOrder: not in ascending order.
        InvalidPart: one was not uploaded, or has another entity tag or checksum.
        EntityTooSmall: one that is not the last is too small.
    """
    numbers = [int(each["PartNumber"]) for each in named]
    if any(second <= first for first, second in itertools.pairwise(numbers)):
        raise InvalidPartOrder(upload.id)
    by_number = {part.number: part for part in uploaded}
    parts: list[Part] = []
    for number, each in zip(numbers, named, strict=True):
        etag = str(each.get("ETag", "")).strip('"')
        part = by_number.get(number)
        if part is None or part.etag != etag or not _agrees(part, each):
            raise InvalidPart(upload.id, number, etag)
        parts.append(part)
    for part in parts[:-1]:
        if part.size < _SMALLEST_PART:
            raise EntityTooSmall(part.number, part.size, _SMALLEST_PART)
    return parts


def _agrees(part: Part, named: Mapping[str, Any]) -> bool:
    """Whether the checksums that a client names are not other than those of the part."""
    return all(
        part.checksums.get(algorithm, digest) == digest
        for algorithm, digest in checksums.given(named).items()
    )


def _attributes_of_whole(request: Request, upload: Upload, parts: Sequence[Part]) -> Attributes:
    """Return the attributes of the object that the parts make.

    Raises:
        BadDigest: the client expects another checksum.
        InvalidRequest: it expects another size.
    """
    sizes = tuple(part.size for part in parts)
    expected = request.get("MpuObjectSize")
    if expected is not None and int(expected) != sum(sizes):
        raise InvalidRequest(
            f"The provided 'x-amz-mp-object-size' header value {expected} does not match what "
            f"was computed: {sum(sizes)}"
        )
    algorithm, kind = upload.checksum_algorithm, upload.attributes.checksum_type
    if algorithm is None:
        return replace(upload.attributes, part_sizes=sizes)
    whole = checksums.of_whole if kind == "FULL_OBJECT" else checksums.composite
    digests = {algorithm: whole(algorithm, parts)}
    for given, digest in checksums.given(request).items():
        if digests.get(given, digest).partition("-")[0] != digest.partition("-")[0]:
            raise BadDigest(f"The {given} you specified did not match the calculated checksum.")
    return replace(upload.attributes, part_sizes=sizes, checksums=digests)


def _already_completed(
    context: S3Context, bucket: str, key: str, named: Sequence[Mapping[str, Any]]
) -> StoredObject | None:
    """Return the object that a completed upload of these parts has made."""
    try:
        found = context.objects.head(bucket, key)
        etag = _etag([str(each.get("ETag", "")).strip('"') for each in named])
    except (NoSuchKey, ValueError):  # ValueError: an entity tag that is no md5
        return None
    return found if found.etag == etag else None


def _etag(md5s: Sequence[str]) -> str:
    """Return the entity tag of parts: the md5 of their md5s, and their number."""
    joined = b"".join(bytes.fromhex(md5) for md5 in md5s)
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(md5s)}"


def _upload_of(context: S3Context, request: Request) -> Upload:
    bucket, key = bucket_of(context, request), str(request["Key"])
    context.objects.bucket(bucket)
    return context.objects.uploads.get(str(request["UploadId"]), bucket, key)


def _checksum_type(request: Request, algorithm: str | None) -> str | None:
    """Return the type of an upload's checksum; the defaults are S3's.

    Raises:
        InvalidRequest: no such checksum can be had from checksums of parts.
    """
    wanted = request.get("ChecksumType")
    if algorithm is None:
        return None
    if wanted == "FULL_OBJECT" and not checksums.can_cover_whole(algorithm):
        raise InvalidRequest(
            f"The FULL_OBJECT checksum type cannot be used with the {algorithm.lower()} checksum "
            "algorithm."
        )
    if algorithm == "CRC64NVME":
        if wanted == "COMPOSITE":
            raise InvalidRequest(
                "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm."
            )
        return "FULL_OBJECT"
    return wanted or "COMPOSITE"


def _algorithm_of(upload: Upload) -> dict[str, str | None]:
    if upload.checksum_algorithm is None:
        return {}
    return {
        "ChecksumAlgorithm": upload.checksum_algorithm,
        "ChecksumType": upload.attributes.checksum_type,
    }
