from __future__ import annotations

from dataclasses import replace

import pytest

from glueball.api.s3 import buckets
from glueball.api.s3.errors import IllegalLocationConstraint, InvalidLocationConstraint
from glueball.core.errors import AccessDenied, AwsError
from glueball.stores.object_errors import (
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    InvalidArgument,
    NoSuchBucket,
)
from support.object_stores import S3Parts, exists, put_text


def test_creating_listing_and_deleting(s3: S3Parts) -> None:
    assert buckets.create_bucket(s3, {"Bucket": "new"}) == {"Location": "/new"}
    listed = buckets.list_buckets(s3, {})
    assert [(each["Name"], each["CreationDate"]) for each in listed["Buckets"]] == [
        ("data", 1.0),
        ("new", 1_700_000_000.0),
    ]
    assert len(listed["Owner"]["ID"]) == 64
    buckets.delete_bucket(s3, {"Bucket": "new"})
    with pytest.raises(NoSuchBucket):
        buckets.head_bucket(s3, {"Bucket": "new"})


def test_a_bucket_with_objects_is_not_deleted(s3: S3Parts) -> None:
    put_text(s3.objects, "data", "k", "x")
    with pytest.raises(BucketNotEmpty):
        buckets.delete_bucket(s3, {"Bucket": "data"})


def test_creating_again_is_an_error_but_in_the_first_region(s3: S3Parts) -> None:
    put_text(s3.objects, "data", "k", "x")
    buckets.create_bucket(s3, {"Bucket": "data"})
    assert exists(s3.objects, "data", "k")
    elsewhere = replace(s3, region="eu-west-1")
    there = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    with pytest.raises(BucketAlreadyOwnedByYou):
        buckets.create_bucket(elsewhere, {"Bucket": "data", **there})


@pytest.mark.parametrize(
    ("region", "constraint", "location"),
    [
        ("us-east-1", None, None),  # S3 says nothing of its first region
        ("us-east-1", "eu-west-1", "eu-west-1"),  # whose endpoint serves every region
        ("us-east-1", "us-east-1", InvalidLocationConstraint),
        ("eu-west-1", "eu-west-1", "eu-west-1"),
        ("eu-west-1", "us-west-2", IllegalLocationConstraint),
        ("eu-west-1", None, IllegalLocationConstraint),
    ],
)
def test_locations(
    s3: S3Parts, region: str, constraint: str | None, location: str | type[AwsError] | None
) -> None:
    there = replace(s3, region=region)
    configuration = {"LocationConstraint": constraint} if constraint else {}
    request = {"Bucket": "there", "CreateBucketConfiguration": configuration}
    if isinstance(location, type):
        with pytest.raises(location):
            buckets.create_bucket(there, request)
        return
    buckets.create_bucket(there, request)
    found = buckets.get_bucket_location(there, {"Bucket": "there"})
    assert found == {"LocationConstraint": location}
    assert buckets.head_bucket(there, {"Bucket": "there"})["BucketRegion"] == (location or region)


def test_buckets_in_pages(s3: S3Parts) -> None:
    for name in ("aaa", "bbb", "ccc"):
        buckets.create_bucket(s3, {"Bucket": name})
    first = buckets.list_buckets(s3, {"MaxBuckets": 3})
    second = buckets.list_buckets(
        s3, {"MaxBuckets": 3, "ContinuationToken": first["ContinuationToken"]}
    )
    assert [each["Name"] for each in first["Buckets"]] == ["aaa", "bbb", "ccc"]
    assert [each["Name"] for each in second["Buckets"]] == ["data"]
    assert "ContinuationToken" not in second
    assert [each["Name"] for each in buckets.list_buckets(s3, {"Prefix": "b"})["Buckets"]] == [
        "bbb"
    ]
    assert buckets.list_buckets(s3, {"BucketRegion": "mars"})["Buckets"] == []
    for forged in ("x", "é", first["ContinuationToken"][:-4]):
        with pytest.raises(InvalidArgument):
            buckets.list_buckets(s3, {"ContinuationToken": forged})


def test_a_bucket_that_should_belong_to_somebody_else(s3: S3Parts) -> None:
    with pytest.raises(AccessDenied):
        buckets.head_bucket(s3, {"Bucket": "data", "ExpectedBucketOwner": "999999999999"})
    buckets.head_bucket(s3, {"Bucket": "data", "ExpectedBucketOwner": s3.account_id})
