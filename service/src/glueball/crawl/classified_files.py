"""The files of a target, in order of their keys, and what each of them is: a list on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from glueball.crawl.kinds import Classified
from glueball.crawl.listing import FoundFile, file_of
from glueball.crawl.objects import FoundObject
from glueball.crawl.spools import Spool
from glueball.crawl.tables import LookedAt

#: of a file that was not opened
UNOPENED: Final = -1
#: descriptions that are made once for many files
_MOST_SHARED: Final = 4096


class Recognised(NamedTuple):
    """What a file is. Many files share a profile, which is one object then."""

    profile: Classified  #: without how much the file holds
    records: int
    record_bytes: float


def recognised(found: Classified, profiles: dict[Classified, Classified]) -> Recognised:
    """Divide what a file is into what it has in common with others, and the rest.

    Args:
        found: what it is.
        profiles: those that there are so far; a new one is added.
    """
    profile = replace(found, records=0, record_bytes=0.0)
    return Recognised(profiles.setdefault(profile, profile), found.records, found.record_bytes)


class ClassifiedFiles:
    """Files that were looked at, or passed over. They must be added in order of their keys.

    Args:
        bucket: where they are.
        prefix: what the folder that all of them lie below is called.
        directory: where the list lies; None: among the system's temporary files.
    """

    def __init__(self, bucket: str, prefix: str, directory: Path | None = None) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._profiles: dict[Classified, int] = {}
        self._numbers: dict[int, tuple[Classified, int]] = {}  # by the object's id
        self.rows = Spool[list[Any]](directory)

    def add(self, file: FoundFile, what: Recognised) -> None:
        """Add a file that was looked at."""
        profile, number = self._numbers.get(id(what.profile), (None, 0))
        if profile is None:
            number = self._profiles.setdefault(what.profile, len(self._profiles))
            # The profile itself is kept, too: its id must not become that of another object.
            self._numbers[id(what.profile)] = what.profile, number
            if len(self._numbers) > _MOST_SHARED:
                self._numbers.clear()
        self._add(file, 0, number, what.records, what.record_bytes)

    def add_unopened(self, file: FoundFile, *, known: bool) -> None:
        """Add a file that was not opened.

        Args:
            file: the file.
            known: whether that is since the catalog knows its folder.
        """
        self._add(file, int(known), UNOPENED, 0, 0.0)

    def _add(self, file: FoundFile, *values: float) -> None:
        one = file.object
        self.rows.append([one.key, one.size, one.etag, *values])

    @property
    def profiles(self) -> list[Classified]:
        """What the files are, but for how much they hold, by number."""
        return list(self._profiles)

    def __iter__(self) -> Iterator[LookedAt]:
        """Yield the files that are of a known kind, or were not opened."""
        profiles = self.profiles
        shared: dict[tuple[int, int, float], Classified] = {}
        for key, size, etag, known, number, records, record_bytes in self.rows:
            found = None
            if number != UNOPENED:
                found = shared.get((number, records, record_bytes))
                if found is None:
                    if len(shared) >= _MOST_SHARED:
                        shared.clear()
                    found = replace(profiles[number], records=records, record_bytes=record_bytes)
                    shared[number, records, record_bytes] = found
                if not found.is_known:
                    continue
            one = FoundObject(bucket=self._bucket, key=key, size=size, etag=etag)
            yield LookedAt(file=file_of(one, self._prefix), found=found, known=bool(known))

    def usable_keys(self) -> Iterator[str]:
        """Yield the keys of the files that are of a known kind, or were not opened."""
        unknown = {number for number, one in enumerate(self._profiles) if not one.is_known}
        for row in self.rows:
            if row[4] not in unknown:
                yield row[0]
