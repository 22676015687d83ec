"""Object stores on real files and a real database."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from glueball.stores.database import Database
from glueball.stores.object_errors import NoSuchBucket, NoSuchKey
from glueball.stores.object_metadata import Attributes, ObjectMetadata
from glueball.stores.object_tables import objects_metadata
from glueball.stores.objects import ObjectStore
from glueball.stores.stored_objects import StoredObject
from glueball.wire.bodies import SpooledBody
from support.clocks import VirtualClock


@contextmanager
def object_store(home: Path) -> Iterator[ObjectStore]:
    """Open the object store of a home directory, as a service that starts does."""
    database = Database(home / "glueball.db", extra=(objects_metadata,))
    try:
        yield ObjectStore(home / "objects", ObjectMetadata(database))
    finally:
        database.close()


def put_text(store: ObjectStore, bucket: str, key: str, text: str = "") -> StoredObject:
    """Store a small object."""
    source, etag = store.take_in(io.BytesIO(text.encode()), len(text.encode()))
    try:
        return store.put(bucket, key, source, etag=etag, attributes=Attributes())
    finally:
        source.unlink(missing_ok=True)


def exists(store: ObjectStore, bucket: str, key: str) -> bool:
    """Tell whether there is such an object, in a bucket that there is."""
    try:
        store.head(bucket, key)
    except (NoSuchBucket, NoSuchKey):
        return False
    return True


def text_of(store: ObjectStore, bucket: str, key: str) -> str:
    """Return an object's bytes as text."""
    _, file = store.get(bucket, key)
    with file:
        return file.read().decode()


def keys(store: ObjectStore, bucket: str, *, prefix: str = "") -> list[str]:
    """Return the keys of one page of a listing."""
    page = store.page(bucket, prefix=prefix)
    return [found.key for found in page.objects]


@dataclass(frozen=True, kw_only=True, slots=True)
class S3Parts:
    """A context for calling S3's operations as functions."""

    objects: ObjectStore
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(1_700_000_000.0))
    account_id: str = "123456789012"
    region: str = "us-east-1"
    new_id: Callable[[], str] = lambda: secrets.token_hex(32)
    wake: Callable[[], None] = lambda: None

    def body(self, data: bytes, **checksums: str) -> SpooledBody:
        """Return a payload as the wire spools it."""
        path, md5 = self.objects.take_in(io.BytesIO(data), len(data))
        return SpooledBody(
            path=path,
            size=len(data),
            md5=md5,
            sha256=hashlib.sha256(data).hexdigest(),
            checksums=checksums,
        )
