"""What all operations of the Data Catalog share.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.core.errors import AwsError, EntityNotFound, InvalidInput
from glueball.stores.catalog import databases, tables
from glueball.stores.catalog.databases import CatalogDatabase
from glueball.stores.catalog.tables import CatalogTable

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: of governed tables, which AWS ended in 2024
_GOVERNED = ("TransactionId", "QueryAsOfTime")


def fold(name: str) -> str:
    """Return a database's or table's name as it is stored: in lower case, as Hive has it."""
    return name.lower()


def check_catalog(context: Context, request: Mapping[str, Any]) -> None:
    """Make sure that a request means this account's catalog.

    Raises:
        EntityNotFound: it names another one.
        InvalidInput: it asks for a transaction of governed tables.
    """
    catalog = request.get("CatalogId", context.account_id)
    if catalog != context.account_id:
        raise EntityNotFound(f"Catalog {catalog} not found.")
    for name in _GOVERNED:
        if name in request:
            raise InvalidInput(f"{name} is for governed tables, which are no longer supported.")


def existing_database(connection: Connection, name: str) -> CatalogDatabase:
    """Return a database by its folded name.

    Raises:
        EntityNotFound: there is none.
    """
    database = databases.get(connection, name)
    if database is None:
        raise EntityNotFound(f"Database {name} not found.")
    return database


def existing_table(connection: Connection, database: str, name: str) -> CatalogTable:
    """Return a table by its folded names.

    Raises:
        EntityNotFound: there is no such table, or no such database.
    """
    table = tables.get(connection, database, name)
    if table is None:
        existing_database(connection, database)
        raise EntityNotFound(f"Table {name} not found.")
    return table


def error_detail(error: AwsError) -> dict[str, Any]:
    """Return AWS's `ErrorDetail` shape, for one item of a batch."""
    return {"ErrorCode": error.code, "ErrorMessage": error.message}
