"""Objects: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html and its kin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from glueball.api.s3 import checksums
from glueball.api.s3.attributes import attributes_of, headers_of, quoted, refuse_unsupported
from glueball.api.s3.conditions import check_read, delete_check, write_check
from glueball.api.s3.context import Request, S3Context, bucket_of
from glueball.api.s3.errors import FeatureNotImplemented, MalformedXml, NoSuchVersion
from glueball.api.s3.notifications import announce
from glueball.api.s3.ranges import ByteRange, parse_range, range_of_part
from glueball.core.errors import AwsError
from glueball.stores.object_errors import InvalidArgument
from glueball.stores.object_keys import parse_key
from glueball.stores.object_metadata import Attributes
from glueball.stores.stored_objects import StoredObject
from glueball.wire.bodies import FileRange, SpooledBody

#: smaller payloads are read at once, larger ones travel as files
_INLINE_BYTES = 256 * 1024
#: docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_MOST_DELETED = 1000

#: members of a GetObject request that replace those of its response
_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}


def get_object(context: S3Context, request: Request) -> dict[str, Any]:
    """Return an object, or a part of its bytes."""
    bucket, key = bucket_of(context, request), str(request["Key"])
    check_version(request, key)
    found, file = context.objects.get(bucket, key)
    with ExitStack() as opened:
        opened.enter_context(file)
        check_read(request, found)
        wanted = _wanted_range(request, found)
        part = wanted or ByteRange(offset=0, length=found.size)
        response = _described(request, found, wanted)
        if part.length <= _INLINE_BYTES:
            file.seek(part.offset)
            response["Body"] = file.read(part.length)
        else:
            path = context.objects.root.joinpath(bucket, *parse_key(key).segments)
            response["Body"] = FileRange(
                path=path, offset=part.offset, length=part.length, file=file
            )
            opened.pop_all()  # from here on the sender's
    return response


def head_object(context: S3Context, request: Request) -> dict[str, Any]:
    """Return what is known of an object."""
    bucket, key = bucket_of(context, request), str(request["Key"])
    check_version(request, key)
    found = context.objects.head(bucket, key)
    check_read(request, found)
    return _described(request, found, _wanted_range(request, found))


def put_object(context: S3Context, request: Request) -> dict[str, Any]:
    """Store an object."""
    bucket, key = bucket_of(context, request), str(request["Key"])
    body = body_of(context, request)
    try:
        put = context.objects.put(
            bucket,
            key,
            body.path,
            etag=body.md5,
            attributes=with_checksums(attributes_of(request), body.checksums),
            check=write_check(request, key),
        )
    finally:
        body.path.unlink(missing_ok=True)
    announce(context, put, "PutObject")
    return {"ETag": quoted(put.etag), **checksums_of(put)}


def delete_object(context: S3Context, request: Request) -> dict[str, Any]:
    """Delete an object; one that is not there is none the less gone."""
    bucket, key = bucket_of(context, request), str(request["Key"])
    check_version(request, key)
    _refuse_conditions(request, "x-amz-if-match-last-modified-time", "x-amz-if-match-size")
    context.objects.delete(bucket, key, check=delete_check(request.get("IfMatch"), key))
    return {}


def delete_objects(context: S3Context, request: Request) -> dict[str, Any]:
    """Delete up to 1,000 objects; what fails is said of each."""
    bucket = bucket_of(context, request)
    wanted: Sequence[Mapping[str, Any]] = request["Delete"].get("Objects") or ()
    if not 1 <= len(wanted) <= _MOST_DELETED:
        raise MalformedXml
    context.objects.bucket(bucket)
    plain = [each["Key"] for each in wanted if each.keys() == {"Key"}]
    failed = _delete_together(context, bucket, plain)
    errors: list[dict[str, str]] = []
    deleted: list[dict[str, str]] = []
    for each in wanted:
        key = str(each["Key"])
        try:
            if failed or each.keys() != {"Key"}:
                check_version(each, key)
                _refuse_conditions(each, "LastModifiedTime", "Size")
                context.objects.delete(bucket, key, check=delete_check(each.get("ETag"), key))
            deleted.append({"Key": key})
        except AwsError as error:
            errors.append({"Key": key, "Code": error.code, "Message": error.message})
    response: dict[str, Any] = {} if request["Delete"].get("Quiet") else {"Deleted": deleted}
    if errors:
        response["Errors"] = errors
    return response


def check_version(request: Mapping[str, Any], key: str) -> None:
    """Refuse what speaks of versions: an object has only its present one, called `null`.

    Raises:
        NoSuchVersion: another one is asked for.
    """
    version = request.get("VersionId")
    if version not in (None, "", "null"):
        raise NoSuchVersion(key, str(version))


def body_of(context: S3Context, request: Request) -> SpooledBody:
    """Return the payload of a request; an empty one where it has none."""
    body = request.get("Body")
    if isinstance(body, SpooledBody):
        return body
    path = context.objects.new_file()
    path.touch()
    return SpooledBody(path=path, size=0, md5=_MD5_OF_NOTHING, sha256=_SHA256_OF_NOTHING)


def with_checksums(attributes: Attributes, found: Mapping[str, str]) -> Attributes:
    """Return attributes that hold the checksums of the whole object."""
    checksum_type = "FULL_OBJECT" if found else None
    return replace(attributes, checksums=dict(found), checksum_type=checksum_type)


def checksums_of(found: StoredObject) -> dict[str, Any]:
    """Return the members of a response that tell an object's checksums."""
    attributes = found.attributes
    if not attributes.checksums:
        return {}
    return {**checksums.members(attributes.checksums), "ChecksumType": attributes.checksum_type}


