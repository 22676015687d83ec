"""Reads that every request makes, on the shortest way to the driver.

SQLAlchemy's execution costs some 15 µs a statement, five times what SQLite itself takes to find a
row by its key. A lookup is written with SQLAlchemy, compiled once for each dialect, and then
handed to the driver as text.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


class Lookup:
    """A query with bound parameters whose first row is wanted.

    Args:
        query: its columns come back in this order, as the driver gives them (no result types).
    """

    def __init__(self, query: sa.Select[Any]) -> None:
        self.query = query
        self._compiled: dict[str, tuple[str, tuple[str, ...]]] = {}

    def first(self, connection: sa.Connection, **values: object) -> tuple[Any, ...] | None:
        """Return the first row, or None where there is none."""
        text, names = self._text(connection)
        driver: Any = connection.connection.dbapi_connection
        cursor = driver.cursor()
        try:
            cursor.execute(text, [values[name] for name in names])
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row
        finally:
            cursor.close()

    def _text(self, connection: sa.Connection) -> tuple[str, tuple[str, ...]]:
        name = connection.dialect.name
        if name not in self._compiled:
            compiled = self.query.compile(dialect=connection.dialect)
            self._compiled[name] = (str(compiled), tuple(compiled.positiontup or ()))
        return self._compiled[name]
