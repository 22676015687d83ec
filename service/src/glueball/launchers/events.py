"""A run's log: what arrives on a pipe, cut into lines, appended as events."""

from __future__ import annotations

import errno
import os
import time
from json.encoder import encode_basestring_ascii
from pathlib import Path

#: bytes of one event's text; CloudWatch Logs takes no event above 256 KB
EVENT_LIMIT = 250_000
#: seconds after which the beginning of a line is shown without its end
IDLE_SECONDS = 0.5


class Lines:
    """Cuts a stream of bytes into lines, in flat memory whatever arrives."""

    def __init__(self, limit: int = EVENT_LIMIT) -> None:
        self._limit = limit
        self._rest = b""
        self._flushed = False  # the beginning of the present line was already given out

    @property
    def pending(self) -> bool:
        """Whether the beginning of a line waits for its end."""
        return bool(self._rest)

    def feed(self, data: bytes) -> list[str]:
        """Take bytes in; return the lines that they complete."""
        *complete, rest = (self._rest + data).split(b"\n")
        lines: list[str] = []
        for line in complete:
            if line.endswith(b"\r"):
                line = line[:-1]
            if line or not self._flushed:
                lines += self._pieces(line)
            self._flushed = False
        while len(rest) > self._limit:
            cut = _cut(rest, self._limit)
            lines.append(rest[:cut].decode("utf-8", "replace"))
            rest = rest[cut:]
            self._flushed = True
        self._rest = rest
        return lines

    def flush(self, *, end: bool = False) -> list[str]:
        """Give out the beginning of a line; `end` says that no more bytes will come."""
        cut = len(self._rest) if end else _cut(self._rest, len(self._rest))
        line, self._rest = self._rest[:cut], self._rest[cut:]
        if not line:
            return []
        self._flushed = True
        return self._pieces(line)

    def _pieces(self, line: bytes) -> list[str]:
        pieces = []
        while len(line) > self._limit:
            cut = _cut(line, self._limit)
            pieces.append(line[:cut].decode("utf-8", "replace"))
            line = line[cut:]
        return [*pieces, line.decode("utf-8", "replace")]


def _cut(data: bytes, limit: int) -> int:
    """Return where to cut before `limit` so that no UTF-8 character is torn."""
    for back in range(1, min(4, limit) + 1):
        byte = data[limit - back]
        if byte & 0b1100_0000 == 0b1000_0000:
            continue  # the inside of a character: look for its first byte
        length = 1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        return limit - back if length > back else limit
    return limit


class EventFile:
    """Appends events `[timestamp ms, ingestion ms, message]`, a JSON array a line.

    A full disk never stops the run and never leaves a broken line in the middle: what was written
    in part is completed before anything else, and lines that found no room are counted.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError when the file can be neither opened nor made."""
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._last_ms = 0
        self._unwritten = b""
        self._torn = False  # the file ends in the middle of a line
        self.dropped = 0  #: lines that found no room
        self.trouble = ""  #: why, in the system's words

    def append(self, lines: list[str]) -> None:
        """Append one event a line; never raises."""
        if not lines:
            return
        # readers search by time, so a stream never goes back, even where the clock does
        now = self._last_ms = max(self._last_ms, int(time.time() * 1000))
        head = f"[{now},{now},"
        events = "".join([f"{head}{encode_basestring_ascii(line)}]\n" for line in lines])
        if not self._write(self._unwritten):
            self.dropped += len(lines)
            return
        self._write(events.encode("ascii"))
        if self._unwritten:
            self._drop_whole_lines()

    def close(self) -> None:
        """Try to complete what is torn, say how much is missing, close."""
        if self.dropped and self._write(self._unwritten):
            self.append([f"{self.dropped} lines of this log were lost: {self.trouble}"])
        os.close(self._descriptor)

    def _write(self, data: bytes) -> bool:
        self._unwritten = data
        while self._unwritten:
            try:
                written = os.write(self._descriptor, self._unwritten)
            except OSError as error:
                self.trouble = os.strerror(error.errno or errno.EIO)
                return False
            self._torn = self._unwritten[written - 1 : written] != b"\n"
            self._unwritten = self._unwritten[written:]
        return True

    def _drop_whole_lines(self) -> None:
        """Keep only the rest of the line that stands torn in the file; the others are lost."""
        keep = self._unwritten.index(b"\n") + 1 if self._torn else 0
        self.dropped += self._unwritten.count(b"\n", keep)
        self._unwritten = self._unwritten[:keep]
