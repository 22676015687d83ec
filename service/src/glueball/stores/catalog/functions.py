"""User-defined functions: Hive's, by the names of their classes. Nothing here calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.stores.catalog.schema import functions

_COLUMNS = (
    functions.c.database_name,
    functions.c.name,
    functions.c.created,
    functions.c.document,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogFunction:
    """What CreateUserDefinedFunction and UpdateUserDefinedFunction wrote."""

    database: str
    name: str  #: in lower case
    created: float
    document: Mapping[str, Any]  #: the members of UserDefinedFunctionInput without its name


def get(connection: sa.Connection, database: str, name: str) -> CatalogFunction | None:
    """Return a function, or None."""
    row = connection.execute(sa.select(*_COLUMNS).where(*_this(database, name))).first()
    return None if row is None else _from_row(row)


def every(connection: sa.Connection, database: str | None) -> list[CatalogFunction]:
    """Return the functions of a database, or of all, in order of database and name."""
    query = sa.select(*_COLUMNS).order_by(functions.c.database_name, functions.c.name)
    if database is not None:
        query = query.where(functions.c.database_name == database)
    return [_from_row(row) for row in connection.execute(query)]


def insert(connection: sa.Connection, function: CatalogFunction) -> None:
    """Add a function whose name is free, in a database that is there."""
    connection.execute(sa.insert(functions).values(_to_row(function)))


def replace(connection: sa.Connection, function: CatalogFunction) -> None:
    """Put `function` in the place of the one that has its names."""
    query = sa.update(functions).where(*_this(function.database, function.name))
    connection.execute(query.values(_to_row(function)))


def delete(connection: sa.Connection, database: str, name: str) -> bool:
    """Delete a function; False where there is none."""
    return connection.execute(sa.delete(functions).where(*_this(database, name))).rowcount > 0


def _this(database: str, name: str) -> tuple[Any, Any]:
    return functions.c.database_name == database, functions.c.name == name


def _to_row(function: CatalogFunction) -> dict[str, Any]:
    return {
        "database_name": function.database,
        "name": function.name,
        "created": function.created,
        "document": msgspec.json.encode(function.document),
    }


def _from_row(row: Sequence[Any]) -> CatalogFunction:
    database, name, created, document = row
    return CatalogFunction(
        database=database, name=name, created=created, document=msgspec.json.decode(document)
    )
