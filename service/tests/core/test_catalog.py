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
