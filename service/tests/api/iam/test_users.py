from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.iam import users
from glueball.core.errors import AwsError
from support.contexts import make_context
from support.runs import BASE_TIME

S3_ACCESS = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return make_context(tmp_path)


def create(context: Context, name: str, **more: Any) -> dict[str, Any]:
    request: Any = {"UserName": name, **more}
    user: dict[str, Any] = users.create_user(context, request)["User"]
    return user


def test_a_user_is_shown_as_it_was_made(context: Context) -> None:
    tags = [{"Key": "team", "Value": "data"}]
    created = create(context, "ana", Path="/team/", Tags=tags, PermissionsBoundary=S3_ACCESS)
    assert created == users.get_user(context, {"UserName": "ana"})["User"]
    assert re.fullmatch("AIDA[A-Z0-9]{17}", created.pop("UserId"))
    assert created == {
        "Path": "/team/",
        "UserName": "ana",
        "Arn": "arn:aws:iam::123456789012:user/team/ana",
        "CreateDate": BASE_TIME,
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": S3_ACCESS,
        },
        "Tags": tags,
    }


def test_without_a_name_the_caller_is_shown(context: Context) -> None:
    caller = users.get_user(context, {})["User"]
    assert (caller["Arn"], caller["UserName"]) == ("arn:aws:iam::123456789012:root", "root")


def test_a_user_gets_another_name_and_keeps_the_rest(context: Context) -> None:
    create(context, "ana", Tags=[{"Key": "a", "Value": "1"}])
    users.put_user_policy(context, {"UserName": "ana", "PolicyName": "p", "PolicyDocument": "{}"})
    users.update_user(context, {"UserName": "ana", "NewUserName": "eva", "NewPath": "/x/"})
    assert users.get_user(context, {"UserName": "eva"})["User"]["Path"] == "/x/"
    assert users.list_user_policies(context, {"UserName": "eva"})["PolicyNames"] == ["p"]
    assert users.list_user_tags(context, {"UserName": "eva"})["Tags"]
    assert [user["UserName"] for user in users.list_users(context, {})["Users"]] == ["eva"]


def test_a_user_is_deleted_once_its_policies_are(context: Context) -> None:
    create(context, "ana")
    users.attach_user_policy(context, {"UserName": "ana", "PolicyArn": S3_ACCESS})
    attached = users.list_attached_user_policies(context, {"UserName": "ana"})
    assert [policy["PolicyArn"] for policy in attached["AttachedPolicies"]] == [S3_ACCESS]
    assert users.list_groups_for_user(context, {"UserName": "ana"})["Groups"] == []
    with pytest.raises(AwsError, match="must detach all policies first"):
        users.delete_user(context, {"UserName": "ana"})
    users.detach_user_policy(context, {"UserName": "ana", "PolicyArn": S3_ACCESS})
    users.delete_user(context, {"UserName": "ana"})
    with pytest.raises(AwsError, match="The user with name ana cannot be found"):
        users.get_user(context, {"UserName": "ana"})
