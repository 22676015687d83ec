"""The bookmarks of the job that runs in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from glueball_runtime.bookmarks import documents
from glueball_runtime.bookmarks.state import (
    DEFAULT_MAX_BAND_MS,
    NOTHING_READ,
    UNBOUNDED,
    Bounds,
    Counter,
    KeyMark,
    SourceFile,
    SourceState,
    State,
    select,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredBookmark:
    """A bookmark as the service keeps it."""

    version: int  #: grows with every commit; a commit must name the one that it replaces
    text: str  #: what `documents.encode` wrote; "" when nothing is remembered


class BookmarkStore(Protocol):
    """Where the bookmarks of one job run are kept."""

    run_id: str

    def read(self) -> StoredBookmark:
        """Return the newest bookmark of the job."""
        ...

    def read_run(self, run_id: str) -> StoredBookmark:
        """Return the bookmark that held once that run had ended."""
        ...

    def commit(self, version: int, text: str) -> int:
        """Replace the bookmark of that version, all of it or none; return the new version.

        Raises:
            BookmarkVersionMismatch: another run committed since `version` was read.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRange:
    """What `job-bookmark-pause` with `from` and `to` reads: after the one, up to the other."""

    after: Mapping[str, State]  #: exclusive: its files and keys are ignored
    until: Mapping[str, State]  #: inclusive: later files and keys are ignored

    def choose(self, transformation_ctx: str, files: Iterable[SourceFile]) -> list[SourceFile]:
        """Return the files of the range, oldest first and then by path."""
        after = _files(self.after, transformation_ctx)
        until = _files(self.until, transformation_ctx)
        chosen = [file for file in files if until.has_read(file) and not after.has_read(file)]
        return sorted(chosen, key=lambda file: (file.modified_ms, file.path))


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRange:
    """Which rows of a table a run has to read."""

    after: KeyMark | None  #: the last row of earlier runs; None when there were none
    until: KeyMark | None = None  #: the last row to read; None means the end of the table
    nothing: bool = False  #: no run of the range has read the table


def _files(contexts: Mapping[str, State], transformation_ctx: str) -> SourceState:
    """Return what a source of files has read; a context that was another kind has read nothing."""
    state = contexts.get(transformation_ctx)
    return state if isinstance(state, SourceState) else NOTHING_READ


def _keys(contexts: Mapping[str, State], transformation_ctx: str) -> KeyMark | None:
    state = contexts.get(transformation_ctx)
    return state if isinstance(state, KeyMark) else None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Bookmarks:
    """What this run has read, beside what earlier runs have committed.

    Safe to use from several threads of a script.

    Args:
        store: where a commit goes to.
        stored: the bookmark that held when the job was initialised.
        read_only: `job-bookmark-pause`: read like `enable`, commit nothing.
        read_range: with `read_only`, a range of earlier runs instead of everything new.
        now_ms: the clock, milliseconds since the epoch.

    Raises:
        BookmarkUnreadable: the stored bookmark is not one that this runtime understands.
    """

    def __init__(
        self,
        store: BookmarkStore,
        stored: StoredBookmark,
        *,
        read_only: bool = False,
        read_range: ReadRange | None = None,
        now_ms: Callable[[], int] = _now_ms,
    ) -> None:
        self._store = store
        self._version = stored.version
        self._committed = documents.decode(stored.text)
        self._pending: dict[str, State] = {}
        self._read_only = read_only
        self._read_range = read_range
        self._now_ms = now_ms
        self._lock = threading.Lock()

    def select_files(
        self,
        transformation_ctx: str,
        files: Iterable[SourceFile],
        max_band_ms: int = DEFAULT_MAX_BAND_MS,
        bounds: Bounds = UNBOUNDED,
    ) -> list[SourceFile]:
        """Choose what a source has to read: the files that no committed run has read.

        Asking twice in one run gives the same files twice; only `commit` moves the bookmark.

        Args:
            transformation_ctx: the source's name in the bookmark; with "" nothing is remembered
                and every file is chosen.
            files: the whole listing of the source.
            max_band_ms: the source's option `maxBand`, milliseconds.
            bounds: how much to choose at most.

        Returns:
            The chosen files, oldest first and then by path.

        Raises:
            ValueError: the band is negative.
        """
        listing = list(files)
        if not transformation_ctx:
            return listing
        if self._read_range is not None:
            return self._read_range.choose(transformation_ctx, listing)
        with self._lock:
            now_ms = self._now_ms()
            committed = _files(self._committed, transformation_ctx)
            chosen, _ = select(committed, listing, now_ms, max_band_ms, bounds)
            seen = _files(self._committed | self._pending, transformation_ctx)
            _, self._pending[transformation_ctx] = select(seen, chosen, now_ms, max_band_ms)
            return chosen

    def keys_to_read(self, transformation_ctx: str) -> KeyRange:
        """Return which rows of a table this run has to read, by its bookmark keys."""
        if self._read_range is not None:
            until = _keys(self._read_range.until, transformation_ctx)
            after = _keys(self._read_range.after, transformation_ctx)
            return KeyRange(after=after, until=until, nothing=until is None)
        return KeyRange(after=_keys(self._committed, transformation_ctx))

    def remember_keys(self, transformation_ctx: str, mark: KeyMark) -> None:
        """Note up to which row this run reads a table; `commit` writes it."""
        with self._lock:
            self._pending[transformation_ctx] = mark

    def numbers(self, transformation_ctx: str, how_many: int) -> int:
        """Return the first of so many numbers that no other run, and no other call, gets.

        The numbers of a run that never commits are handed out again, as on AWS.
        """
        with self._lock:
            known = (self._committed | self._pending).get(transformation_ctx)
            first = known.handed_out if isinstance(known, Counter) else 0
            self._pending[transformation_ctx] = Counter(handed_out=first + how_many)
            return first

    def commit(self) -> None:
        """Make what this run selected the job's bookmark: all contexts at once, or none.

        Nothing is written when no source took part, or when the bookmark is paused.

        Raises:
            BookmarkVersionMismatch: another run of the job committed meanwhile.
            ServiceError: the service refuses the commit.
            ServiceUnreachable: the service did not answer; the bookmark may stay where it was.
        """
        with self._lock:
            if self._read_only or not self._pending:
                return
            contexts = self._committed | self._pending
            text = documents.encode(contexts, self._store.run_id)
            self._version = self._store.commit(self._version, text)
            self._committed = contexts
            self._pending = {}


_active: Bookmarks | None = None


def active() -> Bookmarks | None:
    """Return the bookmarks of the running job; None when the job runs without them."""
    return _active


def activate(bookmarks: Bookmarks) -> None:
    """Let the sources of this process read by these bookmarks."""
    global _active
    _active = bookmarks


def deactivate() -> None:
    """Let the sources of this process read everything."""
    global _active
    _active = None
