"""Multipart uploads: parts wait as files in `.uploads/<upload id>/` until they are put together."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import sqlalchemy as sa

from glueball.stores import object_files as files
from glueball.stores.database import Database
from glueball.stores.object_errors import NoSuchUpload
from glueball.stores.object_faults import explained
from glueball.stores.object_metadata import Attributes
from glueball.stores.object_tables import upload_parts, uploads

_LOCKS = 64
_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """An upload that was begun, and neither completed nor aborted."""

    id: str
    bucket: str
    key: str
    initiated: float  #: epoch seconds
    checksum_algorithm: str | None  #: CRC32, …; None where the client named none
    attributes: Attributes  #: of the object to be


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A part of an upload."""

    number: int  #: 1 to 10,000
    size: int  #: bytes
    etag: str  #: the md5 of its bytes, hex
    modified: float  #: epoch seconds
    checksums: Mapping[str, str]  #: base64 digests by algorithm
    file: str  #: its name in the upload's directory


class UploadStore:
    """Uploads and their parts, durable across restarts.

    Args:
        root: the object store's directory.
        database: opened with `objects_metadata` among its tables.
    """

    def __init__(self, root: Path, database: Database) -> None:
        self._root = root
        self._directory = root / ".uploads"
        self._database = database
        self._locks = tuple(threading.Lock() for _ in range(_LOCKS))

    @contextmanager
    def held(self, upload_id: str) -> Iterator[None]:
        """Keep others from adding parts to an upload, completing it or aborting it."""
        with self._locks[hash(upload_id) % _LOCKS]:
            yield

    def create(
        self,
        bucket: str,
        key: str,
        attributes: Attributes,
        *,
        checksum_algorithm: str | None,
        now: float,
    ) -> Upload:
        """Begin an upload."""
        upload = Upload(
            id=secrets.token_hex(32),
            bucket=bucket,
            key=key,
            initiated=now,
            checksum_algorithm=checksum_algorithm,
            attributes=attributes,
        )
        with explained(self._root):
            (self._directory / upload.id).mkdir(parents=True, mode=0o700)
        with self._database.write() as connection:
            connection.execute(
                sa.insert(uploads).values(
                    id=upload.id,
                    bucket=bucket,
                    key=key,
                    initiated=now,
                    checksum_algorithm=checksum_algorithm,
                    attributes=msgspec.json.encode(attributes),
                )
            )
        return upload

    def get(self, upload_id: str, bucket: str, key: str) -> Upload:
        """Return an upload.

        Raises:
            NoSuchUpload: there is none of this id for this key.
        """
        query = sa.select(uploads).where(
            uploads.c.id == upload_id, uploads.c.bucket == bucket, uploads.c.key == key
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NoSuchUpload(upload_id)
        return _upload(row)

    def page(self, bucket: str, *, prefix: str, after: tuple[str, str], limit: int) -> list[Upload]:
        """Return uploads to a bucket in order of key, then of id.

        Args:
            bucket: the bucket.
            prefix: only keys that begin so.
            after: only those behind this key and this id.
            limit: how many at most.
        """
        key, upload_id = after
        query = (
            sa.select(uploads)
            .where(
                uploads.c.bucket == bucket,
                uploads.c.key >= max(prefix, key),
                sa.func.substr(uploads.c.key, 1, len(prefix)) == prefix,
                sa.or_(uploads.c.key > key, uploads.c.id > upload_id),
            )
            .order_by(uploads.c.key, uploads.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_upload(row) for row in connection.execute(query)]

    def put_part(self, upload: Upload, source: Path, part: Part) -> None:
        """Keep a part, instead of the one that had its number; its file is renamed.

        Args:
            upload: its upload.
            source: a file in the object store's `incoming`, complete.
            part: what it is; `file` is a name that no other part has.

        Raises:
            NoSuchUpload: the upload was completed or aborted meanwhile.
        """
        with explained(self._root):
            files.seal(source)
            with self.held(upload.id):
                self.get(upload.id, upload.bucket, upload.key)
                source.rename(self._directory / upload.id / part.file)
                former = self._replace_part(upload.id, part)
                if former is not None:
                    (self._directory / upload.id / former).unlink(missing_ok=True)

    def parts(self, upload: Upload, *, after: int = 0, limit: int = 10_000) -> list[Part]:
        """Return the parts of an upload behind a number, in order."""
        query = (
            sa.select(upload_parts)
            .where(upload_parts.c.upload_id == upload.id, upload_parts.c.number > after)
            .order_by(upload_parts.c.number)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_part(row) for row in connection.execute(query)]

    def assemble(self, upload: Upload, parts: Sequence[Part], target: Path) -> None:
        """Put parts together in a new file; the parts stay. The caller holds the upload."""
        try:
            with explained(self._root), target.open("xb") as whole:
                for part in parts:
                    with (self._directory / upload.id / part.file).open("rb") as piece:
                        shutil.copyfileobj(piece, whole, _COPY_BYTES)
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    def forget(self, upload: Upload) -> None:
        """Take an upload and its parts away. The caller holds it."""
        with self._database.write() as connection:
            connection.execute(sa.delete(upload_parts).where(upload_parts.c.upload_id == upload.id))
            connection.execute(sa.delete(uploads).where(uploads.c.id == upload.id))
        self._delete_files(upload.id)

    def forget_bucket(self, bucket: str) -> None:
        """Take all uploads to a bucket away."""
        while found := self.page(bucket, prefix="", after=("", ""), limit=1000):
            for upload in found:
                with self.held(upload.id):
                    self.forget(upload)

    def clear(self) -> None:
        """Take every upload away."""
        with self._database.write() as connection:
            connection.execute(sa.delete(upload_parts))
            connection.execute(sa.delete(uploads))
        with explained(self._root):
            shutil.rmtree(self._directory, ignore_errors=True)

    def sweep(self) -> None:
        """Delete the parts of uploads that are over; for the start of the service only."""
        with self._database.read() as connection:
            known = set(connection.execute(sa.select(uploads.c.id)).scalars())
        if self._directory.is_dir():
            for directory in self._directory.iterdir():
                if directory.name not in known:
                    self._delete_files(directory.name)

    def _replace_part(self, upload_id: str, part: Part) -> str | None:
        """Record a part; return the file of the one that had its number."""
        same = (upload_parts.c.upload_id == upload_id, upload_parts.c.number == part.number)
        with self._database.write() as connection:
            former = connection.execute(sa.select(upload_parts.c.file).where(*same)).scalar()
            connection.execute(sa.delete(upload_parts).where(*same))
            connection.execute(
                sa.insert(upload_parts).values(
                    upload_id=upload_id,
                    number=part.number,
                    size=part.size,
                    etag=part.etag,
                    modified=part.modified,
                    file=part.file,
                    checksums=msgspec.json.encode(part.checksums),
                )
            )
        return former

    def _delete_files(self, upload_id: str) -> None:
        # what is left of an upload that is over is swept at the next start
        shutil.rmtree(self._directory / upload_id, ignore_errors=True)


def _upload(row: sa.Row[tuple[object, ...]]) -> Upload:
    return Upload(
        id=row.id,
        bucket=row.bucket,
        key=row.key,
        initiated=row.initiated,
        checksum_algorithm=row.checksum_algorithm,
        attributes=msgspec.json.decode(row.attributes, type=Attributes),
    )


def _part(row: sa.Row[tuple[object, ...]]) -> Part:
    return Part(
        number=row.number,
        size=row.size,
        etag=row.etag,
        modified=row.modified,
        checksums=msgspec.json.decode(row.checksums, type=dict[str, str]),
        file=row.file,
    )
