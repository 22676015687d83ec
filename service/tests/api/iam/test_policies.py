"""Managed policies of the account: versions, attachments, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from glueball.api.context import Context
from glueball.api.iam import policies, roles, users
from glueball.api.iam.shapes import MalformedPolicyDocument
from glueball.core.errors import AwsError
from support.contexts import make_context
from support.runs import BASE_TIME

ARN = "arn:aws:iam::123456789012:policy/etl/read"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path)


def create(context: Context, name: str = "read", **more: Any) -> dict[str, Any]:
    request: Any = {"PolicyName": name, "PolicyDocument": "{}", **more}
    policy: dict[str, Any] = policies.create_policy(context, request)["Policy"]
    return policy


def versions(context: Context) -> list[tuple[str, bool]]:
    listed = policies.list_policy_versions(context, {"PolicyArn": ARN})["Versions"]
    return [(version["VersionId"], version["IsDefaultVersion"]) for version in listed]


def test_a_policy_is_shown_as_it_was_made(context: Context) -> None:
    tags = [{"Key": "team", "Value": "data"}]
    created = create(context, Path="/etl/", Description="reads", Tags=tags)
    assert re.fullmatch("ANPA[A-Z0-9]{17}", created.pop("PolicyId"))
    assert created == {
        "PolicyName": "read",
        "Arn": ARN,
        "Path": "/etl/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": BASE_TIME,
        "UpdateDate": BASE_TIME,
        "Tags": tags,
    }
    policy = policies.get_policy(context, {"PolicyArn": ARN})["Policy"]
    assert policy["Description"] == "reads"
    assert created.items() <= policy.items()


def test_the_document_is_in_the_version(context: Context) -> None:
    create(context, Path="/etl/", PolicyDocument='{"a": "é"}')
    request: Any = {"PolicyArn": ARN, "VersionId": "v1"}
    version = policies.get_policy_version(context, request)["PolicyVersion"]
    assert unquote(version["Document"]) == '{"a": "é"}'
    assert version["IsDefaultVersion"]


def test_versions_come_and_go_and_their_numbers_are_not_used_again(context: Context) -> None:
    create(context, Path="/etl/")
    add: Any = {"PolicyArn": ARN, "PolicyDocument": "{}"}
    policies.create_policy_version(context, add)
    add_default: Any = {**add, "SetAsDefault": True}
    policies.create_policy_version(context, add_default)
    assert versions(context) == [("v3", True), ("v2", False), ("v1", False)]
    policies.delete_policy_version(context, {"PolicyArn": ARN, "VersionId": "v2"})
    policies.set_default_policy_version(context, {"PolicyArn": ARN, "VersionId": "v1"})
    policies.delete_policy_version(context, {"PolicyArn": ARN, "VersionId": "v3"})
    policies.create_policy_version(context, add)
    assert versions(context) == [("v4", False), ("v1", True)]
    for _ in range(3):
        policies.create_policy_version(context, add)
    with pytest.raises(AwsError, match="can have up to 5 versions") as refused:
        policies.create_policy_version(context, add)
    assert (refused.value.code, refused.value.status) == ("LimitExceeded", 409)


def test_a_policy_is_attached_to_roles_and_users(context: Context) -> None:
    create(context, Path="/etl/")
    roles.create_role(context, {"RoleName": "r", "AssumeRolePolicyDocument": "{}"})
    users.create_user(context, {"UserName": "u"})
    roles.attach_role_policy(context, {"RoleName": "r", "PolicyArn": ARN})
    users.attach_user_policy(context, {"UserName": "u", "PolicyArn": ARN})
    assert policies.get_policy(context, {"PolicyArn": ARN})["Policy"]["AttachmentCount"] == 2
    holders = policies.list_entities_for_policy(context, {"PolicyArn": ARN})
    assert [role["RoleName"] for role in holders["PolicyRoles"]] == ["r"]
    assert [user["UserName"] for user in holders["PolicyUsers"]] == ["u"]
    with pytest.raises(AwsError, match="Cannot delete a policy attached to entities"):
        policies.delete_policy(context, {"PolicyArn": ARN})
    roles.detach_role_policy(context, {"RoleName": "r", "PolicyArn": ARN})
    users.detach_user_policy(context, {"UserName": "u", "PolicyArn": ARN})
    policies.delete_policy(context, {"PolicyArn": ARN})
    with pytest.raises(AwsError, match=f"Policy {ARN} was not found"):
        policies.get_policy(context, {"PolicyArn": ARN})


def test_policies_are_listed_in_pages(context: Context) -> None:
    for name in "cab":
        create(context, name, Path="/team/")
    create(context, "z")
    first = policies.list_policies(context, {"PathPrefix": "/team/", "MaxItems": 2})
    assert [policy["PolicyName"] for policy in first["Policies"]] == ["a", "b"]
    rest = policies.list_policies(context, {"PathPrefix": "/team/", "Marker": first["Marker"]})
    assert [policy["PolicyName"] for policy in rest["Policies"]] == ["c"]
    assert policies.list_policies(context, {"Scope": "AWS"})["Policies"] == []
    assert policies.list_policies(context, {"OnlyAttached": True})["Policies"] == []


def test_tags_of_a_policy(context: Context) -> None:
    create(context, Path="/etl/")
    tag = {"Key": "a", "Value": "1"}
    policies.tag_policy(context, {"PolicyArn": ARN, "Tags": [tag, {"Key": "b", "Value": ""}]})  # type: ignore[list-item]
    policies.untag_policy(context, {"PolicyArn": ARN, "TagKeys": ["b"]})
    assert policies.list_policy_tags(context, {"PolicyArn": ARN})["Tags"] == [tag]


def test_what_is_refused(context: Context) -> None:
    create(context, Path="/etl/")
    roles.create_role(context, {"RoleName": "r", "AssumeRolePolicyDocument": "{}"})
    policies.create_policy_version(context, {"PolicyArn": ARN, "PolicyDocument": "{}"})
    own = "arn:aws:iam::123456789012:policy/none"
    refused: list[tuple[Callable[[], Any], str]] = [
        # names are the same whatever their case and path
        (lambda: create(context, "READ"), "EntityAlreadyExists"),
        (lambda: policies.get_policy(context, {"PolicyArn": own}), "NoSuchEntity"),
        # a policy of this account must be there; those of AWS need not
        (
            lambda: roles.attach_role_policy(context, {"RoleName": "r", "PolicyArn": own}),
            "NoSuchEntity",
        ),
        (lambda: policies.delete_policy(context, {"PolicyArn": ARN}), "DeleteConflict"),
        (
            lambda: policies.delete_policy_version(context, {"PolicyArn": ARN, "VersionId": "v1"}),
            "DeleteConflict",
        ),
        (
            lambda: policies.get_policy_version(context, {"PolicyArn": ARN, "VersionId": "v9"}),
            "NoSuchEntity",
        ),
    ]
    for ask, code in refused:
        with pytest.raises(AwsError) as error:
            ask()
        assert error.value.code == code
    with pytest.raises(MalformedPolicyDocument):
        create(context, "p", PolicyDocument="[]")
