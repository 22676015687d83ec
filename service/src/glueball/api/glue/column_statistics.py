"""Statistics of the columns of tables and partitions.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-column-statistics.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.catalogs import check_catalog, error_detail, existing_table, fold
from glueball.api.glue.partitions import existing_partition
from glueball.core.errors import AwsError, EntityNotFound, InvalidInput
from glueball.stores.catalog import column_statistics
from glueball.stores.catalog.partition_rows import key_of
from glueball.stores.catalog.tables import CatalogTable

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        DeleteColumnStatisticsForPartitionRequestTypeDef,
        DeleteColumnStatisticsForTableRequestTypeDef,
        GetColumnStatisticsForPartitionRequestTypeDef,
        GetColumnStatisticsForTableRequestTypeDef,
        UpdateColumnStatisticsForPartitionRequestTypeDef,
        UpdateColumnStatisticsForTableRequestTypeDef,
    )
    from sqlalchemy import Connection


def get_column_statistics_for_table(
    context: Context, request: GetColumnStatisticsForTableRequestTypeDef
) -> dict[str, Any]:
    """Show the statistics of a table's columns, and name the columns that have none."""
    return _shown(context, request)


def get_column_statistics_for_partition(
    context: Context, request: GetColumnStatisticsForPartitionRequestTypeDef
) -> dict[str, Any]:
    """Show the statistics of a partition's columns, and name the columns that have none."""
    return _shown(context, request)


def update_column_statistics_for_table(
    context: Context, request: UpdateColumnStatisticsForTableRequestTypeDef
) -> dict[str, Any]:
    """Keep the statistics of a table's columns, and say which could not be."""
    return _updated(context, request)


def update_column_statistics_for_partition(
    context: Context, request: UpdateColumnStatisticsForPartitionRequestTypeDef
) -> dict[str, Any]:
    """Keep the statistics of a partition's columns, and say which could not be."""
    return _updated(context, request)


def delete_column_statistics_for_table(
    context: Context, request: DeleteColumnStatisticsForTableRequestTypeDef
) -> dict[str, Any]:
    """Forget the statistics of a table's column, if it has any."""
    return _deleted(context, request)


def delete_column_statistics_for_partition(
    context: Context, request: DeleteColumnStatisticsForPartitionRequestTypeDef
) -> dict[str, Any]:
    """Forget the statistics of a partition's column, if it has any."""
    return _deleted(context, request)


def _shown(context: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    check_catalog(context, request)
    names: Sequence[str] = request["ColumnNames"]
    with context.database.read() as connection:
        table, partition = _place(connection, request)
        wanted = [name.lower() for name in names]
        found = column_statistics.having(connection, table.id, partition, wanted)
    columns = _columns(table)
    errors = [
        {"ColumnName": name, "Error": error_detail(_absent(name, table, columns))}
        for name in names
        if name.lower() not in found
    ]
    return {
        "ColumnStatisticsList": [found[name] for name in wanted if name in found],
        "Errors": errors,
    }


def _updated(context: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    check_catalog(context, request)
    errors = []
    with context.database.write_behind() as connection:
        table, partition = _place(connection, request)
        for shape in request["ColumnStatisticsList"]:
            try:
                _check(shape, table)
                column = shape["ColumnName"].lower()
                column_statistics.put(connection, table.id, partition, column, shape)
            except AwsError as error:
                errors.append({"ColumnStatistics": shape, "Error": error_detail(error)})
    return {"Errors": errors}


def _deleted(context: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    check_catalog(context, request)
    name = request["ColumnName"]
    with context.database.write_behind() as connection:
        table, partition = _place(connection, request)
        column_statistics.delete(connection, table.id, partition, name.lower())
    return {}


def _place(connection: Connection, request: Mapping[str, Any]) -> tuple[CatalogTable, str]:
    """Return the table, and the key of the partition or ""."""
    table = existing_table(connection, fold(request["DatabaseName"]), fold(request["TableName"]))
    if "PartitionValues" not in request:
        return table, ""
    values = request["PartitionValues"]
    existing_partition(connection, table, values)
    return table, key_of(values)


def _check(shape: Mapping[str, Any], table: CatalogTable) -> None:
    name, data = shape["ColumnName"], shape["StatisticsData"]
    if name.lower() not in _columns(table):
        raise _no_column(name, table)
    member = f"{data['Type'].capitalize()}ColumnStatisticsData"
    if member not in data:
        raise InvalidInput(f"The statistics of column {name} have no {member}.")


def _columns(table: CatalogTable) -> set[str]:
    columns = table.document.get("StorageDescriptor", {}).get("Columns", ())
    return {column["Name"].lower() for column in (*columns, *table.partition_keys)}


def _absent(name: str, table: CatalogTable, columns: set[str]) -> EntityNotFound:
    if name.lower() in columns:
        return EntityNotFound(f"Column {name} of table {table.name} has no statistics.")
    return _no_column(name, table)


def _no_column(name: str, table: CatalogTable) -> EntityNotFound:
    return EntityNotFound(f"Column {name} of table {table.name} not found.")
