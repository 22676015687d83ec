"""Lists that lie on the disk: a crawl of a million files needs no more memory than one of a few."""

from __future__ import annotations

import json
import os
import tempfile
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Generic, TypeVar

_T = TypeVar("_T")

#: items that are written and read together
_CHUNK: Final = 500


class Spool(Generic[_T]):
    """A list of JSON values, in a file without a name: it goes when the list does.

    Args:
        directory: where the file lies; None: where the system has its temporary files.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._file, name = tempfile.mkstemp(dir=directory, prefix=".spool-")
        weakref.finalize(self, os.close, self._file)
        os.unlink(name)
        self._starts = [0]  # of each chunk in the file, and the end
        self._pending: list[_T] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, item: _T) -> None:
        """Add an item."""
        self._pending.append(item)
        self._count += 1
        if len(self._pending) >= _CHUNK:
            self._write(self._pending)
            self._pending = []

    def extend(self, items: Iterable[_T]) -> None:
        """Add items."""
        for item in items:
            self.append(item)

    def __iter__(self) -> Iterator[_T]:
        for chunk in self.chunks():
            yield from chunk

    def chunks(self, first: int = 0) -> Iterator[list[_T]]:
        """Yield the items in the lists that they were written in.

        Args:
            first: the number of the first of these.
        """
        for number in range(first, len(self._starts) - 1):
            start = self._starts[number]
            yield json.loads(os.pread(self._file, self._starts[number + 1] - start, start))
        if self._pending:
            yield list(self._pending)

    def _write(self, chunk: list[_T]) -> None:
        content = memoryview(json.dumps(chunk, separators=(",", ":")).encode())
        self._starts.append(self._starts[-1] + len(content))
        while content:
            content = content[os.write(self._file, content) :]


class SortedTexts(Spool[str]):
    """Texts in order, in which one can look up where a text would stand.

    They must be added in order.
    """

    def __init__(self, directory: Path | None = None) -> None:
        super().__init__(directory)
        self._firsts: list[str] = []

    def _write(self, chunk: list[str]) -> None:
        super()._write(chunk)
        self._firsts.append(chunk[0])

    def ceiling(self, text: str) -> str | None:
        """Return the first text that is not smaller than another; None where there is none."""
        for chunk in self.chunks(max(0, bisect_right(self._firsts, text) - 1)):
            place = bisect_left(chunk, text)
            if place < len(chunk):
                return chunk[place]
        return None
