"""Tables of the Data Catalog.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-tables.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.catalogs import (
    check_catalog,
    error_detail,
    existing_database,
    existing_table,
    fold,
)
from glueball.api.glue.partition_indexes import add_partition_index
from glueball.api.paging import (
    decode_names,
    decode_number,
    decode_token,
    encode_names,
    encode_token,
)
from glueball.core import table_search
from glueball.core.catalog import table_document
from glueball.core.errors import (
    AlreadyExists,
    ConcurrentModification,
    EntityNotFound,
    InvalidInput,
)
from glueball.core.name_patterns import NamePattern
from glueball.core.name_prefixes import literal_prefix
from glueball.stores.catalog import table_versions, tables
from glueball.stores.catalog.tables import CatalogTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_glue.type_defs import (
        BatchDeleteTableRequestTypeDef,
        CreateTableRequestTypeDef,
        DeleteTableRequestTypeDef,
        GetTableRequestTypeDef,
        GetTablesRequestTypeDef,
        SearchTablesRequestTypeDef,
        UpdateTableRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 100
#: that one query reads when names are filtered
_BATCH = 500
#: members of a definition that need a writer of Iceberg's metadata
_ICEBERG = ("OpenTableFormatInput", "UpdateOpenTableFormatInput")


def create_table(context: Context, request: CreateTableRequestTypeDef) -> dict[str, Any]:
    """Add a table to a database.

    Raises:
        AlreadyExists: the name is taken.
        EntityNotFound: there is no such database.
    """
    name, document = _defined(context, request)
    now = context.clock.now()
    table = CatalogTable(
        database=fold(request["DatabaseName"]),
        name=name,
        created=now,
        updated=now,
        created_by=context.call.caller.arn,
        document=document,
    )
    with context.database.write_behind() as connection:
        existing_database(connection, table.database)
        if tables.get(connection, table.database, name) is not None:
            raise AlreadyExists("Table already exists.")
        tables.insert(connection, table)
        for index in request.get("PartitionIndexes", ()):
            made = existing_table(connection, table.database, name)
            add_partition_index(connection, made, index)
    return {}


def get_table(context: Context, request: GetTableRequestTypeDef) -> dict[str, Any]:
    """Show a table."""
    check_catalog(context, request)
    with context.database.read() as connection:
        table = existing_table(connection, fold(request["DatabaseName"]), fold(request["Name"]))
    return {"Table": _selected(request, shown(context, table))}


def get_tables(context: Context, request: GetTablesRequestTypeDef) -> dict[str, Any]:
    """Show the tables of a database whose names match, in order of name, a page at a time."""
    check_catalog(context, request)
    database = fold(request["DatabaseName"])
    size = request.get("MaxResults", _PAGE)
    after = decode_token(request.get("NextToken"), "GetTables", database) or ""
    with context.database.read() as connection:
        existing_database(connection, database)
        if request.get("ResourceShareType") == "FEDERATED":
            return {"TableList": []}
        found = _matching(connection, database, request.get("Expression"), after, size + 1)
    answer: dict[str, Any] = {
        "TableList": [_selected(request, shown(context, table)) for table in found[:size]]
    }
    if len(found) > size:
        answer["NextToken"] = encode_token("GetTables", database, found[size - 1].name)
    return answer


def search_tables(context: Context, request: SearchTablesRequestTypeDef) -> dict[str, Any]:
    """Show the tables of all databases that a text and filters find, a page at a time."""
    check_catalog(context, request)
    if request.get("ResourceShareType") in ("FOREIGN", "FEDERATED"):
        return {"TableList": []}
    with context.database.read() as connection:
        if request.get("SortCriteria"):
            return _sorted_search(context, connection, request)
        size = request.get("MaxResults", _PAGE)
        after = decode_names(request.get("NextToken"), "SearchTables")
        page = list(islice(_matches(context, connection, request, after), size + 1))
    answer: dict[str, Any] = {"TableList": page[:size]}
    if len(page) > size:
        last = page[size - 1]
        position = encode_names(last["DatabaseName"], last["Name"])
        answer["NextToken"] = encode_token("SearchTables", "", position)
    return answer


def update_table(context: Context, request: UpdateTableRequestTypeDef) -> dict[str, Any]:
    """Replace a table's definition, and keep the old one as a version unless told otherwise.

    Raises:
        ConcurrentModification: the table is no longer at the VersionId of the request.
    """
    name, document = _defined(context, request)
    if "ViewUpdateAction" in request:
        raise InvalidInput("Views in several dialects (ViewUpdateAction) are not supported.")
    with context.database.write_behind() as connection:
        current = existing_table(connection, fold(request["DatabaseName"]), name)
        if request.get("VersionId", str(current.version)) != str(current.version):
            raise ConcurrentModification(
                f"Update table failed due to concurrent modifications: {name} is at version "
                f"{current.version}, not {request['VersionId']}."
            )
        if not request.get("SkipArchive"):
            table_versions.archive(connection, current)
        changed = replace(
            current,
            version=current.version + 1,
            updated=context.clock.now(),
            document=document,
        )
        tables.replace(connection, current, changed)
    return {}


def delete_table(context: Context, request: DeleteTableRequestTypeDef) -> dict[str, Any]:
    """Delete a table with its versions and partitions; the data stays where it is."""
    check_catalog(context, request)
    with context.database.write_behind() as connection:
        _delete(connection, fold(request["DatabaseName"]), fold(request["Name"]))
    return {}


def batch_delete_table(context: Context, request: BatchDeleteTableRequestTypeDef) -> dict[str, Any]:
    """Delete tables, and say of which names there are none."""
    check_catalog(context, request)
    database = fold(request["DatabaseName"])
    errors = []
    with context.database.write_behind() as connection:
        existing_database(connection, database)
        for name in request["TablesToDelete"]:
            try:
                _delete(connection, database, fold(name))
            except EntityNotFound as error:
                errors.append({"TableName": name, "ErrorDetail": error_detail(error)})
    return {"Errors": errors}


def shown(context: Context, table: CatalogTable) -> dict[str, Any]:
    """Return AWS's `Table` shape."""
    return {
        "Name": table.name,
        "DatabaseName": table.database,
        "CreateTime": table.created,
        "UpdateTime": table.updated,
        **table.document,
        "CreatedBy": table.created_by,
        "IsRegisteredWithLakeFormation": False,
        "CatalogId": context.account_id,
        "VersionId": str(table.version),
        "IsMultiDialectView": False,
    }


