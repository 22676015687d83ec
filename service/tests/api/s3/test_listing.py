from __future__ import annotations

from typing import Any

import pytest

from glueball.api.s3 import listing, objects
from glueball.stores.object_errors import InvalidArgument, NoSuchBucket
from support.object_stores import S3Parts, put_text

_KEYS = ["a.csv", "logs/1", "logs/2", "logs/old/1", "z z", "ä/ß"]


@pytest.fixture(autouse=True)
def _keys(s3: S3Parts) -> None:
    for key in _KEYS:
        put_text(s3.objects, "data", key, "x")


def _list(s3: S3Parts, **members: Any) -> dict[str, Any]:
    return listing.list_objects_v2(s3, {"Bucket": "data", **members})


def _names(answer: dict[str, Any]) -> list[str]:
    return [each["Key"] for each in answer["Contents"]]


def test_everything_in_order(s3: S3Parts) -> None:
    answer = _list(s3)
    assert _names(answer) == _KEYS
    assert answer["KeyCount"] == 6
    assert answer["MaxKeys"] == 1000
    assert answer["IsTruncated"] is False
    assert "Owner" not in answer["Contents"][0]
    assert answer["Contents"][0] == {
        "Key": "a.csv",
        "LastModified": s3.objects.head("data", "a.csv").modified,
        "ETag": '"9dd4e461268c8034f5c8564e155c67a6"',
        "Size": 1,
        "StorageClass": "STANDARD",
    }


def test_common_prefixes(s3: S3Parts) -> None:
    answer = _list(s3, Delimiter="/", FetchOwner=True)
    assert _names(answer) == ["a.csv", "z z"]
    assert answer["CommonPrefixes"] == [{"Prefix": "logs/"}, {"Prefix": "ä/"}]
    assert answer["KeyCount"] == 4
    assert answer["Delimiter"] == "/"
    assert len(answer["Contents"][0]["Owner"]["ID"]) == 64
    below = _list(s3, Delimiter="/", Prefix="logs/")
    assert _names(below) == ["logs/1", "logs/2"]
    assert below["CommonPrefixes"] == [{"Prefix": "logs/old/"}]


def test_pages(s3: S3Parts) -> None:
    seen: list[str] = []
    request: dict[str, Any] = {"MaxKeys": 2, "Delimiter": "/"}
    while True:
        answer = _list(s3, **request)
        seen += [*_names(answer), *(each["Prefix"] for each in answer["CommonPrefixes"])]
        if not answer["IsTruncated"]:
            break
        request["ContinuationToken"] = answer["NextContinuationToken"]
    assert seen == ["a.csv", "logs/", "z z", "ä/"]
    assert _names(_list(s3, StartAfter="logs/2")) == ["logs/old/1", "z z", "ä/ß"]


def test_tokens_are_not_to_be_made_by_hand(s3: S3Parts) -> None:
    token = _list(s3, MaxKeys=1)["NextContinuationToken"]
    s3.objects.create_bucket("other", region="us-east-1", now=0.0)
    with pytest.raises(InvalidArgument):
        listing.list_objects_v2(s3, {"Bucket": "other", "ContinuationToken": token})
    for forged in ("", "x", "logs/1", "é", "a" * 100_000):
        with pytest.raises(InvalidArgument):
            _list(s3, ContinuationToken=forged)


def test_version_one(s3: S3Parts) -> None:
    request = {"Bucket": "data", "MaxKeys": 2, "Delimiter": "/"}
    first = listing.list_objects(s3, request)
    assert (first["Marker"], first["NextMarker"]) == ("", "logs/")
    second = listing.list_objects(s3, {**request, "Marker": "logs/"})
    assert _names(second) == ["z z"]
    assert second["CommonPrefixes"] == [{"Prefix": "ä/"}]
    assert not second["IsTruncated"]
    assert "Owner" in second["Contents"][0]
    plain = listing.list_objects(s3, {"Bucket": "data", "MaxKeys": 2})
    assert plain["IsTruncated"]
    assert "NextMarker" not in plain


def test_where_a_listing_starts_is_not_repeated_beside_a_token(s3: S3Parts) -> None:
    first = _list(s3, StartAfter="a.csv", MaxKeys=1)
    assert first["StartAfter"] == "a.csv"
    token = first["NextContinuationToken"]
    second = _list(s3, StartAfter="a.csv", MaxKeys=1, ContinuationToken=token)
    assert "StartAfter" not in second
    assert _names(second) != _names(first)


def test_keys_encoded_as_in_a_form(s3: S3Parts) -> None:
    answer = _list(s3, EncodingType="url", StartAfter="y y", Delimiter="/", Prefix="")
    assert _names(answer) == ["z+z"]
    assert answer["CommonPrefixes"] == [{"Prefix": "%C3%A4/"}]
    assert (answer["StartAfter"], answer["EncodingType"]) == ("y+y", "url")
    with pytest.raises(InvalidArgument):
        _list(s3, EncodingType="base64")


def test_limits(s3: S3Parts) -> None:
    none = _list(s3, MaxKeys=0)
    assert (_names(none), none["IsTruncated"], none["MaxKeys"]) == ([], False, 0)
    assert _list(s3, MaxKeys=5000)["MaxKeys"] == 1000
    with pytest.raises(InvalidArgument):
        _list(s3, MaxKeys=-1)
    for missing in ({}, {"MaxKeys": 0}):
        with pytest.raises(NoSuchBucket):
            listing.list_objects_v2(s3, {"Bucket": "missing", **missing})


def test_checksums_are_named(s3: S3Parts) -> None:
    body = s3.body(b"x", CRC32="jNxmGg==")
    objects.put_object(s3, {"Bucket": "data", "Key": "a.csv", "Body": body})
    first = _list(s3)["Contents"][0]
    assert (first["ChecksumAlgorithm"], first["ChecksumType"]) == (["CRC32"], "FULL_OBJECT")
