from __future__ import annotations

from typing import Any

import msgspec
import pytest

from glueball.api.context import Context
from glueball.api.glue import databases, partitions, tables
from glueball.core.errors import AlreadyExists, EntityNotFound, InvalidInput
from support.contexts import ACCOUNT
from support.runs import BASE_TIME

_THIS: Any = {"DatabaseName": "DB", "TableName": "T"}
_COLUMNS = [{"Name": "id", "Type": "bigint"}]


def given(request: Any) -> Any:
    """Return a request for the operation that it is for; the checker cannot see that it fits."""
    return request


@pytest.fixture(autouse=True)
def _table(context: Context) -> None:
    databases.create_database(context, {"DatabaseInput": {"Name": "db"}})
    keys = [{"Name": "year", "Type": "string"}, {"Name": "month", "Type": "int"}]
    request: Any = {"DatabaseName": "db", "TableInput": {"Name": "t", "PartitionKeys": keys}}
    tables.create_table(context, request)


def create(context: Context, *values: str, **members: Any) -> None:
    request: Any = {**_THIS, "PartitionInput": {"Values": list(values), **members}}
    assert partitions.create_partition(context, request) == {}


def answer(shown: Any) -> Any:
    """Return an answer as a client reads it."""
    return msgspec.json.decode(msgspec.json.encode(shown))


def get(context: Context, *values: str) -> Any:
    request: Any = {**_THIS, "PartitionValues": list(values)}
    return answer(partitions.get_partition(context, request)["Partition"])


def listed(context: Context, **members: Any) -> list[list[str]]:
    """Return the values of the partitions on all pages."""
    request: Any = {**_THIS, **members}
    seen: list[list[str]] = []
    while True:
        page = partitions.get_partitions(context, request)
        seen += [partition["Values"] for partition in page["Partitions"]]
        assert len(page["Partitions"]) <= members.get("MaxResults", 1000)
        if "NextToken" not in page:
            return seen
        request = {**request, "NextToken": page["NextToken"]}


def many(context: Context, years: range, months: range) -> list[list[str]]:
    """Create partitions in batches; return their values."""
    values = [[str(year), str(month)] for year in years for month in months]
    for start in range(0, len(values), 100):
        some: Any = [{"Values": one} for one in values[start : start + 100]]
        request: Any = {**_THIS, "PartitionInputList": some}
        assert partitions.batch_create_partition(context, request) == {"Errors": []}
    return values


def test_a_partition_comes_back_as_glue_shows_it(context: Context) -> None:
    descriptor = {"Columns": _COLUMNS, "Location": "s3://b/2024/07/"}
    create(context, "2024", "07", StorageDescriptor=descriptor, Parameters={"k": "v"})
    shown = get(context, "2024", "07")
    assert shown == {
        "Values": ["2024", "07"],
        "DatabaseName": "db",
        "TableName": "t",
        "CreationTime": BASE_TIME,
        "Parameters": {"k": "v"},
        "StorageDescriptor": {
            **descriptor,
            "Compressed": False,
            "NumberOfBuckets": 0,
            "SortColumns": [],
            "StoredAsSubDirectories": False,
        },
        "CatalogId": ACCOUNT,
    }
    request: Any = {**_THIS, "ExcludeColumnSchema": True}
    (lean,) = partitions.get_partitions(context, request)["Partitions"]
    del shown["StorageDescriptor"]["Columns"]
    assert answer(lean) == shown


def test_values_are_given_once(context: Context) -> None:
    create(context, "2024", "7")
    with pytest.raises(AlreadyExists, match=r"^Partition already exists\.$"):
        create(context, "2024", "7")
    create(context, "2024", "07")  # another text, another partition


def test_missing_partitions_and_tables_are_told(context: Context) -> None:
    for operation in (partitions.get_partition, partitions.delete_partition):
        with pytest.raises(EntityNotFound, match=r"^Cannot find partition\.$"):
            operation(context, given({**_THIS, "PartitionValues": ["2024", "7"]}))
        with pytest.raises(EntityNotFound, match=r"^Table none not found\.$"):
            operation(
                context, given({**_THIS, "TableName": "None", "PartitionValues": ["2024", "7"]})
            )
    with pytest.raises(EntityNotFound, match=r"^Cannot find partition\.$"):
        change: Any = {"Values": ["2024", "8"]}
        partitions.update_partition(
            context, given({**_THIS, "PartitionValueList": ["2024", "7"], "PartitionInput": change})
        )


