"""What a crawler remembers of its last crawl: what each object was, by its size and entity tag.

An object whose size and entity tag are still the same is not opened again. The memory lies in a
directory of the crawler, a file for each target, and is only a shortcut: where a file is missing,
damaged or of another crawler, everything is looked at as if for the first time.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import glueball
from glueball.crawl.classified_files import UNOPENED, ClassifiedFiles, Recognised
from glueball.crawl.kinds import Classified
from glueball.crawl.objects import FoundObject
from glueball.crawl.profile_documents import document_of, profile_from

#: what a file has for its format; one of another format is not read
_FORMAT: Final = 1
#: members of AWS's `Crawler` that decide what is looked at, and as what
_DECISIVE: Final = ("Created", "Classifiers", "Configuration", "RecrawlPolicy")
_FAULTS: Final = (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, IndexError)


def fingerprint(crawler: Mapping[str, Any]) -> str:
    """Return a text that changes when what a crawler remembers must be forgotten.

    Args:
        crawler: as launch.json has it.
    """
    decisive = [crawler.get(member) for member in _DECISIVE]
    document = json.dumps([_FORMAT, glueball.__version__, decisive], sort_keys=True)
    return hashlib.sha256(document.encode()).hexdigest()


class RememberedFiles:
    """The files of a target as they were, asked for in order of their keys.

    Args:
        rows: the file's rows behind its head.
        profiles: what the rows' numbers stand for.
    """

    def __init__(self, rows: Iterator[list[Any]], profiles: list[Classified]) -> None:
        self._rows = rows
        self._profiles = profiles
        self._row = next(rows, None)

    def recall(self, file: FoundObject) -> Recognised | None:
        """Return what a file is if it was looked at and has not changed since."""
        while self._row is not None and self._row[0] < file.key:
            self._row = next(self._rows, None)
        if self._row is None or not file.etag:
            return None
        key, size, etag, _, number, records, record_bytes = self._row
        if (key, size, etag) != (file.key, file.size, file.etag) or number == UNOPENED:
            return None
        return Recognised(self._profiles[number], records, record_bytes)


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlMemory:
    """The memory of a crawler."""

    directory: Path  #: the crawler's own; made when something is kept
    fingerprint: str

    def recalled(self, target: str) -> RememberedFiles:
        """Return what there was at a target; nothing where nothing can be read.

        Args:
            target: the folder: "s3://bucket/folder/".
        """
        lines = _lines(self._path(target))
        head: dict[str, Any] = {}
        profiles: list[Classified] = []
        try:
            head = next(lines, {})
            profiles = [profile_from(one) for one in head.get("profiles", ())]
        except _FAULTS:
            head = {}
        if head.get("fingerprint") != self.fingerprint:
            return RememberedFiles(iter(()), [])
        return RememberedFiles((row for chunk in lines for row in chunk), profiles)

    def keep(self, target: str, files: ClassifiedFiles) -> None:
        """Keep what there is at a target, instead of what there was.

        A disk that is full, say, is no reason for a crawl to fail: the next one looks again.
        """
        path = self._path(target)
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        head = {
            "fingerprint": self.fingerprint,
            "profiles": [document_of(one) for one in files.profiles],
        }
        with contextlib.suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with gzip.open(temporary, "wt", compresslevel=1, encoding="utf-8") as writer:
                    writer.write(json.dumps(head) + "\n")
                    for chunk in files.rows.chunks():
                        writer.write(json.dumps(chunk, separators=(",", ":")) + "\n")
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)

    def _path(self, target: str) -> Path:
        return self.directory / f"{hashlib.sha256(target.encode()).hexdigest()[:32]}.gz"


def _lines(path: Path) -> Iterator[Any]:
    """Yield the lines of a file, as far as they can be read."""
    with contextlib.suppress(*_FAULTS), gzip.open(path, "rt", encoding="utf-8") as reader:
        for line in reader:
            yield json.loads(line)
