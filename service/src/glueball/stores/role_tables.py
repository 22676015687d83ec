"""The tables of IAM: roles, users, managed policies."""

from __future__ import annotations

import sqlalchemy as sa

roles_metadata = sa.MetaData()

roles = sa.Table(
    "roles",
    roles_metadata,
    # the name in lower case: in IAM, names that differ only in case are the same
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role_id", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("trust_policy", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("max_session_seconds", sa.Integer, nullable=False),
    sa.Column("boundary_arn", sa.Text),
    sa.Column("tags", sa.Text, nullable=False),  # JSON object
)

attached_policies = sa.Table(
    "role_attached_policies",
    roles_metadata,
    sa.Column("role_key", sa.Text, sa.ForeignKey("roles.key"), primary_key=True),
    sa.Column("policy_arn", sa.Text, primary_key=True),
)

inline_policies = sa.Table(
    "role_inline_policies",
    roles_metadata,
    sa.Column("role_key", sa.Text, sa.ForeignKey("roles.key"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
)

users = sa.Table(
    "users",
    roles_metadata,
    sa.Column("key", sa.Text, primary_key=True),  # as that of roles
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("boundary_arn", sa.Text),
    sa.Column("tags", sa.Text, nullable=False),  # JSON object
)


def _user_key() -> sa.Column[str]:
    """Return the column that names a user, and follows where the user gets another name."""
    user = sa.ForeignKey("users.key", onupdate="CASCADE")
    return sa.Column("user_key", sa.Text, user, primary_key=True)


user_attached_policies = sa.Table(
    "user_attached_policies",
    roles_metadata,
    _user_key(),
    sa.Column("policy_arn", sa.Text, primary_key=True),
)

user_inline_policies = sa.Table(
    "user_inline_policies",
    roles_metadata,
    _user_key(),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
)

managed_policies = sa.Table(
    "managed_policies",
    roles_metadata,
    # as that of roles: two policies of different paths have different names, too
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("arn", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("policy_id", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("updated", sa.Float, nullable=False),
    sa.Column("default_version", sa.Integer, nullable=False),
    sa.Column("last_version", sa.Integer, nullable=False),  # numbers are not used again
    sa.Column("tags", sa.Text, nullable=False),  # JSON object
)

policy_versions = sa.Table(
    "policy_versions",
    roles_metadata,
    sa.Column("policy_key", sa.Text, sa.ForeignKey("managed_policies.key"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)
