"""Tags and summaries of objects: GetObjectTagging, GetObjectAttributes and their kin."""

from __future__ import annotations

from typing import Any

from glueball.api.s3 import checksums
from glueball.api.s3.attributes import checked_tags, with_tags
from glueball.api.s3.context import Request, S3Context, bucket_of
from glueball.api.s3.objects import check_version
from glueball.stores.stored_objects import StoredObject


def get_object_tagging(context: S3Context, request: Request) -> dict[str, Any]:
    """Return the tags of an object."""
    found = _found(context, request)
    tags = found.attributes.tags.items()
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags]}


def put_object_tagging(context: S3Context, request: Request) -> dict[str, Any]:
    """Give an object other tags."""
    tag_set = request["Tagging"].get("TagSet") or ()
    _set_tags(context, request, checked_tags((tag["Key"], tag["Value"]) for tag in tag_set))
    return {}


def delete_object_tagging(context: S3Context, request: Request) -> dict[str, Any]:
    """Take the tags of an object away."""
    _set_tags(context, request, {})
    return {}


def get_object_attributes(context: S3Context, request: Request) -> dict[str, Any]:
    """Return those facts of an object that the client names."""
    found = _found(context, request)
    attributes = found.attributes
    facts: dict[str, Any] = {
        "ETag": found.etag,
        "StorageClass": attributes.storage_class,
        "ObjectSize": found.size,
    }
    if attributes.checksums:
        members = checksums.members(attributes.checksums)
        facts["Checksum"] = {**members, "ChecksumType": attributes.checksum_type}
    if attributes.part_sizes:
        facts["ObjectParts"] = {"TotalPartsCount": len(attributes.part_sizes)}
    wanted = request.get("ObjectAttributes") or ()
    return {
        "LastModified": found.modified,
        **{name: fact for name, fact in facts.items() if name in wanted},
    }


def _found(context: S3Context, request: Request) -> StoredObject:
    key = str(request["Key"])
    check_version(request, key)
    return context.objects.head(bucket_of(context, request), key)


def _set_tags(context: S3Context, request: Request, tags: dict[str, str]) -> None:
    bucket, key = bucket_of(context, request), str(request["Key"])
    check_version(request, key)
    context.objects.set_attributes(bucket, key, lambda old: with_tags(old, tags))
