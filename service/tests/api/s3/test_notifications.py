from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from glueball.api.s3.buckets import create_bucket, delete_bucket
from glueball.api.s3.copies import copy_object
from glueball.api.s3.errors import FeatureNotImplemented
from glueball.api.s3.multipart import (
    complete_multipart_upload,
    create_multipart_upload,
    upload_part,
)
from glueball.api.s3.notifications import (
    get_bucket_notification_configuration,
    put_bucket_notification_configuration,
)
from glueball.api.s3.objects import delete_object, put_object
from glueball.core.events import Event
from glueball.stores import events
from glueball.stores.object_errors import NoSuchBucket
from support.object_stores import S3Parts

_ON: dict[str, Any] = {"EventBridgeConfiguration": {}}


def switch(s3: S3Parts, configuration: dict[str, Any], bucket: str = "data") -> None:
    request = {"Bucket": bucket, "NotificationConfiguration": configuration}
    put_bucket_notification_configuration(s3, request)


def shown(s3: S3Parts) -> dict[str, Any]:
    return get_bucket_notification_configuration(s3, {"Bucket": "data"})


def told(s3: S3Parts) -> list[Event]:
    with s3.objects.metadata.database.read() as connection:
        return [event for _, event in events.undelivered(connection, 100)]


def test_a_new_object_is_told_as_aws_tells_it(s3: S3Parts) -> None:
    rung: list[bool] = []
    s3 = replace(s3, wake=lambda: rung.append(True))
    switch(s3, _ON)
    put_object(s3, {"Bucket": "data", "Key": "in/a b.csv", "Body": s3.body(b"12345")})
    (event,) = told(s3)
    assert (event.source, event.detail_type) == ("aws.s3", "Object Created")
    assert event.resources == ("arn:aws:s3:::data",)
    found = event.detail["object"]
    assert (found["key"], found["size"]) == ("in/a b.csv", 5)
    assert found["etag"] == "827ccb0eea8a706c4c34a16891f84e7b"
    assert event.detail["bucket"] == {"name": "data"}
    assert event.detail["reason"] == "PutObject"
    assert rung


def test_every_way_to_make_an_object_is_told(s3: S3Parts) -> None:
    switch(s3, _ON)
    place = {"Bucket": "data", "Key": "a"}
    put_object(s3, {**place, "Body": s3.body(b"1")})
    copy_object(s3, {"Bucket": "data", "Key": "b", "CopySource": "data/a"})
    upload = {"Bucket": "data", "Key": "c"}
    upload["UploadId"] = create_multipart_upload(s3, upload)["UploadId"]
    part = upload_part(s3, {**upload, "PartNumber": 1, "Body": s3.body(b"2")})
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    for _ in range(2):  # a client that lost the answer asks again
        complete_multipart_upload(s3, {**upload, "MultipartUpload": parts})
    delete_object(s3, place)
    assert [event.detail["reason"] for event in told(s3)] == [
        "PutObject",
        "CopyObject",
        "CompleteMultipartUpload",
    ]


def test_only_buckets_that_are_set_so_tell(s3: S3Parts) -> None:
    place = {"Bucket": "data", "Key": "a"}
    put_object(s3, {**place, "Body": s3.body(b"1")})
    assert shown(s3) == {}
    switch(s3, _ON)
    assert shown(s3) == _ON
    switch(s3, {})
    assert shown(s3) == {}
    put_object(s3, {**place, "Body": s3.body(b"2")})
    assert told(s3) == []


def test_a_bucket_that_is_gone_takes_its_setting_along(s3: S3Parts) -> None:
    switch(s3, _ON)
    delete_bucket(s3, {"Bucket": "data"})
    create_bucket(s3, {"Bucket": "data"})
    assert shown(s3) == {}


def test_what_there_is_not(s3: S3Parts) -> None:
    queue = {"QueueConfigurations": [{"QueueArn": "arn:aws:sqs:r:a:q", "Events": ["s3:*"]}]}
    with pytest.raises(FeatureNotImplemented, match="QueueConfigurations"):
        switch(s3, {**_ON, **queue})
    assert shown(s3) == {}
    with pytest.raises(NoSuchBucket):
        switch(s3, _ON, bucket="none")
