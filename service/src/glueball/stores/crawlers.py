"""Crawlers, and what their crawls have told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.core.crawlers import Crawler
from glueball.stores.lookups import Lookup
from glueball.stores.orchestration_tables import crawl_reports, crawlers

_COLUMNS = tuple(field.name for field in fields(Crawler))
_SELECT = sa.select(*(crawlers.c[name] for name in _COLUMNS))
_BY_NAME = Lookup(_SELECT.where(crawlers.c.name == sa.bindparam("wanted")))
_DUE = Lookup(
    _SELECT.where(crawlers.c.next_due <= sa.bindparam("now"))
    .order_by(crawlers.c.next_due)
    .limit(sa.bindparam("most"))
)
_NEXT_DUE = Lookup(
    sa.select(sa.func.min(crawlers.c.next_due)).where(crawlers.c.next_due.is_not(None))
)
_SET_NEXT_DUE = (
    sa.update(crawlers)
    .where(crawlers.c.name == sa.bindparam("wanted"))
    .values(next_due=sa.bindparam("due"))
)


def get(connection: sa.Connection, name: str) -> Crawler | None:
    """Return the crawler called `name`, or None."""
    row = _BY_NAME.first(connection, wanted=name)
    return None if row is None else _from_row(row)


def insert(connection: sa.Connection, crawler: Crawler) -> None:
    """Add a crawler whose name is free."""
    connection.execute(sa.insert(crawlers), _to_row(crawler))


def replace(connection: sa.Connection, crawler: Crawler) -> None:
    """Put `crawler` in the place of the one that has its name."""
    statement = sa.update(crawlers).where(crawlers.c.name == crawler.name)
    connection.execute(statement.values(_to_row(crawler)))


def delete(connection: sa.Connection, name: str) -> None:
    """Forget a crawler; nothing happens where there is none."""
    connection.execute(sa.delete(crawlers).where(crawlers.c.name == name))


def page(connection: sa.Connection, *, after: str, limit: int) -> list[Crawler]:
    """Return up to `limit` crawlers in order of name, the first one behind the name `after`."""
    query = _SELECT.where(crawlers.c.name > after).order_by(crawlers.c.name).limit(limit)
    return [_from_row(row) for row in connection.execute(query)]


def named(connection: sa.Connection, names: Collection[str]) -> list[Crawler]:
    """Return those of `names` that exist."""
    query = _SELECT.where(crawlers.c.name.in_(sorted(names)))
    return [_from_row(row) for row in connection.execute(query)]


def due(connection: sa.Connection, now: float, most: int) -> list[Crawler]:
    """Return up to `most` crawlers that are to run by now, the longest due first."""
    return [_from_row(row) for row in _DUE.all(connection, now=now, most=most)]


def ahead_of(connection: sa.Connection, now: float) -> list[Crawler]:
    """Return the crawlers with a schedule in force that are not to run by now."""
    query = _SELECT.where(
        crawlers.c.activated.is_not(None),
        crawlers.c.next_due.is_(None) | (crawlers.c.next_due > now),
    )
    return [_from_row(row) for row in connection.execute(query.order_by(crawlers.c.name))]


def next_due(connection: sa.Connection) -> float | None:
    """Return when the next crawler is to run; None when none is scheduled."""
    row = _NEXT_DUE.first(connection)
    return None if row is None or row[0] is None else float(row[0])


def set_next_due(connection: sa.Connection, due: Iterable[tuple[str, float | None]]) -> None:
    """Say when crawlers are to run next, by their names."""
    values = [{"wanted": name, "due": time} for name, time in due]
    if values:
        connection.execute(_SET_NEXT_DUE, values)


def keep_report(connection: sa.Connection, run_id: str, summary: Mapping[str, Any]) -> None:
    """Keep what a crawl has done; the last that it tells counts."""
    connection.execute(sa.delete(crawl_reports).where(crawl_reports.c.run_id == run_id))
    row = {"run_id": run_id, "summary": msgspec.json.encode(summary)}
    connection.execute(sa.insert(crawl_reports), row)


def reports(connection: sa.Connection, run_ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Return what crawls have done, by their ids, of those that have told it."""
    query = sa.select(crawl_reports.c.run_id, crawl_reports.c.summary).where(
        crawl_reports.c.run_id.in_(sorted(run_ids))
    )
    return {run_id: msgspec.json.decode(text) for run_id, text in connection.execute(query)}


def _to_row(crawler: Crawler) -> dict[str, Any]:
    values = {name: getattr(crawler, name) for name in _COLUMNS}
    values["document"] = msgspec.json.encode(crawler.document)
    return values


def _from_row(row: Sequence[Any]) -> Crawler:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["document"] = msgspec.json.decode(values["document"])
    return Crawler(**values)
