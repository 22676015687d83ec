"""Partitions of tables.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-partitions.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.catalogs import check_catalog, error_detail, existing_table, fold
from glueball.api.paging import decode_token, encode_token
from glueball.core.catalog import check_values, partition_document
from glueball.core.errors import AlreadyExists, AwsError, EntityNotFound, InvalidInput
from glueball.core.partition_expressions import read_expression
from glueball.stores.catalog import partitions
from glueball.stores.catalog.partition_rows import Partition, key_of
from glueball.stores.catalog.partition_search import PartitionSearch, Segment
from glueball.stores.catalog.tables import CatalogTable

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        BatchCreatePartitionRequestTypeDef,
        BatchDeletePartitionRequestTypeDef,
        BatchGetPartitionRequestTypeDef,
        BatchUpdatePartitionRequestTypeDef,
        CreatePartitionRequestTypeDef,
        DeletePartitionRequestTypeDef,
        GetPartitionRequestTypeDef,
        GetPartitionsRequestTypeDef,
        UpdatePartitionRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 1000


def create_partition(context: Context, request: CreatePartitionRequestTypeDef) -> dict[str, Any]:
    """Add a partition to a table.

    Raises:
        AlreadyExists: there is one with these values.
    """
    check_catalog(context, request)
    with context.database.write_behind() as connection:
        table = _table(connection, request)
        _create(connection, table, request["PartitionInput"], context.clock.now())
    return {}


def batch_create_partition(
    context: Context, request: BatchCreatePartitionRequestTypeDef
) -> dict[str, Any]:
    """Add partitions, and say which could not be."""
    check_catalog(context, request)
    with context.database.write_behind() as connection:
        table = _table(connection, request)
        order = table.partition_order
        valid, errors = _valid(table, request["PartitionInputList"], context.clock.now())
        values = [partition.values for partition in valid.values()]
        taken = partitions.existing(connection, table.id, order, values)
        free = [partition for key, partition in valid.items() if key not in taken]
        partitions.insert(connection, table.id, order, free)
    again = AlreadyExists("Partition already exists.")
    errors += [_error("PartitionValues", valid[key].values, again) for key in valid if key in taken]
    return {"Errors": errors}


def get_partition(context: Context, request: GetPartitionRequestTypeDef) -> dict[str, Any]:
    """Show a partition."""
    check_catalog(context, request)
    with context.database.snapshot() as connection:
        table = _table(connection, request)
        found = existing_partition(connection, table, request["PartitionValues"])
    return {"Partition": _shown(context, table, found)}


def get_partitions(context: Context, request: GetPartitionsRequestTypeDef) -> dict[str, Any]:
    """Show the partitions that an expression and a segment choose, in order of their values."""
    check_catalog(context, request)
    size = request.get("MaxResults", _PAGE)
    with context.database.snapshot() as connection:
        table = _table(connection, request)
        scope = f"{table.database}.{table.name}"
        after = decode_token(request.get("NextToken"), "GetPartitions", scope) or ""
        places = _search(connection, table, request).page(after=after, limit=size + 1)
        page = partitions.at(
            connection,
            table.id,
            places[:size],
            with_columns=not request.get("ExcludeColumnSchema", False),
        )
    answer: dict[str, Any] = {"Partitions": [_shown(context, table, each) for each in page]}
    if len(places) > size:
        last, _ = places[size - 1]
        answer["NextToken"] = encode_token("GetPartitions", scope, last)
    return answer


def batch_get_partition(
    context: Context, request: BatchGetPartitionRequestTypeDef
) -> dict[str, Any]:
    """Show the partitions named; those that are not there are left out."""
    check_catalog(context, request)
    wanted = [list(entry["Values"]) for entry in request["PartitionsToGet"]]
    with context.database.snapshot() as connection:
        table = _table(connection, request)
        for values in wanted:
            check_values(values, table.partition_keys)
        found = partitions.having(connection, table.id, table.partition_order, wanted)
    return {
        "Partitions": [_shown(context, table, partition) for partition in found],
        "UnprocessedKeys": [],
    }


def update_partition(context: Context, request: UpdatePartitionRequestTypeDef) -> dict[str, Any]:
    """Replace a partition's definition; it may get other values."""
    check_catalog(context, request)
    with context.database.write_behind() as connection:
        table = _table(connection, request)
        _update(connection, table, request["PartitionValueList"], request["PartitionInput"])
    return {}


def batch_update_partition(
    context: Context, request: BatchUpdatePartitionRequestTypeDef
) -> dict[str, Any]:
    """Replace partitions' definitions, and say which could not be."""
    check_catalog(context, request)
    errors = []
    with context.database.write_behind() as connection:
        table = _table(connection, request)
        for entry in request["Entries"]:
            values = entry["PartitionValueList"]
            try:
                _update(connection, table, values, entry["PartitionInput"])
            except AwsError as error:
                errors.append(_error("PartitionValueList", values, error))
    return {"Errors": errors}


