from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import connections, tags
from glueball.core.errors import AlreadyExists, EntityNotFound, InvalidInput
from support.contexts import ACCOUNT
from support.runs import BASE_TIME

_PROPERTIES = {
    "JDBC_CONNECTION_URL": "jdbc:postgresql://db:5432/shop",
    "USERNAME": "glue",
    "PASSWORD": "pa55",
}


def given(name: str, **members: Any) -> Any:
    return {
        "Name": name,
        "ConnectionType": "JDBC",
        "ConnectionProperties": _PROPERTIES,
        **members,
    }


def create(context: Context, name: str, **members: Any) -> None:
    request: Any = {"ConnectionInput": given(name, **members)}
    assert connections.create_connection(context, request) == {"CreateConnectionStatus": "READY"}


def names(context: Context, **members: Any) -> list[str]:
    """Return the names on all pages."""
    request: Any = {**members}
    seen: list[str] = []
    while True:
        page = connections.get_connections(context, request)
        seen += [connection["Name"] for connection in page["ConnectionList"]]
        if "NextToken" not in page:
            return seen
        request = {**request, "NextToken": page["NextToken"]}


def test_a_connection_comes_back_with_its_password(context: Context) -> None:
    create(context, "Shop", Description="d", ValidateCredentials=True)
    assert connections.get_connection(context, {"Name": "Shop"})["Connection"] == {
        "Name": "Shop",
        "Description": "d",
        "ConnectionType": "JDBC",
        "ConnectionProperties": _PROPERTIES,
        "CreationTime": BASE_TIME,
        "LastUpdatedTime": BASE_TIME,
        "LastUpdatedBy": f"arn:aws:iam::{ACCOUNT}:root",
        "Status": "READY",
        "ConnectionSchemaVersion": 1,
    }


def test_a_password_is_left_out_where_it_should_be(context: Context) -> None:
    create(context, "shop", ConnectionProperties={**_PROPERTIES, "ENCRYPTED_PASSWORD": "pa55e"})
    request: Any = {"Name": "shop", "HidePassword": True}
    one = connections.get_connection(context, request)["Connection"]
    (listed,) = connections.get_connections(context, {"HidePassword": True})["ConnectionList"]
    for shown in (one, listed):
        assert "pa55" not in str(shown)
        assert shown["ConnectionProperties"]["USERNAME"] == "glue"


def test_a_name_is_given_once(context: Context) -> None:
    create(context, "shop")
    with pytest.raises(AlreadyExists):
        create(context, "shop")
    create(context, "SHOP")  # unlike a table's, a connection's name has its case
    assert names(context) == ["SHOP", "shop"]


def test_missing_connections_are_named(context: Context) -> None:
    calls: list[Any] = [
        (connections.get_connection, {"Name": "none"}),
        (connections.update_connection, {"Name": "none", "ConnectionInput": given("none")}),
        (connections.delete_connection, {"ConnectionName": "none"}),
    ]
    for operation, request in calls:
        with pytest.raises(EntityNotFound, match=r"^Connection none not found\.$"):
            operation(context, request)


def test_update_replaces_the_definition(context: Context) -> None:
    create(context, "shop", Description="old")
    changed = given("shop", ConnectionProperties={"USERNAME": "other"})
    request: Any = {"Name": "shop", "ConnectionInput": changed}
    assert connections.update_connection(context, request) == {}
    shown = connections.get_connection(context, {"Name": "shop"})["Connection"]
    assert shown["ConnectionProperties"] == {"USERNAME": "other"}
    assert "Description" not in shown
    with pytest.raises(InvalidInput, match="cannot be renamed to other"):
        request = {"Name": "shop", "ConnectionInput": given("other")}
        connections.update_connection(context, request)


