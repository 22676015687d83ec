"""Columns of files: how two lists of them become one, and whether many are alike.

https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html; how alike they
must be is told by the knowledge center (How does the AWS Glue crawler detect the schema?).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from glueball.crawl.hive_types import (
    Field,
    HiveType,
    bounded,
    likeness_of_fields,
    merge,
    parse,
    text_of,
)

#: two files are alike from this likeness on, and a level of folders from this share of it on
THRESHOLD: Final = 0.7
#: kinds of schemas that one table may have
_MOST_CLUSTERS: Final = 5
_LONGEST_NAME: Final = 255
#: what the API takes for no part of a column's name
_UNPRINTABLE = re.compile("[^\\t\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of a file or a table."""

    name: str  #: in lower case, as the catalog has it
    type: HiveType
    spelled: str  #: as the file spells it, but for what the API takes in no text


Schema: TypeAlias = tuple[Column, ...]


def schema_of(fields: Iterable[Field]) -> Schema:
    """Name columns as the catalog does: in lower case, printable, each name once."""
    taken: set[str] = set()
    same: Counter[str] = Counter()
    columns = []
    for place, field in enumerate(fields):
        spelled = _UNPRINTABLE.sub("_", field.name)
        plain = spelled.lower()[:_LONGEST_NAME] or f"col{place}"
        name = unused(plain, taken, same[plain])
        same[plain] += 1
        taken.add(name)
        columns.append(Column(name=name, type=bounded(field.type), spelled=spelled))
    return tuple(columns)


def fits_a_name(text: str) -> bool:
    """Tell whether the API takes a text as a column's name, but for its length."""
    return not _UNPRINTABLE.search(text)


def unused(name: str, taken: set[str], number: int = 0) -> str:
    """Return a name, with a number after it if it is taken: id, id_1, id_2.

    Args:
        name: the name that is wanted.
        taken: those that it may not be.
        number: how many of these come of the same name; it saves trying them.
    """
    found = name
    while found in taken:
        number = max(number, 1)
        ending = f"_{number}"
        found = name[: _LONGEST_NAME - len(ending)] + ending
        number += 1
    return found


def counted(schemas: Iterable[Schema]) -> dict[Schema, int]:
    """Return how often each schema occurs, in the order in which they first do.

    Most are the same objects; comparing columns by their values takes many times as long.
    """
    every = list(schemas)
    objects = {id(schema): schema for schema in every}
    counts: dict[Schema, int] = {}
    for identity, count in Counter(map(id, every)).items():
        schema = objects[identity]
        counts[schema] = counts.get(schema, 0) + count
    return counts


def merge_schemas(schemas: Iterable[Schema]) -> Schema:
    """Return the columns of all, those of the first first, with types that hold all values."""
    merged: dict[str, Column] = {}
    for schema in counted(schemas):
        for column in schema:
            known = merged.get(column.name)
            merged[column.name] = column if known is None else _merged(known, column)
    return tuple(merged.values())


def _merged(known: Column, column: Column) -> Column:
    return Column(name=known.name, type=merge(known.type, column.type), spelled=known.spelled)


def similarity(one: Schema, other: Schema) -> float:
    """Return which share of the columns of the wider one both have, from 0 to 1.

    A column whose type is another scalar counts half.
    """
    return likeness_of_fields(_fields(one), _fields(other))


def _fields(schema: Schema) -> list[Field]:
    return [Field(column.name, column.type) for column in schema]


def are_alike(schemas: Sequence[Schema], of: int | None = None) -> bool:
    """Tell whether schemas belong to one table.

    They do if 70 % are similar to the one that occurs most, and they are of five kinds at most.

    Args:
        schemas: of the files of a folder, or of the folders of a level.
        of: how many there are at the level, with those that cannot belong; by default only these.
    """
    counts = counted(schemas)
    # The order of files must not decide: of schemas that are as frequent, their text does.
    ranked = sorted(counts, key=lambda schema: (-counts[schema], _text(schema)))
    clusters: list[tuple[Schema, int]] = []
    for schema in ranked:
        for place, (first, count) in enumerate(clusters):
            if similarity(first, schema) >= THRESHOLD:
                clusters[place] = first, count + counts[schema]
                break
        else:
            clusters.append((schema, counts[schema]))
            if len(clusters) > _MOST_CLUSTERS:
                return False
    total = len(schemas) if of is None else of
    largest = max((count for _, count in clusters), default=0)
    return largest >= THRESHOLD * total


def _text(schema: Schema) -> str:
    return ",".join(f"{column.name}:{text_of(column.type)}" for column in schema)


def columns_document(schema: Schema) -> list[dict[str, str]]:
    """Return AWS's `Columns`."""
    return [{"Name": column.name, "Type": text_of(column.type)} for column in schema]


def schema_from(columns: Iterable[dict[str, str]]) -> Schema:
    """Read AWS's `Columns`."""
    return tuple(
        Column(
            name=column["Name"].lower(),
            type=parse(column.get("Type") or "string"),
            spelled=column["Name"],
        )
        for column in columns
    )
