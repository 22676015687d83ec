"""IAM's managed policies of this account, and their versions.

All functions take a connection; those that change something need a write transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from glueball.core.errors import AwsError
from glueball.stores.principals import (
    KINDS,
    DeleteConflict,
    EntityExists,
    NoSuchEntity,
    holders,
)
from glueball.stores.role_tables import managed_policies, policy_versions

#: "A managed policy can have up to five versions" (API_CreatePolicyVersion)
MOST_VERSIONS = 5


class LimitExceeded(AwsError):
    code = "LimitExceeded"
    status = 409


@dataclass(frozen=True, kw_only=True, slots=True)
class ManagedPolicy:
    """A policy, without its documents."""

    arn: str
    name: str
    policy_id: str
    path: str  #: begins and ends with a slash
    description: str | None = None
    created: float  #: epoch seconds
    updated: float  #: when the newest version was made
    default_version: int
    last_version: int  #: the highest number that was ever given
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyVersion:
    """One version of a policy."""

    number: int
    created: float  #: epoch seconds
    document: str  #: JSON


def insert(connection: sa.Connection, policy: ManagedPolicy, document: str) -> None:
    """Keep a new policy, whose first version is its default.

    Raises:
        EntityExists: there is one whose name differs at most in case.
    """
    key = policy.name.lower()
    query = sa.select(managed_policies.c.key).where(managed_policies.c.key == key)
    if connection.execute(query).first() is not None:
        raise EntityExists(
            f"A policy called {policy.name} already exists. Duplicate names are not allowed."
        )
    connection.execute(sa.insert(managed_policies).values(_to_row(policy)))
    version = PolicyVersion(number=policy.last_version, created=policy.created, document=document)
    _insert_version(connection, key, version)


def get(connection: sa.Connection, arn: str) -> ManagedPolicy:
    """Return a policy.

    Raises:
        NoSuchEntity: there is none in this account.
    """
    query = sa.select(managed_policies).where(managed_policies.c.arn == arn)
    row = connection.execute(query).first()
    if row is None:
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return _from_row(row)


def page(
    connection: sa.Connection, *, path_prefix: str, after: str, limit: int
) -> list[ManagedPolicy]:
    """Return up to `limit` policies in order of name, behind the name `after`."""
    columns = managed_policies.c
    query = (
        sa.select(managed_policies)
        .where(sa.func.substr(columns.path, 1, len(path_prefix)) == path_prefix)
        .where(columns.key > after.lower())
        .order_by(columns.key)
        .limit(limit)
    )
    return [_from_row(row) for row in connection.execute(query)]


def replace(connection: sa.Connection, policy: ManagedPolicy) -> None:
    """Write a policy in the place of what it was."""
    query = sa.update(managed_policies).where(managed_policies.c.arn == policy.arn)
    connection.execute(query.values(_to_row(policy)))


def delete(connection: sa.Connection, arn: str) -> None:
    """Forget a policy and its only version.

    Raises:
        NoSuchEntity: there is none in this account.
        DeleteConflict: it is attached, or has other versions beside the default one.
    """
    key = get(connection, arn).name.lower()
    if attachments(connection, arn):
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if len(versions(connection, arn)) > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy."
        )
    connection.execute(sa.delete(policy_versions).where(policy_versions.c.policy_key == key))
    connection.execute(sa.delete(managed_policies).where(managed_policies.c.key == key))


def attachments(connection: sa.Connection, arn: str) -> int:
    """Return to how many roles and users a policy is attached."""
    return sum(len(holders(connection, kind, arn)) for kind in KINDS)


def versions(connection: sa.Connection, arn: str) -> list[PolicyVersion]:
    """Return the versions of a policy, newest first.

    Raises:
        NoSuchEntity: there is no such policy in this account.
    """
    key, columns = get(connection, arn).name.lower(), policy_versions.c
    query = sa.select(policy_versions).where(columns.policy_key == key)
    rows = connection.execute(query.order_by(columns.number.desc()))
    return [
        PolicyVersion(number=row.number, created=row.created, document=row.document) for row in rows
    ]


def add_version(connection: sa.Connection, arn: str, document: str, now: float) -> PolicyVersion:
    """Keep a new version of a policy, which does not become the default by this.

    Args:
        now: epoch seconds.

    Raises:
        NoSuchEntity: there is no such policy in this account.
        LimitExceeded: it has five versions.
    """
    if len(versions(connection, arn)) >= MOST_VERSIONS:
        raise LimitExceeded(
            f"A managed policy can have up to {MOST_VERSIONS} versions. Before you create a new "
            "version, you must delete an existing version."
        )
    policy = get(connection, arn)
    version = PolicyVersion(number=policy.last_version + 1, created=now, document=document)
    _insert_version(connection, policy.name.lower(), version)
    values = {"last_version": version.number, "updated": now}
    connection.execute(
        sa.update(managed_policies).where(managed_policies.c.arn == arn).values(values)
    )
    return version


def delete_version(connection: sa.Connection, arn: str, number: int) -> None:
    """Remove a version that is not the default one."""
    columns = policy_versions.c
    condition = sa.and_(
        columns.policy_key == get(connection, arn).name.lower(), columns.number == number
    )
    connection.execute(sa.delete(policy_versions).where(condition))


def _insert_version(connection: sa.Connection, key: str, version: PolicyVersion) -> None:
    row = {
        "policy_key": key,
        "number": version.number,
        "created": version.created,
        "document": version.document,
    }
    connection.execute(sa.insert(policy_versions).values(row))


def _to_row(policy: ManagedPolicy) -> dict[str, Any]:
    return {
        "key": policy.name.lower(),
        "arn": policy.arn,
        "name": policy.name,
        "policy_id": policy.policy_id,
        "path": policy.path,
        "description": policy.description,
        "created": policy.created,
        "updated": policy.updated,
        "default_version": policy.default_version,
        "last_version": policy.last_version,
        "tags": json.dumps(dict(policy.tags)),
    }


def _from_row(row: sa.Row[Any]) -> ManagedPolicy:
    return ManagedPolicy(
        arn=row.arn,
        name=row.name,
        policy_id=row.policy_id,
        path=row.path,
        description=row.description,
        created=row.created,
        updated=row.updated,
        default_version=row.default_version,
        last_version=row.last_version,
        tags=json.loads(row.tags),
    )
