"""Tables of the Data Catalog, as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.core.partition_order import PartitionOrder
from glueball.stores.catalog import partitions
from glueball.stores.catalog.schema import tables
from glueball.stores.lookups import Lookup

_COLUMNS = (
    tables.c.id,
    tables.c.database_name,
    tables.c.name,
    tables.c.version,
    tables.c.created,
    tables.c.updated,
    tables.c.created_by,
    tables.c.document,
)
_BY_NAME = Lookup(
    sa.select(*_COLUMNS).where(
        tables.c.database_name == sa.bindparam("database"), tables.c.name == sa.bindparam("wanted")
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogTable:
    """What CreateTable and UpdateTable wrote."""

    id: int = 0  #: given by the store
    database: str
    name: str  #: in lower case
    version: int = 0  #: grows by one with every update
    created: float
    updated: float
    created_by: str  #: an ARN
    document: Mapping[str, Any]  #: the members of TableInput without its name

    @property
    def partition_keys(self) -> Sequence[Mapping[str, Any]]:
        """The columns that partitions have values of."""
        keys: Sequence[Mapping[str, Any]] = self.document.get("PartitionKeys", ())
        return keys

    @property
    def partition_order(self) -> PartitionOrder:
        """The order of the partitions, which the types of their keys give."""
        return PartitionOrder.of(self.partition_keys)


def get(connection: sa.Connection, database: str, name: str) -> CatalogTable | None:
    """Return a table, or None."""
    row = _BY_NAME.first(connection, database=database, wanted=name)
    return None if row is None else _from_row(row)


def insert(connection: sa.Connection, table: CatalogTable) -> None:
    """Add a table whose name is free, in a database that is there."""
    connection.execute(sa.insert(tables).values(_to_row(table)))


def replace(connection: sa.Connection, old: CatalogTable, changed: CatalogTable) -> None:
    """Put `changed` in the place of `old`, whose number it has.

    Where the keys' types change, all partitions of the table get another place.
    """
    query = sa.update(tables).where(tables.c.id == old.id).values(_to_row(changed))
    connection.execute(query)
    if changed.partition_order != old.partition_order:
        partitions.reorder(connection, old.id, changed.partition_order)


def delete(connection: sa.Connection, database: str, name: str) -> bool:
    """Delete a table with its versions and partitions; False where there is none."""
    query = sa.delete(tables).where(tables.c.database_name == database, tables.c.name == name)
    return connection.execute(query).rowcount > 0


def page(connection: sa.Connection, database: str, *, after: str, limit: int) -> list[CatalogTable]:
    """Return up to `limit` tables in order of name, the first one behind the name `after`."""
    query = (
        sa.select(*_COLUMNS)
        .where(tables.c.database_name == database, tables.c.name > after)
        .order_by(tables.c.name)
        .limit(limit)
    )
    return [_from_row(row) for row in connection.execute(query)]


def every(connection: sa.Connection) -> list[CatalogTable]:
    """Return the tables of all databases, in order of database and name."""
    query = sa.select(*_COLUMNS).order_by(tables.c.database_name, tables.c.name)
    return [_from_row(row) for row in connection.execute(query)]


def _to_row(table: CatalogTable) -> dict[str, Any]:
    return {
        "database_name": table.database,
        "name": table.name,
        "version": table.version,
        "created": table.created,
        "updated": table.updated,
        "created_by": table.created_by,
        "document": msgspec.json.encode(table.document),
    }


def _from_row(row: Sequence[Any]) -> CatalogTable:
    number, database, name, version, created, updated, created_by, document = row
    return CatalogTable(
        id=number,
        database=database,
        name=name,
        version=version,
        created=created,
        updated=updated,
        created_by=created_by,
        document=msgspec.json.decode(document),
    )
