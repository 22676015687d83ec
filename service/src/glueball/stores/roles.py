"""IAM roles: named records that jobs may refer to. Nothing is authorised by them yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from glueball.core.errors import AwsError
from glueball.stores.database import Database
from glueball.stores.role_tables import attached_policies, inline_policies, roles


class NoSuchEntity(AwsError):
    code = "NoSuchEntity"
    status = 404


class RoleExists(AwsError):
    code = "EntityAlreadyExists"
    status = 409


class DeleteConflict(AwsError):
    code = "DeleteConflict"
    status = 409


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A role, without its policies."""

    name: str
    role_id: str
    path: str  #: begins and ends with a slash
    created: float  #: epoch seconds
    trust_policy: str  #: JSON: who may assume it
    description: str | None = None
    max_session_seconds: int = 3600
    boundary_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class RoleStore:
    """All roles of the account.

    Args:
        database: it has the tables of `role_tables`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, role: Role) -> None:
        """Keep a new role.

        Raises:
            RoleExists: there is one whose name differs at most in case.
        """
        with self._database.write() as connection:
            if _find(connection, role.name) is not None:
                raise RoleExists(f"Role with name {role.name} already exists.")
            connection.execute(sa.insert(roles).values(_to_row(role)))

    def get(self, name: str) -> Role:
        """Return a role.

        Raises:
            NoSuchEntity: there is none of this name.
        """
        with self._database.read() as connection:
            return _existing(connection, name)

    def page(self, *, path_prefix: str, after: str, limit: int) -> list[Role]:
        """Return up to `limit` roles in order of name.

        Args:
            path_prefix: what their paths begin with.
            after: the name behind which the page begins; "" begins with the first.
        """
        query = (
            sa.select(roles)
            .where(sa.func.substr(roles.c.path, 1, len(path_prefix)) == path_prefix)
            .where(roles.c.key > after.lower())
            .order_by(roles.c.key)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_from_row(row) for row in connection.execute(query)]

    def delete(self, name: str) -> None:
        """Forget a role.

        Raises:
            NoSuchEntity: there is none of this name.
            DeleteConflict: it still has policies.
        """
        with self._database.write() as connection:
            key = _existing(connection, name).name.lower()
            if _has_any(connection, attached_policies, key):
                raise DeleteConflict("Cannot delete entity, must detach all policies first.")
            if _has_any(connection, inline_policies, key):
                raise DeleteConflict("Cannot delete entity, must delete policies first.")
            connection.execute(sa.delete(roles).where(roles.c.key == key))

    def attach(self, name: str, policy_arn: str) -> None:
        """Attach a managed policy; attaching it again changes nothing."""
        with self._database.write() as connection:
            key = _existing(connection, name).name.lower()
            connection.execute(_detachment(key, policy_arn))
            row = {"role_key": key, "policy_arn": policy_arn}
            connection.execute(sa.insert(attached_policies).values(row))

    def detach(self, name: str, policy_arn: str) -> None:
        """Detach a managed policy.

        Raises:
            NoSuchEntity: there is no such role, or the policy is not attached to it.
        """
        with self._database.write() as connection:
            key = _existing(connection, name).name.lower()
            if connection.execute(_detachment(key, policy_arn)).rowcount == 0:
                raise NoSuchEntity(f"Policy {policy_arn} was not found.")

    def attached(self, name: str) -> list[str]:
        """Return the ARNs of the managed policies that are attached, in order."""
        column = attached_policies.c.policy_arn
        with self._database.read() as connection:
            key = _existing(connection, name).name.lower()
            query = sa.select(column).where(attached_policies.c.role_key == key).order_by(column)
            return list(connection.execute(query).scalars())

    def put_policy(self, name: str, policy: str, document: str) -> None:
        """Write an inline policy, in the place of one that has the same name."""
        with self._database.write() as connection:
            key = _existing(connection, name).name.lower()
            connection.execute(sa.delete(inline_policies).where(_is_inline(key, policy)))
            row = {"role_key": key, "name": policy, "document": document}
            connection.execute(sa.insert(inline_policies).values(row))

    def policy(self, name: str, policy: str) -> str:
        """Return the document of an inline policy.

        Raises:
            NoSuchEntity: there is no such role or policy.
        """
        query = sa.select(inline_policies.c.document)
        with self._database.read() as connection:
            key = _existing(connection, name).name.lower()
            found = connection.execute(query.where(_is_inline(key, policy))).scalar()
        if found is None:
            raise NoSuchEntity(f"The role policy with name {policy} cannot be found.")
        return str(found)

    def delete_policy(self, name: str, policy: str) -> None:
        """Remove an inline policy.

        Raises:
            NoSuchEntity: there is no such role or policy.
        """
        with self._database.write() as connection:
            key = _existing(connection, name).name.lower()
            gone = connection.execute(sa.delete(inline_policies).where(_is_inline(key, policy)))
            if gone.rowcount == 0:
                raise NoSuchEntity(f"The role policy with name {policy} cannot be found.")

    def policy_names(self, name: str) -> list[str]:
        """Return the names of the inline policies in order."""
        column = inline_policies.c.name
        with self._database.read() as connection:
            key = _existing(connection, name).name.lower()
            query = sa.select(column).where(inline_policies.c.role_key == key).order_by(column)
            return list(connection.execute(query).scalars())


def _is_inline(key: str, policy: str) -> sa.ColumnElement[bool]:
    return sa.and_(inline_policies.c.role_key == key, inline_policies.c.name == policy)


def _detachment(key: str, policy_arn: str) -> sa.Delete:
    return sa.delete(attached_policies).where(
        attached_policies.c.role_key == key, attached_policies.c.policy_arn == policy_arn
    )


def _has_any(connection: sa.Connection, table: sa.Table, key: str) -> bool:
    query = sa.select(table.c.role_key).where(table.c.role_key == key).limit(1)
    return connection.execute(query).first() is not None


def _find(connection: sa.Connection, name: str) -> Role | None:
    row = connection.execute(sa.select(roles).where(roles.c.key == name.lower())).first()
    return None if row is None else _from_row(row)


def _existing(connection: sa.Connection, name: str) -> Role:
    role = _find(connection, name)
    if role is None:
        raise NoSuchEntity(f"The role with name {name} cannot be found.")
    return role


def _to_row(role: Role) -> dict[str, Any]:
    return {
        "key": role.name.lower(),
        "name": role.name,
        "role_id": role.role_id,
        "path": role.path,
        "created": role.created,
        "trust_policy": role.trust_policy,
        "description": role.description,
        "max_session_seconds": role.max_session_seconds,
        "boundary_arn": role.boundary_arn,
        "tags": json.dumps(dict(role.tags)),
    }


def _from_row(row: sa.Row[Any]) -> Role:
    return Role(
        name=row.name,
        role_id=row.role_id,
        path=row.path,
        created=row.created,
        trust_policy=row.trust_policy,
        description=row.description,
        max_session_seconds=row.max_session_seconds,
        boundary_arn=row.boundary_arn,
        tags=json.loads(row.tags),
    )
