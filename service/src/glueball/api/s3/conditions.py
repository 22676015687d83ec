"""Conditional requests.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html and RFC 9110, 13.
"""

from __future__ import annotations

from email.utils import formatdate

from glueball.api.s3.context import Request
from glueball.api.s3.errors import FeatureNotImplemented, NotModified, PreconditionFailed
from glueball.stores.object_errors import NoSuchKey
from glueball.stores.objects import Check
from glueball.stores.stored_objects import StoredObject


def check_read(request: Request, found: StoredObject) -> None:
    """Check the conditions of GetObject and HeadObject.

    Raises:
        PreconditionFailed: `IfMatch` or `IfUnmodifiedSince` does not hold.
        NotModified: `IfNoneMatch` or `IfModifiedSince` does not hold.
    """
    if failed := _failed_condition(request, "", found):
        if failed in ("If-None-Match", "If-Modified-Since"):
            raise NotModified(
                {
                    "ETag": f'"{found.etag}"',
                    "Last-Modified": formatdate(found.modified, usegmt=True),
                }
            )
        raise PreconditionFailed(failed)


def check_copy_source(request: Request, found: StoredObject) -> None:
    """Check what CopyObject and UploadPartCopy ask of their source.

    Raises:
        PreconditionFailed: a condition does not hold.
    """
    if failed := _failed_condition(request, "CopySource", found):
        raise PreconditionFailed(f"x-amz-copy-source-{failed.lower()}")


def write_check(request: Request, key: str) -> Check:
    """Return the check of the conditions under which an object may be written.

    Raises:
        FeatureNotImplemented: `IfNoneMatch` is anything but `*`; S3 takes nothing else either.
    """
    must_match, must_be_new = request.get("IfMatch"), request.get("IfNoneMatch")
    if must_be_new not in (None, "*"):
        raise FeatureNotImplemented("If-None-Match")

    def check(current: StoredObject | None) -> None:
        if must_be_new and current is not None:
            raise PreconditionFailed("If-None-Match")
        if must_match is None:
            return
        if current is None:
            raise NoSuchKey(key)
        if not _matches(must_match, current):
            raise PreconditionFailed("If-Match")

    return check


def delete_check(etag: str | None, key: str) -> Check:
    """Return the check of the entity tag that an object must have to be deleted."""

    def check(current: StoredObject | None) -> None:
        if etag is None:
            return
        if current is None:
            raise NoSuchKey(key)
        if not _matches(etag, current):
            raise PreconditionFailed("If-Match")

    return check


def _failed_condition(request: Request, prefix: str, found: StoredObject) -> str | None:
    """Return the header whose condition does not hold; the entity tag outweighs the date."""
    match, unmodified = request.get(f"{prefix}IfMatch"), request.get(f"{prefix}IfUnmodifiedSince")
    none_match, modified = (
        request.get(f"{prefix}IfNoneMatch"),
        request.get(f"{prefix}IfModifiedSince"),
    )
    changed = int(found.modified)  # HTTP dates have whole seconds
    if match is not None:
        if not _matches(match, found):
            return "If-Match"
    elif unmodified is not None and changed > unmodified:
        return "If-Unmodified-Since"
    if none_match is not None:
        if _matches(none_match, found):
            return "If-None-Match"
    elif modified is not None and changed <= modified:
        return "If-Modified-Since"
    return None


def _matches(header: str, found: StoredObject) -> bool:
    """Whether a list of entity tags, or `*`, names the object's."""
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in header.split(","))
    return any(tag in ("*", found.etag) for tag in tags)
