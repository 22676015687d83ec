"""What one source of a job has read: pure values and the one decision, `select`.

A source of files is remembered by three things. `mark_ms` is the newest modification time that was
read. Files modified before `floor_ms` are done and need not be listed one by one. Files modified at
or after the floor, the consistency band, are listed with their modification time and size: a file
that appears late inside the band is still read, one that was modified again is read again, and
nothing is read twice.

Rules: https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html (S3 sources go by the
last modification of an object, with a band for files that a listing shows late).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

#: AWS's default of the option `maxBand`: 15 minutes
DEFAULT_MAX_BAND_MS = 900_000


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


def select(
    state: SourceState, files: Iterable[SourceFile], now_ms: int, max_band_ms: int
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

    Returns:
        The chosen files, oldest first and then by path, and the next state.

    Raises:
        ValueError: the band is negative.
    """
    if max_band_ms < 0:
        raise ValueError(f"The consistency band (maxBand) must not be negative: {max_band_ms} ms.")
    chosen = [file for file in files if not state.has_read(file)]
    chosen.sort(key=lambda file: (file.modified_ms, file.path))
    return chosen, _after(state, chosen, now_ms, max_band_ms)


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
