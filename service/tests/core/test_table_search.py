from __future__ import annotations

from typing import Any

import pytest

from glueball.core.errors import InvalidInput
from glueball.core.table_search import found

_TABLES: list[dict[str, Any]] = [
    {
        "Name": "customer-link",
        "DatabaseName": "shop",
        "CreateTime": 1_700_000_000.0,
        "Description": "Who links to whom",
    },
    {
        "Name": "orders_2024",
        "DatabaseName": "shop",
        "CreateTime": 1_710_000_000.0,
        "Parameters": {"classification": "parquet"},
        "StorageDescriptor": {"Columns": [{"Name": "order_id", "Comment": "The key"}]},
        "PartitionKeys": [{"Name": "year"}],
    },
    {"Name": "xxlinkyy", "DatabaseName": "web", "CreateTime": 1_720_000_000.0, "Owner": "Ann"},
]


def names(**search: Any) -> list[str]:
    return [table["Name"] for table in found(_TABLES, **search)]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        pytest.param({}, ["customer-link", "orders_2024", "xxlinkyy"], id="everything"),
        pytest.param({"text": "LINK"}, ["customer-link", "xxlinkyy"], id="anywhere in a name"),
        pytest.param({"text": "whom"}, ["customer-link"], id="a description"),
        pytest.param({"text": "parq"}, ["orders_2024"], id="a parameter"),
        pytest.param({"text": "the key"}, ["orders_2024"], id="a column's comment"),
        pytest.param({"text": "year"}, ["orders_2024"], id="a partition key"),
        pytest.param({"text": '"shop"'}, ["customer-link", "orders_2024"], id="the whole"),
        pytest.param({"text": "'link'"}, [], id="the whole, which nothing is"),
        pytest.param({"filters": [{"Key": "Name", "Value": "link"}]}, ["customer-link"], id="word"),
        pytest.param(
            {"filters": [{"Key": "Name", "Value": "Orders-2024"}]}, ["orders_2024"], id="words"
        ),
        pytest.param(
            {"text": "link", "filters": [{"Key": "DatabaseName", "Value": "web"}]},
            ["xxlinkyy"],
            id="both",
        ),
        pytest.param({"filters": [{"Key": "Owner", "Value": "ann"}]}, ["xxlinkyy"], id="owner"),
        pytest.param(
            {
                "filters": [
                    {
                        "Key": "CreateTime",
                        "Value": "2024-01-01",
                        "Comparator": "GREATER_THAN_EQUALS",
                    },
                    {"Key": "CreateTime", "Value": "1720000000", "Comparator": "LESS_THAN"},
                ]
            },
            ["orders_2024"],
            id="times",
        ),
        pytest.param(
            {"filters": [{"Key": "CreateTime", "Value": "2023-11-14T22:13:20Z"}]},
            ["customer-link"],
            id="a moment",
        ),
        pytest.param(
            {"filters": [{"Key": "LastAccessTime", "Value": "0", "Comparator": "GREATER_THAN"}]},
            [],
            id="a time that none has",
        ),
        pytest.param(
            {"sort": [{"FieldName": "CreateTime", "Sort": "DESC"}]},
            ["xxlinkyy", "orders_2024", "customer-link"],
            id="newest first",
        ),
        pytest.param(
            {"sort": [{"FieldName": "Owner", "Sort": "ASC"}]},
            ["customer-link", "orders_2024", "xxlinkyy"],
            id="equals stay in order",
        ),
    ],
)
def test_searches(search: dict[str, Any], expected: list[str]) -> None:
    assert names(**search) == expected


@pytest.mark.parametrize(
    ("search", "says"),
    [
        ({"filters": [{}]}, "cannot be filtered by ''"),
        ({"filters": [{"Key": "Columns", "Value": "x"}]}, "cannot be filtered by 'Columns'"),
        ({"filters": [{"Key": "CreateTime", "Value": "yesterday"}]}, "'yesterday' of the filter"),
        ({"sort": [{"FieldName": "Columns"}]}, "cannot be sorted by Columns"),
    ],
)
def test_what_cannot_be_compared_is_told(search: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        names(**search)
