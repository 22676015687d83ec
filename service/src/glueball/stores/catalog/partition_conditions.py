"""Predicates over partitions as conditions of SQL.

The conditions of a filter are written so that no database takes an index for them: which index
leads is decided by `partition_search.py`, which knows how much each of them would read.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from glueball.core import spans
from glueball.core.partition_predicates import AllOf, AnyOf, Predicate, ValueIn, ValueLike
from glueball.core.partition_values import UNREADABLE
from glueball.core.spans import Span, Spans
from glueball.stores.catalog.schema import VALUE_COLUMNS, partitions

#: in GLOB these stand for others; in brackets they stand for themselves
_GLOB: Final = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})


class _Like(sa.ColumnElement[bool]):
    """Whether a text is like a pattern; case counts, and nothing escapes a wildcard."""

    inherit_cache = False  # a statement with a pattern is compiled anew
    type = sa.Boolean()

    def __init__(self, text: sa.ColumnElement[Any], pattern: str) -> None:
        self.text = text
        self.pattern = pattern


@compiles(_Like)
def _like(element: _Like, compiler: Any, **more: Any) -> str:
    pattern = sa.bindparam(None, element.pattern, sa.Text(), unique=True)
    text = compiler.process(element.text, **more)
    return f"{text} LIKE {compiler.process(pattern, **more)} ESCAPE ''"


@compiles(_Like, "sqlite")
def _glob(element: _Like, compiler: Any, **more: Any) -> str:
    """SQLite's LIKE takes capital letters for small ones; its GLOB does not."""
    pattern = sa.bindparam(None, element.pattern.translate(_GLOB), sa.Text(), unique=True)
    return f"{compiler.process(element.text, **more)} GLOB {compiler.process(pattern, **more)}"


class _MoreValue(sa.ColumnElement[str]):
    """The value of a key that has no column of its own."""

    inherit_cache = False
    type = sa.Text()

    def __init__(self, index: int) -> None:
        self.index = index


@compiles(_MoreValue)
def _more_value(element: _MoreValue, compiler: Any, **more: Any) -> str:
    texts = compiler.process(partitions.c.more_values, **more)
    return f"(CAST({texts} AS JSON) ->> {element.index})"


@compiles(_MoreValue, "sqlite")
def _extracted(element: _MoreValue, compiler: Any, **more: Any) -> str:
    return (
        f"json_extract({compiler.process(partitions.c.more_values, **more)}, '$[{element.index}]')"
    )


def filter_of(predicate: Predicate) -> sa.ColumnElement[bool]:
    """Return the condition that partitions meet for which a predicate is true."""
    match predicate:
        case ValueIn(place=place, true=true):
            return among(unindexed(place), true)
        case ValueLike(place=place, pattern=pattern, negated=is_negated):
            like = _Like(unindexed(place), pattern)
            return sa.not_(like) if is_negated else like
        case AllOf(parts=parts):
            return sa.and_(*(filter_of(part) for part in parts))
        case AnyOf(parts=parts):
            return sa.or_(*(filter_of(part) for part in parts))


def among(value: sa.ColumnElement[Any], values: Spans) -> sa.ColumnElement[bool]:
    """Return the condition that a value lies in a set."""
    texts = [start[1] for start, end in values if spans.is_point((start, end))]
    conditions = [within(value, span) for span in values if not spans.is_point(span)]
    if texts:
        conditions.append(value.in_([sa.bindparam(None, text, unique=True) for text in texts]))
    return sa.or_(sa.false(), *conditions)


def within(value: sa.ColumnElement[Any], span: Span) -> sa.ColumnElement[bool]:
    """Return the condition that a value lies in a span."""
    (_, low, is_behind_low), (end_rank, high, is_behind_high) = span
    conditions = []
    if span[0] != spans.START:
        conditions.append(value > low if is_behind_low else value >= low)
    if not end_rank:
        conditions.append(value <= high if is_behind_high else value < high)
    return sa.and_(sa.true(), *conditions)


def unindexed(place: int) -> sa.ColumnElement[Any]:
    """Return the value of a key, as something that no index holds."""
    if place < VALUE_COLUMNS:
        return sa.func.coalesce(partitions.c[f"value_{place}"], UNREADABLE)
    return _MoreValue(place - VALUE_COLUMNS)
