"""One log stream as a file: a header line, then one line an event, only ever appended to.

A line is a JSON array `[timestamp, ingestion time, message]`, times in milliseconds since the
epoch. A last line without its newline is still being written and is not an event yet. Writers
never write a timestamp smaller than the one before, except where the store has marked the stream
as unordered; so a place in the file is a place in time, and neither the tail nor a range of time
needs the rest of the file.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_BLOCK = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEvent:
    """An event and where its line is."""

    timestamp: int
    ingested: int
    message: str
    start: int  #: offset of its line in bytes
    end: int  #: offset behind its newline

    @property
    def before(self) -> Position:
        return Position(self.timestamp, self.start)

    @property
    def after(self) -> Position:
        return Position(self.timestamp, self.end)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place between two events; it stays where it is while the stream grows."""

    timestamp: int
    offset: int


class Reader(Protocol):
    """The events of a stream in order of time."""

    @property
    def beginning(self) -> Position: ...

    def newest(self) -> LogEvent | None: ...

    def end(self) -> Position:
        """Return the place behind the newest event."""
        ...

    def at(self, timestamp: int) -> Position:
        """Return the place before the first event at or after `timestamp`."""
        ...

    def forward(self, position: Position) -> Iterator[LogEvent]:
        """Give the events behind `position`, the oldest first."""
        ...

    def backward(self, position: Position) -> Iterator[LogEvent]:
        """Give the events before `position`, the newest first."""
        ...


def header(name: str, created: int) -> bytes:
    """Return the first line of a stream's file."""
    return json.dumps({"name": name, "created": created}).encode() + b"\n"


def line(timestamp: int, ingested: int, message: str) -> bytes:
    """Return the line of an event."""
    text = json.dumps([timestamp, ingested, message], ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What the first line of a stream's file says."""

    name: str | None  #: None where the line says nothing
    created: int
    size: int  #: bytes of the line: where the first event begins


def read_header(path: Path) -> Header:
    """Read the first line of a stream's file; one without a header is as old as its last change.

    Raises:
        FileNotFoundError: there is no such file.
    """
    with path.open("rb") as file:
        first = file.readline(_BLOCK)
    try:
        found = json.loads(first)
    except (ValueError, RecursionError):
        found = None
    match found:
        case {"name": str(name), "created": int(created)}:
            return Header(name=name, created=created, size=len(first))
    return Header(name=None, created=int(path.stat().st_mtime * 1000), size=0)


class OrderedStream:
    """A stream whose lines are in order of time.

    Args:
        path: its file.
        first: offset of the first event.
    """

    def __init__(self, path: Path, first: int) -> None:
        self._path = path
        self._first = first

    @property
    def beginning(self) -> Position:
        return Position(0, self._first)

    def newest(self) -> LogEvent | None:
        return next(self._lines_before(self._last_newline()), None)

    def end(self) -> Position:
        last = self.newest()
        return self.beginning if last is None else last.after

    def at(self, timestamp: int) -> Position:
        low, high = self._first, self._last_newline()
        while high - low > _BLOCK:
            middle = (low + high) // 2
            # the piece of a line that the middle falls into is no event, so it is passed over
            event = next(self._lines_behind(middle), None)
            if event is None or event.start >= high:
                high = middle
            elif event.timestamp < timestamp:
                low = event.end
            else:
                high = event.start
        for event in self._lines_behind(low):
            if event.timestamp >= timestamp:
                return Position(timestamp, event.start)
            low = event.end
        return Position(timestamp, low)

    def forward(self, position: Position) -> Iterator[LogEvent]:
        # a token may name any place, also one that no file can have
        return self._lines_behind(min(position.offset, self._last_newline()))

    def backward(self, position: Position) -> Iterator[LogEvent]:
        return self._lines_before(min(position.offset, self._last_newline()))

    def _lines_behind(self, offset: int) -> Iterator[LogEvent]:
        rest = b""
        while block := self._read(offset + len(rest), _BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            for text in lines:
                event = _parse(text, offset)
                offset += len(text) + 1
                if event is not None:
                    yield event

    def _lines_before(self, offset: int) -> Iterator[LogEvent]:
        start, rest = offset, b""
        while start > self._first:
            size = min(_BLOCK, start - self._first)
            start -= size
            lines = (self._read(start, size) + rest).split(b"\n")
            # what begins before the block waits for the block before it
            rest = lines.pop(0) + b"\n" if start > self._first else b""
            ends = start + len(rest)
            places = []
            for text in lines[:-1]:
                places.append((text, ends))
                ends += len(text) + 1
            for text, place in reversed(places):
                event = _parse(text, place)
                if event is not None:
                    yield event

    def _last_newline(self) -> int:
        """Return the offset behind the last line that is whole."""
        try:
            start = self._path.stat().st_size
        except FileNotFoundError:
            return self._first
        while start > self._first:
            size = min(_BLOCK, start - self._first)
            start -= size
            found = self._read(start, size).rfind(b"\n")
            if found >= 0:
                return start + found + 1
        return self._first

    def _read(self, offset: int, size: int) -> bytes:
        # opened for each block: a search walks through thousands of streams at once
        try:
            with self._path.open("rb") as file:
                file.seek(offset)
                return file.read(size)
        except FileNotFoundError:
            return b""


class UnorderedStream:
    """A stream with late events: it is read whole and sorted.

    Args:
        stream: the same file, read in the order of its lines.
    """

    def __init__(self, stream: OrderedStream) -> None:
        self.beginning = stream.beginning
        lines = stream.forward(stream.beginning)
        self._events = sorted(lines, key=lambda event: event.before)
        self._places = [event.before for event in self._events]

    def newest(self) -> LogEvent | None:
        return self._events[-1] if self._events else None

    def end(self) -> Position:
        return self._events[-1].after if self._events else self.beginning

    def at(self, timestamp: int) -> Position:
        return Position(timestamp, 0)

    def forward(self, position: Position) -> Iterator[LogEvent]:
        return iter(self._events[bisect_left(self._places, position) :])

    def backward(self, position: Position) -> Iterator[LogEvent]:
        return reversed(self._events[: bisect_left(self._places, position)])


def _parse(text: bytes, start: int) -> LogEvent | None:
    """Read a line; None where it is no event (a writer died in the middle of it, say)."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match found:
        case [int(timestamp), int(ingested), str(message)]:
            return LogEvent(
                timestamp=timestamp,
                ingested=ingested,
                message=message,
                start=start,
                end=start + len(text) + 1,
            )
    return None
