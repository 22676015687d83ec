"""CSV: the delimiter, whether there is a header, and the types of the columns.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html has the rules: two columns and two
rows at least; a header is all strings, each short and fit for a column's name, and in some row
stands something else than strings. What is silent there is how uneven rows may be: here nine of
ten have as many values as the first.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from glueball.crawl import hive_types as hive
from glueball.crawl.classifiers.texts import text_of, whole_lines
from glueball.crawl.hive_types import Field, HiveType, Scalar
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.samples import MEGABYTE, Beginning, Sample
from glueball.crawl.schemas import Schema, fits_a_name, schema_of

#: in AWS's order, which decides between those that fit as well
_DELIMITERS: Final = (",", "|", "\t", ";", "\x01")
_MOST_ROWS: Final = 1000
_EVEN: Final = 0.9
_LONGEST_TITLE: Final = 150

_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_FRACTION = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BOOLEAN = re.compile(r"true|false", re.IGNORECASE)

#: values may be as long as what is looked at: polygons are. The limit is that of the whole process.
csv.field_size_limit(MEGABYTE)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    """A text, divided by one delimiter."""

    delimiter: str
    rows: Sequence[Sequence[str]]  #: those that are not blank
    width: int  #: how many values the first row has
    even: float  #: the share of rows that have as many


def recognise(sample: Sample) -> Classified | None:
    """Return what a csv file is; None where the sample is none.

    Raises:
        ObjectGone: the file is no longer there.
    """
    beginning = sample.beginning()
    text = text_of(beginning)
    if text is None:
        return None
    lines = whole_lines(text, beginning)
    tables = [_divided(lines, delimiter) for delimiter in _DELIMITERS if delimiter in lines]
    fitting = [one for one in tables if one.width > 1 and len(one.rows) > 1 and one.even >= _EVEN]
    if not fitting:
        return None
    return _classified(sample, beginning, lines, max(fitting, key=lambda one: one.even))


def _divided(text: str, delimiter: str) -> _Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = list(islice((row for row in reader if any(map(str.strip, row))), _MOST_ROWS))
    width = len(rows[0]) if rows else 0
    alike = sum(len(row) == width for row in rows)
    return _Table(
        delimiter=delimiter, rows=rows, width=width, even=alike / len(rows) if rows else 0.0
    )


def _classified(sample: Sample, beginning: Beginning, text: str, table: _Table) -> Classified:
    first, *rest = table.rows
    types = _types(rest, table.width)
    titles = schema_of(_titled(first, types))
    header = _is_header(first, titles)
    rows = rest if header else table.rows
    looked_at = _bytes_of(table, text, beginning)
    records = len(rows)
    if len(table.rows) >= _MOST_ROWS or not beginning.complete:
        share = looked_at / max(1, len(beginning.data))
        records = round(len(rows) * sample.size / max(1.0, beginning.packed * share))
    return Classified(
        kind=Kind(
            classification="csv",
            compression=sample.compression,
            delimiter=table.delimiter,
            header=header,
        ),
        schema=titles if header else schema_of(_numbered(first, types)),
        records=records,
        record_bytes=looked_at / len(table.rows),
        quoted=re.search(rf'(?:^|[\r\n]|{re.escape(table.delimiter)})"', text) is not None,
        first_row=() if header or not _may_be_header(first) else titles,
    )


def _titled(first: Sequence[str], types: Sequence[HiveType]) -> list[Field]:
    return [
        Field(title.strip() or f"col{place}", kind)
        for place, (title, kind) in enumerate(zip(first, types, strict=True))
    ]


def _numbered(first: Sequence[str], types: Sequence[HiveType]) -> list[Field]:
    """Return the columns of rows of which the first is no header, but one of them."""
    return [
        Field(f"col{place}", hive.merge(_type_of([value]), kind))
        for place, (value, kind) in enumerate(zip(first, types, strict=True))
    ]


def _bytes_of(table: _Table, text: str, beginning: Beginning) -> float:
    """Return how many bytes the rows are that were looked at, about."""
    if len(table.rows) < _MOST_ROWS:
        return len(beginning.data)
    marks = sum(len(value) + 1 for row in table.rows for value in row)
    return len(beginning.data) * min(1.0, marks / max(1, len(text)))


def _is_header(first: Sequence[str], titles: Schema) -> bool:
    """Tell whether a row names the columns of the others, which have these types."""
    return _may_be_header(first) and any(
        column.type not in (hive.STRING, hive.NOTHING) for column in titles
    )


def _may_be_header(first: Sequence[str]) -> bool:
    """Tell whether a row could name columns, by itself.

    The last one may be empty, as lines may end in a delimiter, and it may be long.
    """
    *titles, last = (title.strip() for title in first)
    short = all(len(title) < _LONGEST_TITLE for title in titles)
    return short and all(map(_is_title, titles)) and (not last or _is_title(last))


def _is_title(text: str) -> bool:
    return fits_a_name(text) and _type_of([text]) == hive.STRING


def _types(rows: Sequence[Sequence[str]], width: int) -> list[HiveType]:
    return [_type_of([row[place] for row in rows if place < len(row)]) for place in range(width)]


def _type_of(values: Sequence[str]) -> HiveType:
    """Return the type of a column's values; blank ones say nothing."""
    types: dict[str, HiveType] = {}  # by name: types themselves take long to compare
    for value in values:
        stripped = value.strip()
        if stripped:
            value_type = _type_of_value(stripped)
            if value_type is hive.STRING:
                return value_type
            types[value_type.name] = value_type
    return hive.merge_all(list(types.values()))


def _type_of_value(text: str) -> Scalar:
    if text[0].isalpha():  # neither number nor sign: most texts
        return hive.BOOLEAN if _BOOLEAN.fullmatch(text) else hive.STRING
    if _WHOLE.fullmatch(text):
        return hive.BIGINT if -(2**63) <= int(text) < 2**63 else hive.STRING
    # A whole number of more digits than a bigint has would lose some as a double.
    if _FRACTION.fullmatch(text):
        return hive.DOUBLE if not text.lstrip("+-").isdigit() else hive.STRING
    return hive.STRING
