"""What IAM's roles and users have in common: names, tags, policies. Nothing is authorised by them.

All functions take a connection; those that change something need a write transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from glueball.core.errors import AwsError
from glueball.stores import role_tables as tables


class NoSuchEntity(AwsError):
    code = "NoSuchEntity"
    status = 404


class EntityExists(AwsError):
    code = "EntityAlreadyExists"
    status = 409


class DeleteConflict(AwsError):
    code = "DeleteConflict"
    status = 409


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """A role or a user, without its policies."""

    name: str
    id: str
    path: str  #: begins and ends with a slash
    created: float  #: epoch seconds
    boundary_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    # of roles only
    trust_policy: str = "{}"  #: JSON: who may assume it
    description: str | None = None
    max_session_seconds: int = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of principal, and its tables."""

    noun: str  #: as sentences of IAM have it
    entities: sa.Table
    attached: sa.Table  #: ARNs of managed policies
    inline: sa.Table

    @property
    def attached_key(self) -> sa.Column[Any]:
        return self.attached.c[f"{self.noun}_key"]

    @property
    def inline_key(self) -> sa.Column[Any]:
        return self.inline.c[f"{self.noun}_key"]


ROLE = Kind(
    noun="role",
    entities=tables.roles,
    attached=tables.attached_policies,
    inline=tables.inline_policies,
)
USER = Kind(
    noun="user",
    entities=tables.users,
    attached=tables.user_attached_policies,
    inline=tables.user_inline_policies,
)
KINDS = (ROLE, USER)


def insert(connection: sa.Connection, kind: Kind, principal: Principal) -> None:
    """Keep a new principal.

    Raises:
        EntityExists: there is one whose name differs at most in case.
    """
    _require_free(connection, kind, principal.name)
    connection.execute(sa.insert(kind.entities).values(_to_row(kind, principal)))


def get(connection: sa.Connection, kind: Kind, name: str) -> Principal:
    """Return a principal.

    Raises:
        NoSuchEntity: there is none of this name.
    """
    query = sa.select(kind.entities).where(kind.entities.c.key == name.lower())
    row = connection.execute(query).first()
    if row is None:
        raise NoSuchEntity(f"The {kind.noun} with name {name} cannot be found.")
    return _from_row(kind, row)


def page(
    connection: sa.Connection, kind: Kind, *, path_prefix: str, after: str, limit: int
) -> list[Principal]:
    """Return up to `limit` principals in order of name.

    Args:
        path_prefix: what their paths begin with.
        after: the name behind which the page begins; "" begins with the first.
    """
    columns = kind.entities.c
    query = (
        sa.select(kind.entities)
        .where(sa.func.substr(columns.path, 1, len(path_prefix)) == path_prefix)
        .where(columns.key > after.lower())
        .order_by(columns.key)
        .limit(limit)
    )
    return [_from_row(kind, row) for row in connection.execute(query)]


def replace(connection: sa.Connection, kind: Kind, name: str, principal: Principal) -> None:
    """Write a principal in the place of the one called `name`; its policies follow it.

    Raises:
        NoSuchEntity: there is none of this name.
        EntityExists: the new name is that of another one.
    """
    key = _key(connection, kind, name)
    if principal.name.lower() != key:
        _require_free(connection, kind, principal.name)
    query = sa.update(kind.entities).where(kind.entities.c.key == key)
    connection.execute(query.values(_to_row(kind, principal)))


def delete(connection: sa.Connection, kind: Kind, name: str) -> None:
    """Forget a principal.

    Raises:
        NoSuchEntity: there is none of this name.
        DeleteConflict: it still has policies.
    """
    key = _key(connection, kind, name)
    if _exists(connection, kind.attached_key == key):
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if _exists(connection, kind.inline_key == key):
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    connection.execute(sa.delete(kind.entities).where(kind.entities.c.key == key))


# managed policies that are attached


def attach(connection: sa.Connection, kind: Kind, name: str, policy_arn: str) -> None:
    """Attach a managed policy; attaching it again changes nothing."""
    key = _key(connection, kind, name)
    connection.execute(sa.delete(kind.attached).where(_is_attached(kind, key, policy_arn)))
    row = {kind.attached_key.name: key, "policy_arn": policy_arn}
    connection.execute(sa.insert(kind.attached).values(row))


def detach(connection: sa.Connection, kind: Kind, name: str, policy_arn: str) -> None:
    """Detach a managed policy.

    Raises:
        NoSuchEntity: there is no such principal, or the policy is not attached to it.
    """
    key = _key(connection, kind, name)
    gone = connection.execute(sa.delete(kind.attached).where(_is_attached(kind, key, policy_arn)))
    if gone.rowcount == 0:
        raise NoSuchEntity(f"Policy {policy_arn} was not found.")


