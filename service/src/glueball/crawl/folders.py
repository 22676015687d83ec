"""The folders of a target, the deepest first."""

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


def deepest_first(files: Iterable[LookedAt]) -> Iterator[Folder]:
    """Yield the folders that files lie in, and all that those lie in: the deepest ones first.

    What is yielded does not depend on the order of the files.
    """
    found: dict[Path, Folder] = {(): Folder(())}
    for one in sorted(files, key=lambda one: one.file.object.key):
        path = one.file.folders
        for depth in range(1, len(path) + 1):
            inner = path[:depth]
            if inner not in found:
                found[inner] = Folder(inner)
                found[path[: depth - 1]].folders.append(inner)
        found[path].files.append(one)
    # No recursion: a key may have five hundred folders in it.
    for folder in sorted(found.values(), key=lambda one: (-len(one.path), one.path)):
        folder.folders.sort()
        yield folder


def with_headers(files: Sequence[LookedAt]) -> list[LookedAt]:
    """Let csv files have a header whose first line names the columns that others' headers name.

    A file of nothing but texts does not tell by itself whether its first line is a header.
    """
    named = defaultdict[Kind, set[tuple[str, ...]]](set)
    for one in files:
        if one.found is not None and one.found.kind.header:
            named[one.found.kind].add(_names(one.found))
    return [_with_header(one, named) for one in files]


def _with_header(one: LookedAt, named: dict[Kind, set[tuple[str, ...]]]) -> LookedAt:
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
    return replace(one, found=titled) if _names(titled) in named.get(kind, ()) else one


def _names(found: Classified) -> tuple[str, ...]:
    return tuple(column.name for column in found.schema)
