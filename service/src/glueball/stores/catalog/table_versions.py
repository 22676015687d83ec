"""What tables were before their updates. The newest version is the table itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa

from glueball.stores.catalog.schema import table_versions
from glueball.stores.catalog.tables import CatalogTable

_COLUMNS = (table_versions.c.version, table_versions.c.updated, table_versions.c.document)


def archive(connection: sa.Connection, table: CatalogTable) -> None:
    """Keep a table as it is, before it is replaced."""
    row = {
        "table_id": table.id,
        "version": table.version,
        "updated": table.updated,
        "document": msgspec.json.encode(table.document),
    }
    connection.execute(sa.insert(table_versions).values(row))


def get(connection: sa.Connection, table: CatalogTable, version: int) -> CatalogTable | None:
    """Return a table as it was at an archived version, or None."""
    query = sa.select(*_COLUMNS).where(*_of(table, version))
    row = connection.execute(query).first()
    return None if row is None else _at(table, row)


def page(
    connection: sa.Connection, table: CatalogTable, *, below: int, limit: int
) -> list[CatalogTable]:
    """Return up to `limit` archived versions, the newest first, that are older than `below`."""
    query = (
        sa.select(*_COLUMNS)
        .where(table_versions.c.table_id == table.id, table_versions.c.version < below)
        .order_by(table_versions.c.version.desc())
        .limit(limit)
    )
    return [_at(table, row) for row in connection.execute(query)]


def delete(connection: sa.Connection, table: CatalogTable, version: int) -> bool:
    """Forget an archived version; False where there is none."""
    query = sa.delete(table_versions).where(*_of(table, version))
    return connection.execute(query).rowcount > 0


def _of(table: CatalogTable, version: int) -> tuple[Any, Any]:
    return table_versions.c.table_id == table.id, table_versions.c.version == version


def _at(table: CatalogTable, row: Any) -> CatalogTable:
    version, updated, document = row
    return replace(table, version=version, updated=updated, document=msgspec.json.decode(document))
