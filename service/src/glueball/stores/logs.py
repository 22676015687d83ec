"""Log groups and streams as files under one directory.

A group is the directory `<quoted name>/` with `group.json`; a stream is the file
`<quoted name>.jsonl` in it (see `log_streams`). A run's supervisor appends to its streams by
itself, whether this service is alive or not. Times are milliseconds since the epoch.
"""

from __future__ import annotations

import heapq
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from glueball.core.clock import Clock
from glueball.core.errors import AwsError
from glueball.core.log_batches import DAY_MS, MAX_AHEAD_MS, Event
from glueball.stores.log_files import (
    GROUP_FILE,
    STREAM_SUFFIX,
    Group,
    append_lines,
    entries,
    quoted,
    read_group,
    stream_name,
    unordered_marker,
    write_group,
    write_whole,
    writing,
)
from glueball.stores.log_streams import (
    LogEvent,
    OrderedStream,
    Position,
    Reader,
    UnorderedStream,
    header,
    line,
    read_header,
)

#: no group's directory begins with a full stop
_DOOMED_PREFIX = ".deleted-"


class LogResourceNotFound(AwsError):
    code = "ResourceNotFoundException"


class LogResourceExists(AwsError):
    code = "ResourceAlreadyExistsException"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """A log stream; the times of events are None while it is empty."""

    name: str
    created: int
    first_event: int | None
    last_event: int | None
    last_ingestion: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What of a stream is asked for."""

    since: int = 0  #: inclusive
    until: int | None = None  #: exclusive; None has no end
    limit: int  #: events at most
    max_bytes: int  #: of events, as AWS counts them; one event is given in any case


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Events in order of time, and the places before the first and behind the last of them."""

    events: Sequence[LogEvent]
    before: Position
    after: Position


