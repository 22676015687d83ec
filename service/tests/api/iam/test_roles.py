from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from glueball.api.context import Context
from glueball.api.iam import roles as iam
from glueball.api.iam.shapes import MalformedPolicyDocument
from glueball.core.errors import AwsError
from glueball.stores.managed_policies import LimitExceeded
from support.contexts import make_context
from support.runs import BASE_TIME

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "glue.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
SERVICE_ROLE = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
S3_ACCESS = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path)


def create(context: Context, name: str, **more: Any) -> dict[str, Any]:
    answer = iam.create_role(
        context,
        {"RoleName": name, "AssumeRolePolicyDocument": TRUST, **more},  # type: ignore[typeddict-item]
    )
    role: dict[str, Any] = answer["Role"]
    return role


def test_a_role_is_shown_as_it_was_made(context: Context) -> None:
    created = create(
        context,
        "GlueJobRole",
        Path="/etl/",
        Description="runs jobs",
        MaxSessionDuration=7200,
        PermissionsBoundary=S3_ACCESS,
        Tags=[{"Key": "team", "Value": "data"}],
    )
    assert re.fullmatch("AROA[A-Z0-9]{17}", created.pop("RoleId"))
    assert json.loads(unquote(created.pop("AssumeRolePolicyDocument"))) == json.loads(TRUST)
    assert created == {
        "Path": "/etl/",
        "RoleName": "GlueJobRole",
        "Arn": "arn:aws:iam::123456789012:role/etl/GlueJobRole",
        "CreateDate": BASE_TIME,
        "MaxSessionDuration": 7200,
        "Description": "runs jobs",
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": S3_ACCESS,
        },
        "Tags": [{"Key": "team", "Value": "data"}],
    }
    shown = iam.get_role(context, {"RoleName": "GlueJobRole"})["Role"]
    assert shown["RoleLastUsed"] == {}
    assert created.items() <= shown.items()


@pytest.mark.parametrize("document", ["", "{", "[]", "null", "[" * 100_000])
def test_a_policy_must_be_a_json_object(context: Context, document: str) -> None:
    with pytest.raises(MalformedPolicyDocument, match="This policy contains invalid Json"):
        create(context, "r", AssumeRolePolicyDocument=document)
    create(context, "r")
    with pytest.raises(MalformedPolicyDocument):
        iam.put_role_policy(
            context, {"RoleName": "r", "PolicyName": "p", "PolicyDocument": document}
        )


def test_roles_are_listed_in_pages(context: Context) -> None:
    for name in "cab":
        create(context, name, Path="/team/")
    create(context, "z")
    first = iam.list_roles(context, {"PathPrefix": "/team", "MaxItems": 2})
    assert [role["RoleName"] for role in first["Roles"]] == ["a", "b"]
    assert first["IsTruncated"]
    rest = iam.list_roles(context, {"PathPrefix": "/team", "Marker": first["Marker"]})
    assert [role["RoleName"] for role in rest["Roles"]] == ["c"]
    assert rest["IsTruncated"] is False
    assert "Marker" not in rest


def test_managed_policies_are_attached_listed_and_detached(context: Context) -> None:
    create(context, "r")
    for arn in (SERVICE_ROLE, S3_ACCESS):
        iam.attach_role_policy(context, {"RoleName": "r", "PolicyArn": arn})
    listed = iam.list_attached_role_policies(context, {"RoleName": "r"})
    assert listed == {
        "AttachedPolicies": [
            {"PolicyName": "AmazonS3FullAccess", "PolicyArn": S3_ACCESS},
            {"PolicyName": "AWSGlueServiceRole", "PolicyArn": SERVICE_ROLE},
        ],
        "IsTruncated": False,
    }
    one = iam.list_attached_role_policies(context, {"RoleName": "r", "MaxItems": 1})
    rest = iam.list_attached_role_policies(context, {"RoleName": "r", "Marker": one["Marker"]})
    assert one["AttachedPolicies"] + rest["AttachedPolicies"] == listed["AttachedPolicies"]
    only = iam.list_attached_role_policies(
        context, {"RoleName": "r", "PathPrefix": "/service-role/"}
    )
    assert [policy["PolicyArn"] for policy in only["AttachedPolicies"]] == [SERVICE_ROLE]
    iam.detach_role_policy(context, {"RoleName": "r", "PolicyArn": S3_ACCESS})
    assert len(iam.list_attached_role_policies(context, {"RoleName": "r"})["AttachedPolicies"]) == 1


