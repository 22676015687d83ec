"""The Data Catalog as a whole, and what all its operations share.

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
    from mypy_boto3_glue.type_defs import (
        GetCatalogRequestTypeDef,
        GetCatalogsRequestTypeDef,
        GetDataCatalogEncryptionSettingsRequestTypeDef,
    )
    from sqlalchemy import Connection

#: of governed tables, which AWS ended in 2024
_GOVERNED = ("TransactionId", "QueryAsOfTime")


def get_data_catalog_encryption_settings(
    context: Context, request: GetDataCatalogEncryptionSettingsRequestTypeDef
) -> dict[str, Any]:
    """Show what every new account has: nothing is encrypted by the service."""
    check_catalog(context, request)
    return {
        "DataCatalogEncryptionSettings": {
            "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
            "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
        }
    }


def get_catalog(context: Context, request: GetCatalogRequestTypeDef) -> dict[str, Any]:
    """Show the account's own catalog, which is the only one."""
    check_catalog(context, request)
    return {"Catalog": _own(context)}


def get_catalogs(context: Context, request: GetCatalogsRequestTypeDef) -> dict[str, Any]:
    """Show the catalogs below the account's own, of which there are none, and itself if asked."""
    parent = request.get("ParentCatalogId", context.account_id)
    check_catalog(context, {"CatalogId": parent})
    return {"CatalogList": [_own(context)] if request.get("IncludeRoot") else []}


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


def _own(context: Context) -> dict[str, Any]:
    """Return AWS's `Catalog` shape."""
    arn = f"arn:aws:glue:{context.region}:{context.account_id}:catalog"
    return {"CatalogId": context.account_id, "Name": context.account_id, "ResourceArn": arn}


def error_detail(error: AwsError) -> dict[str, Any]:
    """Return AWS's `ErrorDetail` shape, for one item of a batch."""
    return {"ErrorCode": error.code, "ErrorMessage": error.message}
