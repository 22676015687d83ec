"""Partitions of tables.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-partitions.html
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.catalogs import check_catalog, error_detail, existing_table, fold
from glueball.api.paging import decode_token, encode_token
from glueball.core.catalog import check_values, partition_document
from glueball.core.errors import AlreadyExists, AwsError, EntityNotFound, InvalidInput
from glueball.core.partition_expressions import PartitionExpression
from glueball.stores.catalog import partitions
from glueball.stores.catalog.partitions import Partition
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
#: partitions that one query reads
_BATCH = 2000
#: that one request looks at: a page may hold few partitions, or none, and a token
_MOST_BATCHES = 10


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
    errors = []
    with context.database.write_behind() as connection:
        table = _table(connection, request)
        made, refused = _made(table, request["PartitionInputList"], context.clock.now())
        there = {
            partitions.key_of(one.values)
            for one in partitions.having(connection, table.id, list(made))
        }
        partitions.insert(
            connection, table.id, [one for key, one in made.items() if key not in there]
        )
    again = AlreadyExists("Partition already exists.")
    errors = [
        *refused,
        *(_error("PartitionValues", made[key].values, again) for key in made if key in there),
    ]
    return {"Errors": errors} if errors else {}


def get_partition(context: Context, request: GetPartitionRequestTypeDef) -> dict[str, Any]:
    """Show a partition."""
    check_catalog(context, request)
    with context.database.read() as connection:
        table = _table(connection, request)
        found = existing_partition(connection, table, request["PartitionValues"])
    return {"Partition": _shown(context, table, found)}


def get_partitions(context: Context, request: GetPartitionsRequestTypeDef) -> dict[str, Any]:
    """Show the partitions that an expression and a segment choose, in order of their values."""
    check_catalog(context, request)
    with context.database.read() as connection:
        table = _table(connection, request)
        scope = f"{table.database}.{table.name}"
        after = decode_token(request.get("NextToken"), "GetPartitions", scope) or ""
        keys, token = _chosen(connection, table, request, after)
        found = partitions.having(connection, table.id, keys)
    shown = [_shown(context, table, partition) for partition in found]
    if request.get("ExcludeColumnSchema"):
        shown = [_without_columns(partition) for partition in shown]
    answer: dict[str, Any] = {"Partitions": shown}
    if token:
        answer["NextToken"] = encode_token("GetPartitions", scope, token)
    return answer


def batch_get_partition(
    context: Context, request: BatchGetPartitionRequestTypeDef
) -> dict[str, Any]:
    """Show the partitions named; those that are not there are left out."""
    check_catalog(context, request)
    wanted = [list(entry["Values"]) for entry in request["PartitionsToGet"]]
    with context.database.read() as connection:
        table = _table(connection, request)
        for values in wanted:
            check_values(values, table.partition_keys)
        keys = [partitions.key_of(values) for values in wanted]
        found = partitions.having(connection, table.id, keys)
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
    return {"Errors": errors} if errors else {}


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
    return {"Errors": errors} if errors else {}


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
    found = partitions.get(connection, table.id, values)
    if found is None:
        raise EntityNotFound("Cannot find partition.")
    return found


def _made(
    table: CatalogTable, given: Sequence[Any], now: float
) -> tuple[dict[str, Partition], list[dict[str, Any]]]:
    """Return the partitions of a batch by their keys, and the errors of those that cannot be."""
    made: dict[str, Partition] = {}
    errors = []
    for one in given:
        try:
            values, document = partition_document(one, table.partition_keys)
            if partitions.key_of(values) in made:
                raise AlreadyExists("Partition already exists.")
            partition = Partition(values=values, created=now, document=document)
            made[partitions.key_of(values)] = partition
        except AwsError as error:
            errors.append(_error("PartitionValues", one.get("Values", ()), error))
    return made, errors


def _create(connection: Connection, table: CatalogTable, given: Any, now: float) -> None:
    values, document = partition_document(given, table.partition_keys)
    if partitions.get(connection, table.id, values) is not None:
        raise AlreadyExists("Partition already exists.")
    added = Partition(values=values, created=now, document=document)
    partitions.insert(connection, table.id, [added])


def _update(connection: Connection, table: CatalogTable, old: Sequence[str], given: Any) -> None:
    current = existing_partition(connection, table, old)
    values, document = partition_document({"Values": old, **given}, table.partition_keys)
    if list(values) != list(old) and partitions.get(connection, table.id, values) is not None:
        raise AlreadyExists("Partition already exists.")
    changed = replace(current, values=values, document=document)
    partitions.replace(connection, table.id, old, changed)


def _delete(connection: Connection, table: CatalogTable, values: Sequence[str]) -> None:
    check_values(values, table.partition_keys)
    if not partitions.delete(connection, table.id, values):
        raise EntityNotFound("Cannot find partition.")


def _chosen(
    connection: Connection, table: CatalogTable, request: GetPartitionsRequestTypeDef, after: str
) -> tuple[list[str], str]:
    """Return the keys of a page, and the key behind which the next one begins, or ""."""
    text = request.get("Expression", "").strip()
    expression = PartitionExpression(text, table.partition_keys) if text else None
    beginning = expression.beginning if expression else ()
    matches = _matcher(expression, request.get("Segment"))
    size = request.get("MaxResults", _PAGE)
    limit = size + 1 if matches is None else _BATCH
    chosen: list[str] = []
    for _ in range(_MOST_BATCHES):
        batch = partitions.keys(connection, table.id, after=after, limit=limit, beginning=beginning)
        for key, values in batch:
            if len(chosen) == size:
                return chosen, after
            after = key
            if matches is None or matches(key, values):
                chosen.append(key)
        if len(batch) < limit:
            return chosen, ""
    return chosen, after


def _matcher(
    expression: PartitionExpression | None, segment: Mapping[str, Any] | None
) -> Callable[[str, Sequence[str]], bool] | None:
    """Return what chooses partitions by key and values; None where all are chosen."""
    number, total = (segment["SegmentNumber"], segment["TotalSegments"]) if segment else (0, 1)
    if number >= total:
        raise InvalidInput(f"SegmentNumber {number} is not below TotalSegments {total}.")
    if expression is None and total == 1:
        return None

    def matches(key: str, values: Sequence[str]) -> bool:
        if total > 1 and zlib.crc32(key.encode()) % total != number:
            return False
        return expression is None or expression.matches(values)

    return matches


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


def _without_columns(partition: dict[str, Any]) -> dict[str, Any]:
    descriptor = partition.get("StorageDescriptor")
    if descriptor is None:
        return partition
    kept = {name: value for name, value in descriptor.items() if name != "Columns"}
    return {**partition, "StorageDescriptor": kept}


def _error(member: str, values: Sequence[str], error: AwsError) -> dict[str, Any]:
    return {member: list(values), "ErrorDetail": error_detail(error)}
