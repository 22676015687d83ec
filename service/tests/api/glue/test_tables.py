from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import databases, table_versions, tables
from glueball.core.errors import (
    AlreadyExists,
    ConcurrentModification,
    EntityNotFound,
    InvalidInput,
)
from support.clocks import VirtualClock
from support.contexts import ACCOUNT
from support.runs import BASE_TIME

_COLUMNS = [{"Name": "id", "Type": "bigint"}, {"Name": "name", "Type": "string", "Comment": "c"}]


def given(request: Any) -> Any:
    """Return a request for the operation that it is for; the checker cannot see that it fits."""
    return request


@pytest.fixture(autouse=True)
def _database(context: Context) -> None:
    databases.create_database(context, {"DatabaseInput": {"Name": "db"}})


def create(context: Context, name: str, **members: Any) -> None:
    request: Any = {"DatabaseName": "DB", "TableInput": {"Name": name, **members}}
    assert tables.create_table(context, request) == {}


def update(context: Context, name: str, *, options: Any = None, **members: Any) -> None:
    request: Any = {
        "DatabaseName": "db",
        "TableInput": {"Name": name, **members},
        **(options or {}),
    }
    assert tables.update_table(context, request) == {}


def get(context: Context, name: str) -> dict[str, Any]:
    shown: dict[str, Any] = tables.get_table(context, {"DatabaseName": "DB", "Name": name})["Table"]
    return shown


def names(context: Context, **members: Any) -> list[str]:
    """Return the names on all pages."""
    request: Any = {"DatabaseName": "db", **members}
    seen: list[str] = []
    while True:
        page = tables.get_tables(context, request)
        seen += [table["Name"] for table in page["TableList"]]
        if "NextToken" not in page:
            return seen
        request = {**request, "NextToken": page["NextToken"]}


def versions(context: Context, **members: Any) -> list[str]:
    """Return the numbers of the versions on all pages."""
    request: Any = {"DatabaseName": "db", "TableName": "t", **members}
    seen: list[str] = []
    while True:
        page = table_versions.get_table_versions(context, request)
        seen += [version["VersionId"] for version in page["TableVersions"]]
        if "NextToken" not in page:
            return seen
        request = {**request, "NextToken": page["NextToken"]}


def test_a_table_comes_back_as_glue_shows_it(context: Context) -> None:
    descriptor = {"Columns": _COLUMNS, "Location": "s3://b/sales/", "Parameters": {"p": "q"}}
    create(context, "Sales", StorageDescriptor=descriptor, TableType="EXTERNAL_TABLE")
    assert get(context, "SALES") == {
        "Name": "sales",
        "DatabaseName": "db",
        "CreateTime": BASE_TIME,
        "UpdateTime": BASE_TIME,
        "Retention": 0,
        "StorageDescriptor": {
            **descriptor,
            "Compressed": False,
            "NumberOfBuckets": 0,
            "SortColumns": [],
            "StoredAsSubDirectories": False,
        },
        "PartitionKeys": [],
        "TableType": "EXTERNAL_TABLE",
        "CreatedBy": f"arn:aws:iam::{ACCOUNT}:root",
        "IsRegisteredWithLakeFormation": False,
        "CatalogId": ACCOUNT,
        "VersionId": "0",
        "IsMultiDialectView": False,
    }


def test_a_name_is_given_once_whatever_its_case(context: Context) -> None:
    create(context, "t")
    with pytest.raises(AlreadyExists, match=r"^Table already exists\.$"):
        create(context, "T")


