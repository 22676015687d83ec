"""IAM roles as named records. https://docs.aws.amazon.com/IAM/latest/APIReference/"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.iam import principal_policies, principals
from glueball.api.iam.shapes import check_policy, encoded_policy, new_identifier, read_tags
from glueball.stores.principals import ROLE, Principal

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import (
        AttachRolePolicyRequestTypeDef,
        CreateRoleRequestTypeDef,
        DeleteRolePermissionsBoundaryRequestTypeDef,
        DeleteRolePolicyRequestTypeDef,
        DeleteRoleRequestTypeDef,
        DetachRolePolicyRequestTypeDef,
        GetRolePolicyRequestTypeDef,
        GetRoleRequestTypeDef,
        ListAttachedRolePoliciesRequestTypeDef,
        ListInstanceProfilesForRoleRequestTypeDef,
        ListRolePoliciesRequestTypeDef,
        ListRolesRequestTypeDef,
        ListRoleTagsRequestTypeDef,
        PutRolePermissionsBoundaryRequestTypeDef,
        PutRolePolicyRequestTypeDef,
        TagRoleRequestTypeDef,
        UntagRoleRequestTypeDef,
        UpdateAssumeRolePolicyRequestTypeDef,
        UpdateRoleDescriptionRequestTypeDef,
        UpdateRoleRequestTypeDef,
    )


def create_role(context: Context, request: CreateRoleRequestTypeDef) -> dict[str, Any]:
    """Keep a role; its trust policy must be a JSON object and is not looked at further."""
    document = request["AssumeRolePolicyDocument"]
    check_policy(document)
    role = Principal(
        name=request["RoleName"],
        id=new_identifier("AROA"),
        path=request.get("Path", "/"),
        created=context.clock.now(),
        trust_policy=document,
        description=request.get("Description"),
        max_session_seconds=request.get("MaxSessionDuration", 3600),
        boundary_arn=request.get("PermissionsBoundary"),
        tags=read_tags(request.get("Tags", ())),
    )
    principals.create(context, ROLE, role)
    return {"Role": _shape(context, role)}


def get_role(context: Context, request: GetRoleRequestTypeDef) -> dict[str, Any]:
    """Show a role."""
    role = principals.get(context, ROLE, request["RoleName"])
    return {"Role": _shape(context, role) | {"RoleLastUsed": {}}}


def list_roles(context: Context, request: ListRolesRequestTypeDef) -> dict[str, Any]:
    """List roles in order of name."""
    page, truncation = principals.page(context, ROLE, request)
    return {"Roles": [_shape(context, role) for role in page]} | truncation


def update_role(context: Context, request: UpdateRoleRequestTypeDef) -> dict[str, Any]:
    """Change the description and the longest session; what is not given stays."""

    def changed(role: Principal) -> Principal:
        return replace(
            role,
            description=request.get("Description", role.description),
            max_session_seconds=request.get("MaxSessionDuration", role.max_session_seconds),
        )

    principals.change(context, ROLE, request["RoleName"], changed)
    return {}


def update_role_description(
    context: Context, request: UpdateRoleDescriptionRequestTypeDef
) -> dict[str, Any]:
    """Change the description."""
    text = request["Description"]
    role = principals.change(
        context, ROLE, request["RoleName"], lambda old: replace(old, description=text)
    )
    return {"Role": _shape(context, role)}


def update_assume_role_policy(
    context: Context, request: UpdateAssumeRolePolicyRequestTypeDef
) -> dict[str, Any]:
    """Replace the trust policy."""
    document = request["PolicyDocument"]
    check_policy(document)
    principals.change(
        context, ROLE, request["RoleName"], lambda old: replace(old, trust_policy=document)
    )
    return {}


def list_instance_profiles_for_role(
    context: Context, request: ListInstanceProfilesForRoleRequestTypeDef
) -> dict[str, Any]:
    """Show that no instance profile has the role: there are none."""
    principals.get(context, ROLE, request["RoleName"])
    return {"InstanceProfiles": [], "IsTruncated": False}


def delete_role(context: Context, request: DeleteRoleRequestTypeDef) -> dict[str, Any]:
    """Forget a role that has no policies."""
    return principals.delete(context, ROLE, request["RoleName"])


def tag_role(context: Context, request: TagRoleRequestTypeDef) -> dict[str, Any]:
    """Set tags of a role."""
    return principals.tag(context, ROLE, request["RoleName"], request)


def untag_role(context: Context, request: UntagRoleRequestTypeDef) -> dict[str, Any]:
    """Take tags of a role away."""
    return principals.untag(context, ROLE, request["RoleName"], request)


def list_role_tags(context: Context, request: ListRoleTagsRequestTypeDef) -> dict[str, Any]:
    """List the tags of a role."""
    return principals.list_tags(context, ROLE, request["RoleName"], request)


def put_role_permissions_boundary(
    context: Context, request: PutRolePermissionsBoundaryRequestTypeDef
) -> dict[str, Any]:
    """Set the permissions boundary of a role."""
    boundary = request["PermissionsBoundary"]
    return principals.set_boundary(context, ROLE, request["RoleName"], boundary)


def delete_role_permissions_boundary(
    context: Context, request: DeleteRolePermissionsBoundaryRequestTypeDef
) -> dict[str, Any]:
    """Take the permissions boundary of a role away."""
    return principals.set_boundary(context, ROLE, request["RoleName"], None)


def attach_role_policy(context: Context, request: AttachRolePolicyRequestTypeDef) -> dict[str, Any]:
    """Attach a managed policy by its ARN."""
    return principal_policies.attach(context, ROLE, request["RoleName"], request["PolicyArn"])


def detach_role_policy(context: Context, request: DetachRolePolicyRequestTypeDef) -> dict[str, Any]:
    """Detach a managed policy."""
    return principal_policies.detach(context, ROLE, request["RoleName"], request["PolicyArn"])


def list_attached_role_policies(
    context: Context, request: ListAttachedRolePoliciesRequestTypeDef
) -> dict[str, Any]:
    """List the managed policies of a role."""
    return principal_policies.list_attached(context, ROLE, request["RoleName"], request)


def put_role_policy(context: Context, request: PutRolePolicyRequestTypeDef) -> dict[str, Any]:
    """Write an inline policy."""
    name, document = request["PolicyName"], request["PolicyDocument"]
    return principal_policies.put(context, ROLE, request["RoleName"], name, document)


def get_role_policy(context: Context, request: GetRolePolicyRequestTypeDef) -> dict[str, Any]:
    """Show an inline policy."""
    name = request["RoleName"]
    policy = principal_policies.get(context, ROLE, name, request["PolicyName"])
    return {"RoleName": name} | policy


def delete_role_policy(context: Context, request: DeleteRolePolicyRequestTypeDef) -> dict[str, Any]:
    """Remove an inline policy."""
    return principal_policies.delete(context, ROLE, request["RoleName"], request["PolicyName"])


def list_role_policies(context: Context, request: ListRolePoliciesRequestTypeDef) -> dict[str, Any]:
    """Name the inline policies of a role."""
    return principal_policies.list_names(context, ROLE, request["RoleName"], request)


def _shape(context: Context, role: Principal) -> dict[str, Any]:
    """Return AWS's `Role` shape, without what only GetRole shows."""
    shape = principals.common_members(context, ROLE, role)
    shape["AssumeRolePolicyDocument"] = encoded_policy(role.trust_policy)
    shape["MaxSessionDuration"] = role.max_session_seconds
    if role.description:
        shape["Description"] = role.description
    return shape
