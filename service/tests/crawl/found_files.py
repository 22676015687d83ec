"""Files that were looked at, written shortly: a path, a kind and columns."""

from __future__ import annotations

from collections.abc import Sequence

from glueball.crawl.hive_types import parse
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.listing import FoundFile, Listing
from glueball.crawl.objects import FoundObject
from glueball.crawl.schemas import Column, Schema
from glueball.crawl.tables import LookedAt

BASE = "s3://lake/shop/"
_PREFIX = "shop/"

CSV = Kind(classification="csv", delimiter=",", header=True)
HEADLESS = Kind(classification="csv", delimiter=",")
JSON = Kind(classification="json")
PARQUET = Kind(classification="parquet")


def schema(text: str) -> Schema:
    """Read columns: "id:int name:string"."""
    columns = []
    for part in text.split():
        name, _, data_type = part.partition(":")
        columns.append(Column(name=name.lower(), type=parse(data_type or "string"), spelled=name))
    return tuple(columns)


def found_file(path: str, size: int = 100) -> FoundFile:
    """Return a file of the listing of s3://lake/shop/."""
    *folders, name = path.split("/")
    found = FoundObject(bucket="lake", key=_PREFIX + path, size=size)
    return FoundFile(object=found, folders=tuple(folders), name=name)


def looked_at(
    path: str,
    columns: str = "id:int name:string",
    kind: Kind = JSON,
    *,
    size: int = 100,
    records: int = 10,
    first_row: str = "",
) -> LookedAt:
    """Return a file whose kind is known."""
    return LookedAt(
        file=found_file(path, size),
        found=Classified(
            kind=kind,
            schema=schema(columns),
            records=records,
            record_bytes=size / records,
            first_row=schema(first_row),
        ),
    )


def not_opened(path: str, *, known: bool = False, size: int = 100) -> LookedAt:
    """Return a file of which only the name is known."""
    return LookedAt(file=found_file(path, size), known=known)


def listing_of(files: Sequence[LookedAt], base: str = BASE) -> Listing:
    """Return the listing that files are of."""
    return Listing(base=base, files=[one.file for one in files])
