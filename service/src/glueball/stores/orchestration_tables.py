"""The tables of triggers, workflows, firings and events."""

from __future__ import annotations

import sqlalchemy as sa

from glueball.stores.tables import metadata

triggers = sa.Table(
    "triggers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("workflow_name", sa.Text),
    sa.Column("schedule", sa.Text),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("modified", sa.Float, nullable=False),
    sa.Column("activated", sa.Float),
    sa.Column("next_due", sa.Float),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON
    sa.Index("triggers_of_workflow", "workflow_name", "name"),
)
_scheduled = triggers.c.next_due.is_not(None)
sa.Index(
    "triggers_due",
    triggers.c.next_due,
    sqlite_where=_scheduled,
    postgresql_where=_scheduled,
)

crawlers = sa.Table(
    "crawlers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("modified", sa.Float, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("schedule", sa.Text),
    sa.Column("activated", sa.Float),
    sa.Column("next_due", sa.Float),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON
)
_scheduled = crawlers.c.next_due.is_not(None)
sa.Index(
    "crawlers_due",
    crawlers.c.next_due,
    sqlite_where=_scheduled,
    postgresql_where=_scheduled,
)

#: what crawls have done, as they told it
crawl_reports = sa.Table(
    "crawl_reports",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("summary", sa.LargeBinary, nullable=False),  # JSON
)

#: which jobs and crawlers a conditional trigger waits for
trigger_watches = sa.Table(
    "trigger_watches",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),  # JOB or CRAWLER
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("trigger_name", sa.Text, primary_key=True),
    sa.Index("watches_of_trigger", "trigger_name"),
)

#: which jobs a trigger starts
trigger_starts = sa.Table(
    "trigger_starts",
    metadata,
    sa.Column("job_name", sa.Text, primary_key=True),
    sa.Column("trigger_name", sa.Text, primary_key=True),
    sa.Index("starts_of_trigger", "trigger_name"),
)

#: one row for each time that a trigger fired; an occasion happens once, whoever saw it
firings = sa.Table(
    "firings",
    metadata,
    sa.Column("trigger_name", sa.Text, primary_key=True),
    sa.Column("occasion", sa.Text, primary_key=True),
    sa.Column("fired", sa.Float),  # NULL: missed, for the reason in `note`
    sa.Column("chain_id", sa.Text),
    sa.Column("note", sa.Text),
    sa.Index("firings_of_chain", "chain_id"),
)

#: what conditional triggers have seen since they fired last, chain by chain
condition_marks = sa.Table(
    "condition_marks",
    metadata,
    sa.Column("chain_id", sa.Text, primary_key=True),
    sa.Column("trigger_name", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
)

workflows = sa.Table(
    "workflows",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("modified", sa.Float, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON
)

workflow_runs = sa.Table(
    "workflow_runs",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("workflow_name", sa.Text, nullable=False),
    sa.Column("previous_run_id", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("completed", sa.Float),
    sa.Column("error_message", sa.Text),
    sa.Column("properties", sa.LargeBinary, nullable=False),  # JSON: texts by name
    sa.Column("triggers", sa.LargeBinary, nullable=False),  # JSON: a list of triggers
    sa.Column("batch", sa.LargeBinary, nullable=False),  # JSON, null included
    sa.Index("runs_of_workflow", "workflow_name", "sequence"),
)
_unfinished = workflow_runs.c.completed.is_(None)
sa.Index(
    "workflow_runs_active",
    workflow_runs.c.workflow_name,
    sqlite_where=_unfinished,
    postgresql_where=_unfinished,
)

#: events that wait until an EVENT trigger has a batch
trigger_events = sa.Table(
    "trigger_events",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("trigger_name", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("arrived", sa.Float, nullable=False),
    sa.Index("events_of_trigger", "trigger_name", "sequence"),
)

#: what has happened, for who listens: written with what it tells of
events = sa.Table(
    "events",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("time", sa.Float, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("detail_type", sa.Text, nullable=False),
    sa.Column("resources", sa.LargeBinary, nullable=False),  # JSON: a list of ARNs
    sa.Column("detail", sa.LargeBinary, nullable=False),  # JSON
)
