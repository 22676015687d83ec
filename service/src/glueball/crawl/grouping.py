"""From files to tables: which folders are tables, and which are partitions of one.

"When the majority of schemas at a folder level are similar, the crawler creates partitions of a
table instead of separate tables"; the table's root is as high as that goes.
https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html,
crawler-grouping-policy.html and crawler-table-level.html. What these leave open:

- Files of a folder are alike as folders are: 70 % of them. Otherwise each is a table of its own.
- Where files and folders lie side by side, they are one table without partitions if all of them are
  alike and no folder tells a key; otherwise the files are tables of their own.
- Folders that do not fit into a level that is alike in the main are tables of their own; files that
  do not fit into their folder are left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from glueball.crawl.classified_files import ClassifiedFiles
from glueball.crawl.folders import Folder, Headers, Path, inner_first, with_headers
from glueball.crawl.kinds import Kind
from glueball.crawl.listing import Listing
from glueball.crawl.schemas import THRESHOLD, Schema, are_alike
from glueball.crawl.tables import (
    Contents,
    FoundPartition,
    FoundTable,
    LookedAt,
    contents_of,
    key_names,
    key_of,
    merge_contents,
    value_of,
)

_BUCKET_LEVEL: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Grouped:
    """What the files of a target are."""

    tables: tuple[FoundTable, ...]  #: in order of their locations
    misfits: tuple[LookedAt, ...] = ()  #: files that are part of no table
    doubled: tuple[FoundPartition, ...] = ()  #: folders that stand for the values of others


def group(
    listing: Listing,
    files: ClassifiedFiles | Sequence[LookedAt],
    *,
    combine: bool = False,
    table_level: int | None = None,
) -> Grouped:
    """Return the tables that files are.

    Args:
        listing: what the files are of.
        files: those whose kind is known or that were not opened. In which order a list is does not
            matter.
        combine: whether files of one kind are alike, whatever their columns are.
        table_level: how deep tables lie; the bucket is level 1. Above it nothing is put together.
            Where folders are not alike at it, tables lie deeper, as AWS's do.
    """
    grouping = _Grouping(listing, combine=combine, table_level=table_level)
    titled = _titled(files)
    if listing.is_object:
        grouping.one_by_one(one for one in titled if not one.known)
    else:
        for folder in inner_first(titled):
            grouping.decide(folder)
        grouping.finish(grouping.root_units)
    return Grouped(
        tables=tuple(sorted(grouping.tables, key=lambda one: (one.location, str(one.kind)))),
        misfits=tuple(grouping.misfits),
        doubled=tuple(grouping.doubled),
    )


def _titled(files: ClassifiedFiles | Sequence[LookedAt]) -> Iterable[LookedAt]:
    if isinstance(files, ClassifiedFiles):
        headers = Headers(files.profiles)
        return (headers.applied(one) for one in files)
    return with_headers(files)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Unit:
    """Files of one kind below a folder: a table, or a partition of one that is rooted higher."""

    folder: Path
    kind: Kind
    contents: Contents
    keys: tuple[str, ...] = ()  #: what the folders of each level below tell, "" where nothing
    partitions: tuple[tuple[Path, Contents], ...] = ()

    @property
    def own_key(self) -> str:
        return key_of(self.folder[-1])

    @property
    def structure(self) -> tuple[Kind, tuple[str, ...]]:
        """What units must have in common to become partitions of one table."""
        return self.kind, (self.own_key, *self.keys)

    @property
    def sort_key(self) -> tuple[Path, str, tuple[str, ...]]:
        return self.folder, str(self.kind), self.keys


@dataclass(slots=True)
class _Decided:
    """What a folder is to the one that it lies in."""

    units: list[_Unit] = field(default_factory=list)
    known: bool = False  #: it holds what the catalog knows: no table is rooted above it


class _Grouping:
    """Decides for one folder after the other, the inner ones first."""

    def __init__(self, listing: Listing, *, combine: bool, table_level: int | None) -> None:
        self._base = listing.base
        self._table_level = table_level
        # "s3://bucket/" has three slashes, and each folder one more.
        self._base_level = _BUCKET_LEVEL + listing.base.count("/") - 3
        self._combine = combine
        self._decided: dict[Path, _Decided] = {}
        self.tables: list[FoundTable] = []
        self.misfits: list[LookedAt] = []
        self.doubled: list[FoundPartition] = []

    @property
    def root_units(self) -> list[_Unit]:
        return self._decided[()].units

    def decide(self, folder: Folder) -> None:
        """Decide what a folder is; those in it are decided."""
        inner = [self._decided.pop(path) for path in folder.folders]
        known = any(one.known for one in inner) or any(one.known for one in folder.files)
        files = [one for one in folder.files if not one.known]
        units = [unit for one in inner for unit in one.units]
        if known or self._is_above_tables(folder):
            self.finish(units)
            units = self._alone(folder, files, lonely=not inner)
        elif inner and files:
            units = self._mixed(folder, files, inner)
        elif inner:
            units = self._of_folders(folder, units, len(inner))
        else:
            units = self._of_files(folder, files)
        self._decided[folder.path] = _Decided(units=units, known=known)

    def _is_above_tables(self, folder: Folder) -> bool:
        return self._base_level + len(folder.path) < (self._table_level or 0)

    def _alone(self, folder: Folder, files: list[LookedAt], *, lonely: bool) -> list[_Unit]:
        """Decide on files in a folder above which no table is rooted."""
        if lonely:
            return self._of_files(folder, files)
        self.one_by_one(files)
        return []

    def _mixed(self, folder: Folder, files: list[LookedAt], inner: list[_Decided]) -> list[_Unit]:
        """Decide on a folder with files and folders in it."""
        units = [unit for one in inner for unit in one.units]
        kind = self._kind_of(files)
        if kind is not None and len(units) == len(inner):
            fitting = [one for one in files if one.found is None or one.found.kind == kind]
            own = _Unit(folder=folder.path, kind=kind, contents=contents_of(fitting))
            plain = all(unit.kind == kind and not any(unit.structure[1]) for unit in units)
            schemas = [one.contents.schema for one in (own, *units)]
            if plain and (self._combine or are_alike(schemas)):
                self.misfits += [one for one in files if one not in fitting]
                whole = merge_contents(one.contents for one in (own, *units))
                return [_Unit(folder=folder.path, kind=kind, contents=whole)]
        self.one_by_one(files)
        return self._of_folders(folder, units, len(inner))

    def _of_files(self, folder: Folder, files: list[LookedAt]) -> list[_Unit]:
        """Decide on a folder without folders in it."""
        kind = self._kind_of(files)
        if kind is None:
            self.one_by_one(files)
            return []
        fitting = [one for one in files if one.found is None or one.found.kind == kind]
        self.misfits += [one for one in files if one.found and one.found.kind != kind]
        return [_Unit(folder=folder.path, kind=kind, contents=contents_of(fitting))]

    def _kind_of(self, files: Sequence[LookedAt]) -> Kind | None:
        """Return the kind of files that are alike; None where they are not."""
        schemas = defaultdict[Kind, list[Schema]](list)
        for one in files:
            if one.found is not None:
                schemas[one.found.kind].append(one.found.schema)
        if not schemas:
            return None
        kind = max(schemas, key=lambda kind: (len(schemas[kind]), str(kind)))
        total = sum(map(len, schemas.values()))
        if self._combine:
            return kind if len(schemas[kind]) >= THRESHOLD * total else None
        return kind if are_alike(schemas[kind], of=total) else None

    def _of_folders(self, folder: Folder, units: list[_Unit], total: int) -> list[_Unit]:
        """Put folders together that are partitions of one table; finish the others.

        Args:
            folder: what they lie in.
            units: what they are.
            total: how many folders there are, with those that are tables already.
        """
        groups = defaultdict[tuple[Kind, tuple[str, ...]], list[_Unit]](list)
        for unit in units:
            groups[unit.structure].append(unit)
        merged = []
        for fellows in groups.values():
            if self._belong_together(fellows, total):
                merged.append(_merged(folder.path, fellows))
            else:
                self.finish(fellows)
        return merged

    def _belong_together(self, units: Sequence[_Unit], total: int) -> bool:
        if self._combine:
            return len(units) > 1 or total == 1
        return are_alike([unit.contents.schema for unit in units], of=total)

    def one_by_one(self, files: Iterable[LookedAt]) -> None:
        """Make a table of each file; those that were not opened belong to none."""
        for one in files:
            if one.found is None:
                self.misfits.append(one)
                continue
            self.tables.append(
                FoundTable(
                    stem=one.file.name,
                    location=one.location,
                    kind=one.found.kind,
                    contents=contents_of([one]),
                )
            )

    def finish(self, units: Iterable[_Unit]) -> None:
        """Make a table of each unit."""
        for unit in units:
            partitions = self._partitions(unit)
            self.tables.append(
                FoundTable(
                    stem=unit.folder[-1] if unit.folder else self._base.rstrip("/").split("/")[-1],
                    location=self._location(unit.folder),
                    kind=unit.kind,
                    contents=unit.contents,
                    keys=key_names(unit.keys),
                    partitions=partitions,
                )
            )

    def _partitions(self, unit: _Unit) -> tuple[FoundPartition, ...]:
        partitions, doubled = partitions_of(
            [
                (path[len(unit.folder) :], self._location(path), contents)
                for path, contents in unit.partitions
            ]
        )
        self.doubled += doubled
        return partitions

    def _location(self, path: Path) -> str:
        return self._base + "".join(f"{name}/" for name in path)


def _merged(folder: Path, units: Sequence[_Unit]) -> _Unit:
    """Return the folder as a table whose partitions its folders are."""
    ranked = sorted(units, key=lambda unit: unit.sort_key)
    return _Unit(
        folder=folder,
        kind=ranked[0].kind,
        contents=merge_contents(unit.contents for unit in ranked),
        keys=ranked[0].structure[1],
        partitions=tuple(
            partition
            for unit in ranked
            for partition in (unit.partitions or ((unit.folder, unit.contents),))
        ),
    )


def partitions_of(
    folders: Iterable[tuple[Path, str, Contents]],
) -> tuple[tuple[FoundPartition, ...], list[FoundPartition]]:
    """Return folders as partitions, and those whose values another one has: `a=1` and `a=%31`.

    Args:
        folders: the names below the table's root, the location, and what is in it.
    """
    found: dict[tuple[str, ...], FoundPartition] = {}
    doubled = []
    for names, location, contents in folders:
        values = tuple(map(value_of, names))
        partition = FoundPartition(values=values, location=location, contents=contents)
        if found.setdefault(values, partition) is not partition:
            doubled.append(partition)
    return tuple(found.values()), doubled


def group_as(
    table: FoundTable, listing: Listing, files: Iterable[LookedAt]
) -> tuple[FoundTable, list[LookedAt]]:
    """Return a table as its files have it now, and the files that do not fit into it.

    A file fits if it is of the table's kind and lies as deep as the table has partition keys, or
    deeper; where the folders tell keys, they are those of the table.

    Args:
        table: what the catalog has: its place, its kind and its keys count.
        listing: what there is at the table's location.
        files: those whose kind is known or that were not opened.
    """
    titled = with_headers(list(files))
    kind = _likely_kind(table.kind, titled)
    if kind is None:
        return replace(table, contents=Contents(), partitions=()), titled
    folders = defaultdict[Path, list[LookedAt]](list)
    misfits = []
    for one in sorted(titled, key=lambda one: one.file.object.key):
        path = one.file.folders[: len(table.keys)]
        if (one.found is None or one.found.kind == kind) and _are_values(path, table.keys):
            folders[path].append(one)
        else:
            misfits.append(one)
    contents = {path: contents_of(found) for path, found in folders.items()}
    partitions, _ = partitions_of(
        (path, listing.base + "".join(f"{name}/" for name in path), found)
        for path, found in contents.items()
        if path
    )
    whole = merge_contents(contents.values())
    return replace(table, kind=kind, contents=whole, partitions=partitions), misfits


def _likely_kind(known: Kind, files: Iterable[LookedAt]) -> Kind | None:
    """Return the kind that most of the files have which fit into a table; None if none does."""
    kinds = Counter(one.found.kind for one in files if one.found is not None)
    fitting = [kind for kind in kinds if _is_like(kind, known)]
    return max(fitting, key=lambda kind: (kinds[kind], str(kind)), default=None)


def _is_like(kind: Kind, known: Kind) -> bool:
    """Tell whether files of a kind fit into a table, which may not say of which kind it is."""
    return known.classification in ("", kind.classification)


def _are_values(path: Path, keys: Sequence[str]) -> bool:
    """Tell whether folders are values of partition keys."""
    return len(path) == len(keys) and all(
        key_of(name) in ("", key) for name, key in zip(path, keys, strict=True)
    )