@pytest.mark.parametrize("values", [[], ["2024"], ["2024", "7", "1"]])
def test_there_is_one_value_for_each_key(context: Context, values: list[str]) -> None:
    with pytest.raises(InvalidInput, match="keys do not match the number of partition values"):
        create(context, *values)
    with pytest.raises(InvalidInput, match="keys do not match"):
        get(context, *values)


def test_a_table_without_keys_has_no_partitions(context: Context) -> None:
    tables.create_table(context, {"DatabaseName": "db", "TableInput": {"Name": "plain"}})
    plain: Any = {"DatabaseName": "db", "TableName": "plain"}
    with pytest.raises(InvalidInput, match="no partition keys"):
        partitions.create_partition(context, given({**plain, "PartitionInput": {"Values": []}}))
    with pytest.raises(InvalidInput, match="there are: none"):
        partitions.get_partitions(context, given({**plain, "Expression": "year = 1"}))
    assert partitions.get_partitions(context, plain) == {"Partitions": []}


def test_a_batch_keeps_what_it_can_and_names_the_rest(context: Context) -> None:
    create(context, "2024", "1", Parameters={"of": "the first"})
    values_of = [["2024", "1"], ["2024", "2"], ["2024"], ["2024", "2"], ["2024", "3"]]
    request: Any = {**_THIS, "PartitionInputList": [{"Values": values} for values in values_of]}
    errors = partitions.batch_create_partition(context, request)["Errors"]
    assert sorted((e["PartitionValues"], e["ErrorDetail"]["ErrorCode"]) for e in errors) == [
        (["2024"], "InvalidInputException"),
        (["2024", "1"], "AlreadyExistsException"),
        (["2024", "2"], "AlreadyExistsException"),
    ]
    assert listed(context) == [["2024", "1"], ["2024", "2"], ["2024", "3"]]
    assert get(context, "2024", "1")["Parameters"] == {"of": "the first"}


def test_pages_hold_every_partition_once(context: Context) -> None:
    values = sorted(many(context, range(2000, 2030), range(1, 13)))
    for size in (1, 7, 100, 359, 360, 361):
        assert sorted(listed(context, MaxResults=size)) == values
    assert sorted(listed(context)) == values
    in_order = sorted(values, key=lambda value: (value[0], int(value[1])))
    assert listed(context) == in_order


def test_expressions_choose_over_all_pages(context: Context) -> None:
    values = many(context, range(2000, 2030), range(1, 101))
    chosen = listed(context, Expression="month between 9 and 10 and year > '2010'", MaxResults=4)
    assert sorted(chosen) == sorted(
        value for value in values if 9 <= int(value[1]) <= 10 and value[0] > "2010"
    )
    assert len(listed(context, Expression="  ")) == 3000
    assert listed(context, Expression="year = '1999'") == []
    with pytest.raises(InvalidInput, match="'day' is no partition key"):
        listed(context, Expression="day = 1")


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("year like '2029'", id="without a prefix that an index helps with"),
        pytest.param("month = 77", id="of the second key"),
        pytest.param("month > 98 or year = '2028'", id="of one key or another"),
        pytest.param("month in (1, 100) and year <> '2001'", id="of both"),
        pytest.param("year = '1999' or month = 101", id="of none"),
    ],
)
def test_no_page_before_the_last_is_short(context: Context, expression: str) -> None:
    many(context, range(2000, 2030), range(1, 101))
    request: Any = {**_THIS, "Expression": expression, "MaxResults": 7}
    for segment in ({}, {"Segment": {"SegmentNumber": 1, "TotalSegments": 3}}):
        page: Any = {"NextToken": ""}
        while "NextToken" in page:
            token = {"NextToken": page["NextToken"]} if page["NextToken"] else {}
            page = partitions.get_partitions(context, given({**request, **segment, **token}))
            assert len(page["Partitions"]) == 7 or "NextToken" not in page


