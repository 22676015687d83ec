"""What a crawl has found: files, what they have in common, tables and their partitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from glueball.crawl import hive_types as hive
from glueball.crawl.hive_types import Field
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.listing import FoundFile
from glueball.crawl.schemas import Column, Schema, merge_schemas, schema_of, unused

#: what Hive calls the value of a partition whose key is null, or empty
NULL_VALUE: Final = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, kw_only=True, slots=True)
class LookedAt:
    """A file of a listing, and what it is."""

    file: FoundFile
    found: Classified | None = None  #: None: it is one of many in its folder that were not opened
    known: bool = False  #: the catalog knows its folder already; it was not opened for that reason

    @property
    def location(self) -> str:
        return self.file.object.location


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What files of one kind hold."""

    schema: Schema = ()
    objects: int = 0
    size: int = 0  #: bytes, as they are stored
    records: int = 0  #: estimated
    record_bytes: float = 0.0  #: that a record has on average, unpacked
    quoted: bool = False  #: of csv: whether there are quotes around values
    multi_line: bool = False  #: of json: whether there are line ends within values
    avro_schema: str = ""  #: JSON


def contents_of(files: Iterable[LookedAt]) -> Contents:
    """Return what files hold; those that were not opened hold as much as the others, by size."""
    listed = list(files)
    seen = [(one.file.object.size, one.found) for one in listed if one.found is not None]
    merged = merge_contents(_contents(size, found) for size, found in seen)
    size = sum(one.file.object.size for one in listed)
    share = size / merged.size if merged.size else 1.0
    return Contents(
        schema=merged.schema,
        objects=len(listed),
        size=size,
        records=round(merged.records * share),
        record_bytes=merged.record_bytes,
        quoted=merged.quoted,
        multi_line=merged.multi_line,
        avro_schema=merged.avro_schema,
    )


def _contents(size: int, found: Classified) -> Contents:
    return Contents(
        schema=found.schema,
        objects=1,
        size=size,
        records=found.records,
        record_bytes=found.record_bytes,
        quoted=found.quoted,
        multi_line=found.multi_line,
        avro_schema=found.avro_schema,
    )


def merge_contents(contents: Iterable[Contents]) -> Contents:
    """Return what is held together: the columns of all, those of the first first."""
    parts = list(contents)
    records = sum(part.records for part in parts)
    total_bytes = sum(part.records * part.record_bytes for part in parts)
    return Contents(
        schema=merge_schemas(part.schema for part in parts),
        objects=sum(part.objects for part in parts),
        size=sum(part.size for part in parts),
        records=records,
        record_bytes=total_bytes / records if records else 0.0,
        quoted=any(part.quoted for part in parts),
        multi_line=any(part.multi_line for part in parts),
        # The longest one has the most fields, about; readers fill in what others lack.
        avro_schema=max(
            (part.avro_schema for part in parts), key=lambda text: (len(text), text), default=""
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundPartition:
    """A folder that is a partition of a table."""

    values: tuple[str, ...]
    location: str  #: "s3://bucket/orders/year=2024/"
    contents: Contents


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundTable:
    """A table, as the files have it."""

    stem: str  #: the name of its folder or file, which its own is made of
    location: str  #: "s3://bucket/orders/", or that of the one file that it has
    kind: Kind
    contents: Contents
    keys: tuple[str, ...] = ()  #: the names of its partition keys
    partitions: tuple[FoundPartition, ...] = ()

    def columns_of(self, contents: Contents) -> Schema:
        """Return the columns of the table or of a partition, without the partition keys.

        No name may occur twice. Where columns are found by their names, the key takes the place of
        the column; where they are found by their order, the column gets another name.
        """
        taken = set(self.keys)
        if self.kind.classification != "csv":
            return tuple(column for column in contents.schema if column.name not in taken)
        columns = []
        for column in contents.schema:
            name = unused(column.name, taken)
            taken.add(name)
            columns.append(Column(name=name, type=column.type, spelled=column.spelled))
        return tuple(columns)


def key_of(folder: str) -> str:
    """Return the partition key that a folder's name tells, as in `key=value`; else "".

    >>> key_of("Year=2024"), key_of("2024"), key_of("=2024")
    ('year', '', '')
    """
    key, separator, _ = folder.partition("=")
    return unquote(key).lower() if separator else ""


def value_of(folder: str) -> str:
    """Return the value that a folder's name stands for; Hive escapes what no name may hold.

    >>> value_of("at=10%3A30"), value_of("10%3A30"), value_of("at=")
    ('10:30', '10%3A30', '__HIVE_DEFAULT_PARTITION__')
    """
    value = unquote(folder.partition("=")[2]) if key_of(folder) else folder
    return value or NULL_VALUE


def key_names(keys: Sequence[str]) -> tuple[str, ...]:
    """Return the names of partition keys: those that folders tell, else partition_0, partition_1.

    Args:
        keys: of each level what its folders tell; "" where they tell nothing.
    """
    unnamed = iter(range(len(keys)))
    named = [key or f"partition_{next(unnamed)}" for key in keys]
    return tuple(column.name for column in schema_of(Field(name, hive.STRING) for name in named))
