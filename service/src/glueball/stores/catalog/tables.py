"""Tables of the Data Catalog, as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.core.partition_order import PartitionOrder
from glueball.core.spans import END, beginning_with
from glueball.core.table_search import search_text
from glueball.stores.catalog import partitions
from glueball.stores.catalog.schema import table_texts, tables
from glueball.stores.lookups import Insertion, Lookup

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
_NUMBER = Lookup(
    sa.select(tables.c.id).where(
        tables.c.database_name == sa.bindparam("database"), tables.c.name == sa.bindparam("wanted")
    )
)
_INSERT = Insertion(sa.insert(tables), [column.name for column in _COLUMNS[1:]])
_INSERT_TEXTS = Insertion(sa.insert(table_texts), table_texts.c.keys())


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
    _INSERT.run_all(connection, [_to_row(table)])
    for (number,) in _NUMBER.all(connection, database=table.database, wanted=table.name):
        _INSERT_TEXTS.run_all(connection, [{"table_id": number, "texts": _texts_of(table)}])


def replace(connection: sa.Connection, old: CatalogTable, changed: CatalogTable) -> None:
    """Put `changed` in the place of `old`, whose number it has.

    Where the keys' types change, all partitions of the table get another place.
    """
    query = sa.update(tables).where(tables.c.id == old.id).values(_to_row(changed))
    connection.execute(query)
    texts = sa.update(table_texts).where(table_texts.c.table_id == old.id)
    connection.execute(texts.values(texts=_texts_of(changed)))
    if changed.partition_order != old.partition_order:
        partitions.reorder(connection, old.id, changed.partition_order)


def delete(connection: sa.Connection, database: str, name: str) -> bool:
    """Delete a table with its versions and partitions; False where there is none."""
    query = sa.delete(tables).where(tables.c.database_name == database, tables.c.name == name)
    return connection.execute(query).rowcount > 0


def page(
    connection: sa.Connection, database: str, *, after: str, limit: int, prefix: str = ""
) -> list[CatalogTable]:
    """Return up to `limit` tables in order of name, the first one behind the name `after`.

    Args:
        connection: where to read.
        database: the name of a database.
        after: a name; "" begins with the first one.
        limit: fewer come only where there are no more.
        prefix: what the names begin with.
    """
    query = (
        sa.select(*_COLUMNS)
        .where(tables.c.database_name == database, *_names_behind(after, prefix))
        .order_by(tables.c.name)
        .limit(limit)
    )
    return [_from_row(row) for row in connection.execute(query)]


def names(
    connection: sa.Connection, database: str, *, after: str, limit: int, prefix: str = ""
) -> list[str]:
    """Return names of tables, as `page` does; only an index is read."""
    query = (
        sa.select(tables.c.name)
        .where(tables.c.database_name == database, *_names_behind(after, prefix))
        .order_by(tables.c.name)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def search(
    connection: sa.Connection,
    texts: Sequence[str],
    *,
    names: Sequence[str] = (),
    databases: Sequence[str] = (),
    after: tuple[str, str] = ("", ""),
    limit: int,
) -> list[CatalogTable]:
    """Return up to `limit` tables of all databases, in order of database and name.

    Args:
        connection: where to read.
        texts: what stands somewhere in the texts of a table (`core.table_search.search_text`).
        names: what stands somewhere in its name.
        databases: what stands somewhere in the name of its database.
        after: the names of the database and the table that the first one lies behind.
        limit: fewer come only where there are no more.
    """
    query = (
        sa.select(*_COLUMNS)
        .select_from(tables.join(table_texts, tables.c.id == table_texts.c.table_id))
        .where(
            sa.tuple_(tables.c.database_name, tables.c.name) > sa.tuple_(*after),
            *(table_texts.c.texts.contains(text, autoescape=True) for text in texts),
            *(tables.c.name.contains(text, autoescape=True) for text in names),
            *(tables.c.database_name.contains(text, autoescape=True) for text in databases),
        )
        .order_by(tables.c.database_name, tables.c.name)
        .limit(limit)
    )
    return [_from_row(row) for row in connection.execute(query)]


def _names_behind(after: str, prefix: str) -> list[sa.ColumnElement[bool]]:
    ((_, end),) = beginning_with(prefix)
    conditions = [tables.c.name > after if after >= prefix else tables.c.name >= prefix]
    return conditions if end == END else [*conditions, tables.c.name < end[1]]


def _texts_of(table: CatalogTable) -> str:
    shape = {"Name": table.name, "DatabaseName": table.database, **table.document}
    return search_text(shape)


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
