"""Rules of the Data Catalog. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glueball.core.errors import InvalidInput

#: members that Glue fills in where a table or partition does not say them
_DESCRIPTOR_DEFAULTS: Mapping[str, Any] = {
    "Compressed": False,
    "NumberOfBuckets": 0,
    "SortColumns": (),
    "StoredAsSubDirectories": False,
}
#: of a definition: what needs a service that is not here
_UNSUPPORTED = {
    "ViewDefinition": "Views in several dialects",
    "FederatedTable": "Federated tables",
}


def table_document(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a TableInput: all but its name, defaults filled in.

    Names of columns and of partition keys are kept in lower case, their types as they are.

    Raises:
        InvalidInput: a column occurs twice, a partition key has parameters, or the table needs what
            is not supported.
    """
    document = {name: value for name, value in given.items() if name != "Name"}
    for member, what in _UNSUPPORTED.items():
        if member in document:
            raise InvalidInput(f"{what} ({member}) are not supported.")
    keys = _folded(document.get("PartitionKeys", ()))
    if any(key.get("Parameters") for key in keys):
        raise InvalidInput("Parameters not supported for partition columns")
    descriptor = document.get("StorageDescriptor", {})
    if "Columns" in descriptor:
        columns = _folded(descriptor["Columns"])
        document["StorageDescriptor"] = {**descriptor, "Columns": columns}
    document["PartitionKeys"] = keys
    document.setdefault("Retention", 0)
    return _with_descriptor(document)


def partition_document(
    given: Mapping[str, Any], keys: Sequence[Mapping[str, Any]]
) -> tuple[list[str], dict[str, Any]]:
    """Return the values of a PartitionInput, and what is kept of the rest.

    Raises:
        InvalidInput: there is not one value for each of the table's partition keys.
    """
    document = {**given}
    values = list(document.pop("Values", ()))
    check_values(values, keys)
    return values, _with_descriptor(document)


def check_values(values: Sequence[str], keys: Sequence[Mapping[str, Any]]) -> None:
    """Make sure that there is one value for each of the table's partition keys.

    Raises:
        InvalidInput: there are more or fewer.
    """
    if len(values) != len(keys):
        raise InvalidInput(
            "The number of partition keys do not match the number of partition values "
            f"({len(keys)} keys, {len(values)} values)."
        )
    if not keys:
        raise InvalidInput("The table has no partition keys.")


def _with_descriptor(document: dict[str, Any]) -> dict[str, Any]:
    descriptor = document.get("StorageDescriptor")
    if descriptor is not None:
        document["StorageDescriptor"] = {**_DESCRIPTOR_DEFAULTS, **descriptor}
    return document


def _folded(columns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return columns with their names in lower case.

    Raises:
        InvalidInput: two of them have one name.
    """
    folded: dict[str, dict[str, Any]] = {}
    for column in columns:
        name = column["Name"].lower()
        if name in folded:
            raise InvalidInput(f"The column {column['Name']} occurs more than once.")
        folded[name] = {**column, "Name": name}
    return list(folded.values())
