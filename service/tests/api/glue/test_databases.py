from __future__ import annotations

from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import databases, tables, tags
from glueball.core.errors import AlreadyExists, AwsError, EntityNotFound, InvalidInput
from support.contexts import ACCOUNT
from support.runs import BASE_TIME


def given(request: Any) -> Any:
    """Return a request for the operation that it is for; the checker cannot see that it fits."""
    return request


def create(context: Context, name: str, **members: Any) -> None:
    request: Any = {"DatabaseInput": {"Name": name, **members}}
    assert databases.create_database(context, request) == {}


def test_a_database_comes_back_in_lower_case(context: Context) -> None:
    create(context, "Flights", LocationUri="s3://b/", Parameters={"k": "v"})
    shown = databases.get_database(context, {"Name": "FLIGHTS"})["Database"]
    assert shown == {
        "Name": "flights",
        "LocationUri": "s3://b/",
        "Parameters": {"k": "v"},
        "CreateTime": BASE_TIME,
        "CatalogId": ACCOUNT,
        "CreateTableDefaultPermissions": [
            {
                "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
                "Permissions": ["ALL"],
            }
        ],
    }


def test_a_new_account_has_no_database(context: Context) -> None:
    assert databases.get_databases(context, {}) == {"DatabaseList": []}


def test_a_name_is_given_once_whatever_its_case(context: Context) -> None:
    create(context, "flights")
    with pytest.raises(AlreadyExists, match=r"^Database already exists\.$"):
        create(context, "FLIGHTS")


def test_missing_databases_are_named(context: Context) -> None:
    calls: list[Any] = [
        (databases.get_database, {"Name": "None"}),
        (databases.update_database, {"Name": "None", "DatabaseInput": {"Name": "None"}}),
        (databases.delete_database, {"Name": "None"}),
        (tables.get_table, {"DatabaseName": "None", "Name": "t"}),
        (tables.get_tables, {"DatabaseName": "None"}),
        (tables.create_table, {"DatabaseName": "None", "TableInput": {"Name": "t"}}),
        (tables.delete_table, {"DatabaseName": "None", "Name": "t"}),
        (tables.batch_delete_table, {"DatabaseName": "None", "TablesToDelete": ["t"]}),
    ]
    for operation, request in calls:
        with pytest.raises(EntityNotFound, match=r"^Database none not found\.$"):
            operation(context, request)


def test_update_replaces_the_definition(context: Context) -> None:
    create(context, "db", Description="old", LocationUri="s3://b/")
    request: Any = {"Name": "DB", "DatabaseInput": {"Name": "db", "Description": "new"}}
    assert databases.update_database(context, request) == {}
    shown = databases.get_database(context, {"Name": "db"})["Database"]
    assert (shown["Description"], shown["CreateTime"]) == ("new", BASE_TIME)
    assert "LocationUri" not in shown
    with pytest.raises(InvalidInput, match="cannot be renamed to other"):
        databases.update_database(context, {"Name": "db", "DatabaseInput": {"Name": "other"}})


def test_pages_hold_every_database_once(context: Context) -> None:
    names = [f"db{number:02}" for number in range(25)]
    for name in reversed(names):
        create(context, name)
    seen: list[str] = []
    request: Any = {"MaxResults": 10}
    while True:
        page = databases.get_databases(context, request)
        seen += [database["Name"] for database in page["DatabaseList"]]
        if "NextToken" not in page:
            break
        request = {"MaxResults": 10, "NextToken": page["NextToken"]}
    assert seen == names


def test_attributes_and_shares(context: Context) -> None:
    create(context, "db", Description="d")
    assert databases.get_databases(context, {"AttributesToGet": ["NAME"]}) == {
        "DatabaseList": [{"Name": "db"}]
    }
    assert databases.get_databases(context, {"ResourceShareType": "FOREIGN"})["DatabaseList"] == []
    assert databases.get_databases(context, {"ResourceShareType": "ALL"})["DatabaseList"]


def test_deleting_takes_tables_and_tags_along(context: Context) -> None:
    request: Any = {"DatabaseInput": {"Name": "db"}, "Tags": {"team": "sales"}}
    databases.create_database(context, request)
    tables.create_table(context, {"DatabaseName": "db", "TableInput": {"Name": "t"}})
    arn = "arn:aws:glue:us-east-1:123456789012:database/db"
    assert tags.get_tags(context, {"ResourceArn": arn}) == {"Tags": {"team": "sales"}}
    tags.tag_resource(context, {"ResourceArn": arn, "TagsToAdd": {"env": "prod"}})
    assert databases.delete_database(context, {"Name": "DB"}) == {}
    create(context, "db")
    assert tables.get_tables(context, {"DatabaseName": "db"})["TableList"] == []
    assert tags.get_tags(context, {"ResourceArn": arn}) == {"Tags": {}}


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"CatalogId": "999999999999"}, "Catalog 999999999999 not found"),
        ({"CatalogId": "s3tablescatalog/x"}, "Catalog s3tablescatalog/x not found"),
    ],
)
def test_there_is_one_catalog(context: Context, members: Any, says: str) -> None:
    create(context, "db")
    assert databases.get_database(context, {"Name": "db", "CatalogId": ACCOUNT})
    with pytest.raises(AwsError, match=says):
        databases.get_database(context, given({"Name": "db", **members}))
