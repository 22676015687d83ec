"""Databases of the Data Catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.stores.catalog.schema import databases
from glueball.stores.lookups import Lookup

_COLUMNS = (databases.c.name, databases.c.created, databases.c.document)
_BY_NAME = Lookup(sa.select(*_COLUMNS).where(databases.c.name == sa.bindparam("wanted")))


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogDatabase:
    """What CreateDatabase and UpdateDatabase wrote."""

    name: str  #: in lower case
    created: float
    document: Mapping[str, Any]  #: the members of DatabaseInput without its name


def get(connection: sa.Connection, name: str) -> CatalogDatabase | None:
    """Return the database called `name`, or None."""
    row = _BY_NAME.first(connection, wanted=name)
    return None if row is None else _from_row(row)


def insert(connection: sa.Connection, database: CatalogDatabase) -> None:
    """Add a database whose name is free."""
    connection.execute(sa.insert(databases).values(_to_row(database)))


def replace(connection: sa.Connection, database: CatalogDatabase) -> None:
    """Put `database` in the place of the one that has its name."""
    query = sa.update(databases).where(databases.c.name == database.name)
    connection.execute(query.values(_to_row(database)))


def delete(connection: sa.Connection, name: str) -> bool:
    """Delete a database with its tables; False where there is none."""
    query = sa.delete(databases).where(databases.c.name == name)
    return connection.execute(query).rowcount > 0


def page(connection: sa.Connection, *, after: str, limit: int) -> list[CatalogDatabase]:
    """Return up to `limit` databases in order of name, the first one behind the name `after`."""
    query = sa.select(*_COLUMNS).where(databases.c.name > after).order_by(databases.c.name)
    return [_from_row(row) for row in connection.execute(query.limit(limit))]


def _to_row(database: CatalogDatabase) -> dict[str, Any]:
    return {
        "name": database.name,
        "created": database.created,
        "document": msgspec.json.encode(database.document),
    }


def _from_row(row: Sequence[Any]) -> CatalogDatabase:
    name, created, document = row
    return CatalogDatabase(name=name, created=created, document=msgspec.json.decode(document))
