"""Buckets: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html and its kin."""

from __future__ import annotations

from typing import Any

from glueball.api.paging import decode_token, encode_token
from glueball.api.s3 import notifications
from glueball.api.s3.bucket_settings import OWNERSHIP_CONTROLS, TAGGING, record_setting
from glueball.api.s3.context import Request, S3Context, bucket_of, owner_of
from glueball.api.s3.errors import (
    FeatureNotImplemented,
    IllegalLocationConstraint,
    InvalidLocationConstraint,
)
from glueball.core.errors import InvalidInput
from glueball.stores.object_errors import BucketAlreadyOwnedByYou, InvalidArgument
from glueball.stores.objects import Bucket

#: the region whose buckets S3 locates nowhere, and whose endpoint serves every region
_FIRST_REGION = "us-east-1"
_MOST_BUCKETS = 10_000


def create_bucket(context: S3Context, request: Request) -> dict[str, Any]:
    """Create a bucket. In us-east-1 S3 lets its owner create it again; elsewhere it does not."""
    name = str(request["Bucket"])
    region = _region_of(context, request)
    if request.get("ObjectLockEnabledForBucket"):
        raise FeatureNotImplemented("x-amz-bucket-object-lock-enabled")
    try:
        context.objects.create_bucket(name, region=region, now=context.clock.now())
    except BucketAlreadyOwnedByYou:
        if context.region != _FIRST_REGION:
            raise
    else:
        _set_up(context, request, name)
    return {"Location": f"/{name}"}


def head_bucket(context: S3Context, request: Request) -> dict[str, Any]:
    """Say that a bucket is there, and in which region it was created."""
    bucket = context.objects.bucket(bucket_of(context, request))
    return {"BucketRegion": _located(context, bucket), "AccessPointAlias": False}


def get_bucket_location(context: S3Context, request: Request) -> dict[str, Any]:
    """Return the region a bucket was created in; None for us-east-1, as S3 has it."""
    bucket = context.objects.bucket(bucket_of(context, request))
    region = _located(context, bucket)
    return {"LocationConstraint": None if region == _FIRST_REGION else region}


def delete_bucket(context: S3Context, request: Request) -> dict[str, Any]:
    """Delete an empty bucket."""
    name = bucket_of(context, request)
    context.objects.delete_bucket(name)
    notifications.forget(context, name)
    return {}


def list_buckets(context: S3Context, request: Request) -> dict[str, Any]:
    """Return the buckets by name, in pages where the client asks for pages."""
    prefix, region = request.get("Prefix") or "", request.get("BucketRegion")
    limit = min(request.get("MaxBuckets") or _MOST_BUCKETS, _MOST_BUCKETS)
    after = _position(request.get("ContinuationToken"), prefix)
    found = [
        bucket
        for bucket in context.objects.buckets()
        if bucket.name > after
        and bucket.name.startswith(prefix)
        and (region is None or _located(context, bucket) == region)
    ]
    response: dict[str, Any] = {
        "Buckets": [
            {
                "Name": bucket.name,
                "CreationDate": bucket.created,
                "BucketRegion": _located(context, bucket),
            }
            for bucket in found[:limit]
        ],
        "Owner": owner_of(context),
    }
    if prefix:
        response["Prefix"] = prefix
    if len(found) > limit:
        last = found[limit - 1].name
        response["ContinuationToken"] = encode_token("ListBuckets", prefix, last)
    return response


def _located(context: S3Context, bucket: Bucket) -> str:
    return bucket.region or context.region


def _region_of(context: S3Context, request: Request) -> str:
    """Return the region that a bucket is to be in; the rules are those of S3's endpoints."""
    configuration = request.get("CreateBucketConfiguration") or {}
    wanted = configuration.get("LocationConstraint")
    if context.region == _FIRST_REGION:
        if wanted == _FIRST_REGION:
            raise InvalidLocationConstraint(
                "The specified location-constraint is not valid", LocationConstraint=wanted
            )
        return wanted or _FIRST_REGION
    if wanted != context.region:
        raise IllegalLocationConstraint(
            f"The {wanted or 'unspecified'} location constraint is incompatible for the region "
            f"specific endpoint this request was sent to: {context.region}."
        )
    return context.region


def _set_up(context: S3Context, request: Request, name: str) -> None:
    """Keep those settings of a new bucket that came with the request."""
    if tags := (request.get("CreateBucketConfiguration") or {}).get("Tags"):
        record_setting(context, name, TAGGING, {"TagSet": tags})
    if ownership := request.get("ObjectOwnership"):
        rule = {"ObjectOwnership": ownership}
        record_setting(context, name, OWNERSHIP_CONTROLS, {"Rules": [rule]})


def _position(token: str | None, prefix: str) -> str:
    try:
        return decode_token(token, "ListBuckets", prefix) or ""
    except InvalidInput as error:
        raise InvalidArgument(
            "The continuation token provided is incorrect", ArgumentName="continuation-token"
        ) from error
