"""The object store: S3's buckets and objects as plain directories and files.

`<root>/<bucket>/<key>` is the object's file, so Spark reads and writes the same objects through
Hadoop's local file system, with no server between. What a file cannot say (content type, user
metadata, entity tag) is a row beside it; see object_tables.py. Under names that no bucket can
have, `.incoming/` holds files that are not objects yet and `.uploads/` the parts of multipart
uploads (see uploads.py), on the same file system, so that they become objects by a rename.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from glueball.core.errors import ServiceUnavailable
from glueball.core.s3_names import bucket_name_problem
from glueball.stores import object_files as files
from glueball.stores.directory_names import DirectoryNames
from glueball.stores.object_errors import (
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    InvalidArgument,
    NoSuchBucket,
    NoSuchKey,
)
from glueball.stores.object_faults import check_present, explained
from glueball.stores.object_keys import (
    KeyPath,
    check_bucket_name,
    is_storable,
    parse_key,
    parse_readable,
    prefix_of,
)
from glueball.stores.object_listing import Identities, KeyPage, KeyWalk, page_of
from glueball.stores.object_metadata import (
    Attributes,
    BucketRecord,
    Identity,
    ObjectMetadata,
    Record,
)
from glueball.stores.stored_objects import (
    ObjectPage,
    StoredObject,
    derived_record,
    stored_object,
)
from glueball.stores.uploads import UploadStore

#: writers of one key wait for each other; keys share a lock where their hashes meet
_LOCKS = 256
_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """A bucket."""

    name: str
    created: float  #: epoch seconds
    region: str | None  #: None for a directory that was not made through the API


#: says whether a write may happen, by raising; it is given the object that is there now
Check = Callable[[StoredObject | None], None]


def unconditionally(_current: StoredObject | None) -> None:
    """Let any write happen."""


class ObjectStore:
    """Buckets and objects below a directory.

    Every method raises ServiceUnavailable, and has changed nothing, where the disk is full, cannot
    be written, or was taken away. A method that is given a bucket raises NoSuchBucket and
    InvalidBucketName.

    Args:
        root: the directory; made if it is missing.
        metadata: the rows beside the files.
    """

    def __init__(self, root: Path, metadata: ObjectMetadata) -> None:
        self.root = root
        self.metadata = metadata
        self.uploads = UploadStore(root, metadata.database)
        self._locks = tuple(threading.Lock() for _ in range(_LOCKS))
        self._folder_lock = threading.Lock()
        self._names = DirectoryNames()
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.incoming().mkdir(exist_ok=True, mode=0o700)

    # Places

    def incoming(self) -> Path:
        """Return the directory for files that may become objects; on the objects' file system."""
        return self.root / ".incoming"

    def new_file(self) -> Path:
        """Return an unused path in `incoming`."""
        with self.faults():
            self.incoming().mkdir(exist_ok=True, mode=0o700)
        return self.incoming() / secrets.token_hex(16)

    def sweep(self) -> None:
        """Delete what a killed service left in `incoming`; for the start of the service only."""
        for left in self.incoming().iterdir():
            files.delete_tree(left)
        self.uploads.sweep()

    # Buckets

    def create_bucket(self, name: str, *, region: str, now: float) -> None:
        """Create a bucket.

        Raises:
            BucketAlreadyOwnedByYou: there is one of that name.
        """
        check_bucket_name(name)
        with self.faults():
            try:
                (self.root / name).mkdir()
            except FileExistsError as error:
                raise BucketAlreadyOwnedByYou(name) from error
            files.sync_directory(self.root, ())
        self.metadata.add_bucket(name, BucketRecord(created=now, region=region))

    def bucket(self, name: str) -> Bucket:
        """Return a bucket."""
        with self.faults():
            directory = self._directory(name)
            record = self.metadata.bucket(name)
            if record is None:
                return Bucket(name=name, created=directory.stat().st_mtime, region=None)
        return Bucket(name=name, created=record.created, region=record.region)

    def buckets(self) -> list[Bucket]:
        """Return all buckets in order of their names."""
        return [self.bucket(name) for name in self._bucket_names()]

    def delete_bucket(self, name: str) -> None:
        """Delete a bucket that no object is in.

        Raises:
            BucketNotEmpty: an object is in it, or a file that no key can name.
        """
        with self.faults(), self._folder_lock:
            directory = self._directory(name)
            if next(iter(self._walk(name)), None) is not None:
                raise BucketNotEmpty(name)
            if not files.remove_hollow_directory(self.root, (directory.name,)):
                raise BucketNotEmpty(name)
        self.metadata.forget_bucket(name)
        self.uploads.forget_bucket(name)

    def clear(self) -> None:
        """Delete every bucket and object; what `glueball up --testing` offers to test suites."""
        with self.faults():
            for name in self._bucket_names():
                doomed = self.new_file()
                os.rename(self.root / name, doomed)
                shutil.rmtree(doomed)
        self.metadata.clear()
        self.uploads.clear()

    # Objects

    def head(self, bucket: str, key: str) -> StoredObject:
        """Return an object without its bytes.

        Raises:
            NoSuchKey: there is none.
        """
        path = parse_readable(key)
        with self.faults():
            found = self._find(bucket, path)
        if found is None:
            raise NoSuchKey(key)
        return found

    def get(self, bucket: str, key: str) -> tuple[StoredObject, BinaryIO]:
        """Return an object and its bytes, both of one moment; the caller closes the file.

        Raises:
            NoSuchKey: there is none.
        """
        path = parse_readable(key)
        with self.faults():
            directory = self._directory(bucket)
            if path.folder:
                return self.head(bucket, key), open(os.devnull, "rb")
            while True:
                opened = files.open_file(directory, path)
                if opened is None:
                    raise NoSuchKey(key)
                file, identity = opened
                if found := self._described(bucket, path, identity):
                    return found, file
                file.close()

    def put(
        self,
        bucket: str,
        key: str,
        source: Path,
        *,
        etag: str,
        attributes: Attributes,
        check: Check = unconditionally,
    ) -> StoredObject:
        """Make a file an object, instead of the one that was there; the file is renamed.

        Durable when it returns. Checks and writes of one key happen one after the other.

        Args:
            bucket: its bucket.
            key: its key; one that ends with a slash marks a folder and takes no bytes.
            source: a file in `incoming`, complete; nobody writes to it any more.
            etag: its entity tag, without quotes.
            attributes: what to remember of it.
            check: called with the current object before anything is changed.

        Raises:
            InvalidArgument, KeyTooLong: no file can have this key as its name.
            KeyCollision: another object's key is a directory of this one's, or the reverse.
        """
        path = parse_key(key)
        with self.faults():
            directory = self._directory(bucket)
            if path.folder:
                return self._put_folder(bucket, path, source, attributes, check)
            identity = files.seal(source)
            with self._lock(bucket, key):
                current = self._find(bucket, path)
                check(current)
                if current is not None and current.identity == identity:
                    identity = files.seal(source, unlike=identity)
                self._clear_the_way(bucket, path)
                record = Record(identity=identity, etag=etag, attributes=attributes)
                self.metadata.announce(
                    bucket, key, record, current=current.identity if current else None
                )
                try:
                    files.place(source, directory, path)
                except BaseException:
                    self.metadata.forget(bucket, [(key, identity)])
                    raise
        return stored_object(bucket, key, record)

    def take_in(self, file: BinaryIO, size: int) -> tuple[Path, str]:
        """Copy bytes into a new file in `incoming`.

        Args:
            file: read from where it stands.
            size: how many bytes at most.

        Returns:
            The new file, which is the caller's to rename or delete, and the md5 of its bytes.
        """
        path = self.new_file()
        digest = hashlib.md5(usedforsecurity=False)
        try:
            with self.faults(), path.open("xb") as copy:
                while size > 0 and (chunk := file.read(min(size, _COPY_BYTES))):
                    digest.update(chunk)
                    copy.write(chunk)
                    size -= len(chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path, digest.hexdigest()

    def set_attributes(
        self, bucket: str, key: str, change: Callable[[Attributes], Attributes]
    ) -> StoredObject:
        """Remember other attributes of an object, whose bytes and entity tag stay.

        Raises:
            NoSuchKey: there is none.
        """
        path = parse_readable(key)
        with self.faults(), self._lock(bucket, key):
            current = self._find(bucket, path)
            if current is None:
                raise NoSuchKey(key)
            record = Record(
                identity=current.identity,
                etag=current.etag,
                attributes=change(current.attributes),
            )
            if path.folder:
                self.metadata.set_folder(
                    bucket, key, record.attributes, mtime_ns=record.identity.mtime_ns
                )
            else:
                self.metadata.announce(bucket, key, record, current=None)
        return stored_object(bucket, key, record)

    def delete(self, bucket: str, key: str, *, check: Check = unconditionally) -> None:
        """Delete an object; one that is not there is none the less gone.

        The directories that held nothing else go with it, unless they are marked.

        Args:
            bucket: its bucket.
            key: its key.
            check: called with the current object before anything is changed.
        """
        self._directory(bucket)
        if not is_storable(key):
            check(None)
            return
        path = parse_key(key)
        with self.faults(), self._lock(bucket, key):
            check(self._find(bucket, path))
            gone = self._remove(bucket, path)
            if gone is not None:
                files.sync_directory(self.root / bucket, path.parents)
                self.metadata.forget(bucket, [(key, gone)])
                self._prune(bucket, path.parents)

    def delete_all(self, bucket: str, keys: Collection[str]) -> None:
        """Delete many objects; those that are not there are none the less gone."""
        directory = self._directory(bucket)
        gone: list[tuple[str, Identity]] = []
        touched: dict[tuple[str, ...], None] = {}
        with self.faults():
            for path in (parse_key(key) for key in keys if is_storable(key)):
                with self._lock(bucket, path.key):
                    identity = self._remove(bucket, path)
                if identity is not None:
                    gone.append((path.key, identity))
                    touched[path.parents] = None
            for parents in touched:
                files.sync_directory(directory, parents)
            self.metadata.forget(bucket, gone)
            for parents in touched:
                self._prune(bucket, parents)

    def page(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        after: str = "",
        limit: int = 1000,
    ) -> ObjectPage:
        """List objects in the order of their keys' UTF-8 bytes.

        Args:
            bucket: the bucket.
            prefix: only keys that begin so.
            delimiter: keys that are equal up to its first occurrence behind the prefix are rolled
                up into one common prefix; empty for none.
            after: only keys and common prefixes behind this one.
            limit: how many keys and common prefixes at most.
        """
        with self.faults():
            self._directory(bucket)
            walk = self._walk(bucket, prefix=prefix, after=after)
            page = page_of(walk, prefix=prefix, after=after, delimiter=delimiter, limit=limit)
            return ObjectPage(
                objects=tuple(self._described_all(bucket, page)),
                prefixes=page.prefixes,
                next_after=page.next_after,
            )

    # Inside

    def _bucket_names(self) -> list[str]:
        with self.faults(), os.scandir(self.root) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and bucket_name_problem(entry.name) is None
            )

    def _directory(self, bucket: str) -> Path:
        check_bucket_name(bucket)
        directory = self.root / bucket
        try:
            status = directory.lstat()
        except FileNotFoundError as error:
            check_present(self.root)
            raise NoSuchBucket(bucket) from error
        if not stat.S_ISDIR(status.st_mode):
            raise NoSuchBucket(bucket)
        return directory

    def faults(self) -> AbstractContextManager[None]:
        """Say what the disk's errors mean to a client and how to mend them."""
        return explained(self.root)

    def _lock(self, bucket: str, key: str) -> threading.Lock:
        return self._locks[hash((bucket, key)) % _LOCKS]

    def _walk(self, bucket: str, *, prefix: str = "", after: str = "") -> KeyWalk:
        return KeyWalk(
            self.root / bucket,
            names=self._names,
            prefix=prefix,
            after=after,
            folder_keys=lambda start, limit: self.metadata.folder_keys(bucket, start, limit),
        )

    def _find(self, bucket: str, path: KeyPath) -> StoredObject | None:
        directory = self._directory(bucket)
        if path.folder:
            record = self.metadata.folder(bucket, path.key)
            if record is None or not files.is_directory(directory, path):
                return None
            return stored_object(bucket, path.key, record)
        while identity := files.identify(directory, path):
            if found := self._described(bucket, path, identity):
                return found
        return None

    def _described(self, bucket: str, path: KeyPath, identity: Identity) -> StoredObject | None:
        """Describe a file; None where it was replaced meanwhile, and its row may be gone."""
        record = self.metadata.record(bucket, path.key, identity)
        if record is None:
            if files.identify(self.root / bucket, path) != identity:
                return None
            record = derived_record(path.key, identity)
        return stored_object(bucket, path.key, record)

    def _described_all(self, bucket: str, page: KeyPage) -> Iterator[StoredObject]:
        """Describe the keys of a page; those that have gone meanwhile are left out."""
        folders = self.metadata.folders(bucket, [key for key in page.keys if key[-1] == "/"])
        with Identities(self.root / bucket) as identities:
            found = {key: identities.of(key) for key in page.keys if key[-1] != "/"}
        records = self.metadata.records(bucket, found)
        for key in page.keys:
            if key in folders:
                yield stored_object(bucket, key, folders[key])
            elif identity := found.get(key):
                record = records.get((key, identity)) or derived_record(key, identity)
                yield stored_object(bucket, key, record)

    def _put_folder(
        self, bucket: str, path: KeyPath, source: Path, attributes: Attributes, check: Check
    ) -> StoredObject:
        if source.stat().st_size:
            raise InvalidArgument(
                "A key that ends with a slash marks a folder here, and holds no bytes. Take the "
                "slash away, or send an empty body.",
                ArgumentName="key",
                ArgumentValue=path.key,
            )
        with self._lock(bucket, path.key), self._folder_lock:
            check(self._find(bucket, path))
            files.make_directory(self.root / bucket, path)
            mtime_ns = time.time_ns()
            self.metadata.set_folder(bucket, path.key, attributes, mtime_ns=mtime_ns)
            found = self._find(bucket, path)
        if found is None:
            raise ServiceUnavailable(
                f"The directory '{path.key}' was deleted while it was being marked. Try again."
            )
        return found

    def _clear_the_way(self, bucket: str, path: KeyPath) -> None:
        """Delete the directory of a key if it holds no object, not even a marked folder."""
        directory = self.root / bucket
        if not files.is_directory(directory, path):
            return
        with self._folder_lock:
            if next(iter(self._walk(bucket, prefix=path.key + "/")), None) is None:
                files.remove_hollow_directory(directory, path.segments)

    def _remove(self, bucket: str, path: KeyPath) -> Identity | None:
        if not path.folder:
            return files.remove(self.root / bucket, path)
        if self.metadata.folder(bucket, path.key) is not None:
            self.metadata.forget_folder(bucket, path.key)
            self._prune(bucket, path.segments)
        return None

    def _prune(self, bucket: str, segments: tuple[str, ...]) -> None:
        """Delete a directory and those above it as far as they are empty and unmarked."""
        directory = self.root / bucket
        with self._folder_lock:
            while segments:
                key = prefix_of(segments)
                try:
                    if not files.is_empty(directory, segments):
                        return
                    if self.metadata.folder(bucket, key) is not None:
                        return
                    if not files.remove_empty_directory(directory, segments):
                        return
                except FileNotFoundError:
                    pass  # somebody else was faster; what is above may be empty now
                segments = segments[:-1]
