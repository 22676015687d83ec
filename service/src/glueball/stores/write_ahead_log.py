"""What lies in SQLite's write-ahead log, read beside SQLite.

SQLite takes a log up to its first frame whose checksum is wrong, and takes what follows for the
remains of older transactions: so a damaged byte makes it forget, without a word, all that was
committed after it. The log itself tells of that: frames behind the place carry its salts.

The format is that of https://www.sqlite.org/walformat.html.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct(">IIII8sII")  # magic, version, page size, sequence, salts, checksum
_FRAME = struct.Struct(">II8s8x")  # page, size of the database after a commit or else 0, salts
_MAGIC = 0x377F0682  #: its last bit says whether checksums are of big-endian words
#: of the index in shared memory ("WAL-Index Format"): number of frames, salts
_INDEX = struct.Struct("=16xI12x8s")
_INDEX_BYTES = 48  #: it stands there twice


@dataclass(frozen=True, kw_only=True, slots=True)
class LogFrames:
    """The frames that were written since a log began anew."""

    salts: bytes  #: 8 bytes; b"" where there is no log, or its header is damaged
    has_damaged_header: bool = False
    last: int = 0  #: number of the last frame with the log's salts, counted from 1
    commits: tuple[int, ...] = ()  #: numbers of the frames that end a transaction


@dataclass(frozen=True, kw_only=True, slots=True)
class LogPosition:
    """How far a log goes."""

    salts: bytes
    frames: int


def read_frames(path: Path) -> LogFrames:
    """Read the headers of a log's frames, damaged ones too.

    Args:
        path: `<database>-wal`; it need not exist.

    Raises:
        OSError: it cannot be read.
    """
    if not path.is_file():
        return LogFrames(salts=b"")
    with path.open("rb") as file:
        header = file.read(_HEADER.size)
        if not header.strip(b"\0"):
            return LogFrames(salts=b"")
        if not _is_header(header):
            return LogFrames(salts=b"", has_damaged_header=True)
        _, _, page_size, _, salts, *_ = _HEADER.unpack(header)
        last, commits, number = 0, [], 0
        while len(frame := file.read(_FRAME.size)) == _FRAME.size:
            number += 1
            _, size_after_commit, of = _FRAME.unpack(frame)
            if len(file.read(page_size)) < page_size:
                break  # the write was cut off
            if of == salts:
                last = number
                commits += [number] if size_after_commit else []
    return LogFrames(salts=salts, last=last, commits=tuple(commits))


def read_position(index: Path) -> LogPosition | None:
    """Return how far SQLite sees a log go.

    Args:
        index: `<database>-shm`, of a database that is open.

    Returns:
        None where there is no index, or while somebody is changing it.
    """
    try:
        with index.open("rb") as file:
            data = file.read(2 * _INDEX_BYTES)
    except FileNotFoundError:
        return None
    first, second = data[:_INDEX_BYTES], data[_INDEX_BYTES:]
    if len(second) < _INDEX_BYTES or first != second:
        return None
    frames, salts = _INDEX.unpack_from(first)
    return LogPosition(salts=salts, frames=frames)


def _is_header(header: bytes) -> bool:
    if len(header) < _HEADER.size:
        return False
    magic, *_, first, second = _HEADER.unpack(header)
    if magic & ~1 != _MAGIC:
        return False
    order = ">" if magic & 1 else "<"
    sums = (0, 0)
    for even, odd in struct.iter_unpack(f"{order}II", header[:24]):
        low = (sums[0] + even + sums[1]) & 0xFFFFFFFF
        sums = (low, (sums[1] + odd + low) & 0xFFFFFFFF)
    return sums == (first, second)
