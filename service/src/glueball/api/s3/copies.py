"""Copies: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, BinaryIO
from urllib.parse import unquote

from glueball.api.s3 import checksums
from glueball.api.s3.attributes import attributes_of, quoted
from glueball.api.s3.conditions import check_copy_source, write_check
from glueball.api.s3.context import Request, S3Context, bucket_of
from glueball.api.s3.notifications import announce
from glueball.api.s3.objects import check_version, checksums_of
from glueball.stores.object_errors import InvalidArgument
from glueball.stores.object_metadata import Attributes
from glueball.stores.stored_objects import StoredObject
from glueball.wire.payload_errors import InvalidRequest

#: members with which S3 lets an object be copied onto itself
_CHANGES = ("StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption")


@dataclass(frozen=True, kw_only=True, slots=True)
class CopySource:
    """The object that a copy is made of."""

    bucket: str
    key: str


def copy_object(context: S3Context, request: Request) -> dict[str, Any]:
    """Copy an object, with its attributes or with those that the request gives."""
    bucket, key = bucket_of(context, request), str(request["Key"])
    with opened_source(context, request) as (found, file):
        attributes = _copied_attributes(request, found)
        onto_itself = (found.bucket, found.key) == (bucket, key)
        if onto_itself and attributes == found.attributes and not _asks_for_change(request):
            raise InvalidRequest(
                "This copy request is illegal because it is trying to copy an object to itself "
                "without changing the object's metadata, storage class, website redirect "
                "location or encryption attributes."
            )
        path, etag = context.objects.take_in(file, found.size)
    try:
        if algorithm := checksums.algorithm_of(request) or _composed(found):
            digest = {algorithm: checksums.compute(algorithm, path)}
            attributes = replace(attributes, checksums=digest, checksum_type="FULL_OBJECT")
        put = context.objects.put(
            bucket,
            key,
            path,
            etag=etag,
            attributes=attributes,
            check=write_check(request, key),
        )
    finally:
        path.unlink(missing_ok=True)
    announce(context, put, "CopyObject")
    result = {"ETag": quoted(put.etag), "LastModified": put.modified, **checksums_of(put)}
    return {"CopyObjectResult": result}


@contextmanager
def opened_source(context: S3Context, request: Request) -> Iterator[tuple[StoredObject, BinaryIO]]:
    """Open the object that a request names as its source, if its conditions hold.

    Raises:
        NoSuchBucket, NoSuchKey: there is none.
        PreconditionFailed: a condition does not hold.
    """
    source = parse_copy_source(str(request["CopySource"]))
    found, file = context.objects.get(source.bucket, source.key)
    with file:
        check_copy_source(request, found)
        yield found, file


def parse_copy_source(header: str) -> CopySource:
    """Read `x-amz-copy-source`: bucket and key, percent-encoded, with or without a first slash.

    Raises:
        InvalidArgument: it names no object.
        NoSuchVersion: it asks for a version.
    """
    path, _, query = header.partition("?")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not key or bucket.startswith("arn:"):
        raise InvalidArgument(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            ArgumentName="x-amz-copy-source",
            ArgumentValue=header,
        )
    check_version({"VersionId": unquote(query.removeprefix("versionId="))}, key)
    return CopySource(bucket=bucket, key=key)


def _composed(found: StoredObject) -> str | None:
    """Return the algorithm of a checksum of parts: a copy has no parts, and gets one of its bytes.

    Source: Amazon S3 User Guide, "Checking object integrity", on copies of multipart objects.
    """
    attributes = found.attributes
    if attributes.checksum_type != "COMPOSITE":
        return None
    return next(iter(attributes.checksums), None)


def _asks_for_change(request: Request) -> bool:
    """Whether a copy is to set anything, be it to what it is already: so objects are touched."""
    return request.get("MetadataDirective") == "REPLACE" or any(
        request.get(member) is not None for member in _CHANGES
    )


def _copied_attributes(request: Request, found: StoredObject) -> Attributes:
    """Return the attributes of a copy; parts, and checksums of parts, stay with the source."""
    given = attributes_of(request)
    base = given if request.get("MetadataDirective") == "REPLACE" else found.attributes
    whole = found.attributes.checksum_type == "FULL_OBJECT"
    return replace(
        base,
        checksums=found.attributes.checksums if whole else {},
        checksum_type=found.attributes.checksum_type if whole else None,
        part_sizes=(),
        # S3 copies the storage class no more than access rights
        storage_class=given.storage_class,
        website_redirect=given.website_redirect,
        tags=(
            given.tags if request.get("TaggingDirective") == "REPLACE" else found.attributes.tags
        ),
    )
