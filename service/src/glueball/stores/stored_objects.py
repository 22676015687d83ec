"""An object as it is: its file, and its row where that still belongs to the file."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass

from glueball.stores.object_metadata import Attributes, Identity, Record


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredObject:
    """An object at one moment."""

    bucket: str
    key: str
    size: int  #: bytes
    modified: float  #: epoch seconds
    etag: str  #: without quotes
    attributes: Attributes
    identity: Identity


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectPage:
    """A page of a listing."""

    objects: tuple[StoredObject, ...]
    prefixes: tuple[str, ...]
    next_after: str | None  #: behind it the next page begins; None on the last page


def stored_object(bucket: str, key: str, record: Record) -> StoredObject:
    """Describe an object by its row."""
    return StoredObject(
        bucket=bucket,
        key=key,
        size=record.identity.size,
        modified=record.identity.mtime_ns / 1e9,
        etag=record.etag,
        attributes=record.attributes,
        identity=record.identity,
    )


def derived_record(key: str, identity: Identity) -> Record:
    """Describe a file that has no row: Spark wrote it, or a person.

    Its entity tag looks like that of a multipart upload, so no client takes it for an md5. It
    stays the same while the file does.
    """
    digest = hashlib.md5(
        f"{identity.size}:{identity.mtime_ns}".encode(), usedforsecurity=False
    ).hexdigest()
    return Record(
        identity=identity,
        etag=f"{digest}-1",
        attributes=Attributes(content_type=guessed_type(key)),
    )


def guessed_type(key: str) -> str | None:
    """Guess a content type from a key's ending; None where it says nothing."""
    content_type, encoding = mimetypes.guess_type(key)
    return None if encoding else content_type