def test_missing_tables_are_named(context: Context) -> None:
    with pytest.raises(EntityNotFound, match=r"^Table none not found\.$"):
        get(context, "None")
    with pytest.raises(EntityNotFound, match=r"^Table none not found\.$"):
        update(context, "None")
    with pytest.raises(EntityNotFound, match=r"^Table none not found\.$"):
        tables.delete_table(context, {"DatabaseName": "db", "Name": "None"})


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"StorageDescriptor": {"Columns": [*_COLUMNS, {"Name": "ID"}]}}, "ID occurs more than"),
        ({"PartitionKeys": [{"Name": "y"}, {"Name": "y"}]}, "y occurs more than once"),
        ({"ViewDefinition": {"Representations": []}}, "ViewDefinition"),
        ({"FederatedTable": {}}, "FederatedTable"),
    ],
)
def test_what_cannot_be_is_refused(context: Context, members: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        create(context, "t", **members)
    assert names(context) == []


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({}, "TableInput is missing"),
        ({"TableInput": {"Name": "t"}, "OpenTableFormatInput": {}}, "PyIceberg"),
        ({"TableInput": {"Name": "t"}, "TransactionId": "x"}, "governed tables"),
        ({"TableInput": {"Name": "t"}, "Name": "other"}, "cannot be renamed"),
    ],
)
def test_requests_that_need_more_are_refused(context: Context, request_: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        tables.create_table(context, given({"DatabaseName": "db", **request_}))


def test_names_are_chosen_by_patterns_over_all_pages(context: Context) -> None:
    for number in range(30):
        create(context, f"sales_{number:02}")
        create(context, f"other_{number:02}")
    wanted = [f"sales_{number:02}" for number in range(30)]
    assert names(context, Expression="sales_*", MaxResults=7) == wanted
    assert names(context, Expression="sales_.*", MaxResults=30) == wanted
    assert names(context, Expression="*_07|*_08") == [
        "other_07",
        "other_08",
        "sales_07",
        "sales_08",
    ]
    assert len(names(context, Expression="", MaxResults=20)) == 60
    assert names(context, Expression="none*") == []
    assert names(context, ResourceShareType="FEDERATED") == []
    with pytest.raises(InvalidInput, match="cannot be read"):
        names(context, Expression="(sales")


def test_a_token_belongs_to_its_database(context: Context) -> None:
    databases.create_database(context, {"DatabaseInput": {"Name": "other"}})
    for name in ("a", "b"):
        create(context, name)
    token = tables.get_tables(context, {"DatabaseName": "db", "MaxResults": 1})["NextToken"]
    with pytest.raises(InvalidInput, match="NextToken"):
        tables.get_tables(context, {"DatabaseName": "other", "NextToken": token})


def test_attributes_select_members(context: Context) -> None:
    create(context, "t", TableType="VIRTUAL_VIEW", Description="d")
    request: Any = {"DatabaseName": "db", "AttributesToGet": ["NAME", "TABLE_TYPE"]}
    assert tables.get_tables(context, request)["TableList"] == [
        {"Name": "t", "TableType": "VIRTUAL_VIEW"}
    ]


def test_a_search_goes_through_all_databases_in_pages(context: Context) -> None:
    databases.create_database(context, {"DatabaseInput": {"Name": "other"}})
    for number in range(5):
        create(context, f"sales_{number}")
    elsewhere: Any = {"DatabaseName": "other", "TableInput": {"Name": "sales_9"}}
    tables.create_table(context, elsewhere)
    create(context, "orders")
    seen: list[str] = []
    request: Any = {"SearchText": "sales", "MaxResults": 4}
    while True:
        page = tables.search_tables(context, request)
        seen += [table["Name"] for table in page["TableList"]]
        if "NextToken" not in page:
            break
        request = {**request, "NextToken": page["NextToken"]}
    assert seen == [*(f"sales_{number}" for number in range(5)), "sales_9"]
    assert tables.search_tables(context, {"ResourceShareType": "FOREIGN"}) == {"TableList": []}


def test_a_search_in_another_order_goes_through_all_pages(context: Context) -> None:
    names = [f"t{number:02}" for number in range(25)]
    for name in names:
        create(context, name, Description="both" if int(name[1:]) % 2 else "Sales & more")
    request: Any = {
        "SearchText": "sales",
        "SortCriteria": [{"FieldName": "Name", "Sort": "DESC"}],
        "MaxResults": 4,
    }
    seen: list[str] = []
    while True:
        page = tables.search_tables(context, request)
        seen += [table["Name"] for table in page["TableList"]]
        if "NextToken" not in page:
            break
        request = {**request, "NextToken": page["NextToken"]}
    assert seen == names[::-2]


def test_a_search_finds_what_an_update_wrote(context: Context) -> None:
    create(context, "t", Description="100%_old")
    assert len(tables.search_tables(context, {"SearchText": "0%_o"})["TableList"]) == 1
    assert tables.search_tables(context, {"SearchText": "0_%o"})["TableList"] == []
    change: Any = {"Name": "t", "Parameters": {"Team": "New"}}
    tables.update_table(context, {"DatabaseName": "db", "TableInput": change})
    assert tables.search_tables(context, {"SearchText": "old"})["TableList"] == []
    assert len(tables.search_tables(context, {"SearchText": "TEAM"})["TableList"]) == 1


def test_an_update_replaces_the_table_and_keeps_what_it_was(context: Context) -> None:
    create(context, "t", Description="old", Parameters={"k": "v"})
    later = replace(context, clock=VirtualClock(BASE_TIME + 60))
    update(later, "T", Description="new")
    shown = get(context, "t")
    assert (shown["Description"], shown["VersionId"]) == ("new", "1")
    assert (shown["CreateTime"], shown["UpdateTime"]) == (BASE_TIME, BASE_TIME + 60)
    assert "Parameters" not in shown
    request: Any = {"DatabaseName": "db", "TableName": "T", "VersionId": "0"}
    old = table_versions.get_table_version(context, request)["TableVersion"]
    assert (old["VersionId"], old["Table"]["VersionId"]) == ("0", "0")
    assert (old["Table"]["Description"], old["Table"]["UpdateTime"]) == ("old", BASE_TIME)
    newest = table_versions.get_table_version(context, {"DatabaseName": "db", "TableName": "t"})
    assert newest["TableVersion"]["Table"] == shown


def test_skip_archive_keeps_no_version(context: Context) -> None:
    create(context, "t")
    update(context, "t", options={"SkipArchive": True})
    update(context, "t", options={"SkipArchive": False})
    assert versions(context) == ["2", "1"]


def test_an_update_of_an_old_version_is_refused(context: Context) -> None:
    create(context, "t")
    update(context, "t", options={"VersionId": "0"}, Description="first")
    with pytest.raises(ConcurrentModification, match="at version 1, not 0"):
        update(context, "t", options={"VersionId": "0", "SkipArchive": True}, Description="second")
    assert get(context, "t")["Description"] == "first"


def test_versions_come_newest_first_in_pages(context: Context) -> None:
    create(context, "t")
    for _ in range(12):
        update(context, "t")
    numbers = [str(number) for number in range(12, -1, -1)]
    assert versions(context) == numbers
    assert versions(context, MaxResults=1) == numbers
    assert versions(context, MaxResults=5) == numbers


def test_versions_are_deleted(context: Context) -> None:
    create(context, "t")
    for _ in range(3):
        update(context, "t")
    this: Any = {"DatabaseName": "db", "TableName": "t"}
    assert table_versions.delete_table_version(context, given({**this, "VersionId": "0"})) == {}
    with pytest.raises(EntityNotFound, match="Version 0 of table t not found"):
        table_versions.delete_table_version(context, given({**this, "VersionId": "0"}))
    answer = table_versions.batch_delete_table_version(
        context, given({**this, "VersionIds": ["1", "0", "3", "x"]})
    )
    assert [
        (error["VersionId"], error["ErrorDetail"]["ErrorCode"]) for error in answer["Errors"]
    ] == [
        ("0", "EntityNotFoundException"),
        ("3", "InvalidInputException"),
        ("x", "InvalidInputException"),
    ]
    assert versions(context) == ["3", "2"]


def test_deleting_and_creating_again_begins_anew(context: Context) -> None:
    create(context, "t")
    update(context, "t")
    assert tables.delete_table(context, {"DatabaseName": "Db", "Name": "T"}) == {}
    create(context, "t")
    assert versions(context) == ["0"]


def test_a_batch_deletes_what_is_there(context: Context) -> None:
    for name in ("a", "b"):
        create(context, name)
    request: Any = {"DatabaseName": "db", "TablesToDelete": ["A", "none", "b"]}
    assert tables.batch_delete_table(context, request) == {
        "Errors": [
            {
                "TableName": "none",
                "ErrorDetail": {
                    "ErrorCode": "EntityNotFoundException",
                    "ErrorMessage": "Table none not found.",
                },
            }
        ]
    }
    assert names(context) == []