def attached(connection: sa.Connection, kind: Kind, name: str) -> list[str]:
    """Return the ARNs of the managed policies that are attached, in order."""
    key, column = _key(connection, kind, name), kind.attached.c.policy_arn
    query = sa.select(column).where(kind.attached_key == key).order_by(column)
    return list(connection.execute(query).scalars())


def holders(connection: sa.Connection, kind: Kind, policy_arn: str) -> list[Principal]:
    """Return the principals that have a managed policy, in order of name."""
    query = (
        sa.select(kind.entities)
        .join(kind.attached, kind.attached_key == kind.entities.c.key)
        .where(kind.attached.c.policy_arn == policy_arn)
        .order_by(kind.entities.c.key)
    )
    return [_from_row(kind, row) for row in connection.execute(query)]


# inline policies


def put_policy(
    connection: sa.Connection, kind: Kind, name: str, policy: str, document: str
) -> None:
    """Write an inline policy, in the place of one that has the same name."""
    key = _key(connection, kind, name)
    connection.execute(sa.delete(kind.inline).where(_is_inline(kind, key, policy)))
    row = {kind.inline_key.name: key, "name": policy, "document": document}
    connection.execute(sa.insert(kind.inline).values(row))


def policy_document(connection: sa.Connection, kind: Kind, name: str, policy: str) -> str:
    """Return the document of an inline policy.

    Raises:
        NoSuchEntity: there is no such principal or policy.
    """
    key = _key(connection, kind, name)
    query = sa.select(kind.inline.c.document).where(_is_inline(kind, key, policy))
    document = connection.execute(query).scalar()
    if document is None:
        raise _no_inline(kind, policy)
    return str(document)


def delete_policy(connection: sa.Connection, kind: Kind, name: str, policy: str) -> None:
    """Remove an inline policy.

    Raises:
        NoSuchEntity: there is no such principal or policy.
    """
    key = _key(connection, kind, name)
    gone = connection.execute(sa.delete(kind.inline).where(_is_inline(kind, key, policy)))
    if gone.rowcount == 0:
        raise _no_inline(kind, policy)


def policy_names(connection: sa.Connection, kind: Kind, name: str) -> list[str]:
    """Return the names of the inline policies in order."""
    key, column = _key(connection, kind, name), kind.inline.c.name
    query = sa.select(column).where(kind.inline_key == key).order_by(column)
    return list(connection.execute(query).scalars())


def _key(connection: sa.Connection, kind: Kind, name: str) -> str:
    return get(connection, kind, name).name.lower()


def _require_free(connection: sa.Connection, kind: Kind, name: str) -> None:
    if _exists(connection, kind.entities.c.key == name.lower()):
        raise EntityExists(f"{kind.noun.capitalize()} with name {name} already exists.")


def _exists(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> bool:
    return bool(connection.execute(sa.select(sa.exists().where(condition))).scalar())


def _is_attached(kind: Kind, key: str, policy_arn: str) -> sa.ColumnElement[bool]:
    return sa.and_(kind.attached_key == key, kind.attached.c.policy_arn == policy_arn)


def _is_inline(kind: Kind, key: str, policy: str) -> sa.ColumnElement[bool]:
    return sa.and_(kind.inline_key == key, kind.inline.c.name == policy)


def _no_inline(kind: Kind, policy: str) -> NoSuchEntity:
    return NoSuchEntity(f"The {kind.noun} policy with name {policy} cannot be found.")


def _to_row(kind: Kind, principal: Principal) -> dict[str, Any]:
    """Return the columns that the table of a kind has."""
    row = {
        "key": principal.name.lower(),
        "name": principal.name,
        f"{kind.noun}_id": principal.id,
        "path": principal.path,
        "created": principal.created,
        "boundary_arn": principal.boundary_arn,
        "tags": json.dumps(dict(principal.tags)),
        "trust_policy": principal.trust_policy,
        "description": principal.description,
        "max_session_seconds": principal.max_session_seconds,
    }
    return {name: value for name, value in row.items() if name in kind.entities.c}


def _from_row(kind: Kind, row: sa.Row[Any]) -> Principal:
    members = {name: value for name, value in row._mapping.items() if name != "key"}
    members["id"] = members.pop(f"{kind.noun}_id")
    return Principal(**{**members, "tags": json.loads(row.tags)})
