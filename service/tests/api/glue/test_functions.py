from __future__ import annotations

from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import databases, functions
from glueball.core.errors import AlreadyExists, EntityNotFound, InvalidInput
from support.contexts import ACCOUNT
from support.runs import BASE_TIME


@pytest.fixture(autouse=True)
def _databases(context: Context) -> None:
    for name in ("db", "other"):
        databases.create_database(context, {"DatabaseInput": {"Name": name}})


def create(context: Context, name: str, database: str = "db", **members: Any) -> None:
    given = {"FunctionName": name, "ClassName": "org.example.F", **members}
    request: Any = {"DatabaseName": database, "FunctionInput": given}
    assert functions.create_user_defined_function(context, request) == {}


def names(context: Context, **members: Any) -> list[str]:
    """Return the names on all pages."""
    request: Any = {"Pattern": ".*", "MaxResults": 2, **members}
    seen: list[str] = []
    while True:
        page = functions.get_user_defined_functions(context, request)
        seen += [function["FunctionName"] for function in page["UserDefinedFunctions"]]
        if "NextToken" not in page:
            return seen
        request = {**request, "NextToken": page["NextToken"]}


def test_a_function_comes_back(context: Context) -> None:
    create(context, "Shout", OwnerName="ann")
    request: Any = {"DatabaseName": "DB", "FunctionName": "SHOUT"}
    assert functions.get_user_defined_function(context, request)["UserDefinedFunction"] == {
        "FunctionName": "shout",
        "DatabaseName": "db",
        "ClassName": "org.example.F",
        "OwnerName": "ann",
        "CreateTime": BASE_TIME,
        "CatalogId": ACCOUNT,
    }
    with pytest.raises(AlreadyExists):
        create(context, "shout")
    create(context, "shout", "other")


def test_functions_are_found_by_pattern_type_and_database(context: Context) -> None:
    for name in ("up", "upper", "lower"):
        create(context, name)
    create(context, "upmost", "other", FunctionType="AGGREGATE_FUNCTION")
    assert names(context) == ["lower", "up", "upper", "upmost"]
    assert names(context, Pattern="up.*") == ["up", "upper", "upmost"]
    assert names(context, Pattern="up.*", DatabaseName="db") == ["up", "upper"]
    assert names(context, FunctionType="AGGREGATE_FUNCTION") == ["upmost"]
    with pytest.raises(EntityNotFound, match="Database none not found"):
        names(context, DatabaseName="none")


def test_a_pattern_quotes_as_java_does(context: Context) -> None:
    """Trino keeps its functions under names that it asks for like this."""
    for name in ("trino__f__1", "trino__f__2", "trino__fx__1"):
        create(context, name)
    assert names(context, Pattern=r"\Qtrino__f\E__.*") == ["trino__f__1", "trino__f__2"]
    with pytest.raises(InvalidInput, match=r"'\*' has nothing to repeat"):
        names(context, Pattern="*")


def test_functions_are_changed_and_deleted(context: Context) -> None:
    create(context, "f")
    this: Any = {"DatabaseName": "db", "FunctionName": "F"}
    change: Any = {**this, "FunctionInput": {"ClassName": "org.example.G"}}
    functions.update_user_defined_function(context, change)
    found = functions.get_user_defined_function(context, this)["UserDefinedFunction"]
    assert found["ClassName"] == "org.example.G"
    with pytest.raises(InvalidInput, match="cannot be renamed"):
        rename: Any = {**this, "FunctionInput": {"FunctionName": "g"}}
        functions.update_user_defined_function(context, rename)
    assert functions.delete_user_defined_function(context, this) == {}
    for operation in (
        functions.delete_user_defined_function,
        functions.get_user_defined_function,
    ):
        with pytest.raises(EntityNotFound, match="Function f not found"):
            operation(context, this)


def test_a_function_needs_a_name_and_a_database(context: Context) -> None:
    with pytest.raises(InvalidInput, match="FunctionName is missing"):
        functions.create_user_defined_function(context, {"DatabaseName": "db", "FunctionInput": {}})
    with pytest.raises(EntityNotFound, match="Database none not found"):
        create(context, "f", "none")
    create(context, "f")
    databases.delete_database(context, {"Name": "db"})
    assert names(context) == []
