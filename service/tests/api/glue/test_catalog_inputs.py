"""Any input of the catalog's operations is answered as the model says, or refused with a code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from botocore import xform_name
from botocore.model import StructureShape

from glueball.api.context import Context
from glueball.api.glue import (
    catalogs,
    column_statistics,
    connections,
    databases,
    functions,
    partition_indexes,
    partitions,
    table_versions,
    tables,
)
from glueball.core.errors import AwsError
from glueball.wire.json_values import conform
from glueball.wire.models import operation_names, service_model
from glueball.wire.validation import problems
from support.contexts import make_context
from wire.shape_values import Unmatched, valid

_MODULES = (
    catalogs,
    column_statistics,
    connections,
    databases,
    functions,
    partition_indexes,
    partitions,
    table_versions,
    tables,
)
#: so that most requests mean something that is there
_NAMES = {
    "DatabaseName": "db",
    "TableName": "t",
    "CatalogId": "123456789012",
    "ConnectionName": "c",
    "FunctionName": "f",
    "IndexName": "i",
    "ParentCatalogId": "123456789012",
    "ColumnName": "year",
}
#: what needs something that is not there, and is refused
_REFUSED = (
    "TransactionId",
    "QueryAsOfTime",
    "OpenTableFormatInput",
    "UpdateOpenTableFormatInput",
    "ViewUpdateAction",
    "ViewDefinition",
    "FederatedTable",
    "AuthenticationConfiguration",
)
_EXPRESSIONS = ("year = '2024'", "month > 3", "year like '2%'", "nonsense (", "", "t*", "[")
#: that the model does not list everywhere: of another catalog, of values that are taken
_CODES = {"EntityNotFoundException", "AlreadyExistsException"}
_ROUNDS = 60


def catalog_operations() -> Iterator[tuple[str, Callable[[Context, Any], dict[str, Any]]]]:
    """Yield the names and functions of the operations."""
    for name in operation_names("glue"):
        for module in _MODULES:
            if xform_name(name) in vars(module):
                yield name, vars(module)[xform_name(name)]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    context = make_context(tmp_path_factory.mktemp("catalog"))
    yield context
    context.database.close()


def stock(context: Context) -> int:
    """Put back what the operations before may have deleted; return the table's version."""
    keys = [{"Name": "year", "Type": "string"}, {"Name": "month", "Type": "int"}]
    properties = {"ConnectionType": "JDBC", "ConnectionProperties": {}}
    data = {"NumberOfNulls": 0, "NumberOfDistinctValues": 1}
    counted = [
        {
            "ColumnName": "year",
            "ColumnType": "string",
            "AnalyzedTime": 0.0,
            "StatisticsData": {"Type": "DATE", "DateColumnStatisticsData": data},
        }
    ]
    index = {"IndexName": "i", "Keys": ["year"]}
    this: Any = {"DatabaseName": "db", "TableName": "t"}
    requests: list[Any] = [
        (databases.create_database, {"DatabaseInput": {"Name": "db"}}),
        (tables.create_table, {**this, "TableInput": {"Name": "t", "PartitionKeys": keys}}),
        (tables.update_table, {**this, "TableInput": {"Name": "t", "PartitionKeys": keys}}),
        (functions.create_user_defined_function, {**this, "FunctionInput": {"FunctionName": "f"}}),
        (
            column_statistics.update_column_statistics_for_table,
            {**this, "ColumnStatisticsList": counted},
        ),
        (partition_indexes.create_partition_index, {**this, "PartitionIndex": index}),
        (partitions.create_partition, {**this, "PartitionInput": {"Values": ["2024", "7"]}}),
        (
            column_statistics.update_column_statistics_for_partition,
            {**this, "PartitionValues": ["2024", "7"], "ColumnStatisticsList": counted},
        ),
        (connections.create_connection, {"ConnectionInput": {"Name": "c", **properties}}),
    ]
    for operation, request in requests:
        try:
            operation(context, request)
        except AwsError as error:
            assert "already exists" in error.message
    table = tables.get_table(context, {"DatabaseName": "db", "Name": "t"})["Table"]
    return int(table["VersionId"])


def pointed(value: Any, random: Random, version: int) -> Any:
    """Return a request in which some names are those of things that are there."""
    if isinstance(value, list):
        return [pointed(item, random, version) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {
        name: pointed(item, random, version)
        for name, item in value.items()
        if name not in _REFUSED or random.random() < 0.1
    }
    for name in changed:
        if name == "Name" and random.random() < 0.7:
            changed[name] = random.choice(["db", "t", "t", "c"])
        elif name in ("Values", "PartitionValues", "PartitionValueList") and random.random() < 0.7:
            changed[name] = ["2024", random.choice(["7", "8"])]
        elif name == "Keys" and random.random() < 0.7:
            changed[name] = ["month"]
        elif name == "VersionId":
            changed[name] = str(random.choice([version, version - 1, 0]))
        elif name == "Expression":
            changed[name] = random.choice(_EXPRESSIONS)
        elif name in _NAMES and random.random() < 0.9:
            changed[name] = _NAMES[name]
    return changed


@pytest.mark.parametrize(
    ("name", "operation"),
    list(catalog_operations()),
    ids=lambda value: getattr(value, "__name__", value),
)
def test_answers_fit_the_model_and_refusals_have_a_code(
    stocked: Context, name: str, operation: Callable[[Context, Any], dict[str, Any]]
) -> None:
    model = service_model("glue").operation_model(name)
    shape, output = model.input_shape, model.output_shape
    assert isinstance(shape, StructureShape) and isinstance(output, StructureShape)
    codes = {error.name for error in model.error_shapes} | _CODES
    random, answered = Random(name), 0
    for _ in range(_ROUNDS):
        version = stock(stocked)
        try:
            request = pointed(valid(shape, random), random, version)
        except Unmatched:
            continue
        assert problems("glue", shape, request) is None, request
        try:
            answer = operation(stocked, request)
        except AwsError as error:
            assert error.code in codes, (request, error.code)
            continue
        answered += 1
        read = json.loads(msgspec.json.encode(answer))
        assert conform(output, read) == read, "members that the model does not know"
        assert problems("glue", output, read) is None, read
    assert answered, "no request of all these was answered"
