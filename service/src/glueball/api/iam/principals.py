"""Steps that operations on roles and on users share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from glueball.api.context import Context
from glueball.api.iam.shapes import named_page, page_of, tag_list, with_tags, without_tags
from glueball.stores import principals
from glueball.stores.principals import Kind, Principal


def create(context: Context, kind: Kind, principal: Principal) -> None:
    """Keep a new principal."""
    with context.database.write_behind() as connection:
        principals.insert(connection, kind, principal)


def get(context: Context, kind: Kind, name: str) -> Principal:
    """Return a principal."""
    with context.database.read() as connection:
        return principals.get(connection, kind, name)


def change(
    context: Context, kind: Kind, name: str, changed: Callable[[Principal], Principal]
) -> Principal:
    """Write what a function makes of a principal."""
    with context.database.write_behind() as connection:
        principal = changed(principals.get(connection, kind, name))
        principals.replace(connection, kind, name, principal)
    return principal


def delete(context: Context, kind: Kind, name: str) -> dict[str, Any]:
    """Forget a principal that has no policies."""
    with context.database.write_behind() as connection:
        principals.delete(connection, kind, name)
    return {}


def page(
    context: Context, kind: Kind, request: Mapping[str, Any]
) -> tuple[list[Principal], dict[str, Any]]:
    """Return one page of principals, and the members that say whether there are more."""
    prefix = request.get("PathPrefix", "/")
    with context.database.read() as connection:
        return named_page(
            lambda after, limit: principals.page(
                connection, kind, path_prefix=prefix, after=after, limit=limit
            ),
            lambda principal: principal.name,
            request,
        )


def tag(context: Context, kind: Kind, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Set tags."""
    change(context, kind, name, lambda old: replace(old, tags=with_tags(old.tags, request["Tags"])))
    return {}


def untag(context: Context, kind: Kind, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take tags away; keys that are not there are passed over."""
    keys = request["TagKeys"]
    change(context, kind, name, lambda old: replace(old, tags=without_tags(old.tags, keys)))
    return {}


def list_tags(
    context: Context, kind: Kind, name: str, request: Mapping[str, Any]
) -> dict[str, Any]:
    """List tags in order of their keys."""
    tags = get(context, kind, name).tags
    keys, truncation = page_of(sorted(tags), request)
    return {"Tags": tag_list({key: tags[key] for key in keys})} | truncation


def set_boundary(context: Context, kind: Kind, name: str, arn: str | None) -> dict[str, Any]:
    """Set the permissions boundary, or take it away."""
    change(context, kind, name, lambda old: replace(old, boundary_arn=arn))
    return {}


def common_members(context: Context, kind: Kind, principal: Principal) -> dict[str, Any]:
    """Return the members that AWS's shapes `Role` and `User` share."""
    noun = kind.noun.capitalize()
    members: dict[str, Any] = {
        "Path": principal.path,
        f"{noun}Name": principal.name,
        f"{noun}Id": principal.id,
        "Arn": f"arn:aws:iam::{context.account_id}:{kind.noun}{principal.path}{principal.name}",
        "CreateDate": principal.created,
    }
    if principal.boundary_arn:
        members["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": principal.boundary_arn,
        }
    if principal.tags:
        members["Tags"] = tag_list(principal.tags)
    return members
