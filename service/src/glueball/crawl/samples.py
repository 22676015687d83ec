"""The beginnings of files, unpacked: as much as a classifier needs, never a whole large file.

AWS's crawlers look at the first megabyte, and at up to ten where that holds no whole record:
AWS's knowledge center, "How does the AWS Glue crawler detect the schema?".
"""

from __future__ import annotations

import bz2
import io
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from glueball.crawl.kinds import NO_COMPRESSION
from glueball.crawl.objects import FIRST_BYTES, FoundObject, ObjectGone, Objects

MEGABYTE: Final = 1024 * 1024
#: as far as a classifier may look for the end of the first record
FARTHEST: Final = 10 * MEGABYTE

#: packed bytes that are unpacked at once
_PIECE: Final = 1024

_GZIP: Final = b"\x1f\x8b"
#: the size of the blocks, and what a block or an end begins with
_BZIP: Final = re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)")


class _Unpacker(Protocol):
    """What zlib and bz2 have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


_UNPACKERS: Final[Mapping[str, Callable[[], _Unpacker]]] = {
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "bzip2": bz2.BZ2Decompressor,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Beginning:
    """The first bytes of a file, unpacked."""

    data: bytes
    packed: int  #: how many bytes of the file they take up, about
    complete: bool  #: whether the file has no more


class Sample:
    """One file, of which the beginning is looked at. Not for several threads.

    Args:
        objects: where it is.
        found: the object.
        first: its first bytes, where they have been read already.
    """

    def __init__(self, objects: Objects, found: FoundObject, first: bytes = b"") -> None:
        self._objects = objects
        self._found = found
        self._read = first[: found.size]
        self._compression: str | None = None
        self._unpacked: dict[int, Beginning] = {}

    @property
    def size(self) -> int:
        """Its bytes, as they are stored."""
        return self._found.size

    @property
    def magic(self) -> bytes:
        """The first bytes, as they are stored.

        Raises:
            ObjectGone: it is no longer there.
        """
        return self._stored(FIRST_BYTES)[:16]

    @property
    def compression(self) -> str:
        """How the whole file is packed: "gzip", "bzip2" or "none"."""
        if self._compression is None:
            self._compression = self._recognised_compression()
        return self._compression

    def _recognised_compression(self) -> str:
        if self.magic.startswith(_GZIP):
            return "gzip"
        if _BZIP.match(self.magic):
            return "bzip2"
        return NO_COMPRESSION

    def beginning(self, most: int = MEGABYTE) -> Beginning:
        """Return the first bytes, unpacked; where the packing is damaged, they end.

        Args:
            most: how many, unpacked, at most.

        Raises:
            ObjectGone: it is no longer there.
        """
        if self.compression == NO_COMPRESSION:
            data = self._stored(most)[:most]
            return Beginning(data=data, packed=len(data), complete=len(data) == self.size)
        if most not in self._unpacked:
            self._unpacked[most] = self._unpack(_UNPACKERS[self.compression], most)
        return self._unpacked[most]

    def _unpack(self, make: Callable[[], _Unpacker], most: int) -> Beginning:
        """Unpack small pieces, so that what they take up is known, until a byte is too many.

        A file may be several that were packed by themselves; zeros may lie between.
        """
        unpacker = make()
        data = bytearray()
        place, damaged = 0, False
        # What unpacks to nothing must not be read to its end, however long it is.
        while len(data) <= most and not damaged and place < most + FARTHEST:
            piece = self._piece(place)
            if not piece:
                break
            if unpacker.eof and piece.startswith(b"\0"):
                place += len(piece) - len(piece.lstrip(b"\0"))
                continue
            if unpacker.eof:
                unpacker = make()
            try:
                data += unpacker.decompress(piece, most + 1 - len(data))
            except (OSError, zlib.error):
                damaged = True
            place += len(piece) - len(unpacker.unused_data)
        complete = len(data) <= most and place == self.size and unpacker.eof and not damaged
        return Beginning(data=bytes(data[:most]), packed=place, complete=complete)

    def _piece(self, place: int) -> bytes:
        """Return some bytes from a place on; twice as much is read with every request."""
        end = place + _PIECE
        if end > len(self._read):
            self._stored(2 * len(self._read))
        return self._read[place:end]

    def file(self) -> RangedFile:
        """Return the file, as it is stored, as something to read anywhere in."""
        return RangedFile(self._objects, self._found, self._stored(FIRST_BYTES))

    def _stored(self, most: int) -> bytes:
        """Return at least so many of the first bytes, or all; what was read is not read again."""
        wanted = min(max(most, FIRST_BYTES), self.size)
        start = len(self._read)
        if start < wanted:
            self._read += _whole_range(self._objects, self._found, start, wanted - start)
        return self._read


def _whole_range(objects: Objects, found: FoundObject, start: int, length: int) -> bytes:
    content = objects.read(found, start, length)
    if len(content) < length:
        raise ObjectGone(found.location)
    return content


class RangedFile(io.RawIOBase):
    """An object as a file that is read by ranges: only the parts that are asked for.

    Args:
        objects: where it is.
        found: the object.
        first: its first bytes, which are not asked for again.
    """

    def __init__(self, objects: Objects, found: FoundObject, first: bytes) -> None:
        super().__init__()
        self._objects = objects
        self._found = found
        self._first = first
        self._place = 0
        #: what reading failed of; libraries that read may make another error of it
        self.fault: Exception | None = None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read anywhere."""
        return True

    def tell(self) -> int:
        """Return where the next byte comes from."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place; return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._found.size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes.

        Raises:
            ObjectGone: the object is no longer there.
        """
        left = max(0, self._found.size - self._place)
        wanted = left if size is None or size < 0 else min(size, left)
        start, end = self._place, self._place + wanted
        self._place = end
        if end <= max(start, len(self._first)):
            return self._first[start:end]
        try:
            return _whole_range(self._objects, self._found, start, wanted)
        except Exception as error:
            self.fault = error
            raise
