from __future__ import annotations

from typing import Any

import pytest

from glueball.core.catalog import partition_document, table_document
from glueball.core.errors import InvalidInput

_KEYS = [{"Name": "year"}]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"Name": "t"}, {"PartitionKeys": [], "Retention": 0}, id="nothing said"),
        pytest.param(
            {"Name": "t", "Retention": 3, "Owner": "me"},
            {"PartitionKeys": [], "Retention": 3, "Owner": "me"},
            id="what is said stays",
        ),
    ],
)
def test_tables_get_defaults(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert table_document(given) == expected


def test_descriptors_get_defaults_and_keep_what_they_say() -> None:
    given = {"Name": "t", "StorageDescriptor": {"Compressed": True, "Location": "s3://b/"}}
    assert table_document(given)["StorageDescriptor"] == {
        "Compressed": True,
        "Location": "s3://b/",
        "NumberOfBuckets": 0,
        "SortColumns": (),
        "StoredAsSubDirectories": False,
    }
    assert given["StorageDescriptor"] == {"Compressed": True, "Location": "s3://b/"}


def test_a_partition_is_its_values_and_the_rest() -> None:
    assert partition_document({"Values": ["1"], "Parameters": {}}, _KEYS) == (
        ["1"],
        {"Parameters": {}},
    )
    with pytest.raises(InvalidInput, match="1 keys, 0 values"):
        partition_document({}, _KEYS)


def test_names_of_columns_are_kept_in_lower_case_and_types_as_they_are() -> None:
    columns = [
        {"Name": "Order ID", "Type": "struct<Id:int>", "Comment": "The ID"},
        {"Name": "ÄB", "Parameters": {"K": "V"}},
    ]
    document = table_document(
        {
            "Name": "t",
            "StorageDescriptor": {"Columns": columns},
            "PartitionKeys": [{"Name": "Year", "Type": "INT"}],
        }
    )
    assert document["StorageDescriptor"]["Columns"] == [
        {"Name": "order id", "Type": "struct<Id:int>", "Comment": "The ID"},
        {"Name": "äb", "Parameters": {"K": "V"}},
    ]
    assert document["PartitionKeys"] == [{"Name": "year", "Type": "INT"}]


def test_partition_keys_have_no_parameters() -> None:
    keys = [{"Name": "year", "Parameters": {"k": "v"}}]
    with pytest.raises(InvalidInput, match=r"^Parameters not supported for partition columns$"):
        table_document({"Name": "t", "PartitionKeys": keys})
    document = table_document({"Name": "t", "PartitionKeys": [{"Name": "year", "Parameters": {}}]})
    assert document["PartitionKeys"][0]["Name"] == "year"
