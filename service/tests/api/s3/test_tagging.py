from __future__ import annotations

import pytest

from glueball.api.s3 import objects, tagging
from glueball.api.s3.errors import InvalidTag, NoSuchVersion
from glueball.stores.object_errors import NoSuchKey
from support.object_stores import S3Parts, put_text

_K = {"Bucket": "data", "Key": "k"}


def test_tags_come_and_go_while_the_object_stays(s3: S3Parts) -> None:
    put = put_text(s3.objects, "data", "k", "x")
    tag_set = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
    tagging.put_object_tagging(s3, {**_K, "Tagging": {"TagSet": tag_set}})
    assert tagging.get_object_tagging(s3, _K) == {"TagSet": tag_set}
    assert objects.head_object(s3, _K)["TagCount"] == 2
    tagging.delete_object_tagging(s3, _K)
    assert tagging.get_object_tagging(s3, _K) == {"TagSet": []}
    assert s3.objects.head("data", "k") == put


def test_tags_that_cannot_be(s3: S3Parts) -> None:
    put_text(s3.objects, "data", "k", "x")
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    with pytest.raises(InvalidTag):
        tagging.put_object_tagging(s3, {**_K, "Tagging": {"TagSet": twice}})
    with pytest.raises(NoSuchKey):
        tagging.get_object_tagging(s3, {**_K, "Key": "missing"})
    with pytest.raises(NoSuchVersion):
        tagging.delete_object_tagging(s3, {**_K, "VersionId": "v1"})


def test_only_the_facts_that_were_asked_for(s3: S3Parts) -> None:
    objects.put_object(s3, {**_K, "Body": s3.body(b"x", CRC32="jNxmGg==")})
    asked = {**_K, "ObjectAttributes": ["ETag", "Checksum", "ObjectSize", "ObjectParts"]}
    assert tagging.get_object_attributes(s3, asked) == {
        "LastModified": s3.objects.head("data", "k").modified,
        "ETag": "9dd4e461268c8034f5c8564e155c67a6",  # without quotes: AWS's example shows none
        "Checksum": {"ChecksumCRC32": "jNxmGg==", "ChecksumType": "FULL_OBJECT"},
        "ObjectSize": 1,
    }
