"""What one transformation context of a job has done: pure values, and the decision `select`.

A context is one of three kinds: a source of files (`SourceState`), a table that is read by keys
(`KeyMark`), or a transform that hands out numbers which must differ from run to run (`Counter`).

A source of files is remembered by three things. `mark_ms` is the newest modification time that was
read. Files modified before `floor_ms` are done and need not be listed one by one. Files modified at
or after the floor, the consistency band, are listed with their modification time and size: a file
that appears late inside the band is still read, one that was modified again is read again, and
nothing is read twice.

Rules: https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html (S3 sources go by the
last modification of an object, with a band for files that a listing shows late).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field

#: AWS's default of the option `maxBand`: 15 minutes
DEFAULT_MAX_BAND_MS = 900_000


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyMark:
    """Up to which keys a table was read: the last row in the order of its bookmark keys."""

    columns: tuple[str, ...]  #: the keys, the most significant first
    values: tuple[str, ...]  #: of the last row read, as the database writes them
    descending: bool = False  #: whether new rows have smaller keys


@dataclass(frozen=True, kw_only=True, slots=True)
class Counter:
    """How many numbers a transform has handed out, over all runs."""

    handed_out: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """How much of what is new one run reads at most; the oldest files come first.

    https://docs.aws.amazon.com/glue/latest/dg/bounded-execution.html
    """

    files: int | None = None  #: `boundedFiles`
    #: `boundedSize`, bytes; a single file that is larger is read all the same, or nothing would
    #: ever be
    size: int | None = None
    #: `maxFilesInBand`: how many files of the consistency band a bookmark may have to list
    in_band: int | None = None


UNBOUNDED = Bounds()


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    """One file of a listing."""

    path: str  #: as the listing names it, "s3://bucket/key"; the same string in every run
    modified_ms: int  #: last modification, milliseconds since the epoch
    size: int  #: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceState:
    """What one transformation context has read so far."""

    #: newest modification time read, never ahead of the clock at that read; None before the first
    mark_ms: int | None = None
    #: files modified before this are done (exclusive bound); None before the first read
    floor_ms: int | None = None
    #: the files read whose modification is at or after the floor, by path
    band: dict[str, SourceFile] = field(default_factory=dict)

    def has_read(self, file: SourceFile) -> bool:
        """Say whether exactly this content of the file was read before."""
        if self.floor_ms is not None and file.modified_ms < self.floor_ms:
            return True
        return self.band.get(file.path) == file


#: the state of a source that was never read
NOTHING_READ = SourceState()
State = SourceState | KeyMark | Counter


def select(
    state: SourceState,
    files: Iterable[SourceFile],
    now_ms: int,
    max_band_ms: int,
    bounds: Bounds = UNBOUNDED,
) -> tuple[list[SourceFile], SourceState]:
    """Choose the files that were not read yet, and say what is read once they are.

    Example: with a band of 15 minutes and the newest file read from 12:00, a file of 11:50 that
    was not there before is chosen, one of 11:40 is not.

    Args:
        state: what earlier runs have read.
        files: the whole listing of the source.
        now_ms: the clock at the listing, milliseconds since the epoch. A modification time
            ahead of it (a skewed clock) is remembered but does not move the mark.
        max_band_ms: how far behind the newest file a late one may appear, milliseconds.
        bounds: how much to choose at most; the rest is for later runs.

    Returns:
        The chosen files, oldest first and then by path, and the next state.

    Raises:
        ValueError: the band is negative.
    """
    if max_band_ms < 0:
        raise ValueError(f"The consistency band (maxBand) must not be negative: {max_band_ms} ms.")
    chosen = [file for file in files if not state.has_read(file)]
    chosen.sort(key=lambda file: (file.modified_ms, file.path))
    # What is left out is never older than what is chosen: a later run still finds it.
    chosen = chosen[: _within(state, chosen, max_band_ms, bounds)]
    return chosen, _after(state, chosen, now_ms, max_band_ms)


def oldest(files: Iterable[SourceFile], bounds: Bounds) -> list[SourceFile]:
    """Return what a source without a bookmark reads of its files: the oldest, within the bounds."""
    return select(NOTHING_READ, files, 0, 0, bounds)[0]


def _within(state: SourceState, new: list[SourceFile], max_band_ms: int, bounds: Bounds) -> int:
    """Return how many of the new files, oldest first, are within the bounds."""
    total = 0
    times = sorted(file.modified_ms for file in state.band.values())
    for number, file in enumerate(new):
        total += file.size
        insort(times, file.modified_ms)
        in_band = len(times) - bisect_left(times, times[-1] - max_band_ms)
        too_many = bounds.files is not None and number >= bounds.files
        too_large = bounds.size is not None and total > bounds.size and number > 0
        if too_many or too_large or (bounds.in_band is not None and in_band > bounds.in_band):
            return number
    return len(new)


def _after(
    state: SourceState, chosen: list[SourceFile], now_ms: int, max_band_ms: int
) -> SourceState:
    if not chosen:
        return state
    newest = min(chosen[-1].modified_ms, now_ms)
    mark_ms = newest if state.mark_ms is None else max(state.mark_ms, newest)
    floor_ms = mark_ms - max_band_ms
    if state.floor_ms is not None:
        # A wider band than last time cannot bring back what is no longer listed one by one.
        floor_ms = max(floor_ms, state.floor_ms)
    known = state.band | {file.path: file for file in chosen}
    band = {path: file for path, file in known.items() if file.modified_ms >= floor_ms}
    return SourceState(mark_ms=mark_ms, floor_ms=floor_ms, band=band)
