"""What the operations of S3 work with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from glueball.core.clock import Clock
from glueball.core.errors import AccessDenied
from glueball.stores.objects import ObjectStore

#: A request's members by their AWS names. The generated types are of no use here: they speak of
#: what boto3's users pass (open files, datetimes), and operations get `SpooledBody` and floats.
Request = Mapping[str, Any]


class S3Context(Protocol):
    """The parts of `api.context.Context` that S3 needs."""

    @property
    def account_id(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def objects(self) -> ObjectStore: ...
    @property
    def new_id(self) -> Callable[[], str]: ...
    @property
    def wake(self) -> Callable[[], None]: ...


def bucket_of(context: S3Context, request: Request) -> str:
    """Return the bucket that a request names.

    Raises:
        AccessDenied: the client expects it to belong to another account.
    """
    for member in ("ExpectedBucketOwner", "ExpectedSourceBucketOwner"):
        if request.get(member, context.account_id) != context.account_id:
            raise AccessDenied("Access Denied: the bucket belongs to another account.")
    return str(request["Bucket"])


def owner_of(context: S3Context) -> dict[str, str]:
    """Return the account as S3 names owners: by a canonical id of 64 hex digits."""
    canonical = hashlib.sha256(f"canonical user {context.account_id}".encode()).hexdigest()
    return {"ID": canonical, "DisplayName": "glueball"}
