"""Statements that every request or firing makes, on the shortest way to the driver.

SQLAlchemy's execution costs some 15 µs a statement, and up to 100 µs where one is built first;
SQLite itself takes 3 to find a row by its key. These are written with SQLAlchemy, compiled once for
each dialect, and then handed to the driver as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


class _Statement:
    """A statement with bound parameters, and its texts."""

    def __init__(self, statement: sa.Executable, columns: Sequence[str] | None = None) -> None:
        self._statement: Any = statement
        self._columns = columns
        self._compiled: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {}

    def _executed(self, connection: sa.Connection, values: dict[str, object]) -> Any:
        text, names, constants = self._text(connection)
        driver: Any = connection.connection.dbapi_connection
        given = {**constants, **values}
        cursor = driver.cursor()
        cursor.execute(text, [given[name] for name in names])
        return cursor

    def _text(self, connection: sa.Connection) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        name = connection.dialect.name
        if name not in self._compiled:
            compiled = self._statement.compile(
                dialect=connection.dialect, column_keys=self._columns
            )
            order = tuple(compiled.positiontup or ())
            # the values that stand in the statement itself; those to be bound are None here
            self._compiled[name] = (str(compiled), order, dict(compiled.params))
        return self._compiled[name]


class Lookup(_Statement):
    """A query with bound parameters.

    Args:
        query: its columns come back in this order, as the driver gives them (no result types).
    """

    def __init__(self, query: sa.Select[Any]) -> None:
        super().__init__(query)
        self.query = query

    def first(self, connection: sa.Connection, **values: object) -> tuple[Any, ...] | None:
        """Return the first row, or None where there is none; no other row is read."""
        cursor = self._executed(connection, values)
        try:
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row
        finally:
            cursor.close()

    def all(self, connection: sa.Connection, **values: object) -> list[tuple[Any, ...]]:
        """Return every row."""
        cursor = self._executed(connection, values)
        try:
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
        finally:
            cursor.close()


class Insertion(_Statement):
    """An INSERT of a row, or of many.

    Args:
        statement: what happens at a conflict stands in it.
        columns: those that are given a value, which the driver takes as it is.
    """

    def __init__(self, statement: sa.Insert, columns: Sequence[str]) -> None:
        super().__init__(statement, columns)

    def run(self, connection: sa.Connection, **values: object) -> bool:
        """Insert a row; False when a conflict kept it out."""
        cursor = self._executed(connection, values)
        try:
            inserted: bool = cursor.rowcount == 1
            return inserted
        finally:
            cursor.close()

    def run_all(self, connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows, each with a value for every column.

        Raises:
            sa.exc.IntegrityError: one of them is there already.
        """
        text, names, _ = self._text(connection)
        driver: Any = connection.connection.dbapi_connection
        try:
            driver.executemany(text, [[row[name] for name in names] for row in rows])
        except driver.IntegrityError as error:
            raise sa.exc.IntegrityError(text, None, error) from error
