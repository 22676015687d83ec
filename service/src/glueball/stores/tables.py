"""The tables of jobs, runs, bookmarks and tags."""

from __future__ import annotations

import sqlalchemy as sa

#: raised with every change of the tables; a newer file is refused, an older one migrated
SCHEMA_VERSION = 5

metadata = sa.MetaData()

#: a text that only the key of the documents' secrets can read; see `sealing`
sealing_key = sa.Table("sealing_key", metadata, sa.Column("proof", sa.Text, nullable=False))

schema_version = sa.Table(
    "schema_version", metadata, sa.Column("version", sa.Integer, nullable=False)
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("modified", sa.Float, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: the definition's members
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),  # order of arrival
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("job_name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("execution_class", sa.Text, nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("script_location", sa.Text, nullable=False),
    sa.Column("python_version", sa.Text),
    sa.Column("glue_version", sa.Text),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("previous_run_id", sa.Text),
    sa.Column("max_retries", sa.Integer, nullable=False),
    sa.Column("timeout_minutes", sa.Integer, nullable=False),
    sa.Column("dpus", sa.Float, nullable=False),
    sa.Column("held_dpus", sa.Float),
    sa.Column("held_memory_mb", sa.Integer),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("submitted", sa.Float, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("running", sa.Float),
    sa.Column("completed", sa.Float),
    sa.Column("modified", sa.Float, nullable=False),
    sa.Column("stop_cause", sa.Text),
    sa.Column("state_detail", sa.Text),
    sa.Column("error_message", sa.Text),
    sa.Column("trigger_name", sa.Text),
    sa.Column("chain_id", sa.Text),
    sa.Column("due", sa.Float, nullable=False),
    sa.Column("queued", sa.Boolean, nullable=False),
    sa.Column("deadline", sa.Float),
    sa.Column("notified", sa.Float),
    sa.Column("dpu_seconds", sa.Float),
    sa.Column("flex_delay", sa.Float),
    sa.Column("ran_seconds", sa.Float),
    sa.Column("document", sa.LargeBinary, nullable=False),  # JSON: members that never change
    sa.Index("runs_of_job", "job_name", "sequence"),
)
_chained = runs.c.chain_id.is_not(None)
sa.Index(
    "runs_of_chain",
    runs.c.chain_id,
    runs.c.sequence,
    sqlite_where=_chained,
    postgresql_where=_chained,
)
_unfinished = runs.c.completed.is_(None)
#: `completed` is in the index so that counting need not look at the rows
sa.Index(
    "runs_active",
    runs.c.job_name,
    runs.c.completed,
    sqlite_where=_unfinished,
    postgresql_where=_unfinished,
)
sa.Index(
    "runs_unfinished",
    runs.c.state,
    runs.c.sequence,
    sqlite_where=_unfinished,
    postgresql_where=_unfinished,
)

#: one row a commit, so that a bookmark can be wound back to a run
bookmarks = sa.Table(
    "bookmarks",
    metadata,
    sa.Column("job_name", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("run_number", sa.Integer, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("run_id", sa.Text),
    sa.Column("previous_run_id", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("committed", sa.Float, nullable=False),
    sa.Index("bookmarks_of_run", "job_name", "run_id"),
)

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("arn", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
