"""The tables of EventBridge's rules, and how far events have been delivered."""

from __future__ import annotations

import sqlalchemy as sa

from glueball.stores.tables import metadata

event_rules = sa.Table(
    "event_rules",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("pattern", sa.Text),  # as it was written
    sa.Column("schedule", sa.Text),  # as it was written
    sa.Column("anchor", sa.Float),  # of rate()
    sa.Column("next_due", sa.Float),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: Description, RoleArn
)
_scheduled = event_rules.c.next_due.is_not(None)
sa.Index(
    "event_rules_due",
    event_rules.c.next_due,
    sqlite_where=_scheduled,
    postgresql_where=_scheduled,
)

event_targets = sa.Table(
    "event_targets",
    metadata,
    sa.Column("rule_name", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("arn", sa.Text, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: the whole `Target`
    sa.Index("targets_by_arn", "arn", "rule_name"),
)

#: one row: the last event that rules have seen
event_cursor = sa.Table(
    "event_cursor",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
)

#: which workflow was told of which event
event_notifications = sa.Table(
    "event_notifications",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("workflow_name", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Index("notifications_by_time", "time", "sequence"),
)

#: buckets whose new objects are announced
announced_buckets = sa.Table(
    "announced_buckets", metadata, sa.Column("name", sa.Text, primary_key=True)
)
