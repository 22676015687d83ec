"""IAM roles as named records. https://docs.aws.amazon.com/IAM/latest/APIReference/"""

from __future__ import annotations

import base64
import json
import secrets
import string
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from glueball.core.clock import Clock
from glueball.core.errors import AwsError
from glueball.stores.roles import Role, RoleStore

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import (
        AttachRolePolicyRequestTypeDef,
        CreateRoleRequestTypeDef,
        DeleteRolePolicyRequestTypeDef,
        DeleteRoleRequestTypeDef,
        DetachRolePolicyRequestTypeDef,
        GetRolePolicyRequestTypeDef,
        GetRoleRequestTypeDef,
        ListAttachedRolePoliciesRequestTypeDef,
        ListRolePoliciesRequestTypeDef,
        ListRolesRequestTypeDef,
        PutRolePolicyRequestTypeDef,
    )

_PAGE = 100
_ID_CHARACTERS = string.ascii_uppercase + string.digits
_ID_LENGTH = 17


class MalformedPolicyDocument(AwsError):
    code = "MalformedPolicyDocument"


class InvalidMarker(AwsError):
    code = "ValidationError"


class Context(Protocol):
    """What these operations use."""

    @property
    def account_id(self) -> str: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def roles(self) -> RoleStore: ...


def create_role(context: Context, request: CreateRoleRequestTypeDef) -> dict[str, Any]:
    """Keep a role; its trust policy must be a JSON object and is not looked at further."""
    document = request["AssumeRolePolicyDocument"]
    _check_policy(document)
    role = Role(
        name=request["RoleName"],
        role_id="AROA" + "".join(secrets.choice(_ID_CHARACTERS) for _ in range(_ID_LENGTH)),
        path=request.get("Path", "/"),
        created=context.clock.now(),
        trust_policy=document,
        description=request.get("Description"),
        max_session_seconds=request.get("MaxSessionDuration", 3600),
        boundary_arn=request.get("PermissionsBoundary"),
        tags={tag["Key"]: tag["Value"] for tag in request.get("Tags", ())},
    )
    context.roles.create(role)
    return {"Role": _shown(context, role)}


def get_role(context: Context, request: GetRoleRequestTypeDef) -> dict[str, Any]:
    """Show a role."""
    return {"Role": _shown(context, context.roles.get(request["RoleName"]), whole=True)}


def list_roles(context: Context, request: ListRolesRequestTypeDef) -> dict[str, Any]:
    """List roles in order of name."""
    size = request.get("MaxItems", _PAGE)
    found = context.roles.page(
        path_prefix=request.get("PathPrefix", "/"),
        after=_key_in(request.get("Marker")),
        limit=size + 1,
    )
    page = {"Roles": [_shown(context, role) for role in found[:size]]}
    return page | _truncation([role.name for role in found], size)


def delete_role(context: Context, request: DeleteRoleRequestTypeDef) -> dict[str, Any]:
    """Forget a role that has no policies."""
    context.roles.delete(request["RoleName"])
    return {}


def attach_role_policy(context: Context, request: AttachRolePolicyRequestTypeDef) -> dict[str, Any]:
    """Attach a managed policy by its ARN; the policy need not exist here."""
    context.roles.attach(request["RoleName"], request["PolicyArn"])
    return {}


def detach_role_policy(context: Context, request: DetachRolePolicyRequestTypeDef) -> dict[str, Any]:
    """Detach a managed policy."""
    context.roles.detach(request["RoleName"], request["PolicyArn"])
    return {}


def list_attached_role_policies(
    context: Context, request: ListAttachedRolePoliciesRequestTypeDef
) -> dict[str, Any]:
    """List the managed policies of a role."""
    prefix = request.get("PathPrefix", "/")
    arns = [
        arn
        for arn in context.roles.attached(request["RoleName"])
        if f"/{arn.partition(':policy/')[2]}".startswith(prefix)
    ]
    page, truncation = _page(arns, request)
    shown = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in page]
    return {"AttachedPolicies": shown} | truncation


def put_role_policy(context: Context, request: PutRolePolicyRequestTypeDef) -> dict[str, Any]:
    """Write an inline policy."""
    _check_policy(request["PolicyDocument"])
    context.roles.put_policy(request["RoleName"], request["PolicyName"], request["PolicyDocument"])
    return {}


def get_role_policy(context: Context, request: GetRolePolicyRequestTypeDef) -> dict[str, Any]:
    """Show an inline policy."""
    name, policy = request["RoleName"], request["PolicyName"]
    document = context.roles.policy(name, policy)
    return {"RoleName": name, "PolicyName": policy, "PolicyDocument": _encoded(document)}


def delete_role_policy(context: Context, request: DeleteRolePolicyRequestTypeDef) -> dict[str, Any]:
    """Remove an inline policy."""
    context.roles.delete_policy(request["RoleName"], request["PolicyName"])
    return {}


def list_role_policies(context: Context, request: ListRolePoliciesRequestTypeDef) -> dict[str, Any]:
    """Name the inline policies of a role."""
    page, truncation = _page(context.roles.policy_names(request["RoleName"]), request)
    return {"PolicyNames": page} | truncation


def _shown(context: Context, role: Role, *, whole: bool = False) -> dict[str, Any]:
    """Return AWS's `Role` shape; `whole` with the members that only GetRole shows."""
    shown: dict[str, Any] = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.role_id,
        "Arn": f"arn:aws:iam::{context.account_id}:role{role.path}{role.name}",
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": _encoded(role.trust_policy),
        "MaxSessionDuration": role.max_session_seconds,
    }
    if role.description:
        shown["Description"] = role.description
    if role.boundary_arn:
        shown["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": role.boundary_arn,
        }
    if role.tags:
        shown["Tags"] = [{"Key": key, "Value": value} for key, value in role.tags.items()]
    if whole:
        shown["RoleLastUsed"] = {}
    return shown


def _encoded(document: str) -> str:
    """Write a policy as IAM does: "URL-encoded compliant with RFC 3986"."""
    return quote(document, safe="")


def _check_policy(document: str) -> None:
    try:
        policy = json.loads(document)
    except (ValueError, RecursionError):
        policy = None
    if not isinstance(policy, dict):
        raise MalformedPolicyDocument("This policy contains invalid Json")


def _page(
    keys: Sequence[str],
    request: ListAttachedRolePoliciesRequestTypeDef | ListRolePoliciesRequestTypeDef,
) -> tuple[list[str], dict[str, Any]]:
    """Return one page of sorted keys and the members that say whether there are more."""
    size = request.get("MaxItems", _PAGE)
    after = _key_in(request.get("Marker"))
    rest = [key for key in keys if key > after]
    return rest[:size], _truncation(rest, size)


def _truncation(found: Sequence[str], size: int) -> dict[str, Any]:
    if len(found) <= size:
        return {"IsTruncated": False}
    marker = base64.urlsafe_b64encode(found[size - 1].encode()).decode()
    return {"IsTruncated": True, "Marker": marker}


def _key_in(marker: str | None) -> str:
    try:
        return base64.b64decode((marker or "").encode(), altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise InvalidMarker("Invalid Marker.") from error
