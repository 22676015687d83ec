"""What the catalog knows of a target's folders, so that a crawl of new folders passes them over.

https://docs.aws.amazon.com/glue/latest/dg/incremental-crawls.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from glueball.crawl.grouping import group_as
from glueball.crawl.kinds import Kind
from glueball.crawl.listing import Listing
from glueball.crawl.names import location_of
from glueball.crawl.schemas import THRESHOLD, schema_from, similarity
from glueball.crawl.tables import Contents, FoundTable, LookedAt


class KnownPlaces:
    """Folders and files that tables and partitions of the catalog lie at.

    Args:
        locations: of partitions, and of tables without partitions.
    """

    def __init__(self, locations: Iterable[str]) -> None:
        self._locations = {location.rstrip("/") for location in locations if location}

    def have(self, location: str) -> bool:
        """Tell whether a file lies at one of them, or below."""
        while "/" in location.removeprefix("s3://"):
            if location in self._locations:
                return True
            location = location.rpartition("/")[0]
        return location in self._locations


def as_found(table: Mapping[str, Any]) -> FoundTable:
    """Return a table of the catalog as something whose files are looked for."""
    parameters = table.get("Parameters") or {}
    return FoundTable(
        stem=table["Name"],
        location=location_of(table),
        kind=Kind(classification=str(parameters.get("classification") or "").lower()),
        contents=Contents(),
        keys=tuple(key["Name"].lower() for key in table.get("PartitionKeys") or ()),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFolders:
    """What new files are to a table that is there."""

    table: FoundTable  #: with the partitions that fit
    skipped: tuple[str, ...]  #: why others do not, for the log
    misfits: tuple[LookedAt, ...]


def new_folders(
    table: Mapping[str, Any], listing: Listing, files: Sequence[LookedAt]
) -> NewFolders:
    """Return the new partitions of a table.

    Folders with schemas that are not like the table's are told of in the log, and not added.

    Args:
        table: AWS's `Table`.
        listing: of the table's location.
        files: of folders that the catalog does not know.
    """
    found, misfits = group_as(as_found(table), listing, files)
    columns = schema_from((table.get("StorageDescriptor") or {}).get("Columns") or ())
    fitting, skipped = [], []
    for partition in found.partitions:
        if similarity(columns, found.columns_of(partition.contents)) >= THRESHOLD:
            fitting.append(partition)
        else:
            skipped.append(f"Its schema is not that of the table, skipped: {partition.location}")
    folders = sorted({one.location.rpartition("/")[0] + "/" for one in misfits})
    skipped += [
        f"Folder partition keys or format do not match those of the table, skipped folder: {one}"
        for one in folders
    ]
    return NewFolders(
        table=replace(found, partitions=tuple(fitting)),
        skipped=tuple(skipped),
        misfits=tuple(misfits),
    )


def rebased(
    listing: Listing, location: str, files: Iterable[LookedAt]
) -> tuple[Listing, list[LookedAt]]:
    """Return the files below a table's location as a listing of that location would have them."""
    base = f"{location.rstrip('/')}/"
    below = []
    for one in files:
        if one.location.startswith(base):
            *folders, name = one.location[len(base) :].split("/")
            file = replace(one.file, folders=tuple(folders), name=name)
            below.append(replace(one, file=file))
    return Listing(base=base, files=[one.file for one in below]), below