def _defined(
    context: Context, request: CreateTableRequestTypeDef | UpdateTableRequestTypeDef
) -> tuple[str, dict[str, Any]]:
    """Return the name and the definition in a request.

    Raises:
        InvalidInput: there is none, or two names, or one that needs a writer of Iceberg tables.
    """
    check_catalog(context, request)
    for member in _ICEBERG:
        if member in request:
            raise InvalidInput(
                f"{member} is not supported: create Iceberg tables with Spark or PyIceberg, which "
                "write the metadata themselves."
            )
    given = request.get("TableInput")
    if given is None:
        raise InvalidInput("TableInput is missing.")
    name = fold(given["Name"])
    if fold(request.get("Name", name)) != name:
        raise InvalidInput(f"Table {fold(request['Name'])} cannot be renamed to {name}.")
    return name, table_document({**given})


def _matching(
    connection: Connection, database: str, expression: str | None, after: str, limit: int
) -> list[CatalogTable]:
    if not expression:
        return tables.page(connection, database, after=after, limit=limit)
    pattern, prefix = NamePattern(expression), literal_prefix(expression)
    matching: list[CatalogTable] = []
    while len(matching) < limit:
        names = tables.names(connection, database, after=after, limit=_BATCH, prefix=prefix)
        chosen = filter(pattern.matches, names)
        some = [
            tables.get(connection, database, name) for name in islice(chosen, limit - len(matching))
        ]
        matching += [table for table in some if table is not None]
        if len(names) < _BATCH:
            break
        after = names[-1]
    return matching


def _matches(
    context: Context,
    connection: Connection,
    request: SearchTablesRequestTypeDef,
    after: tuple[str, str] = ("", ""),
) -> Iterator[Mapping[str, Any]]:
    """Yield the tables that a search finds, in order of database and name."""
    wanted: Mapping[str, Any] = {**request}
    text, filters = wanted.get("SearchText", ""), wanted.get("Filters", ())
    hints = table_search.hints(text, filters)
    limit = request.get("MaxResults", _PAGE) + 1
    while True:
        batch = tables.search(
            connection,
            hints.texts,
            names=hints.names,
            databases=hints.databases,
            after=after,
            limit=limit,
        )
        shapes = [shown(context, table) for table in batch]
        yield from table_search.found(shapes, text=text, filters=filters)
        if len(batch) < limit:
            return
        after, limit = (batch[-1].database, batch[-1].name), _BATCH


def _sorted_search(
    context: Context, connection: Connection, request: SearchTablesRequestTypeDef
) -> dict[str, Any]:
    """Return a page of what a search finds in an order of its own, for which it all is read."""
    size = request.get("MaxResults", _PAGE)
    start = decode_number(request.get("NextToken"), "SearchTables", "sorted") or 0
    sort: Any = request.get("SortCriteria", ())
    matches = table_search.found(list(_matches(context, connection, request)), sort=sort)
    answer: dict[str, Any] = {"TableList": matches[start : start + size]}
    if len(matches) > start + size:
        answer["NextToken"] = encode_token("SearchTables", "sorted", str(start + size))
    return answer


def _delete(connection: Connection, database: str, name: str) -> None:
    if not tables.delete(connection, database, name):
        existing_database(connection, database)
        raise EntityNotFound(f"Table {name} not found.")


def _selected(request: Mapping[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    """Return the members that `AttributesToGet` asks for; all of them by default."""
    wanted = set(request.get("AttributesToGet", ()))
    if not wanted or "DEFAULT" in wanted or "LATEST_ICEBERG_METADATA" in wanted:
        return table
    members = {"NAME": "Name", "TABLE_TYPE": "TableType"}
    kept = {"Name", *(members[attribute] for attribute in wanted)}
    return {name: value for name, value in table.items() if name in kept}