class LogStore:
    """All log groups.

    Args:
        root: their directory; made if it is missing.
        clock: the time of creation and of ingestion.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root
        self._clock = clock
        self._lock = threading.Lock()
        root.mkdir(parents=True, exist_ok=True)
        for left_over in root.glob(f"{_DOOMED_PREFIX}*"):
            shutil.rmtree(left_over)

    def clear(self) -> None:
        """Remove every group."""
        for group in self.groups():
            self.delete_group(group.name)

    # groups

    def create_group(self, name: str, tags: Mapping[str, str] | None = None) -> None:
        """Make an empty group.

        Raises:
            LogResourceExists: there is one of this name.
            ServiceUnavailable: the disk does not take it.
        """
        with self._lock:
            if self._is_group(name):
                raise LogResourceExists("The specified log group already exists")
            self._make_group(name, tags or {})

    def delete_group(self, name: str) -> None:
        """Remove a group with all its streams.

        Raises:
            LogResourceNotFound: there is none of this name.
        """
        doomed = self._root / f"{_DOOMED_PREFIX}{secrets.token_hex(8)}"
        with self._lock, writing():
            self.group(name)
            self._directory(name).rename(doomed)
        with writing():
            shutil.rmtree(doomed)

    def group(self, name: str) -> Group:
        """Return the group called `name`.

        Raises:
            LogResourceNotFound: there is none.
        """
        try:
            return read_group(self._directory(name))
        except FileNotFoundError:
            raise LogResourceNotFound("The specified log group does not exist.") from None

    def groups(self) -> list[Group]:
        """Return all groups in order of name."""
        found: list[Group] = []
        for directory in entries(self._root):
            if not directory.name.startswith("."):
                with suppress(FileNotFoundError, NotADirectoryError):  # no group, or not any more
                    found.append(read_group(directory))
        return sorted(found, key=lambda group: group.name)

    def change_group(self, name: str, *, retention: int | None, tags: Mapping[str, str]) -> None:
        """Set for how many days a group keeps events, and its tags.

        Raises:
            LogResourceNotFound: there is none of this name.
        """
        with self._lock, writing():
            changed = replace(self.group(name), retention=retention, tags=tags)
            write_group(self._directory(name), changed)

    def stored_bytes(self, name: str) -> int:
        """Return the size of a group's streams."""
        size = 0
        for path in entries(self._directory(name)):
            if path.suffix == STREAM_SUFFIX:
                with suppress(FileNotFoundError):  # deleted meanwhile
                    size += path.stat().st_size
        return size

    # streams

    def create_stream(self, group: str, name: str) -> None:
        """Make an empty stream.

        Raises:
            LogResourceNotFound: there is no such group.
            LogResourceExists: the group has a stream of this name.
        """
        with self._lock:
            self.group(group)
            path = self._stream_file(group, name)
            if path.exists():
                raise LogResourceExists("The specified log stream already exists")
            self._make_stream(path, name)

    def delete_stream(self, group: str, name: str) -> None:
        """Remove a stream.

        Raises:
            LogResourceNotFound: there is no such group or stream.
        """
        with self._lock, writing():
            path = self._existing(group, name)
            path.unlink()
            unordered_marker(path).unlink(missing_ok=True)

    def stream_path(self, group: str, stream: str, create: bool = True) -> Path:
        """Return the file of a stream, for a writer that appends lines by itself.

        Args:
            create: make the group and the stream where they are missing.

        Raises:
            LogResourceNotFound: it is missing and is not to be made.
            ServiceUnavailable: the disk does not take it.
        """
        if not create:
            return self._existing(group, stream)
        with self._lock:
            if not self._is_group(group):
                self._make_group(group, {})
            path = self._stream_file(group, stream)
            if not path.exists():
                self._make_stream(path, stream)
        return path

    def stream_names(self, group: str) -> list[str]:
        """Return the names of a group's streams in order.

        Raises:
            LogResourceNotFound: there is no such group.
        """
        self.group(group)
        names: list[str] = []
        for path in entries(self._directory(group)):
            if path.suffix == STREAM_SUFFIX:
                with suppress(FileNotFoundError):  # deleted meanwhile
                    names.append(stream_name(path))
        return sorted(names)

    def stream(self, group: str, name: str) -> Stream:
        """Describe a stream.

        Raises:
            LogResourceNotFound: there is no such group or stream.
        """
        path = self._existing(group, name)
        reader = _reader(path)
        first = next(reader.forward(reader.beginning), None)
        last = reader.newest()
        return Stream(
            name=name,
            created=read_header(path).created,
            first_event=None if first is None else first.timestamp,
            last_event=None if last is None else last.timestamp,
            last_ingestion=None if last is None else last.ingested,
        )

    # events

    def append(self, group: str, stream: str, events: Sequence[Event]) -> None:
        """Add events, in order of time among themselves, to a stream.

        Raises:
            LogResourceNotFound: there is no such group or stream.
            ServiceUnavailable: the disk does not take them; then none was added.
        """
        now = self._now()
        text = b"".join(line(event.timestamp, now, event.message) for event in events)
        with self._lock, writing():
            path = self._existing(group, stream)
            if events and _is_late(path, events[0]):
                unordered_marker(path).touch(mode=0o600)
            append_lines(path, text)

    def read(
        self, group: str, stream: str, window: Window, *, position: Position | None, forward: bool
    ) -> Page:
        """Return one page of a stream.

        Args:
            window: what is asked for.
            position: where the page begins; None for the first page.
            forward: from the position onwards, or from the beginning; else what is before the
                position, or the end of the stream.

        Raises:
            LogResourceNotFound: there is no such group or stream.
        """
        window = replace(window, since=max(window.since, self._kept_since(group)))
        reader = _reader(self._existing(group, stream))
        start = position or _first_place(reader, window, forward)
        found = reader.forward(start) if forward else reader.backward(start)
        events = _page(found, window, forward)
        if not events:
            return Page(events=[], before=start, after=start)
        return Page(events=events, before=events[0].before, after=events[-1].after)

    def merged(
        self, group: str, names: Iterable[str], *, since: int, until: int, newest_first: bool
    ) -> Iterator[tuple[str, LogEvent]]:
        """Give the events of several streams, interleaved by time, each with its stream's name.

        Args:
            names: streams; those that do not exist are passed over.
            since: inclusive.
            until: inclusive.
            newest_first: from `until` backwards, else from `since` onwards.

        Raises:
            LogResourceNotFound: there is no such group.
        """
        since = max(since, self._kept_since(group))
        files = ((name, self._stream_file(group, name)) for name in names)
        sources = [
            _between(name, path, since, until, newest_first)
            for name, path in files
            if _may_reach(path, since)
        ]
        return heapq.merge(*sources, key=order_of, reverse=newest_first)

    def _kept_since(self, group: str) -> int:
        retention = self.group(group).retention
        return 0 if retention is None else self._now() - retention * DAY_MS

    def _now(self) -> int:
        return int(self._clock.now() * 1000)

    def _directory(self, group: str) -> Path:
        return self._root / quoted(group)

    def _is_group(self, name: str) -> bool:
        return (self._directory(name) / GROUP_FILE).exists()

    def _stream_file(self, group: str, stream: str) -> Path:
        return self._directory(group) / f"{quoted(stream)}{STREAM_SUFFIX}"

    def _existing(self, group: str, stream: str) -> Path:
        path = self._stream_file(group, stream)
        if not path.exists():
            self.group(group)
            raise LogResourceNotFound("The specified log stream does not exist.")
        return path

    def _make_group(self, name: str, tags: Mapping[str, str]) -> None:
        directory = self._directory(name)
        with writing():
            directory.mkdir(exist_ok=True)
            write_group(directory, Group(name=name, created=self._now(), tags=tags))

    def _make_stream(self, path: Path, name: str) -> None:
        with writing():
            write_whole(path, header(name, self._now()))