def test_segments_part_the_partitions(context: Context) -> None:
    values = many(context, range(2000, 2020), range(1, 13))
    segments = [
        listed(context, Segment={"SegmentNumber": number, "TotalSegments": 4})
        for number in range(4)
    ]
    assert sorted(value for segment in segments for value in segment) == sorted(values)
    assert all(len(segment) > 20 for segment in segments)
    with pytest.raises(InvalidInput, match="SegmentNumber 4 is not below"):
        listed(context, Segment={"SegmentNumber": 4, "TotalSegments": 4})


def test_a_batch_shows_those_that_are_there(context: Context) -> None:
    many(context, range(2024, 2025), range(1, 13))
    wanted = [{"Values": ["2024", month]} for month in ("12", "13", "1")]
    request: Any = {**_THIS, "PartitionsToGet": wanted}
    found = partitions.batch_get_partition(context, request)
    assert [partition["Values"] for partition in found["Partitions"]] == [
        ["2024", "12"],
        ["2024", "1"],
    ]
    assert found["UnprocessedKeys"] == []


def test_an_update_may_change_the_values(context: Context) -> None:
    create(context, "2024", "1", Parameters={"k": "old"})
    create(context, "2024", "2")
    change: Any = {"Values": ["2024", "9"], "Parameters": {"k": "new"}}
    request: Any = {**_THIS, "PartitionValueList": ["2024", "1"], "PartitionInput": change}
    assert partitions.update_partition(context, request) == {}
    assert listed(context) == [["2024", "2"], ["2024", "9"]]
    assert get(context, "2024", "9")["Parameters"] == {"k": "new"}
    taken: Any = {"Values": ["2024", "2"]}
    with pytest.raises(AlreadyExists):
        partitions.update_partition(
            context, given({**_THIS, "PartitionValueList": ["2024", "9"], "PartitionInput": taken})
        )
    assert get(context, "2024", "9")["Parameters"] == {"k": "new"}


def test_batches_update_and_delete_what_is_there(context: Context) -> None:
    create(context, "2024", "1")
    entries = [
        {
            "PartitionValueList": ["2024", month],
            "PartitionInput": {"Values": ["2024", month], "Parameters": {"m": month}},
        }
        for month in ("1", "2")
    ]
    request: Any = {**_THIS, "Entries": entries}
    (error,) = partitions.batch_update_partition(context, request)["Errors"]
    assert error == {
        "PartitionValueList": ["2024", "2"],
        "ErrorDetail": {
            "ErrorCode": "EntityNotFoundException",
            "ErrorMessage": "Cannot find partition.",
        },
    }
    assert get(context, "2024", "1")["Parameters"] == {"m": "1"}
    wanted = [{"Values": ["2024", month]} for month in ("1", "2")]
    (error,) = partitions.batch_delete_partition(
        context, given({**_THIS, "PartitionsToDelete": wanted})
    )["Errors"]
    assert error["PartitionValues"] == ["2024", "2"]
    assert listed(context) == []


def test_deleting_a_table_deletes_its_partitions(context: Context) -> None:
    create(context, "2024", "1")
    tables.delete_table(context, {"DatabaseName": "db", "Name": "t"})
    keys = [{"Name": "year"}, {"Name": "month"}]
    tables.create_table(
        context, given({"DatabaseName": "db", "TableInput": {"Name": "t", "PartitionKeys": keys}})
    )
    assert listed(context) == []


def test_a_partition_from_before_a_key_was_added_has_no_value_for_it(context: Context) -> None:
    create(context, "2024", "1")
    keys = [{"Name": name} for name in ("year", "month", "day")]
    request: Any = {"DatabaseName": "db", "TableInput": {"Name": "t", "PartitionKeys": keys}}
    tables.update_table(context, request)
    assert listed(context) == [["2024", "1"]]
    assert listed(context, Expression="day is null and year = '2024'") == [["2024", "1"]]
    assert listed(context, Expression="day = '1'") == []


def test_a_token_belongs_to_its_table(context: Context) -> None:
    many(context, range(2024, 2025), range(1, 13))
    token = partitions.get_partitions(context, given({**_THIS, "MaxResults": 1}))["NextToken"]
    tables.create_table(context, {"DatabaseName": "db", "TableInput": {"Name": "other"}})
    with pytest.raises(InvalidInput, match="NextToken"):
        partitions.get_partitions(
            context, given({**_THIS, "TableName": "other", "NextToken": token})
        )
