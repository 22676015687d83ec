"""The tables of IAM roles."""

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