def delete_partition(context: Context, request: DeletePartitionRequestTypeDef) -> dict[str, Any]:
    """Delete a partition; its data stays where it is."""
    check_catalog(context, request)
    with context.database.write_behind() as connection:
        table = _table(connection, request)
        _delete(connection, table, request["PartitionValues"])
    return {}


def batch_delete_partition(
    context: Context, request: BatchDeletePartitionRequestTypeDef
) -> dict[str, Any]:
    """Delete partitions, and say which could not be."""
    check_catalog(context, request)
    errors = []
    with context.database.write_behind() as connection:
        table = _table(connection, request)
        for entry in request["PartitionsToDelete"]:
            try:
                _delete(connection, table, entry["Values"])
            except AwsError as error:
                errors.append(_error("PartitionValues", entry["Values"], error))
    return {"Errors": errors}


def _table(connection: Connection, request: Mapping[str, Any]) -> CatalogTable:
    return existing_table(connection, fold(request["DatabaseName"]), fold(request["TableName"]))


def existing_partition(
    connection: Connection, table: CatalogTable, values: Sequence[str]
) -> Partition:
    """Return a partition of a table.

    Raises:
        EntityNotFound: there is none with these values.
        InvalidInput: there is not one value for each key.
    """
    check_values(values, table.partition_keys)
    found = partitions.get(connection, table.id, table.partition_order, values)
    if found is None:
        raise EntityNotFound("Cannot find partition.")
    return found


def _valid(
    table: CatalogTable, inputs: Sequence[Any], now: float
) -> tuple[dict[str, Partition], list[dict[str, Any]]]:
    """Return the partitions of a batch by their keys, and the errors of those that cannot be."""
    valid: dict[str, Partition] = {}
    errors = []
    for each in inputs:
        try:
            values, document = partition_document(each, table.partition_keys)
            if key_of(values) in valid:
                raise AlreadyExists("Partition already exists.")
            valid[key_of(values)] = Partition(values=values, created=now, document=document)
        except AwsError as error:
            errors.append(_error("PartitionValues", each.get("Values", ()), error))
    return valid, errors


def _create(connection: Connection, table: CatalogTable, given: Any, now: float) -> None:
    values, document = partition_document(given, table.partition_keys)
    if partitions.get(connection, table.id, table.partition_order, values) is not None:
        raise AlreadyExists("Partition already exists.")
    added = Partition(values=values, created=now, document=document)
    partitions.insert(connection, table.id, table.partition_order, [added])


def _update(connection: Connection, table: CatalogTable, old: Sequence[str], given: Any) -> None:
    current = existing_partition(connection, table, old)
    values, document = partition_document({"Values": old, **given}, table.partition_keys)
    if (
        list(values) != list(old)
        and partitions.get(connection, table.id, table.partition_order, values) is not None
    ):
        raise AlreadyExists("Partition already exists.")
    changed = replace(current, values=values, document=document)
    partitions.replace(connection, table.id, table.partition_order, old, changed)


def _delete(connection: Connection, table: CatalogTable, values: Sequence[str]) -> None:
    check_values(values, table.partition_keys)
    if not partitions.delete(connection, table.id, table.partition_order, values):
        raise EntityNotFound("Cannot find partition.")


def _search(
    connection: Connection, table: CatalogTable, request: GetPartitionsRequestTypeDef
) -> PartitionSearch:
    text = request.get("Expression", "").strip()
    return PartitionSearch(
        connection,
        table.id,
        table.partition_order,
        read_expression(text, table.partition_keys) if text else None,
        _segment(request),
    )


def _segment(request: GetPartitionsRequestTypeDef) -> Segment | None:
    if "Segment" not in request:
        return None
    number, total = request["Segment"]["SegmentNumber"], request["Segment"]["TotalSegments"]
    if number >= total:
        raise InvalidInput(f"SegmentNumber {number} is not below TotalSegments {total}.")
    return Segment(number=number, total=total)


def _shown(context: Context, table: CatalogTable, partition: Partition) -> dict[str, Any]:
    """Return AWS's `Partition` shape."""
    return {
        "Values": partition.values,
        "DatabaseName": table.database,
        "TableName": table.name,
        "CreationTime": partition.created,
        **partition.document,
        "CatalogId": context.account_id,
    }


def _error(member: str, values: Sequence[str], error: AwsError) -> dict[str, Any]:
    return {member: list(values), "ErrorDetail": error_detail(error)}
