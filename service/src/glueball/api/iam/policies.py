"""IAM's managed policies of this account. They are kept, not evaluated.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.iam.shapes import (
    check_policy,
    encoded_policy,
    named_page,
    new_identifier,
    page_of,
    read_tags,
    tag_list,
    with_tags,
    without_tags,
)
from glueball.stores import managed_policies, principals
from glueball.stores.managed_policies import ManagedPolicy, PolicyVersion
from glueball.stores.principals import ROLE, USER, DeleteConflict, NoSuchEntity

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import (
        CreatePolicyRequestTypeDef,
        CreatePolicyVersionRequestTypeDef,
        DeletePolicyRequestTypeDef,
        DeletePolicyVersionRequestTypeDef,
        GetPolicyRequestTypeDef,
        GetPolicyVersionRequestTypeDef,
        ListEntitiesForPolicyRequestTypeDef,
        ListPoliciesRequestTypeDef,
        ListPolicyTagsRequestTypeDef,
        ListPolicyVersionsRequestTypeDef,
        SetDefaultPolicyVersionRequestTypeDef,
        TagPolicyRequestTypeDef,
        UntagPolicyRequestTypeDef,
    )
    from sqlalchemy import Connection

_VERSION = re.compile(r"v([1-9][0-9]{0,8})")


def create_policy(context: Context, request: CreatePolicyRequestTypeDef) -> dict[str, Any]:
    """Keep a policy; its document must be a JSON object and is not looked at further."""
    check_policy(request["PolicyDocument"])
    name, path, now = request["PolicyName"], request.get("Path", "/"), context.clock.now()
    policy = ManagedPolicy(
        arn=f"arn:aws:iam::{context.account_id}:policy{path}{name}",
        name=name,
        policy_id=new_identifier("ANPA"),
        path=path,
        description=request.get("Description"),
        created=now,
        updated=now,
        default_version=1,
        last_version=1,
        tags=read_tags(request.get("Tags", ())),
    )
    with context.database.write_behind() as connection:
        managed_policies.insert(connection, policy, request["PolicyDocument"])
        return {"Policy": _shape(connection, policy)}


def get_policy(context: Context, request: GetPolicyRequestTypeDef) -> dict[str, Any]:
    """Show a policy; those of AWS are not there."""
    with context.database.read() as connection:
        policy = managed_policies.get(connection, request["PolicyArn"])
        return {"Policy": _shape(connection, policy, whole=True)}


def list_policies(context: Context, request: ListPoliciesRequestTypeDef) -> dict[str, Any]:
    """List the policies of this account in order of name; those of AWS are not there."""
    prefix = request.get("PathPrefix", "/")
    with context.database.read() as connection:

        def read(after: str, limit: int) -> list[ManagedPolicy]:
            page = managed_policies.page(connection, path_prefix=prefix, after=after, limit=limit)
            return [] if request.get("Scope") == "AWS" else page

        page, truncation = named_page(read, lambda policy: policy.name, request)
        shapes = [_shape(connection, policy) for policy in page]
    if request.get("OnlyAttached"):
        shapes = [shape for shape in shapes if shape["AttachmentCount"]]
    return {"Policies": shapes} | truncation


def delete_policy(context: Context, request: DeletePolicyRequestTypeDef) -> dict[str, Any]:
    """Forget a policy that is not attached and has one version."""
    with context.database.write_behind() as connection:
        managed_policies.delete(connection, request["PolicyArn"])
    return {}


def list_entities_for_policy(
    context: Context, request: ListEntitiesForPolicyRequestTypeDef
) -> dict[str, Any]:
    """Show the roles and users that a policy is attached to."""
    arn = request["PolicyArn"]
    with context.database.read() as connection:
        roles = principals.holders(connection, ROLE, arn)
        users = principals.holders(connection, USER, arn)
    return {
        "PolicyGroups": [],
        "PolicyRoles": [{"RoleName": role.name, "RoleId": role.id} for role in roles],
        "PolicyUsers": [{"UserName": user.name, "UserId": user.id} for user in users],
        "IsTruncated": False,
    }


# versions


def create_policy_version(
    context: Context, request: CreatePolicyVersionRequestTypeDef
) -> dict[str, Any]:
    """Keep a new version, and make it the default one if that is asked for."""
    check_policy(request["PolicyDocument"])
    arn, document = request["PolicyArn"], request["PolicyDocument"]
    with context.database.write_behind() as connection:
        version = managed_policies.add_version(connection, arn, document, context.clock.now())
        policy = managed_policies.get(connection, arn)
        if request.get("SetAsDefault"):
            policy = replace(policy, default_version=version.number)
            managed_policies.replace(connection, policy)
    return {"PolicyVersion": _version_shape(policy, version)}


def get_policy_version(context: Context, request: GetPolicyVersionRequestTypeDef) -> dict[str, Any]:
    """Show a version with its document."""
    with context.database.read() as connection:
        policy = managed_policies.get(connection, request["PolicyArn"])
        version = _version(connection, policy, request["VersionId"])
    shape = _version_shape(policy, version)
    return {"PolicyVersion": shape | {"Document": encoded_policy(version.document)}}


def list_policy_versions(
    context: Context, request: ListPolicyVersionsRequestTypeDef
) -> dict[str, Any]:
    """List the versions of a policy, newest first, without their documents."""
    with context.database.read() as connection:
        policy = managed_policies.get(connection, request["PolicyArn"])
        versions = managed_policies.versions(connection, policy.arn)
    shapes = [_version_shape(policy, version) for version in versions]
    return {"Versions": shapes, "IsTruncated": False}


def delete_policy_version(
    context: Context, request: DeletePolicyVersionRequestTypeDef
) -> dict[str, Any]:
    """Remove a version.

    Raises:
        DeleteConflict: it is the default one.
    """
    with context.database.write_behind() as connection:
        policy = managed_policies.get(connection, request["PolicyArn"])
        version = _version(connection, policy, request["VersionId"])
        if version.number == policy.default_version:
            raise DeleteConflict("Cannot delete the default version of a policy.")
        managed_policies.delete_version(connection, policy.arn, version.number)
    return {}


def set_default_policy_version(
    context: Context, request: SetDefaultPolicyVersionRequestTypeDef
) -> dict[str, Any]:
    """Make a version the default one."""
    with context.database.write_behind() as connection:
        policy = managed_policies.get(connection, request["PolicyArn"])
        version = _version(connection, policy, request["VersionId"])
        managed_policies.replace(connection, replace(policy, default_version=version.number))
    return {}


# tags


def tag_policy(context: Context, request: TagPolicyRequestTypeDef) -> dict[str, Any]:
    """Set tags of a policy."""
    with context.database.write_behind() as connection:
        policy = managed_policies.get(connection, request["PolicyArn"])
        changed = replace(policy, tags=with_tags(policy.tags, request["Tags"]))
        managed_policies.replace(connection, changed)
    return {}


def untag_policy(context: Context, request: UntagPolicyRequestTypeDef) -> dict[str, Any]:
    """Take tags of a policy away."""
    with context.database.write_behind() as connection:
        policy = managed_policies.get(connection, request["PolicyArn"])
        changed = replace(policy, tags=without_tags(policy.tags, request["TagKeys"]))
        managed_policies.replace(connection, changed)
    return {}


def list_policy_tags(context: Context, request: ListPolicyTagsRequestTypeDef) -> dict[str, Any]:
    """List the tags of a policy in order of their keys."""
    with context.database.read() as connection:
        tags = managed_policies.get(connection, request["PolicyArn"]).tags
    keys, truncation = page_of(sorted(tags), request)
    return {"Tags": tag_list({key: tags[key] for key in keys})} | truncation


def _version(connection: Connection, policy: ManagedPolicy, version_id: str) -> PolicyVersion:
    match = _VERSION.fullmatch(version_id)
    for version in managed_policies.versions(connection, policy.arn):
        if match is not None and version.number == int(match[1]):
            return version
    raise NoSuchEntity(f"Policy {policy.arn} version {version_id} does not exist.")


def _version_shape(policy: ManagedPolicy, version: PolicyVersion) -> dict[str, Any]:
    return {
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == policy.default_version,
        "CreateDate": version.created,
    }


def _shape(connection: Connection, policy: ManagedPolicy, *, whole: bool = False) -> dict[str, Any]:
    """Return AWS's `Policy` shape; `whole` with the description, which only GetPolicy shows."""
    shape: dict[str, Any] = {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": f"v{policy.default_version}",
        "AttachmentCount": managed_policies.attachments(connection, policy.arn),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.updated,
    }
    if whole and policy.description:
        shape["Description"] = policy.description
    if policy.tags:
        shape["Tags"] = tag_list(policy.tags)
    return shape
