"""The keys of a bucket in S3's order, read from its directory tree as far as a page needs.

S3 orders keys by their UTF-8 bytes, which is the order of their code points, so Python's own order
of text. Sorting a directory by name, with a slash behind the names of directories, makes a
depth-first walk come out in that order: nothing is collected, and what lies before the page's
start or outside its prefix is never opened.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from glueball.stores.directory_names import DirectoryNames
from glueball.stores.object_files import open_in, opened, read_up_to
from glueball.stores.object_keys import directories_of, is_storable, name_of
from glueball.stores.object_metadata import Identity

#: marker keys fetched at once
_MARKERS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyPage:
    """A page of keys, and of the common prefixes that stand for keys."""

    keys: tuple[str, ...]  #: in order; those of folder markers end with a slash
    prefixes: tuple[str, ...]  #: in order
    #: the last key or prefix of the page if more follow: the next page begins behind it
    next_after: str | None


class KeyWalk:
    """A walk through the keys of a bucket, which may leave out what is not wanted.

    Args:
        bucket: the bucket's directory.
        prefix: only keys that begin so.
        after: only keys behind this one; empty for all.
        names: reads directories.
        folder_keys: `folder_keys(start, limit)` gives the next markers' keys from `start` on.
    """

    def __init__(
        self,
        bucket: Path,
        *,
        names: DirectoryNames,
        prefix: str = "",
        after: str = "",
        folder_keys: Callable[[str, int], Sequence[str]],
    ) -> None:
        self._bucket = bucket
        self._names = names
        self._prefix = prefix
        self._after = after
        self._skipped: str | None = None
        self._markers = _Markers(folder_keys)
        self._directories: list[tuple[str, Iterator[str]]] = []

    def skip(self, prefix: str) -> None:
        """Leave out every further key that begins with `prefix`."""
        self._skipped = prefix
        while self._directories and self._directories[-1][0].startswith(prefix):
            self._directories.pop()

    def __iter__(self) -> Iterator[str]:
        yield from self._enter(self._prefix[: self._prefix.rfind("/") + 1])
        while self._directories:
            key = next(self._directories[-1][1], None)
            if key is None:
                self._directories.pop()
            elif key.endswith("/"):
                yield from self._enter(key)
            elif self._is_wanted(key):
                yield key

    def _enter(self, directory: str) -> Iterator[str]:
        if not self._may_hold_wanted(directory):
            return
        if directory and not is_storable(directory):
            return
        try:
            with opened(self._bucket, directories_of(directory)) as descriptor:
                names = self._names.of(descriptor)
        except FileNotFoundError:
            return
        self._directories.append((directory, self._wanted_of(directory, names)))
        if directory and self._is_wanted(directory) and self._markers.contains(directory):
            yield directory

    def _wanted_of(self, directory: str, names: Sequence[str]) -> Iterator[str]:
        """Give the keys of sorted names, from the first to the last that may be wanted."""
        prefix = self._prefix[len(directory) :]
        start = bisect_left(names, prefix)
        if self._after.startswith(directory):
            name, slash, _ = self._after[len(directory) :].partition("/")
            start = max(start, bisect_left(names, name + slash))
        for number in range(start, len(names)):
            if not names[number].startswith(prefix):
                return
            yield directory + names[number]

    def _is_wanted(self, key: str) -> bool:
        return (
            key > self._after
            and key.startswith(self._prefix)
            and not (self._skipped is not None and key.startswith(self._skipped))
        )

    def _may_hold_wanted(self, directory: str) -> bool:
        """Whether any key below a directory can be wanted."""
        if self._skipped is not None and directory.startswith(self._skipped):
            return False
        if not (directory.startswith(self._prefix) or self._prefix.startswith(directory)):
            return False
        return directory > self._after or self._after.startswith(directory)


def page_of(walk: KeyWalk, *, prefix: str, after: str, delimiter: str, limit: int) -> KeyPage:
    """Take the next page from a walk.

    Args:
        walk: made with the same prefix and `after`.
        prefix: as the client gave it.
        after: the key or the common prefix behind which the page begins.
        delimiter: keys that are equal up to its first occurrence behind the prefix are rolled up
            into one common prefix; empty for none.
        limit: how many keys and prefixes at most.
    """
    if after and common_prefix(after, prefix, delimiter) == after:
        walk.skip(after)
    keys: list[str] = []
    prefixes: list[str] = []
    last: str | None = None
    for key in walk:
        if len(keys) + len(prefixes) == limit:
            return KeyPage(keys=tuple(keys), prefixes=tuple(prefixes), next_after=last)
        group = common_prefix(key, prefix, delimiter)
        if group is None:
            keys.append(key)
        else:
            prefixes.append(group)
            walk.skip(group)
        last = group or key
    return KeyPage(keys=tuple(keys), prefixes=tuple(prefixes), next_after=None)


def common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """Return what a key is rolled up into; None where it stands for itself."""
    if not delimiter or not key.startswith(prefix):
        return None
    found = key.find(delimiter, len(prefix))
    return None if found < 0 else key[: found + len(delimiter)]


class Identities:
    """The files of keys that come in order; the directory of the last one stays open.

    A context manager.
    """

    def __init__(self, bucket: Path) -> None:
        self._bucket = bucket
        self._directory: str | None = None
        self._descriptor: int | None = None
        self._open = ExitStack()

    def __enter__(self) -> Identities:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def of(self, key: str) -> Identity | None:
        """Return the identity of a key's file; None where it has gone."""
        directory, part = self._directory_of(key)
        if directory is None:
            return None
        try:
            status = os.stat(name_of(part), dir_fd=directory, follow_symlinks=False)
        except FileNotFoundError:
            return None
        return Identity(size=status.st_size, mtime_ns=status.st_mtime_ns)

    def beginning(self, key: str, length: int) -> bytes | None:
        """Return the first bytes of a key's file; None where there is no regular file.

        Args:
            key: of an object; one that stands for a folder has no file.
            length: how many bytes at most; fewer where the file ends before.
        """
        if not is_storable(key):
            return None
        directory, part = self._directory_of(key)
        file = None if directory is None or not part else open_in(directory, name_of(part))
        if file is None:
            return None
        try:
            return read_up_to(file, length)
        finally:
            os.close(file)

    def _directory_of(self, key: str) -> tuple[int | None, str]:
        """Open the directory of a key; return it, None where there is none, and the last part."""
        directory, slash, part = key.rpartition("/")
        if directory + slash != self._directory:
            self._change_to(directory + slash)
        return self._descriptor, part

    def _change_to(self, directory: str) -> None:
        self._open.close()
        self._directory = directory
        try:
            names = directories_of(directory)
            self._descriptor = self._open.enter_context(opened(self._bucket, names))
        except FileNotFoundError:
            self._descriptor = None


class _Markers:
    """Which directories are marked, asked in the order of their keys."""

    def __init__(self, folder_keys: Callable[[str, int], Sequence[str]]) -> None:
        self._folder_keys = folder_keys
        self._known: set[str] = set()
        self._known_until = ""  # every marker before this one is in `_known`, or is behind us
        self._exhausted = False

    def contains(self, directory: str) -> bool:
        if not self._exhausted and directory >= self._known_until:
            fetched = self._folder_keys(directory, _MARKERS)
            self._known = set(fetched)
            self._exhausted = len(fetched) < _MARKERS
            self._known_until = "" if self._exhausted else fetched[-1]
        return directory in self._known
