"""Policies of roles and of users: managed ones that are attached, and inline ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueball.api.context import Context
from glueball.api.iam.shapes import check_policy, encoded_policy, page_of
from glueball.stores import managed_policies, principals
from glueball.stores.principals import Kind


def attach(context: Context, kind: Kind, name: str, policy_arn: str) -> dict[str, Any]:
    """Attach a managed policy by its ARN. Those of AWS need not exist here.

    Raises:
        NoSuchEntity: there is no such principal, or no such policy of this account.
    """
    with context.database.write_behind() as connection:
        if policy_arn.startswith(f"arn:aws:iam::{context.account_id}:"):
            managed_policies.get(connection, policy_arn)
        principals.attach(connection, kind, name, policy_arn)
    return {}


def detach(context: Context, kind: Kind, name: str, policy_arn: str) -> dict[str, Any]:
    """Detach a managed policy."""
    with context.database.write_behind() as connection:
        principals.detach(connection, kind, name, policy_arn)
    return {}


def list_attached(
    context: Context, kind: Kind, name: str, request: Mapping[str, Any]
) -> dict[str, Any]:
    """List the managed policies of a principal."""
    prefix = request.get("PathPrefix", "/")
    with context.database.read() as connection:
        arns = [
            arn
            for arn in principals.attached(connection, kind, name)
            if f"/{arn.partition(':policy/')[2]}".startswith(prefix)
        ]
    page, truncation = page_of(arns, request)
    attached = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in page]
    return {"AttachedPolicies": attached} | truncation


def put(context: Context, kind: Kind, name: str, policy: str, document: str) -> dict[str, Any]:
    """Write an inline policy."""
    check_policy(document)
    with context.database.write_behind() as connection:
        principals.put_policy(connection, kind, name, policy, document)
    return {}


def get(context: Context, kind: Kind, name: str, policy: str) -> dict[str, Any]:
    """Show an inline policy."""
    with context.database.read() as connection:
        document = principals.policy_document(connection, kind, name, policy)
    return {"PolicyName": policy, "PolicyDocument": encoded_policy(document)}


def delete(context: Context, kind: Kind, name: str, policy: str) -> dict[str, Any]:
    """Remove an inline policy."""
    with context.database.write_behind() as connection:
        principals.delete_policy(connection, kind, name, policy)
    return {}


def list_names(
    context: Context, kind: Kind, name: str, request: Mapping[str, Any]
) -> dict[str, Any]:
    """Name the inline policies of a principal."""
    with context.database.read() as connection:
        names = principals.policy_names(connection, kind, name)
    page, truncation = page_of(names, request)
    return {"PolicyNames": page} | truncation
