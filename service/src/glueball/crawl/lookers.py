"""Who looks at files: this process, or several others at once.

Recognising a file is work for the processor, which threads of one process cannot share. So where
there are many files, processes share them out, each a client of the service by itself.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final, Protocol, TypeAlias

from glueball.crawl.classified_files import Recognised, recognised
from glueball.crawl.classifiers import classify
from glueball.crawl.kinds import Classified
from glueball.crawl.objects import FoundObject, ObjectGone, Objects
from glueball.crawl.samples import Sample

#: None stands for a file that has gone
Results: TypeAlias = Sequence[Recognised | None]

#: processes that look at files at once; more would only wait for the service
_MOST_PROCESSES: Final = 4


class Looker(Protocol):
    """Looks at batches of files."""

    @property
    def ahead(self) -> int:
        """How many batches to start before the first one's results are asked for."""

    def start(self, files: Sequence[FoundObject]) -> Callable[[], Results]:
        """Begin to look at files of one bucket; what is returned waits for the results.

        That raises ServiceUnreachable where nobody answered for a minute.
        """

    def close(self) -> None:
        """End what was started."""


class OneLooker:
    """Looks at files in this process.

    Args:
        objects: where they are.
    """

    ahead = 0

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def start(self, files: Sequence[FoundObject]) -> Callable[[], Results]:
        """Look at files at once."""
        results = look_at_batch(self._objects, files)
        return lambda: results

    def close(self) -> None:
        """Nothing was started."""


class ManyLookers:
    """Looks at files in processes, which are started for the first batch.

    Args:
        connect: makes, in each of them, what it reads objects by.
    """

    def __init__(self, connect: Callable[[], Objects]) -> None:
        processes = max(1, min(_MOST_PROCESSES, len(os.sched_getaffinity(0))))
        self.ahead = 2 * processes
        # Forked: they are there in milliseconds, and share the memory of what is imported.
        self._executor = ProcessPoolExecutor(
            processes, multiprocessing.get_context("fork"), _begin, (connect,)
        )

    def start(self, files: Sequence[FoundObject]) -> Callable[[], Results]:
        """Let a process look at files."""
        bucket = files[0].bucket
        future = self._executor.submit(_look, bucket, [(file.key, file.size) for file in files])
        return future.result

    def close(self) -> None:
        """End the processes."""
        self._executor.shutdown(cancel_futures=True)


def look_at_batch(objects: Objects, files: Sequence[FoundObject]) -> list[Recognised | None]:
    """Recognise files of one bucket; None for each that has gone.

    Raises:
        ServiceUnreachable: nobody answered for a minute.
    """
    profiles: dict[Classified, Classified] = {}
    results: list[Recognised | None] = []
    for file, first in zip(files, objects.beginnings(files), strict=True):
        result = None
        if first is not None:
            try:
                result = recognised(classify(Sample(objects, file, first)), profiles)
            except ObjectGone:
                result = None
        results.append(result)
    return results


class _Process:
    """What a process that looks at files works with."""

    objects: Objects


def _begin(connect: Callable[[], Objects]) -> None:
    _Process.objects = connect()


def _look(bucket: str, files: Sequence[tuple[str, int]]) -> list[Recognised | None]:
    batch = [FoundObject(bucket=bucket, key=key, size=size) for key, size in files]
    return look_at_batch(_Process.objects, batch)