def test_filters_choose_over_all_pages(context: Context) -> None:
    for number in range(6):
        create(context, f"c{number}", MatchCriteria=["a", str(number % 2)])
    create(context, "kafka", ConnectionType="KAFKA")
    assert names(context, Filter={"MatchCriteria": ["1", "a"]}, MaxResults=2) == ["c1", "c3", "c5"]
    assert names(context, Filter={"ConnectionType": "KAFKA"}) == ["kafka"]
    assert names(context, Filter={"ConnectionSchemaVersion": 2}) == []
    assert len(names(context, MaxResults=3)) == 7


def test_tags_come_and_go_with_the_connection(context: Context) -> None:
    arn = "arn:aws:glue:us-east-1:123456789012:connection/shop"
    request: Any = {"ConnectionInput": given("shop"), "Tags": {"team": "sales"}}
    connections.create_connection(context, request)
    assert tags.get_tags(context, {"ResourceArn": arn}) == {"Tags": {"team": "sales"}}
    connections.delete_connection(context, {"ConnectionName": "shop"})
    with pytest.raises(EntityNotFound, match="Resource not found"):
        tags.get_tags(context, {"ResourceArn": arn})
    create(context, "shop")
    assert tags.get_tags(context, {"ResourceArn": arn}) == {"Tags": {}}


def test_a_batch_deletes_what_is_there(context: Context) -> None:
    create(context, "a")
    request: Any = {"ConnectionNameList": ["a", "none"]}
    answer = connections.batch_delete_connection(context, request)
    assert answer["Succeeded"] == ["a"]
    assert answer["Errors"]["none"]["ErrorCode"] == "EntityNotFoundException"
    assert names(context) == []


@pytest.mark.parametrize(
    "authentication",
    [
        {"BasicAuthenticationCredentials": {"Username": "u", "Password": "pa55"}},
        {"CustomAuthenticationCredentials": {"k": "pa55"}},
        {"OAuth2Properties": {"OAuth2Credentials": {"AccessToken": "pa55"}}},
    ],
)
def test_credentials_that_nothing_could_read_are_refused(
    context: Context, authentication: Any
) -> None:
    with pytest.raises(InvalidInput, match="Secrets Manager") as caught:
        create(context, "shop", AuthenticationConfiguration=authentication)
    assert "pa55" not in caught.value.message
    assert names(context) == []


_DANGER = {"JDBC_CONNECTION_URL": "jdbc:mysql://db/d?autoDeserialize=true"}


def test_a_url_that_can_run_code_is_refused_with_the_setting(context: Context) -> None:
    request: Any = {"ConnectionInput": given("Bad", ConnectionProperties=_DANGER)}
    with pytest.raises(InvalidInput, match=r"autoDeserialize.*allow_unsafe_connections"):
        connections.create_connection(context, request)
    assert names(context) == []


def test_a_connection_cannot_be_updated_to_a_metadata_service(context: Context) -> None:
    create(context, "Shop")
    properties = {**_PROPERTIES, "JDBC_CONNECTION_URL": "jdbc:mysql://169.254.169.254/d"}
    request: Any = {
        "Name": "Shop",
        "ConnectionInput": given("Shop", ConnectionProperties=properties),
    }
    with pytest.raises(InvalidInput, match=r"169\.254\.169\.254"):
        connections.update_connection(context, request)


def test_a_setting_allows_any_url(context: Context) -> None:
    account = dataclasses.replace(context.account, allow_unsafe_connections=True)
    context = dataclasses.replace(context, account=account)
    create(context, "Own", ConnectionProperties=_DANGER)
    assert names(context) == ["Own"]


def test_hidden_are_all_passwords(context: Context) -> None:
    properties = {"KAFKA_BOOTSTRAP_SERVERS": "b:1", "KAFKA_SASL_SCRAM_PASSWORD": "pa55"}
    create(context, "Stream", ConnectionType="KAFKA", ConnectionProperties=properties)
    request: Any = {"Name": "Stream", "HidePassword": True}
    answer = connections.get_connection(context, request)["Connection"]
    assert answer["ConnectionProperties"] == {"KAFKA_BOOTSTRAP_SERVERS": "b:1"}
