"""Connections of the Data Catalog. Their documents hold passwords: never log one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from glueball.stores import sealing
from glueball.stores.catalog.schema import connections

_COLUMNS = (
    connections.c.name,
    connections.c.created,
    connections.c.updated,
    connections.c.updated_by,
    connections.c.document,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogConnection:
    """What CreateConnection and UpdateConnection wrote."""

    name: str
    created: float
    updated: float
    updated_by: str  #: an ARN
    #: the members of ConnectionInput without its name; not shown where the object is printed
    document: Mapping[str, Any] = field(repr=False)


def get(connection: sa.Connection, name: str) -> CatalogConnection | None:
    """Return the connection called `name`, or None."""
    row = connection.execute(sa.select(*_COLUMNS).where(connections.c.name == name)).first()
    return None if row is None else _from_row(connection, row)


def insert(connection: sa.Connection, added: CatalogConnection) -> None:
    """Add a connection whose name is free."""
    connection.execute(sa.insert(connections).values(_to_row(connection, added)))


def replace(connection: sa.Connection, changed: CatalogConnection) -> None:
    """Put `changed` in the place of the one that has its name."""
    query = sa.update(connections).where(connections.c.name == changed.name)
    connection.execute(query.values(_to_row(connection, changed)))


def delete(connection: sa.Connection, name: str) -> bool:
    """Delete a connection; False where there is none."""
    query = sa.delete(connections).where(connections.c.name == name)
    return connection.execute(query).rowcount > 0


def behind(connection: sa.Connection, after: str) -> list[CatalogConnection]:
    """Return the connections in order of name, the first one behind the name `after`."""
    query = sa.select(*_COLUMNS).where(connections.c.name > after).order_by(connections.c.name)
    return [_from_row(connection, row) for row in connection.execute(query)]


def _to_row(connection: sa.Connection, one: CatalogConnection) -> dict[str, Any]:
    return {
        "name": one.name,
        "created": one.created,
        "updated": one.updated,
        "updated_by": one.updated_by,
        "document": sealing.encode(connection, one.document),
    }


def _from_row(connection: sa.Connection, row: Sequence[Any]) -> CatalogConnection:
    name, created, updated, updated_by, document = row
    return CatalogConnection(
        name=name,
        created=created,
        updated=updated,
        updated_by=updated_by,
        document=sealing.decode(connection, document),
    )
