"""Objects of the real service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, IncompleteReadError
from botocore.response import StreamingBody

from glueball.crawl.client import Patience
from glueball.crawl.errors import MissingBucket, ServiceRefused, ServiceUnreachable
from glueball.crawl.objects import FoundObject, ObjectGone, S3Objects
from support.service_process import ServiceProcess

#: for what is read by S3 alone
NO_CALLS: Any = None


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Botocore's client of a service with a few objects."""
    process = ServiceProcess(tmp_path_factory.mktemp("service") / "home")
    try:
        made = process.start().client("s3")
        made.create_bucket(Bucket="data")
        for key in ("a b&ü+%41", "many/0", "many/1", "many/2"):
            made.put_object(Bucket="data", Key=key, Body=b"0123456789")
        yield made
        made.close()
    finally:
        process.close()


def found(key: str, size: int = 10, bucket: str = "data") -> FoundObject:
    return FoundObject(bucket=bucket, key=key, size=size)


def impatient() -> Patience:
    return Patience(restart_seconds=0.0)


def test_listing(client: Any) -> None:
    objects = S3Objects(client, NO_CALLS)
    etag = md5(b"0123456789").hexdigest()
    assert list(objects.list("data", "")) == [
        replace(found(key), etag=etag) for key in ("a b&ü+%41", "many/0", "many/1", "many/2")
    ]
    assert list(objects.list("data", "many/1")) == [replace(found("many/1"), etag=etag)]
    assert list(objects.list("data", "none")) == []
    assert [one.key for one in objects.list("data", "many", most=2)] == ["many/0", "many/1"]
    assert found("a/b").location == "s3://data/a/b"


def test_long_listings_have_several_pages(client: Any) -> None:
    class SmallPages:
        """A client whose pages have two objects."""

        def __init__(self) -> None:
            self.pages = 0

        def list_objects_v2(self, **request: Any) -> Any:
            self.pages += 1
            return client.list_objects_v2(**request, MaxKeys=2)

    small = SmallPages()
    keys = [one.key for one in S3Objects(small, NO_CALLS).list("data", "")]
    assert keys == ["a b&ü+%41", "many/0", "many/1", "many/2"]
    assert small.pages == 2


def test_listing_a_bucket_that_is_not_there(client: Any) -> None:
    with pytest.raises(MissingBucket, match="There is no bucket other"):
        list(S3Objects(client, NO_CALLS).list("other", ""))


@pytest.mark.parametrize(
    ("start", "length", "content"),
    [(0, 10, b"0123456789"), (3, 2, b"34"), (9, 1, b"9"), (8, 100, b"89")],
)
def test_reading(client: Any, start: int, length: int, content: bytes) -> None:
    assert S3Objects(client, NO_CALLS).read(found("a b&ü+%41"), start, length) == content


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(found("other"), id="deleted"),
        pytest.param(found("a", bucket="other"), id="its bucket deleted"),
        pytest.param(found("many/0", size=20), id="shorter than it was"),
    ],
)
def test_reading_objects_that_are_gone(client: Any, gone: FoundObject) -> None:
    with pytest.raises(ObjectGone, match=gone.location):
        S3Objects(client, NO_CALLS).read(gone, 15, 5)


class Refusing:
    """A client that is refused whatever it asks."""

    def list_objects_v2(self, **_request: Any) -> Any:
        raise _refusal()

    def get_object(self, **_request: Any) -> Any:
        raise _refusal()


def _refusal() -> ClientError:
    return ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "X")


@pytest.mark.parametrize(
    ("ask", "operation"),
    [
        (lambda objects: list(objects.list("data", "")), "ListObjectsV2"),
        (lambda objects: objects.read(found("a"), 0, 1), "GetObject"),
    ],
)
def test_refusals_are_told(ask: Callable[[S3Objects], Any], operation: str) -> None:
    with pytest.raises(ServiceRefused, match=f"{operation} was refused: not you") as raised:
        ask(S3Objects(Refusing(), NO_CALLS, impatient()))
    assert raised.value.code == "AccessDenied"


def test_answers_that_are_cut_off_are_asked_for_again(tmp_path: Path) -> None:
    """Five bytes are promised, and the connection ends after three."""
    path = tmp_path / "body"
    path.write_bytes(b"abc")

    class Cut:
        def __init__(self) -> None:
            self.bodies: list[Any] = []

        def get_object(self, **_request: Any) -> Any:
            raw = path.open("rb")
            self.bodies.append(raw)
            promised = 5 if len(self.bodies) == 1 else 3
            return {"Body": StreamingBody(raw, promised)}

    client = Cut()
    objects = S3Objects(client, NO_CALLS, Patience(pause=lambda _: None))
    assert objects.read(found("a"), 0, 3) == b"abc"
    assert [body.closed for body in client.bodies] == [True, True]
    with pytest.raises(ServiceUnreachable) as raised:
        S3Objects(Cut(), NO_CALLS, impatient()).read(found("a"), 0, 3)
    assert isinstance(raised.value.__cause__, IncompleteReadError)
