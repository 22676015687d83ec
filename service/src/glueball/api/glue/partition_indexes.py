"""Partition indexes of tables.

https://docs.aws.amazon.com/glue/latest/dg/partition-indexes.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.catalogs import check_catalog, existing_table, fold
from glueball.core.errors import (
    AlreadyExists,
    EntityNotFound,
    InvalidInput,
    ResourceNumberLimitExceeded,
)
from glueball.stores.catalog import partition_indexes
from glueball.stores.catalog.partition_indexes import PartitionIndex
from glueball.stores.catalog.tables import CatalogTable

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        CreatePartitionIndexRequestTypeDef,
        DeletePartitionIndexRequestTypeDef,
        GetPartitionIndexesRequestTypeDef,
    )
    from sqlalchemy import Connection

#: of one table
_MOST_INDEXES = 3


def create_partition_index(
    context: Context, request: CreatePartitionIndexRequestTypeDef
) -> dict[str, Any]:
    """Add an index to a table; it is active at once."""
    check_catalog(context, request)
    with context.database.write_behind() as connection:
        add_partition_index(connection, _table(connection, request), request["PartitionIndex"])
    return {}


def get_partition_indexes(
    context: Context, request: GetPartitionIndexesRequestTypeDef
) -> dict[str, Any]:
    """Show the indexes of a table."""
    check_catalog(context, request)
    with context.database.read() as connection:
        table = _table(connection, request)
        found = partition_indexes.of_table(connection, table.id)
    return {"PartitionIndexDescriptorList": [_shown(table, index) for index in found]}


def delete_partition_index(
    context: Context, request: DeletePartitionIndexRequestTypeDef
) -> dict[str, Any]:
    """Take an index away from a table."""
    check_catalog(context, request)
    with context.database.write_behind() as connection:
        table = _table(connection, request)
        if not partition_indexes.delete(connection, table.id, request["IndexName"]):
            raise EntityNotFound(f"Index {request['IndexName']} of table {table.name} not found.")
    return {}


def add_partition_index(
    connection: Connection, table: CatalogTable, given: Mapping[str, Any]
) -> None:
    """Add an index to a table.

    Raises:
        InvalidInput: it is over something else than partition keys.
        AlreadyExists: the table has one of this name.
        ResourceNumberLimitExceeded: the table has three.
    """
    name, keys = given["IndexName"], [key.lower() for key in given["Keys"]]
    _check_keys(keys, [key["Name"].lower() for key in table.partition_keys])
    there = partition_indexes.of_table(connection, table.id)
    if name in (index.name for index in there):
        raise AlreadyExists(f"Index {name} already exists.")
    if len(there) >= _MOST_INDEXES:
        raise ResourceNumberLimitExceeded(f"A table can have {_MOST_INDEXES} partition indexes.")
    partition_indexes.insert(connection, table.id, PartitionIndex(name=name, keys=keys))


def _check_keys(keys: Sequence[str], known: Sequence[str]) -> None:
    for key in keys:
        if key not in known:
            raise InvalidInput(f"'{key}' is no partition key; there are: {', '.join(known)}.")
    if len(set(keys)) < len(keys):
        raise InvalidInput("A partition index has each of its keys once.")


def _table(connection: Connection, request: Mapping[str, Any]) -> CatalogTable:
    return existing_table(connection, fold(request["DatabaseName"]), fold(request["TableName"]))


def _shown(table: CatalogTable, index: PartitionIndex) -> dict[str, Any]:
    """Return AWS's `PartitionIndexDescriptor` shape."""
    types = {key["Name"].lower(): key.get("Type", "string") for key in table.partition_keys}
    return {
        "IndexName": index.name,
        "Keys": [{"Name": key, "Type": types.get(key, "string")} for key in index.keys],
        "IndexStatus": "ACTIVE",
    }