def order_of(found: tuple[str, LogEvent]) -> tuple[int, str, int]:
    """Return what decides the place of an event among those of several streams."""
    name, event = found
    return event.timestamp, name, event.start


def _first_place(reader: Reader, window: Window, forward: bool) -> Position:
    if forward:
        return reader.at(window.since) if window.since else reader.beginning
    return reader.end() if window.until is None else reader.at(window.until)


def _page(found: Iterator[LogEvent], window: Window, forward: bool) -> list[LogEvent]:
    """Take events until the page is full or the window is left; return them in order of time."""
    events: list[LogEvent] = []
    size = 0
    for event in found:
        too_early = event.timestamp < window.since
        too_late = window.until is not None and event.timestamp >= window.until
        if too_late if forward else too_early:
            break
        if too_early or too_late:
            continue
        size += Event(timestamp=event.timestamp, message=event.message).size
        if len(events) == window.limit or (events and size > window.max_bytes):
            break
        events.append(event)
    return events if forward else events[::-1]


def _between(
    name: str, path: Path, since: int, until: int, newest_first: bool
) -> Iterator[tuple[str, LogEvent]]:
    reader = _reader(path)
    if newest_first:
        for event in reader.backward(reader.at(until + 1)):
            if event.timestamp < since:
                return
            yield name, event
        return
    for event in reader.forward(reader.at(since)):
        if event.timestamp > until:
            return
        yield name, event


def _may_reach(path: Path, since: int) -> bool:
    """Tell whether a stream can have events after `since`, without opening it: no event is more
    than two hours ahead of the time when it was written."""
    try:
        return path.stat().st_mtime * 1000 + MAX_AHEAD_MS >= since
    except FileNotFoundError:
        return False


def _is_late(path: Path, event: Event) -> bool:
    """Tell whether an event is the first to come after a newer one."""
    if unordered_marker(path).exists():
        return False
    newest = _reader(path).newest()
    return newest is not None and event.timestamp < newest.timestamp


def _reader(path: Path) -> Reader:
    try:
        stream = OrderedStream(path, read_header(path).size)
    except FileNotFoundError:
        raise LogResourceNotFound("The specified log stream does not exist.") from None
    return UnorderedStream(stream) if unordered_marker(path).exists() else stream