def test_inline_policies(context: Context) -> None:
    create(context, "r")
    iam.put_role_policy(context, {"RoleName": "r", "PolicyName": "p", "PolicyDocument": TRUST})
    shown = iam.get_role_policy(context, {"RoleName": "r", "PolicyName": "p"})
    assert (shown["RoleName"], shown["PolicyName"]) == ("r", "p")
    assert unquote(shown["PolicyDocument"]) == TRUST
    assert iam.list_role_policies(context, {"RoleName": "r"})["PolicyNames"] == ["p"]
    iam.delete_role_policy(context, {"RoleName": "r", "PolicyName": "p"})
    assert iam.list_role_policies(context, {"RoleName": "r"})["PolicyNames"] == []


def test_errors_have_the_codes_of_iam(context: Context) -> None:
    create(context, "r")
    iam.attach_role_policy(context, {"RoleName": "r", "PolicyArn": SERVICE_ROLE})
    refused: list[tuple[Callable[[], Any], str, int]] = [
        (lambda: create(context, "R"), "EntityAlreadyExists", 409),
        (lambda: iam.get_role(context, {"RoleName": "no"}), "NoSuchEntity", 404),
        (lambda: iam.delete_role(context, {"RoleName": "r"}), "DeleteConflict", 409),
        (lambda: iam.list_roles(context, {"Marker": "é"}), "ValidationError", 400),
    ]
    for ask, code, status in refused:
        with pytest.raises(AwsError) as error:
            ask()
        assert (error.value.code, error.value.status) == (code, status)
    iam.detach_role_policy(context, {"RoleName": "r", "PolicyArn": SERVICE_ROLE})
    assert iam.delete_role(context, {"RoleName": "r"}) == {}


def test_a_role_is_changed_member_by_member(context: Context) -> None:
    create(context, "r", Description="old", MaxSessionDuration=7200)
    iam.update_role(context, {"RoleName": "R", "Description": "new"})
    role = iam.get_role(context, {"RoleName": "r"})["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("new", 7200)
    iam.update_role(context, {"RoleName": "r", "MaxSessionDuration": 3600})
    iam.update_role_description(context, {"RoleName": "r", "Description": "newest"})
    iam.update_assume_role_policy(context, {"RoleName": "r", "PolicyDocument": '{"a": 1}'})
    iam.put_role_permissions_boundary(context, {"RoleName": "r", "PermissionsBoundary": S3_ACCESS})
    role = iam.get_role(context, {"RoleName": "r"})["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("newest", 3600)
    assert unquote(role["AssumeRolePolicyDocument"]) == '{"a": 1}'
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == S3_ACCESS
    iam.delete_role_permissions_boundary(context, {"RoleName": "r"})
    assert "PermissionsBoundary" not in iam.get_role(context, {"RoleName": "r"})["Role"]
    with pytest.raises(MalformedPolicyDocument):
        iam.update_assume_role_policy(context, {"RoleName": "r", "PolicyDocument": "{"})


def test_tags_of_a_role_are_set_listed_and_taken_away(context: Context) -> None:
    create(context, "r", Tags=[{"Key": "a", "Value": "1"}])
    iam.tag_role(
        context,
        {"RoleName": "r", "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}]},
    )
    first = iam.list_role_tags(context, {"RoleName": "r", "MaxItems": 1})
    assert (first["Tags"], first["IsTruncated"]) == ([{"Key": "a", "Value": "3"}], True)
    rest = iam.list_role_tags(context, {"RoleName": "r", "Marker": first["Marker"]})
    assert rest == {"Tags": [{"Key": "b", "Value": "2"}], "IsTruncated": False}
    iam.untag_role(context, {"RoleName": "r", "TagKeys": ["a", "none"]})
    assert iam.list_role_tags(context, {"RoleName": "r"})["Tags"] == [{"Key": "b", "Value": "2"}]
    many = [{"Key": str(number), "Value": ""} for number in range(50)]
    with pytest.raises(LimitExceeded, match="TagsPerResource: 50"):
        iam.tag_role(context, {"RoleName": "r", "Tags": many})  # type: ignore[typeddict-item]


def test_no_instance_profile_has_a_role(context: Context) -> None:
    create(context, "r")
    answer = iam.list_instance_profiles_for_role(context, {"RoleName": "r"})
    assert answer == {"InstanceProfiles": [], "IsTruncated": False}
    with pytest.raises(AwsError, match="The role with name no cannot be found"):
        iam.list_instance_profiles_for_role(context, {"RoleName": "no"})
