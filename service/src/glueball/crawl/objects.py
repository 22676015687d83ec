"""Objects in S3: listing them, and reading parts of them."""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from glueball.crawl.client import Patience, code_of, message_of
from glueball.crawl.errors import MissingBucket, ServiceRefused
from glueball.crawl.private_calls import PrivateCalls

#: of each object, what `beginnings` returns at most
FIRST_BYTES: Final = 64 * 1024
_TARGET: Final = "GlueballCrawl.ReadBeginnings"


class ObjectGone(Exception):
    """An object that was listed is no longer there, or has got shorter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundObject:
    """An object of a listing."""

    bucket: str
    key: str
    size: int  #: bytes
    etag: str = ""  #: as listed

    @property
    def location(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class Objects(Protocol):
    """The objects that a crawl may look at. Several threads read at once."""

    def list(self, bucket: str, prefix: str, most: int | None = None) -> Iterator[FoundObject]:
        """Yield the objects whose keys begin so, in order of the keys.

        Args:
            bucket: where they are.
            prefix: what their keys begin with.
            most: how many to yield, a page at most: 1000; None for all.

        Raises:
            MissingBucket: there is no such bucket.
            ServiceUnreachable: nobody answered for a minute.
        """

    def beginnings(self, files: Sequence[FoundObject]) -> Sequence[bytes | None]:
        """Return the first `FIRST_BYTES` of objects, or all; None for each that has gone.

        Args:
            files: of one bucket, a thousand at most.

        Raises:
            ServiceUnreachable: nobody answered for a minute.
        """

    def read(self, found: FoundObject, start: int, length: int) -> bytes:
        """Return bytes of an object.

        Args:
            found: the object.
            start: the first byte's place; it is inside the object.
            length: how many bytes; less are returned where the object ends before.

        Raises:
            ObjectGone: it was deleted, or replaced by a shorter one.
            ServiceUnreachable: nobody answered for a minute.
        """


class S3Objects:
    """Objects of the service's S3.

    Args:
        client: botocore's client of S3.
        calls: of the service's private operations.
        patience: waits for a service that restarts.
    """

    def __init__(self, client: Any, calls: PrivateCalls, patience: Patience | None = None) -> None:
        self._client = client
        self._calls = calls
        self._patience = patience or Patience()

    def list(self, bucket: str, prefix: str, most: int | None = None) -> Iterator[FoundObject]:
        """Yield the objects whose keys begin so, as the protocol says."""
        request: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
        if most is not None:
            request["MaxKeys"] = most
        while True:
            page = self._page(request)
            for one in page.get("Contents", ()):
                yield FoundObject(
                    bucket=bucket, key=one["Key"], size=one["Size"], etag=one["ETag"].strip('"')
                )
            if most is not None or not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def _page(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            page: dict[str, Any] = self._patience.call(
                "ListObjectsV2", lambda: self._client.list_objects_v2(**request)
            )
        except ClientError as error:
            if code_of(error) == "NoSuchBucket":
                raise MissingBucket(request["Bucket"]) from error
            raise ServiceRefused("ListObjectsV2", code_of(error), message_of(error)) from error
        return page

    def beginnings(self, files: Sequence[FoundObject]) -> Sequence[bytes | None]:
        """Return the first bytes of objects, as the protocol says."""
        request = {
            "Bucket": files[0].bucket,
            "Keys": [file.key for file in files],
            "Length": FIRST_BYTES,
        }
        try:
            answer = self._calls.call(_TARGET, request)
        except ServiceRefused as error:
            if error.code == "NoSuchBucket":
                return [None] * len(files)
            raise
        return [
            binascii.a2b_base64(beginning["Data"]) if "Data" in beginning else None
            for beginning in answer["Beginnings"]
        ]

    def read(self, found: FoundObject, start: int, length: int) -> bytes:
        """Return bytes of an object, as the protocol says."""
        request = {
            "Bucket": found.bucket,
            "Key": found.key,
            "Range": f"bytes={start}-{start + length - 1}",
        }
        try:
            return self._patience.call("GetObject", lambda: self._content(request))
        except ClientError as error:
            if code_of(error) in ("NoSuchKey", "NoSuchBucket", "InvalidRange", "404", "416"):
                raise ObjectGone(found.location) from error
            raise ServiceRefused("GetObject", code_of(error), message_of(error)) from error

    def _content(self, request: dict[str, Any]) -> bytes:
        # Not `with body`, which gives the stream within: that does not see an answer cut off.
        with closing(self._client.get_object(**request)["Body"]) as body:
            content: bytes = body.read()
        return content
