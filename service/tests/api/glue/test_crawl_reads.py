from __future__ import annotations

import os

import pytest

from glueball.api.context import Context
from glueball.api.crawl_reads import read_beginnings
from glueball.stores.object_errors import NoSuchBucket


def test_beginnings_come_in_the_order_of_the_keys(context: Context) -> None:
    bucket = context.objects.root / "lake"
    context.objects.create_bucket("lake", region="us-east-1", now=0.0)
    (bucket / "day=1").mkdir()
    (bucket / "day=1" / "a").write_bytes(b"0123456789")
    (bucket / "b").write_bytes(b"01")
    (bucket / "empty").write_bytes(b"")
    outside = context.objects.root.parent / "secret"
    outside.write_bytes(b"secret")
    os.symlink(outside, bucket / "link")
    os.symlink(outside.parent, bucket / "links")
    keys = ["day=1/a", "b", "empty", "gone", "no/folder", "day=1", "day=1/", "day=1/a"]
    hostile = ["link", "links/secret", "../secret", "day=1/../../secret"]
    answer = read_beginnings(context, {"Bucket": "lake", "Keys": keys + hostile, "Length": 4})
    assert [one.get("Data") for one in answer["Beginnings"]] == [
        b"0123", b"01", b"", None, None, None, None, b"0123", *[None] * len(hostile),
    ]  # fmt: skip


def test_a_bucket_that_is_not_there(context: Context) -> None:
    with pytest.raises(NoSuchBucket):
        read_beginnings(context, {"Bucket": "gone", "Keys": ["a"], "Length": 4})
