"""Listings of uploads and of their parts."""

from __future__ import annotations

from typing import Any

from glueball.api.s3 import checksums
from glueball.api.s3.attributes import quoted
from glueball.api.s3.context import Request, S3Context, bucket_of, owner_of
from glueball.api.s3.listing import encoding_of, limit_of
from glueball.stores.object_listing import common_prefix
from glueball.stores.uploads import Upload

#: behind every id of an upload
_LAST_ID = "\U0010ffff"


def list_parts(context: S3Context, request: Request) -> dict[str, Any]:
    """List the parts of an upload by number."""
    bucket, key = bucket_of(context, request), str(request["Key"])
    context.objects.bucket(bucket)
    upload = context.objects.uploads.get(str(request["UploadId"]), bucket, key)
    after = int(request.get("PartNumberMarker") or 0)
    limit = limit_of(request, "MaxParts", "max-parts")
    parts = context.objects.uploads.parts(upload, after=after, limit=limit + 1)
    shown = parts[:limit]
    return {
        "Bucket": bucket,
        "Key": key,
        "UploadId": upload.id,
        "PartNumberMarker": after,
        "NextPartNumberMarker": shown[-1].number if shown else 0,
        "MaxParts": limit,
        "IsTruncated": len(parts) > limit,
        "Parts": [
            {
                "PartNumber": part.number,
                "LastModified": part.modified,
                "ETag": quoted(part.etag),
                "Size": part.size,
                **checksums.members(part.checksums),
            }
            for part in shown
        ],
        "Owner": owner_of(context),
        "Initiator": owner_of(context),
        "StorageClass": upload.attributes.storage_class,
        **_checksum_members(upload),
    }


def list_multipart_uploads(context: S3Context, request: Request) -> dict[str, Any]:
    """List the uploads to a bucket that are under way, by key."""
    bucket, encode = bucket_of(context, request), encoding_of(request)
    context.objects.bucket(bucket)
    prefix, delimiter = request.get("Prefix") or "", request.get("Delimiter") or ""
    limit = limit_of(request, "MaxUploads", "max-uploads")
    key_marker, id_marker = request.get("KeyMarker") or "", request.get("UploadIdMarker") or ""
    shown, prefixes, more = _page(
        context, bucket, prefix, delimiter, (key_marker, id_marker), limit
    )
    response: dict[str, Any] = {
        "Bucket": bucket,
        "KeyMarker": encode(key_marker),
        "UploadIdMarker": id_marker,
        "Prefix": encode(prefix),
        "MaxUploads": limit,
        "IsTruncated": more is not None,
        "Uploads": [
            {
                "UploadId": upload.id,
                "Key": encode(upload.key),
                "Initiated": upload.initiated,
                "StorageClass": upload.attributes.storage_class,
                "Owner": owner_of(context),
                "Initiator": owner_of(context),
                **_checksum_members(upload),
            }
            for upload in shown
        ],
        "CommonPrefixes": [{"Prefix": encode(each)} for each in prefixes],
    }
    if more is not None:
        response |= {"NextKeyMarker": encode(more[0]), "NextUploadIdMarker": more[1]}
    if delimiter:
        response["Delimiter"] = encode(delimiter)
    if request.get("EncodingType"):
        response["EncodingType"] = request["EncodingType"]
    return response


def _page(
    context: S3Context,
    bucket: str,
    prefix: str,
    delimiter: str,
    after: tuple[str, str],
    limit: int,
) -> tuple[list[Upload], list[str], tuple[str, str] | None]:
    """Return uploads, common prefixes, and where the next page begins if there is one."""
    key, upload_id = after
    if common_prefix(key, prefix, delimiter) == key:
        key += _LAST_ID
    position = (key, upload_id or _LAST_ID)
    shown: list[Upload] = []
    prefixes: list[str] = []
    last = after
    while True:
        found = context.objects.uploads.page(bucket, prefix=prefix, after=position, limit=1)
        if not found:
            return shown, prefixes, None
        if len(shown) + len(prefixes) == limit:
            return shown, prefixes, last
        upload = found[0]
        group = common_prefix(upload.key, prefix, delimiter)
        if group is None:
            shown.append(upload)
            position = last = (upload.key, upload.id)
        else:
            prefixes.append(group)
            position, last = (group + _LAST_ID, _LAST_ID), (group, "")


def _checksum_members(upload: Upload) -> dict[str, str | None]:
    if upload.checksum_algorithm is None:
        return {}
    return {
        "ChecksumAlgorithm": upload.checksum_algorithm,
        "ChecksumType": upload.attributes.checksum_type,
    }
