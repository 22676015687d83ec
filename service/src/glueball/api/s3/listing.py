"""Listings: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html and V1."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from glueball.api.paging import decode_token, encode_token
from glueball.api.s3.attributes import quoted
from glueball.api.s3.context import Request, S3Context, bucket_of, owner_of
from glueball.core.errors import InvalidInput
from glueball.stores.object_errors import InvalidArgument
from glueball.stores.stored_objects import ObjectPage, StoredObject

_MOST_KEYS = 1000


def list_objects_v2(context: S3Context, request: Request) -> dict[str, Any]:
    """List objects in pages; tokens lead from one page to the next."""
    bucket, encode = bucket_of(context, request), encoding_of(request)
    token, start = request.get("ContinuationToken"), request.get("StartAfter") or ""
    page = _page(context, request, bucket, after=_position(token, bucket) or start)
    owner = owner_of(context) if request.get("FetchOwner") else None
    response = _listed(request, bucket, page, owner)
    response["KeyCount"] = len(page.objects) + len(page.prefixes)
    if token is not None:
        response["ContinuationToken"] = token
    if page.next_after is not None:
        next_token = encode_token("ListObjectsV2", bucket, page.next_after)
        response["NextContinuationToken"] = next_token
    if start and token is None:  # what a token says outweighs it
        response["StartAfter"] = encode(start)
    return response


def list_objects(context: S3Context, request: Request) -> dict[str, Any]:
    """List objects in pages; each begins behind the last key of the one before."""
    bucket, encode = bucket_of(context, request), encoding_of(request)
    marker = request.get("Marker") or ""
    page = _page(context, request, bucket, after=marker)
    response = _listed(request, bucket, page, owner_of(context))
    response["Marker"] = encode(marker)
    # S3 gives it only beside a delimiter: without one the last key serves
    if page.next_after is not None and request.get("Delimiter"):
        response["NextMarker"] = encode(page.next_after)
    return response


def list_object_versions(context: S3Context, request: Request) -> dict[str, Any]:
    """List objects as versions: each has its present one, called `null`, and no other."""
    bucket, encode = bucket_of(context, request), encoding_of(request)
    marker = request.get("KeyMarker") or ""
    page = _page(context, request, bucket, after=marker)
    response = _listed(request, bucket, page, owner_of(context))
    entries = response.pop("Contents")
    response["Versions"] = [{**entry, "VersionId": "null", "IsLatest": True} for entry in entries]
    response |= {
        "KeyMarker": encode(marker),
        "VersionIdMarker": request.get("VersionIdMarker") or "",
    }
    if page.next_after is not None:
        response |= {"NextKeyMarker": encode(page.next_after), "NextVersionIdMarker": "null"}
    return response


def limit_of(request: Request, member: str, argument: str) -> int:
    """Return how many entries a page may have.

    Raises:
        InvalidArgument: fewer than none.
    """
    limit = request.get(member)
    if limit is None:
        return _MOST_KEYS
    if limit < 0:
        raise InvalidArgument(
            f"Argument {argument} must be an integer between 0 and 2147483647",
            ArgumentName=argument,
            ArgumentValue=str(limit),
        )
    return min(int(limit), _MOST_KEYS)


def encoding_of(request: Request) -> Callable[[str], str]:
    """Return how keys are written in the answer: with `EncodingType` url, as in a form.

    Raises:
        InvalidArgument: the client asks for an encoding that S3 does not have.
    """
    encoding = request.get("EncodingType")
    if encoding is None:
        return str
    if encoding != "url":
        raise InvalidArgument(
            "Invalid Encoding Method specified in Request",
            ArgumentName="encoding-type",
            ArgumentValue=encoding,
        )
    return functools.partial(quote_plus, safe="/")


def _page(context: S3Context, request: Request, bucket: str, *, after: str) -> ObjectPage:
    limit = limit_of(request, "MaxKeys", "max-keys")
    if limit == 0:
        context.objects.bucket(bucket)
        return ObjectPage(objects=(), prefixes=(), next_after=None)
    return context.objects.page(
        bucket,
        prefix=request.get("Prefix") or "",
        delimiter=request.get("Delimiter") or "",
        after=after,
        limit=limit,
    )


def _listed(
    request: Request, bucket: str, page: ObjectPage, owner: dict[str, str] | None
) -> dict[str, Any]:
    encode = encoding_of(request)
    response: dict[str, Any] = {
        "Name": bucket,
        "Prefix": encode(request.get("Prefix") or ""),
        "MaxKeys": limit_of(request, "MaxKeys", "max-keys"),
        "IsTruncated": page.next_after is not None,
        "Contents": [_entry(found, encode, owner) for found in page.objects],
        "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in page.prefixes],
    }
    if request.get("Delimiter"):
        response["Delimiter"] = encode(request["Delimiter"])
    if request.get("EncodingType"):
        response["EncodingType"] = request["EncodingType"]
    return response


def _entry(
    found: StoredObject, encode: Callable[[str], str], owner: dict[str, str] | None
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "Key": encode(found.key),
        "LastModified": found.modified,
        "ETag": quoted(found.etag),
        "Size": found.size,
        "StorageClass": found.attributes.storage_class,
    }
    if found.attributes.checksums:
        entry["ChecksumAlgorithm"] = list(found.attributes.checksums)
        entry["ChecksumType"] = found.attributes.checksum_type
    if owner is not None:
        entry["Owner"] = owner
    return entry


def _position(token: str | None, bucket: str) -> str:
    if token == "":
        raise InvalidArgument(
            "The continuation token provided is incorrect", ArgumentName="continuation-token"
        )
    try:
        return decode_token(token, "ListObjectsV2", bucket) or ""
    except InvalidInput as error:
        raise InvalidArgument(
            "The continuation token provided is incorrect", ArgumentName="continuation-token"
        ) from error
