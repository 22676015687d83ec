"""The names in directories, sorted as S3 sorts keys.

A page of a listing needs a directory's names in order, so all of them, however few it shows. For
large directories they are remembered, so that the next page does not read them again. A directory
changes its modification time with every name that comes or goes; once it has rested longer than
any clock's tick, an unchanged time means unchanged names.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from glueball.stores.object_keys import is_side_file, is_storable, part_of

#: names; smaller directories are read faster than they are worth remembering
_LARGE = 2_000
#: names in all that are remembered: some 30 MB
_MOST = 300_000
#: the coarsest time that a file system keeps is that of FAT, 2 s
_AT_REST_NS = 3 * 10**9


class DirectoryNames:
    """Reads directories, and remembers large ones. Threads may share it."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, int], tuple[int, list[str]]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, descriptor: int) -> Sequence[str]:
        """Return the parts of keys that an open directory holds, in order.

        A slash follows those of directories, and takes part in the order. Left out are symbolic
        links, which lead out of the bucket, and what is neither file nor directory; Hadoop's
        checksum files; names that are no Unicode text.
        """
        status = os.fstat(descriptor)
        identity = (status.st_dev, status.st_ino)
        with self._lock:
            mtime_ns, names = self._known.get(identity, (None, []))
            if mtime_ns == status.st_mtime_ns:
                self._known.move_to_end(identity)
                return names
        with os.scandir(descriptor) as entries:
            names = sorted(_visible(entries))
        if len(names) >= _LARGE and time.time_ns() - status.st_mtime_ns > _AT_REST_NS:
            self._remember(identity, status.st_mtime_ns, names)
        return names

    def _remember(self, identity: tuple[int, int], mtime_ns: int, names: list[str]) -> None:
        with self._lock:
            self._known[identity] = (mtime_ns, names)
            self._known.move_to_end(identity)
            while sum(len(known) for _, known in self._known.values()) > _MOST:
                self._known.popitem(last=False)


def _visible(entries: Iterator[os.DirEntry[str]]) -> Iterator[str]:
    for entry in entries:
        name = entry.name
        if not name.isascii() and not is_storable(name):
            continue
        if entry.is_file(follow_symlinks=False):
            part = part_of(name)
            if part and not is_side_file(name):
                yield part
        elif entry.is_dir(follow_symlinks=False):
            yield part_of(name) + "/"
