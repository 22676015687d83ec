"""Looking at the files of a listing: several at once, and of each folder only as many as asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from glueball.crawl.classifiers import classify
from glueball.crawl.client import THREADS
from glueball.crawl.listing import FoundFile, LeftOut
from glueball.crawl.objects import ObjectGone, Objects
from glueball.crawl.samples import Sample
from glueball.crawl.tables import LookedAt

_GONE: Final = "it was deleted or replaced meanwhile"
#: files that wait for a thread: their samples are not kept, only what they are
_AHEAD: Final = 1000


@dataclass(slots=True)
class Seen:
    """What the files of a listing are."""

    files: list[LookedAt] = field(default_factory=list)  #: of known kinds, or not opened
    unknown: list[LookedAt] = field(default_factory=list)  #: those that nothing can be made of
    left_out: dict[str, LeftOut] = field(default_factory=dict)  #: by the reason

    def notes(self) -> list[str]:
        """Say what was left out, and why."""
        return [
            f"Left out {left.count} {'file' if left.count == 1 else 'files'}, each since {reason}: "
            f"{left}"
            for reason, left in self.left_out.items()
        ]


def look_at(
    objects: Objects,
    files: Iterable[FoundFile],
    *,
    sample_size: int | None = None,
    is_known: Callable[[FoundFile], bool] = lambda _: False,
) -> Seen:
    """Tell what files are.

    Args:
        objects: where they are.
        files: in order of their keys.
        sample_size: how many of each folder are opened, the first ones; None: all.
        is_known: tells which files are not opened since the catalog knows their folders.

    Raises:
        ServiceUnreachable: nobody answered for a minute.
    """
    seen = Seen()
    opened = []
    per_folder = Counter[tuple[str, ...]]()
    for one in files:
        known = is_known(one)
        if known or (sample_size is not None and per_folder[one.folders] >= sample_size):
            seen.files.append(LookedAt(file=one, known=known))
        else:
            per_folder[one.folders] += 1
            opened.append(one)
    with ThreadPoolExecutor(THREADS, "classify") as pool:
        for some in _parts(opened, _AHEAD):
            for looked in pool.map(lambda one: _look_at(objects, one), some):
                _sort_in(seen, looked)
    return seen


def _parts(files: Sequence[FoundFile], most: int) -> Iterator[Sequence[FoundFile]]:
    for start in range(0, len(files), most):
        yield files[start : start + most]


def _look_at(objects: Objects, file: FoundFile) -> LookedAt:
    """Open a file; nothing is found where it is no longer there."""
    try:
        return LookedAt(file=file, found=classify(Sample(objects, file.object)))
    except ObjectGone:
        return LookedAt(file=file)


def _sort_in(seen: Seen, looked: LookedAt) -> None:
    if looked.found is not None and looked.found.is_known:
        seen.files.append(looked)
        return
    reason = _GONE
    if looked.found is not None:
        reason = looked.found.reason
        seen.unknown.append(looked)
    seen.left_out.setdefault(reason, LeftOut()).add(looked.location)
