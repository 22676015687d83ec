"""What becomes of tables and partitions that a crawl has not found, by what lies where they lie."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from glueball.crawl.names import location_of
from glueball.crawl.spools import SortedTexts
from glueball.crawl.table_inputs import CRAWLER


class Fate(Enum):
    """What becomes of a table or a partition of the catalog that a crawl has not found."""

    NONE = auto()  #: it is not the crawler's, or lies where the crawl has not looked
    GONE = auto()  #: S3 has nothing there any more
    REGROUPED = auto()  #: its files are there, and are other tables or partitions
    PASSED_OVER = auto()  #: files are there, but none is part of a table: excluded ones, say


class Keys:
    """Objects of a bucket, found by where they lie.

    Args:
        bucket: its name.
        keys: those of the objects.
    """

    def __init__(self, bucket: str, keys: Iterable[str]) -> None:
        self._start = f"s3://{bucket}/"
        # Python orders text as S3 orders keys, so mostly there is nothing to sort.
        self._keys = keys if isinstance(keys, SortedTexts) else sorted(keys)

    def have(self, location: str) -> bool:
        """Tell whether an object lies at a location, or below it as in a folder."""
        if not f"{location}/".startswith(self._start):
            return False
        key = location[len(self._start) :]
        if not key or key.endswith("/"):
            return self._any_begins(key)
        return self._ceiling(key) == key or self._any_begins(f"{key}/")

    def _any_begins(self, prefix: str) -> bool:
        key = self._ceiling(prefix)
        return key is not None and key.startswith(prefix)

    def _ceiling(self, text: str) -> str | None:
        """Return the first key that is not smaller than a text."""
        if isinstance(self._keys, SortedTexts):
            return self._keys.ceiling(text)
        place = bisect_left(self._keys, text)
        return self._keys[place] if place < len(self._keys) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A place where a crawl has looked."""

    base: str  #: what it covers, with a slash behind it
    everything: Keys  #: all objects with anything in them, excluded and hidden ones too
    used: Keys  #: those that are part of the tables that were found


class Places:
    """All places where a crawl has looked.

    Args:
        places: they may lie in one another.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = tuple(places)

    def covers(self, location: str) -> bool:
        """Tell whether a location is one that the crawl has looked at."""
        folder = f"{location.rstrip('/')}/"
        return bool(location) and any(folder.startswith(one.base) for one in self._places)

    def fate(self, known: Mapping[str, Any], crawler: str) -> Fate:
        """Tell what becomes of a table or a partition that was not found.

        It belongs to the crawler that has made it, whose name it bears: what others have made, and
        people above all, is none of its business, whoever has updated it since. Data is gone only
        if S3 has lost it. Files that are excluded now, or that one stray file has made tables of
        their own, are there: nothing is deleted on their account.

        Args:
            known: AWS's `Table` or `Partition`.
            crawler: the name of the crawler.
        """
        location = location_of(known)
        if (known.get("Parameters") or {}).get(CRAWLER) != crawler or not self.covers(location):
            return Fate.NONE
        if any(one.used.have(location) for one in self._places):
            return Fate.REGROUPED
        there = any(one.everything.have(location) for one in self._places)
        return Fate.PASSED_OVER if there else Fate.GONE


def are_related(location: str, other: str) -> bool:
    """Tell whether one location lies in the other, or is the same."""
    one, two = f"{location.rstrip('/')}/", f"{other.rstrip('/')}/"
    return bool(location and other) and (one.startswith(two) or two.startswith(one))
