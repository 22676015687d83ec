"""Which partitions of a table an expression chooses, a page at a time, in the order of values.

There are two ways to find them. One goes through the stretches of the order where they may lie,
and looks at each row there, until the page is full. The other collects all that an index of one
key's values offers, where these are few, and puts them in order. The first one reads much only
where few rows of a long stretch are chosen; then, mostly, an index offers few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from glueball.core import spans
from glueball.core.partition_order import PartitionOrder, Stretch, stretches_of
from glueball.core.partition_predicates import (
    AllOf,
    AnyOf,
    Predicate,
    ValueIn,
    ValueLike,
    is_within,
    like_values,
)
from glueball.core.spans import END, START, Span, Spans
from glueball.stores.catalog.partition_conditions import filter_of
from glueball.stores.catalog.partition_rows import BUCKETS
from glueball.stores.catalog.schema import VALUE_COLUMNS, partitions
from glueball.stores.lookups import Lookup

#: rows of an index that are collected and put in order, for one page
_MOST_COLLECTED: Final = 5_000
#: behind every position: values have 1,024 characters at most
_LAST: Final = "\U0010ffff" * 1025

_PLACE = (partitions.c.position, partitions.c.number)
_OF_TABLE = partitions.c.table_id == sa.bindparam("table")
_MOST: sa.BindParameter[int] = sa.bindparam("most")
_IN_STRETCH = (
    _OF_TABLE,
    partitions.c.position > sa.bindparam("after"),
    partitions.c.position < sa.bindparam("before"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """One of the parts that several readers divide a table into."""

    number: int  #: from 0
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """Rows that lie side by side: in the order of the partitions, or in an index of values."""

    stretch: Stretch = ("", None)
    place: int = 0  #: of the key whose index has the rows; 0: the order of the partitions
    values: Span = (START, END)  #: what lies side by side in that index


@dataclass(frozen=True, kw_only=True, slots=True)
class _Offer:
    """Sources that together hold every partition that a predicate chooses."""

    rows: int
    sources: tuple[_Source, ...]


class PartitionSearch:
    """The partitions of one table that an expression and a segment choose.

    Args:
        connection: where to read.
        table_id: the table's number.
        order: that of its partitions.
        predicate: what the expression says; None chooses all.
        segment: the part of the table to look at; None for all of it.
    """

    def __init__(
        self,
        connection: sa.Connection,
        table_id: int,
        order: PartitionOrder,
        predicate: Predicate | None = None,
        segment: Segment | None = None,
    ) -> None:
        self._connection = connection
        self._table_id = table_id
        self._stretches: Sequence[Stretch] = [("", None)]
        self._filtered: Predicate | None = None  # what the stretches do not say
        conditions = [] if segment is None else [_in_segment(segment)]
        if predicate is not None:
            self._stretches, places = order.stretches(predicate)
            if not is_within(predicate, places):
                self._filtered = predicate
                conditions.append(filter_of(predicate))
        self._conditions = conditions

    def page(self, *, after: str, limit: int) -> list[tuple[str, int]]:
        """Return positions and numbers of up to `limit` partitions, in order.

        Args:
            after: the position that the first one lies behind; "" begins with the first of all.
            limit: fewer come only where there are no more.
        """
        offer = self._better_offer(after)
        return self._walked(after, limit) if offer is None else self._collected(offer, after, limit)

    def _walked(self, after: str, limit: int) -> list[tuple[str, int]]:
        """Go through the stretches until the page is full."""
        query = _walk(self._conditions) if self._conditions else _WALK
        places: list[tuple[str, int]] = []
        for start, end in _behind(self._stretches, after):
            more = limit - len(places)
            places += self._run(query, after=start, before=end, most=more)
            if len(places) == limit:
                break
        return places

    def _collected(self, offer: _Offer, after: str, limit: int) -> list[tuple[str, int]]:
        """Read all that an offer has, and put it in order."""
        places = set[tuple[str, int]]()
        queries: dict[Any, Lookup] = {}
        for source in offer.sources:
            where = _where(source)
            if where not in queries:
                queries[where] = Lookup(sa.select(*_PLACE).where(*where, *self._conditions))
            for bounds in _bounds(source, after):
                places.update(self._run(queries[where], **bounds))
        return sorted(places)[:limit]

    def _better_offer(self, after: str) -> _Offer | None:
        """Return what reads less than a walk through the stretches, as far as that is certain."""
        if self._filtered is None:
            return None
        walk = self._counted(_Source(stretch=s) for s in _behind(self._stretches, after))
        return self._offer(self._filtered) if walk is None else None

    def _offer(self, predicate: Predicate) -> _Offer | None:
        """Return an offer of few rows; None where there is none."""
        match predicate:
            case ValueIn(place=place, true=values):
                return self._counted(_sources(place, values))
            case ValueLike(place=place):
                return self._counted(_sources(place, like_values(predicate)))
            case AllOf(parts=parts):
                offers = [offer for part in parts if (offer := self._offer(part)) is not None]
                return min(offers, key=lambda offer: offer.rows, default=None)
            case AnyOf(parts=parts):
                return self._sum(parts)

    def _sum(self, parts: Iterable[Predicate]) -> _Offer | None:
        rows, sources = 0, list[_Source]()
        for part in parts:
            offer = self._offer(part)
            if offer is None or rows + offer.rows > _MOST_COLLECTED:
                return None
            rows += offer.rows
            sources += offer.sources
        return _Offer(rows=rows, sources=tuple(sources))

    def _counted(self, sources: Iterable[_Source] | None) -> _Offer | None:
        """Return an offer of these sources; None where they have too many rows."""
        if sources is None:
            return None
        rows, counted = 0, list[_Source]()
        for source in sources:
            rows += self._count(source, _MOST_COLLECTED + 1 - rows)
            if rows > _MOST_COLLECTED:
                return None
            counted.append(source)
        return _Offer(rows=rows, sources=tuple(counted))

    def _count(self, source: _Source, most: int) -> int:
        """Count rows, up to `most`, without reading anything but an index."""
        rows = 0
        for bounds in _bounds(source, ""):
            (row,) = self._run(_counting(_where(source)), **bounds, most=most)
            rows += row[0]
        return rows

    def _run(self, query: Lookup, **values: object) -> list[tuple[Any, ...]]:
        return query.all(self._connection, table=self._table_id, **values)


def _walk(conditions: Iterable[sa.ColumnElement[bool]]) -> Lookup:
    query = sa.select(*_PLACE).where(*_IN_STRETCH, *conditions)
    return Lookup(query.order_by(partitions.c.position).limit(_MOST))


_WALK = _walk(())


def _sources(place: int, values: Spans) -> Iterable[_Source] | None:
    """Return where an index has the partitions with these values of a key; None: it has none."""
    if place >= VALUE_COLUMNS or values == spans.EVERYTHING:
        return None
    if place == 0:
        return [_Source(stretch=stretch) for stretch in stretches_of(values)]
    return [_Source(place=place, values=span) for span in values]


def _behind(stretches: Iterable[Stretch], after: str) -> Iterator[tuple[str, str]]:
    """Yield what of stretches lies behind a position."""
    for start, end in stretches:
        if end is None or end > after:
            yield max(start, after), end or _LAST


def _in_segment(segment: Segment) -> sa.ColumnElement[bool]:
    """Return the condition that partitions of a segment meet, whatever else is in the table."""
    size = BUCKETS // segment.total
    first = segment.number * size
    return partitions.c.bucket.between(first, first + size - 1)


def _where(source: _Source) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of a source's rows; sources of one kind have the same ones."""
    if source.place == 0:
        return _IN_STRETCH
    (_, _, is_behind_low), (is_end, _, is_behind_high) = source.values
    return _in_index(
        source.place,
        ">" if is_behind_low else ">=",
        "" if is_end else "<=" if is_behind_high else "<",
    )


@cache
def _in_index(place: int, low: str, high: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of a stretch of an index, between two bounds of these kinds.

    For one value, too, there are two bounds: for `=` SQLite prefers the primary key, of whose
    columns it then takes the first one alone.
    """
    value = partitions.c[f"value_{place}"]
    conditions = [_OF_TABLE, _BEHIND_UNINDEXED, value.op(low)(sa.bindparam("low"))]
    if high:
        conditions.append(value.op(high)(sa.bindparam("high")))
    return tuple(conditions)


def _bounds(source: _Source, after: str) -> list[dict[str, str]]:
    """Return the values that the conditions of a source want; none where it lies before `after`."""
    if source.place:
        (_, low, _), (_, high, _) = source.values
        return [{"low": low, "high": high, "after": after}]
    return [{"after": start, "before": end} for start, end in _behind([source.stretch], after)]


@cache
def _counting(where: tuple[sa.ColumnElement[bool], ...]) -> Lookup:
    rows = sa.select(sa.literal(1)).where(*where).limit(_MOST).subquery()
    return Lookup(sa.select(sa.func.count()).select_from(rows))


#: written so that an index of values leads
_BEHIND_UNINDEXED = sa.func.coalesce(partitions.c.position, "") > sa.bindparam("after")
