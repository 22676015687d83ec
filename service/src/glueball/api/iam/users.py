"""IAM users as named records: nobody signs requests as one of them.

https://docs.aws.amazon.com/IAM/latest/APIReference/
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.iam import principal_policies, principals
from glueball.api.iam.shapes import new_identifier, read_tags
from glueball.stores.principals import USER, Principal

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import (
        AttachUserPolicyRequestTypeDef,
        CreateUserRequestTypeDef,
        DeleteUserPermissionsBoundaryRequestTypeDef,
        DeleteUserPolicyRequestTypeDef,
        DeleteUserRequestTypeDef,
        DetachUserPolicyRequestTypeDef,
        GetUserPolicyRequestTypeDef,
        GetUserRequestTypeDef,
        ListAttachedUserPoliciesRequestTypeDef,
        ListGroupsForUserRequestTypeDef,
        ListUserPoliciesRequestTypeDef,
        ListUsersRequestTypeDef,
        ListUserTagsRequestTypeDef,
        PutUserPermissionsBoundaryRequestTypeDef,
        PutUserPolicyRequestTypeDef,
        TagUserRequestTypeDef,
        UntagUserRequestTypeDef,
        UpdateUserRequestTypeDef,
    )


def create_user(context: Context, request: CreateUserRequestTypeDef) -> dict[str, Any]:
    """Keep a user."""
    user = Principal(
        name=request["UserName"],
        id=new_identifier("AIDA"),
        path=request.get("Path", "/"),
        created=context.clock.now(),
        boundary_arn=request.get("PermissionsBoundary"),
        tags=read_tags(request.get("Tags", ())),
    )
    principals.create(context, USER, user)
    return {"User": principals.common_members(context, USER, user)}


def get_user(context: Context, request: GetUserRequestTypeDef) -> dict[str, Any]:
    """Show a user; without a name, who signed the request."""
    name = request.get("UserName")
    if name is None:
        return {"User": _caller(context)}
    user = principals.get(context, USER, name)
    return {"User": principals.common_members(context, USER, user)}


def list_users(context: Context, request: ListUsersRequestTypeDef) -> dict[str, Any]:
    """List users in order of name."""
    page, truncation = principals.page(context, USER, request)
    return {"Users": [principals.common_members(context, USER, user) for user in page]} | truncation


def update_user(context: Context, request: UpdateUserRequestTypeDef) -> dict[str, Any]:
    """Give a user another name or path; its policies and tags follow."""

    def changed(user: Principal) -> Principal:
        return replace(
            user,
            name=request.get("NewUserName", user.name),
            path=request.get("NewPath", user.path),
        )

    principals.change(context, USER, request["UserName"], changed)
    return {}


def list_groups_for_user(
    context: Context, request: ListGroupsForUserRequestTypeDef
) -> dict[str, Any]:
    """Show that a user is in no group: there are none."""
    principals.get(context, USER, request["UserName"])
    return {"Groups": [], "IsTruncated": False}


def delete_user(context: Context, request: DeleteUserRequestTypeDef) -> dict[str, Any]:
    """Forget a user that has no policies."""
    return principals.delete(context, USER, request["UserName"])


def tag_user(context: Context, request: TagUserRequestTypeDef) -> dict[str, Any]:
    """Set tags of a user."""
    return principals.tag(context, USER, request["UserName"], request)


def untag_user(context: Context, request: UntagUserRequestTypeDef) -> dict[str, Any]:
    """Take tags of a user away."""
    return principals.untag(context, USER, request["UserName"], request)


def list_user_tags(context: Context, request: ListUserTagsRequestTypeDef) -> dict[str, Any]:
    """List the tags of a user."""
    return principals.list_tags(context, USER, request["UserName"], request)


def put_user_permissions_boundary(
    context: Context, request: PutUserPermissionsBoundaryRequestTypeDef
) -> dict[str, Any]:
    """Set the permissions boundary of a user."""
    boundary = request["PermissionsBoundary"]
    return principals.set_boundary(context, USER, request["UserName"], boundary)


def delete_user_permissions_boundary(
    context: Context, request: DeleteUserPermissionsBoundaryRequestTypeDef
) -> dict[str, Any]:
    """Take the permissions boundary of a user away."""
    return principals.set_boundary(context, USER, request["UserName"], None)


def attach_user_policy(context: Context, request: AttachUserPolicyRequestTypeDef) -> dict[str, Any]:
    """Attach a managed policy by its ARN."""
    return principal_policies.attach(context, USER, request["UserName"], request["PolicyArn"])


def detach_user_policy(context: Context, request: DetachUserPolicyRequestTypeDef) -> dict[str, Any]:
    """Detach a managed policy."""
    return principal_policies.detach(context, USER, request["UserName"], request["PolicyArn"])


def list_attached_user_policies(
    context: Context, request: ListAttachedUserPoliciesRequestTypeDef
) -> dict[str, Any]:
    """List the managed policies of a user."""
    return principal_policies.list_attached(context, USER, request["UserName"], request)


def put_user_policy(context: Context, request: PutUserPolicyRequestTypeDef) -> dict[str, Any]:
    """Write an inline policy."""
    name, document = request["PolicyName"], request["PolicyDocument"]
    return principal_policies.put(context, USER, request["UserName"], name, document)


def get_user_policy(context: Context, request: GetUserPolicyRequestTypeDef) -> dict[str, Any]:
    """Show an inline policy."""
    name = request["UserName"]
    policy = principal_policies.get(context, USER, name, request["PolicyName"])
    return {"UserName": name} | policy


def delete_user_policy(context: Context, request: DeleteUserPolicyRequestTypeDef) -> dict[str, Any]:
    """Remove an inline policy."""
    return principal_policies.delete(context, USER, request["UserName"], request["PolicyName"])


def list_user_policies(context: Context, request: ListUserPoliciesRequestTypeDef) -> dict[str, Any]:
    """Name the inline policies of a user."""
    return principal_policies.list_names(context, USER, request["UserName"], request)


def _caller(context: Context) -> dict[str, Any]:
    """Return AWS's `User` shape of the account's root, whose keys are the operator's."""
    caller = context.call.caller
    return {
        "Path": "/",
        "UserName": caller.arn.rpartition(":")[2].rpartition("/")[2],
        "UserId": caller.account_id,
        "Arn": caller.arn,
        "CreateDate": 0.0,
    }
