"""User-defined functions of the Data Catalog.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-functions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.catalogs import check_catalog, existing_database, fold
from glueball.api.paging import decode_number, encode_token
from glueball.core.errors import AlreadyExists, EntityNotFound, InvalidInput
from glueball.core.name_patterns import NamePattern
from glueball.stores.catalog import functions
from glueball.stores.catalog.functions import CatalogFunction

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        CreateUserDefinedFunctionRequestTypeDef,
        DeleteUserDefinedFunctionRequestTypeDef,
        GetUserDefinedFunctionRequestTypeDef,
        GetUserDefinedFunctionsRequestTypeDef,
        UpdateUserDefinedFunctionRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 100


def create_user_defined_function(
    context: Context, request: CreateUserDefinedFunctionRequestTypeDef
) -> dict[str, Any]:
    """Add a function to a database.

    Raises:
        AlreadyExists: the name is taken.
    """
    check_catalog(context, request)
    database = fold(request["DatabaseName"])
    made = _defined(database, request["FunctionInput"], context.clock.now())
    with context.database.write_behind() as connection:
        existing_database(connection, database)
        if functions.get(connection, database, made.name) is not None:
            raise AlreadyExists("Function already exists.")
        functions.insert(connection, made)
    return {}


def get_user_defined_function(
    context: Context, request: GetUserDefinedFunctionRequestTypeDef
) -> dict[str, Any]:
    """Show a function."""
    check_catalog(context, request)
    with context.database.read() as connection:
        found = _existing(connection, fold(request["DatabaseName"]), fold(request["FunctionName"]))
    return {"UserDefinedFunction": _shown(context, found)}


def get_user_defined_functions(
    context: Context, request: GetUserDefinedFunctionsRequestTypeDef
) -> dict[str, Any]:
    """Show the functions whose names match, of one database or of all, a page at a time."""
    check_catalog(context, request)
    pattern = NamePattern(request["Pattern"], wildcards=False)
    size = request.get("MaxResults", _PAGE)
    start = decode_number(request.get("NextToken"), "GetUserDefinedFunctions", "") or 0
    database = fold(request["DatabaseName"]) if "DatabaseName" in request else None
    with context.database.read() as connection:
        if database is not None:
            existing_database(connection, database)
        everything = functions.every(connection, database)
    kind = request.get("FunctionType")
    found = [
        function
        for function in everything
        if pattern.matches(function.name)
        and kind in (None, function.document.get("FunctionType", "REGULAR_FUNCTION"))
    ]
    answer: dict[str, Any] = {
        "UserDefinedFunctions": [_shown(context, one) for one in found[start : start + size]]
    }
    if len(found) > start + size:
        answer["NextToken"] = encode_token("GetUserDefinedFunctions", "", str(start + size))
    return answer


def update_user_defined_function(
    context: Context, request: UpdateUserDefinedFunctionRequestTypeDef
) -> dict[str, Any]:
    """Replace a function's definition.

    Raises:
        InvalidInput: the definition has another name.
    """
    check_catalog(context, request)
    database, name = fold(request["DatabaseName"]), fold(request["FunctionName"])
    with context.database.write_behind() as connection:
        current = _existing(connection, database, name)
        given = {"FunctionName": name, **request["FunctionInput"]}
        changed = _defined(database, given, current.created)
        if changed.name != name:
            raise InvalidInput(f"Function {name} cannot be renamed to {changed.name}.")
        functions.replace(connection, changed)
    return {}


def delete_user_defined_function(
    context: Context, request: DeleteUserDefinedFunctionRequestTypeDef
) -> dict[str, Any]:
    """Delete a function."""
    check_catalog(context, request)
    database, name = fold(request["DatabaseName"]), fold(request["FunctionName"])
    with context.database.write_behind() as connection:
        _existing(connection, database, name)
        functions.delete(connection, database, name)
    return {}


def _defined(database: str, given: Any, created: float) -> CatalogFunction:
    document = {**given}
    name = document.pop("FunctionName", None)
    if name is None:
        raise InvalidInput("FunctionInput.FunctionName is missing.")
    return CatalogFunction(database=database, name=fold(name), created=created, document=document)


def _existing(connection: Connection, database: str, name: str) -> CatalogFunction:
    found = functions.get(connection, database, name)
    if found is None:
        existing_database(connection, database)
        raise EntityNotFound(f"Function {name} not found.")
    return found


def _shown(context: Context, function: CatalogFunction) -> dict[str, Any]:
    """Return AWS's `UserDefinedFunction` shape."""
    return {
        "FunctionName": function.name,
        "DatabaseName": function.database,
        "CreateTime": function.created,
        **function.document,
        "CatalogId": context.account_id,
    }
