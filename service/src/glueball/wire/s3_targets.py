"""What an S3 request's URL names: bucket, key and query, decoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from glueball.core.errors import AwsError
from glueball.wire import canonical, hosts
from glueball.wire.head import Head


class InvalidUri(AwsError):
    code = "InvalidURI"


#: the parameters that a presigned URL ends with, in Version 4 and 2
_SIGNATURES = frozenset(("X-Amz-Signature", "Signature"))


@dataclass(frozen=True, kw_only=True, slots=True)
class S3Target:
    """The resource that a request is about."""

    bucket: str  #: "" for the service itself
    key: str  #: "" for a bucket; otherwise literally what was sent, dots and slashes included
    query: Mapping[str, str]  #: the first value of each parameter

    @property
    def level(self) -> int:
        """Return 0 for the service, 1 for a bucket, 2 for an object."""
        return 2 if self.key else 1 if self.bucket else 0


def target_of(head: Head) -> S3Target:
    """Return what a request's URL names, in path style or with the bucket in the host.

    Raises:
        InvalidUri: the URL is not percent-encoded UTF-8.
    """
    path = head.path.removeprefix(b"/")
    bucket = hosts.bucket_of(head.values.get(b"host"))
    if bucket is None:
        encoded, _, path = path.partition(b"/")
        bucket = _decoded(encoded)
    query: dict[str, str] = {}
    for name, value in canonical.query_pairs(head.query):
        query.setdefault(_decoded_query(name), _decoded_query(value))
    return S3Target(bucket=bucket, key=_decoded(path), query=query)


def headers_of(head: Head, target: S3Target) -> Mapping[bytes, bytes]:
    """Return the headers by name; those of a presigned URL may travel in its query, signed."""
    if not _SIGNATURES & target.query.keys():
        return head.values
    in_query = {
        name.lower().encode("latin-1", "replace"): value.encode()
        for name, value in target.query.items()
        if name.lower().startswith("x-amz-")
    }
    return {**in_query, **head.values}


def _decoded_query(text: bytes) -> str:
    return _decoded(text.replace(b"+", b" "))


def _decoded(text: bytes) -> str:
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidUri("Couldn't parse the specified URI: it is not UTF-8.") from error
