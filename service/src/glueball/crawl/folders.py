"""The folders of a target, each behind those in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.tables import LookedAt

#: names of folders, from the include path down
Path: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class Folder:
    """A folder with files in it or below it."""

    path: Path
    files: list[LookedAt] = field(default_factory=list)  #: that lie in it directly, by name
    folders: list[Path] = field(default_factory=list)  #: those in it, by name


def inner_first(files: Iterable[LookedAt]) -> Iterator[Folder]:
    """Yield the folders that files lie in, and all that those lie in: each behind those in it.

    Only the folders between the root and the file that is looked at are kept, so it takes no more
    memory the more files there are.

    Args:
        files: in order of their keys; a list may be in any order.
    """
    if isinstance(files, list):
        files = sorted(files, key=lambda one: one.file.object.key)
    open_folders = [Folder(())]
    for one in files:
        path = one.file.folders
        while open_folders[-1].path != path[: len(open_folders) - 1]:
            yield _closed(open_folders)
        for depth in range(len(open_folders), len(path) + 1):
            open_folders[-1].folders.append(path[:depth])
            open_folders.append(Folder(path[:depth]))
        open_folders[-1].files.append(one)
    while open_folders:
        yield _closed(open_folders)


def _closed(open_folders: list[Folder]) -> Folder:
    folder = open_folders.pop()
    folder.folders.sort()
    return folder


class Headers:
    """The headers of csv files, which others that are nothing but texts may have, too.

    Such a file does not tell by itself whether its first line is a header.

    Args:
        classified: what the files are.
    """

    def __init__(self, classified: Iterable[Classified | None]) -> None:
        self._named = defaultdict[Kind, set[tuple[str, ...]]](set)
        for found in classified:
            if found is not None and found.kind.header:
                self._named[found.kind].add(_names(found))

    def applied(self, one: LookedAt) -> LookedAt:
        """Let a csv file have a header if its first line names the columns that a header names."""
        found = one.found
        if found is None or not found.first_row:
            return one
        kind = replace(found.kind, header=True)
        titled = replace(
            found,
            kind=kind,
            schema=found.first_row,
            records=max(0, found.records - 1),
            first_row=(),
        )
        if _names(titled) not in self._named.get(kind, ()):
            return one
        return replace(one, found=titled)


def with_headers(files: Sequence[LookedAt]) -> list[LookedAt]:
    """Let csv files have a header whose first line names the columns that others' headers name."""
    headers = Headers(one.found for one in files)
    return [headers.applied(one) for one in files]


def _names(found: Classified) -> tuple[str, ...]:
    return tuple(column.name for column in found.schema)
