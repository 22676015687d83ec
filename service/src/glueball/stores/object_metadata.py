"""The rows beside the files: what a client said of an object when it stored it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa

from glueball.stores.database import Database
from glueball.stores.object_tables import bucket_settings, buckets, folders, objects

#: keys asked for in one statement; SQLite allows 32,766 parameters
_CHUNK = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Attributes:
    """What S3 remembers of an object beside its bytes."""

    content_type: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    content_disposition: str | None = None
    cache_control: str | None = None
    expires: float | None = None
    website_redirect: str | None = None
    storage_class: str = "STANDARD"
    #: user metadata, without the `x-amz-meta-` prefix
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    #: base64 digests by algorithm (CRC32, …); of the parts' digests where the type is COMPOSITE
    checksums: Mapping[str, str] = field(default_factory=dict)
    checksum_type: str | None = None  #: FULL_OBJECT or COMPOSITE
    #: bytes of each part of a multipart upload, in order; empty for a single put
    part_sizes: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """How a row knows its file again."""

    size: int  #: bytes
    mtime_ns: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A row of an object."""

    identity: Identity
    etag: str  #: without quotes
    attributes: Attributes


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketRecord:
    """A row of a bucket."""

    created: float  #: epoch seconds
    region: str


class ObjectMetadata:
    """Queries on the rows of buckets, objects and folder markers.

    Args:
        database: opened with `objects_metadata` among its tables.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    # Buckets

    def bucket(self, name: str) -> BucketRecord | None:
        """Return what is recorded of a bucket; None for a directory that somebody else made."""
        query = sa.select(buckets).where(buckets.c.name == name)
        with self.database.read() as connection:
            row = connection.execute(query).first()
        return BucketRecord(created=row.created, region=row.region) if row else None

    def add_bucket(self, name: str, record: BucketRecord) -> None:
        """Record a bucket; what was recorded of a former one of that name is forgotten."""
        with self.database.write() as connection:
            _forget_bucket(connection, name)
            connection.execute(
                sa.insert(buckets).values(name=name, created=record.created, region=record.region)
            )

    def forget_bucket(self, name: str) -> None:
        """Take all rows of a bucket away."""
        with self.database.write() as connection:
            _forget_bucket(connection, name)

    def clear(self) -> None:
        """Take every row away."""
        with self.database.write() as connection:
            for table in (buckets, bucket_settings, objects, folders):
                connection.execute(sa.delete(table))

    # Objects

    def record(self, bucket: str, key: str, identity: Identity) -> Record | None:
        """Return the row of the file that has this identity."""
        query = sa.select(objects.c.etag, objects.c.attributes).where(
            *_of(objects, bucket, key), *_is(identity)
        )
        with self.database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return Record(identity=identity, etag=row.etag, attributes=_decode(row.attributes))

    def records(self, bucket: str, keys: Collection[str]) -> dict[tuple[str, Identity], Record]:
        """Return the rows of many keys, by key and identity."""
        found: dict[tuple[str, Identity], Record] = {}
        with self.database.read() as connection:
            for chunk in _chunks(keys):
                query = sa.select(objects).where(
                    objects.c.bucket == bucket, objects.c.key.in_(chunk)
                )
                for row in connection.execute(query):
                    identity = Identity(size=row.size, mtime_ns=row.mtime_ns)
                    found[row.key, identity] = Record(
                        identity=identity, etag=row.etag, attributes=_decode(row.attributes)
                    )
        return found

    def announce(self, bucket: str, key: str, record: Record, *, current: Identity | None) -> None:
        """Add the row of a file that is about to appear under a key.

        Until the file is renamed into place the row of the current one stays, so that readers see
        either the old object whole or the new one whole, and a crash in between loses neither.
        """
        stale = sa.delete(objects).where(*_of(objects, bucket, key))
        if current is not None and current != record.identity:
            stale = stale.where(sa.not_(sa.and_(*_is(current))))
        with self.database.write() as connection:
            connection.execute(stale)
            connection.execute(
                sa.insert(objects).values(
                    bucket=bucket,
                    key=key,
                    size=record.identity.size,
                    mtime_ns=record.identity.mtime_ns,
                    etag=record.etag,
                    attributes=msgspec.json.encode(record.attributes),
                )
            )

    def forget(self, bucket: str, files: Collection[tuple[str, Identity]]) -> None:
        """Take the rows of files away, each named by its key and identity."""
        statement = sa.delete(objects).where(
            objects.c.bucket == bucket,
            objects.c.key == sa.bindparam("gone_key"),
            objects.c.size == sa.bindparam("gone_size"),
            objects.c.mtime_ns == sa.bindparam("gone_mtime_ns"),
        )
        gone = [
            {"gone_key": key, "gone_size": file.size, "gone_mtime_ns": file.mtime_ns}
            for key, file in files
        ]
        if gone:
            with self.database.write() as connection:
                connection.execute(statement, gone)

    # Folder markers

    def folder(self, bucket: str, key: str) -> Record | None:
        """Return the row of a folder marker."""
        query = sa.select(folders).where(*_of(folders, bucket, key))
        with self.database.read() as connection:
            row = connection.execute(query).first()
        return _folder(row) if row else None

    def folders(self, bucket: str, keys: Collection[str]) -> dict[str, Record]:
        """Return the rows of many folder markers, by key."""
        found: dict[str, Record] = {}
        with self.database.read() as connection:
            for chunk in _chunks(keys):
                query = sa.select(folders).where(
                    folders.c.bucket == bucket, folders.c.key.in_(chunk)
                )
                found.update((row.key, _folder(row)) for row in connection.execute(query))
        return found

    def folder_keys(self, bucket: str, start: str, limit: int) -> list[str]:
        """Return the next `limit` markers' keys from `start` on, in order."""
        query = (
            sa.select(folders.c.key)
            .where(folders.c.bucket == bucket, folders.c.key >= start)
            .order_by(folders.c.key)
            .limit(limit)
        )
        with self.database.read() as connection:
            return list(connection.execute(query).scalars())

    def set_folder(self, bucket: str, key: str, attributes: Attributes, *, mtime_ns: int) -> None:
        """Record a folder marker, instead of the one that was there."""
        with self.database.write() as connection:
            connection.execute(sa.delete(folders).where(*_of(folders, bucket, key)))
            connection.execute(
                sa.insert(folders).values(
                    bucket=bucket,
                    key=key,
                    mtime_ns=mtime_ns,
                    attributes=msgspec.json.encode(attributes),
                )
            )

    def forget_folder(self, bucket: str, key: str) -> None:
        """Take the row of a folder marker away."""
        with self.database.write() as connection:
            connection.execute(sa.delete(folders).where(*_of(folders, bucket, key)))


#: md5 of no bytes
_EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"


def _folder(row: sa.Row[tuple[object, ...]]) -> Record:
    return Record(
        identity=Identity(size=0, mtime_ns=row.mtime_ns),
        etag=_EMPTY_ETAG,
        attributes=_decode(row.attributes),
    )


def _decode(raw: bytes) -> Attributes:
    return msgspec.json.decode(raw, type=Attributes)


def _of(table: sa.Table, bucket: str, key: str) -> Iterator[sa.ColumnElement[bool]]:
    yield table.c.bucket == bucket
    yield table.c.key == key


def _is(identity: Identity) -> Iterator[sa.ColumnElement[bool]]:
    yield objects.c.size == identity.size
    yield objects.c.mtime_ns == identity.mtime_ns


def _forget_bucket(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.delete(buckets).where(buckets.c.name == name))
    connection.execute(sa.delete(bucket_settings).where(bucket_settings.c.bucket == name))
    connection.execute(sa.delete(objects).where(objects.c.bucket == name))
    connection.execute(sa.delete(folders).where(folders.c.bucket == name))


def _chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    every = list(keys)
    for start in range(0, len(every), _CHUNK):
        yield every[start : start + _CHUNK]
