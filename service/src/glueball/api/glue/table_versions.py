"""Versions of tables: what they were before their updates.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-tables.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.catalogs import check_catalog, error_detail, existing_table, fold
from glueball.api.glue.tables import shown
from glueball.api.paging import decode_number, encode_token
from glueball.core.errors import AwsError, EntityNotFound, InvalidInput
from glueball.stores.catalog import table_versions
from glueball.stores.catalog.tables import CatalogTable

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        BatchDeleteTableVersionRequestTypeDef,
        DeleteTableVersionRequestTypeDef,
        GetTableVersionRequestTypeDef,
        GetTableVersionsRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 100
_NUMBER = re.compile(r"[0-9]{1,18}")


def get_table_version(context: Context, request: GetTableVersionRequestTypeDef) -> dict[str, Any]:
    """Show a table as it was; without a VersionId, as it is."""
    check_catalog(context, request)
    with context.database.read() as connection:
        table = _table(connection, request)
        number = _number(request.get("VersionId", str(table.version)))
        found = table
        if number != table.version:
            found = _archived(connection, table, number)
    return {"TableVersion": _version(context, found)}


def get_table_versions(context: Context, request: GetTableVersionsRequestTypeDef) -> dict[str, Any]:
    """Show a table's versions, the newest first, a page at a time."""
    check_catalog(context, request)
    size = request.get("MaxResults", _PAGE)
    with context.database.read() as connection:
        table = _table(connection, request)
        scope = f"{table.database}.{table.name}"
        below = decode_number(request.get("NextToken"), "GetTableVersions", scope)
        found = [table] if below is None else []
        found += table_versions.page(
            connection, table, below=table.version if below is None else below, limit=size + 1
        )
    answer: dict[str, Any] = {"TableVersions": [_version(context, one) for one in found[:size]]}
    if len(found) > size:
        position = str(found[size - 1].version)
        answer["NextToken"] = encode_token("GetTableVersions", scope, position)
    return answer


def delete_table_version(
    context: Context, request: DeleteTableVersionRequestTypeDef
) -> dict[str, Any]:
    """Forget what a table was; the version that it has cannot be deleted."""
    check_catalog(context, request)
    with context.database.write_behind() as connection:
        _delete(connection, _table(connection, request), request["VersionId"])
    return {}


def batch_delete_table_version(
    context: Context, request: BatchDeleteTableVersionRequestTypeDef
) -> dict[str, Any]:
    """Forget versions, and say which could not be."""
    check_catalog(context, request)
    errors = []
    with context.database.write_behind() as connection:
        table = _table(connection, request)
        for version in request["VersionIds"]:
            try:
                _delete(connection, table, version)
            except AwsError as error:
                errors.append(
                    {
                        "TableName": table.name,
                        "VersionId": version,
                        "ErrorDetail": error_detail(error),
                    }
                )
    return {"Errors": errors} if errors else {}


def _table(connection: Connection, request: Mapping[str, Any]) -> CatalogTable:
    return existing_table(connection, fold(request["DatabaseName"]), fold(request["TableName"]))


def _archived(connection: Connection, table: CatalogTable, number: int) -> CatalogTable:
    found = table_versions.get(connection, table, number)
    if found is None:
        raise EntityNotFound(f"Version {number} of table {table.name} not found.")
    return found


def _delete(connection: Connection, table: CatalogTable, version: str) -> None:
    number = _number(version)
    if number == table.version:
        raise InvalidInput(f"Version {version} is the table itself; delete the table instead.")
    if not table_versions.delete(connection, table, number):
        raise EntityNotFound(f"Version {version} of table {table.name} not found.")


def _number(version: str) -> int:
    if not _NUMBER.fullmatch(version):
        raise InvalidInput(f"The VersionId '{version}' is not a number.")
    return int(version)


def _version(context: Context, table: CatalogTable) -> dict[str, Any]:
    return {"Table": shown(context, table), "VersionId": str(table.version)}
