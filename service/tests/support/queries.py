"""What a database does for a client: the plans of its queries, and how much it reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


class Work:
    """What a connection has done."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.steps = 0  #: instructions of SQLite's virtual machine, some ten for each row


@contextmanager
def watched(connection: sa.Connection) -> Iterator[Work]:
    """Note what a connection does meanwhile."""
    driver: Any = connection.connection.dbapi_connection
    work = Work()

    def step() -> int:
        work.steps += 10
        return 0

    driver.set_trace_callback(work.statements.append)
    driver.set_progress_handler(step, 10)
    try:
        yield work
    finally:
        driver.set_trace_callback(None)
        driver.set_progress_handler(None, 0)


def plans(connection: sa.Connection, work: Work) -> list[str]:
    """Return the lines of the plans of all queries."""
    queries = [text for text in work.statements if text.lstrip().startswith("SELECT")]
    driver: Any = connection.connection.dbapi_connection
    return [
        str(row[3]) for query in queries for row in driver.execute(f"EXPLAIN QUERY PLAN {query}")
    ]
