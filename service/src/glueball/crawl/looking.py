"""Looking at the files of a listing: batch by batch, and of each folder only as many as asked."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from glueball.crawl.classified_files import ClassifiedFiles, Recognised
from glueball.crawl.listing import FoundFile, LeftOut
from glueball.crawl.lookers import Looker, Results
from glueball.crawl.memory import RememberedFiles
from glueball.crawl.objects import FIRST_BYTES

_GONE: Final = "it was deleted or replaced meanwhile"
#: files of a batch, those of them that are opened, and the bytes that these begin with
_MOST_FILES: Final = 5000
_MOST_OPENED: Final = 250
_MOST_BYTES: Final = 4 * 1024 * 1024


@dataclass(slots=True)
class Seen:
    """What the files of a listing are."""

    files: ClassifiedFiles
    left_out: dict[str, LeftOut] = field(default_factory=dict)  #: by the reason
    opened: int = 0
    remembered: int = 0  #: files that have not changed, so that they were not opened

    def notes(self) -> list[str]:
        """Say what was left out, and why."""
        return [
            f"Left out {left.count} {'file' if left.count == 1 else 'files'}, each since {reason}: "
            f"{left}"
            for reason, left in self.left_out.items()
        ]


@dataclass(slots=True)
class _Batch:
    """Files that follow one another, and what is to be done with each."""

    #: with what is remembered of it; None: it is opened; a truth value: it is not, since the
    #: catalog knows its folder, or since others of its folder are
    files: list[tuple[FoundFile, Recognised | bool | None]] = field(default_factory=list)
    opened: list[FoundFile] = field(default_factory=list)
    bytes: int = 0

    def add(self, file: FoundFile, what: Recognised | bool | None) -> None:
        self.files.append((file, what))
        if what is None:
            self.opened.append(file)
            self.bytes += min(file.object.size, FIRST_BYTES)

    @property
    def is_full(self) -> bool:
        return (
            len(self.files) >= _MOST_FILES
            or len(self.opened) >= _MOST_OPENED
            or self.bytes >= _MOST_BYTES
        )


def look_at(
    looker: Looker,
    files: Iterable[FoundFile],
    *,
    base: str,
    sample_size: int | None = None,
    is_known: Callable[[FoundFile], bool] = lambda _: False,
    memory: RememberedFiles | None = None,
    directory: Path | None = None,
) -> Seen:
    """Tell what files are.

    Args:
        looker: opens them.
        files: in order of their keys.
        base: the folder that all of them lie below: "s3://bucket/folder/".
        sample_size: how many of each folder are opened, the first ones; None: all.
        is_known: tells which files are not opened since the catalog knows their folders.
        memory: what files were, so that those that have not changed are not opened.
        directory: where lists may lie; None: among the system's temporary files.

    Raises:
        ServiceUnreachable: nobody answered for a minute.
    """
    _, _, bucket, prefix = base.split("/", 3)
    seen = Seen(ClassifiedFiles(bucket, prefix, directory))
    waiting: deque[tuple[_Batch, Callable[[], Results]]] = deque()
    for batch in _batches(files, sample_size, is_known, memory):
        opened = [file.object for file in batch.opened]
        waiting.append((batch, looker.start(opened) if opened else tuple))
        if len(waiting) > looker.ahead:
            _finish(seen, *waiting.popleft())
    while waiting:
        _finish(seen, *waiting.popleft())
    return seen


def _batches(
    files: Iterable[FoundFile],
    sample_size: int | None,
    is_known: Callable[[FoundFile], bool],
    memory: RememberedFiles | None,
) -> Iterator[_Batch]:
    per_folder = Counter[tuple[str, ...]]()
    batch = _Batch()
    for file in files:
        what: Recognised | bool | None = None
        if is_known(file):
            what = True
        elif sample_size is not None and per_folder[file.folders] >= sample_size:
            what = False
        else:
            if sample_size is not None:
                per_folder[file.folders] += 1
            what = memory.recall(file.object) if memory is not None else None
        batch.add(file, what)
        if batch.is_full:
            yield batch
            batch = _Batch()
    yield batch


def _finish(seen: Seen, batch: _Batch, results_of: Callable[[], Results]) -> None:
    """Add the files of a batch to what was seen."""
    results = iter(results_of())
    for file, what in batch.files:
        if isinstance(what, bool):
            seen.files.add_unopened(file, known=what)
            continue
        seen.opened += what is None
        seen.remembered += what is not None
        result = next(results) if what is None else what
        if result is not None:
            seen.files.add(file, result)
        if result is None or not result.profile.is_known:
            reason = _GONE if result is None else result.profile.reason
            seen.left_out.setdefault(reason, LeftOut()).add(file.object.location)
