from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from glueball.core.crawlers import Crawler, stop_schedule
from glueball.stores import crawlers
from glueball.stores.database import Database
from support.runs import BASE_TIME
from support.workflows import add_crawler


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        yield connection
    database.close()


def names(found: list[Crawler]) -> list[str]:
    return [crawler.name for crawler in found]


def test_a_crawler_comes_back_as_it_was_kept(connection: sa.Connection) -> None:
    made = add_crawler(connection, "c", Schedule="rate(1 hour)", Description="ä\n")
    assert crawlers.get(connection, "c") == made
    assert crawlers.get(connection, "x") is None
    changed = stop_schedule(made)
    crawlers.replace(connection, changed)
    assert crawlers.get(connection, "c") == changed
    crawlers.delete(connection, "c")
    assert crawlers.get(connection, "c") is None


def test_pages_and_names(connection: sa.Connection) -> None:
    for name in "bac":
        add_crawler(connection, name)
    assert names(crawlers.page(connection, after="a", limit=1)) == ["b"]
    assert names(crawlers.page(connection, after="", limit=9)) == ["a", "b", "c"]
    assert sorted(names(crawlers.named(connection, ["c", "x", "a"]))) == ["a", "c"]


def test_who_is_due(connection: sa.Connection) -> None:
    assert crawlers.next_due(connection) is None
    add_crawler(connection, "never")
    add_crawler(connection, "later", Schedule="rate(2 hours)")
    add_crawler(connection, "soon", Schedule="rate(1 hour)")
    hour = BASE_TIME + 3600
    assert crawlers.next_due(connection) == hour
    assert names(crawlers.due(connection, hour - 1, 9)) == []
    assert names(crawlers.due(connection, hour + 3600, 9)) == ["soon", "later"]
    assert names(crawlers.due(connection, hour + 3600, 1)) == ["soon"]
    assert names(crawlers.ahead_of(connection, hour)) == ["later"]
    crawlers.set_next_due(connection, [("soon", None)])
    assert crawlers.next_due(connection) == BASE_TIME + 7200
    assert names(crawlers.ahead_of(connection, hour)) == ["later", "soon"], "it may have been ahead"


def test_the_last_report_counts(connection: sa.Connection) -> None:
    crawlers.keep_report(connection, "r1", {"TablesCreated": ["a"]})
    crawlers.keep_report(connection, "r1", {"TablesCreated": ["a", "b"]})
    assert crawlers.reports(connection, ["r1", "r2"]) == {"r1": {"TablesCreated": ["a", "b"]}}
