"""Databases of the Data Catalog.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-databases.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.catalogs import check_catalog, existing_database, fold
from glueball.api.paging import decode_token, encode_token
from glueball.core.arns import resource_arn
from glueball.core.errors import AlreadyExists, EntityNotFound, InvalidInput
from glueball.stores import tags
from glueball.stores.catalog import databases
from glueball.stores.catalog.databases import CatalogDatabase

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        CreateDatabaseRequestTypeDef,
        DeleteDatabaseRequestTypeDef,
        GetDatabaseRequestTypeDef,
        GetDatabasesRequestTypeDef,
        UpdateDatabaseRequestTypeDef,
    )

_PAGE = 100
#: what a database gets where Lake Formation does not rule (API_DatabaseInput)
_DEFAULT_PERMISSIONS = [
    {
        "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
        "Permissions": ["ALL"],
    }
]


def create_database(context: Context, request: CreateDatabaseRequestTypeDef) -> dict[str, Any]:
    """Add a database.

    Raises:
        AlreadyExists: the name is taken; names differ in more than case.
    """
    check_catalog(context, request)
    database = _defined(request["DatabaseInput"], context.clock.now())
    with context.database.write_behind() as connection:
        if databases.get(connection, database.name) is not None:
            raise AlreadyExists("Database already exists.")
        databases.insert(connection, database)
        arn = resource_arn(context.account, "database", database.name)
        tags.add(connection, arn, request.get("Tags", {}))
    return {}


def get_database(context: Context, request: GetDatabaseRequestTypeDef) -> dict[str, Any]:
    """Show a database."""
    check_catalog(context, request)
    with context.database.read() as connection:
        database = existing_database(connection, fold(request["Name"]))
    return {"Database": _shown(context, database)}


def get_databases(context: Context, request: GetDatabasesRequestTypeDef) -> dict[str, Any]:
    """Show all databases, in order of name, a page at a time."""
    check_catalog(context, request)
    if request.get("ResourceShareType") in ("FOREIGN", "FEDERATED"):
        return {"DatabaseList": []}  # nobody shares any with this account
    size = request.get("MaxResults", _PAGE)
    after = decode_token(request.get("NextToken"), "GetDatabases", "") or ""
    with context.database.read() as connection:
        found = databases.page(connection, after=after, limit=size + 1)
    shown = [_shown(context, database) for database in found[:size]]
    if request.get("AttributesToGet"):
        shown = [_only(request["AttributesToGet"], database) for database in shown]
    answer: dict[str, Any] = {"DatabaseList": shown}
    if len(found) > size:
        answer["NextToken"] = encode_token("GetDatabases", "", found[size - 1].name)
    return answer


def update_database(context: Context, request: UpdateDatabaseRequestTypeDef) -> dict[str, Any]:
    """Replace a database's definition; its tables stay.

    Raises:
        InvalidInput: the definition has another name.
    """
    check_catalog(context, request)
    name = fold(request["Name"])
    with context.database.write_behind() as connection:
        current = existing_database(connection, name)
        changed = _defined(request["DatabaseInput"], current.created)
        if changed.name != name:
            raise InvalidInput(f"Database {name} cannot be renamed to {changed.name}.")
        databases.replace(connection, changed)
    return {}


def delete_database(context: Context, request: DeleteDatabaseRequestTypeDef) -> dict[str, Any]:
    """Delete a database with its tables and their partitions; the data stays where it is."""
    check_catalog(context, request)
    name = fold(request["Name"])
    with context.database.write_behind() as connection:
        if not databases.delete(connection, name):
            raise EntityNotFound(f"Database {name} not found.")
        tags.clear(connection, resource_arn(context.account, "database", name))
    return {}


def _defined(given: Any, created: float) -> CatalogDatabase:
    document = {**given}
    name = fold(document.pop("Name"))
    document.setdefault("CreateTableDefaultPermissions", _DEFAULT_PERMISSIONS)
    return CatalogDatabase(name=name, created=created, document=document)


def _shown(context: Context, database: CatalogDatabase) -> dict[str, Any]:
    """Return AWS's `Database` shape."""
    return {
        "Name": database.name,
        "CreateTime": database.created,
        "CatalogId": context.account_id,
        **database.document,
    }


def _only(attributes: Any, database: dict[str, Any]) -> dict[str, Any]:
    members = {"NAME": "Name", "TARGET_DATABASE": "TargetDatabase"}
    wanted = {"Name", *(members[attribute] for attribute in attributes)}
    return {name: value for name, value in database.items() if name in wanted}