_MD5_OF_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"
_SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def _wanted_range(request: Request, found: StoredObject) -> ByteRange | None:
    refuse_unsupported(request)
    number, header = request.get("PartNumber"), request.get("Range")
    if number is not None and header is not None:
        raise InvalidArgument(
            "Cannot specify both Range header and partNumber query parameter",
            ArgumentName="partNumber",
            ArgumentValue=str(number),
        )
    if number is not None:
        return range_of_part(number, found)
    return parse_range(header, found.size) if header is not None else None


def _described(request: Request, found: StoredObject, wanted: ByteRange | None) -> dict[str, Any]:
    """Return the answer to GetObject and HeadObject, but for the bytes.

    A checksum is of the whole object, so it would be wrong beside a part: clients check it.
    """
    response = headers_of(found)
    response["ContentLength"] = wanted.length if wanted else found.size
    if wanted is not None and found.size:
        response["ContentRange"] = wanted.content_range(found.size)
    if request.get("PartNumber") is not None and found.attributes.part_sizes:
        response["PartsCount"] = len(found.attributes.part_sizes)
    whole = wanted is None or wanted.length == found.size
    if whole and request.get("ChecksumMode") == "ENABLED":
        response |= checksums_of(found)
    for override, member in _OVERRIDES.items():
        if request.get(override) is not None:
            response[member] = request[override]
    return response


def _refuse_conditions(request: Mapping[str, Any], time: str, size: str) -> None:
    """Refuse to delete under conditions that S3 checks in directory buckets only.

    Args:
        request: a DeleteObject, or an object of a DeleteObjects.
        time: what the condition of the time is called there.
        size: what that of the size is called.

    Raises:
        FeatureNotImplemented: there is one.
    """
    for members, name in (
        (("IfMatchLastModifiedTime", "LastModifiedTime"), time),
        (("IfMatchSize", "Size"), size),
    ):
        if any(request.get(member) is not None for member in members):
            raise FeatureNotImplemented(name)


def _delete_together(context: S3Context, bucket: str, keys: Sequence[str]) -> bool:
    """Delete objects in one go; return whether that failed, so that each is to be tried alone."""
    try:
        context.objects.delete_all(bucket, keys)
    except AwsError:
        return True
    return False
