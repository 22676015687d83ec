"""Workflows and their runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from glueball.core.workflows import Workflow, WorkflowRun, WorkflowRunStatus
from glueball.stores import sealing
from glueball.stores.lookups import Lookup
from glueball.stores.orchestration_tables import workflow_runs, workflows

_WORKFLOW = sa.select(
    workflows.c.name, workflows.c.created, workflows.c.modified, workflows.c.document
)
_RUN_COLUMNS = tuple(field.name for field in fields(WorkflowRun))
_JSON_COLUMNS = ("properties", "triggers", "batch")
_RUN = sa.select(*(workflow_runs.c[name] for name in _RUN_COLUMNS))
_WORKFLOW_BY_NAME = Lookup(_WORKFLOW.where(workflows.c.name == sa.bindparam("wanted")))
_RUN_BY_ID = Lookup(_RUN.where(workflow_runs.c.id == sa.bindparam("wanted")))
_ACTIVE = Lookup(
    sa.select(sa.func.count())
    .select_from(workflow_runs)
    .where(
        workflow_runs.c.workflow_name == sa.bindparam("wanted"),
        workflow_runs.c.completed.is_(None),
    )
)


def get(connection: sa.Connection, name: str) -> Workflow | None:
    """Return the workflow called `name`, or None."""
    row = _WORKFLOW_BY_NAME.first(connection, wanted=name)
    return None if row is None else _workflow(connection, row)


def insert(connection: sa.Connection, workflow: Workflow) -> None:
    """Add a workflow whose name is free."""
    connection.execute(sa.insert(workflows), _workflow_row(connection, workflow))


def replace(connection: sa.Connection, workflow: Workflow) -> None:
    """Put `workflow` in the place of the one that has its name."""
    statement = sa.update(workflows).where(workflows.c.name == workflow.name)
    connection.execute(statement.values(_workflow_row(connection, workflow)))


def delete(connection: sa.Connection, name: str) -> None:
    """Forget a workflow and its runs; nothing happens where there is none."""
    connection.execute(sa.delete(workflows).where(workflows.c.name == name))
    connection.execute(sa.delete(workflow_runs).where(workflow_runs.c.workflow_name == name))


def page(connection: sa.Connection, *, after: str, limit: int) -> list[Workflow]:
    """Return up to `limit` workflows in order of name, the first one behind the name `after`."""
    query = _WORKFLOW.where(workflows.c.name > after).order_by(workflows.c.name).limit(limit)
    return [_workflow(connection, row) for row in connection.execute(query)]


def named(connection: sa.Connection, names: Collection[str]) -> list[Workflow]:
    """Return those of `names` that exist."""
    query = _WORKFLOW.where(workflows.c.name.in_(sorted(names)))
    return [_workflow(connection, row) for row in connection.execute(query)]


def insert_run(connection: sa.Connection, run: WorkflowRun) -> None:
    """Add a run of a workflow."""
    connection.execute(sa.insert(workflow_runs), _run_row(connection, run))


def get_run(connection: sa.Connection, run_id: str) -> WorkflowRun | None:
    """Return the workflow run with this id, or None."""
    row = _RUN_BY_ID.first(connection, wanted=run_id)
    return None if row is None else _run(connection, row)


def last_run(connection: sa.Connection, workflow_name: str) -> WorkflowRun | None:
    """Return the newest run of a workflow, or None."""
    newest = page_of_runs(connection, workflow_name=workflow_name, before=None, limit=1)
    return newest[0][1] if newest else None


def page_of_runs(
    connection: sa.Connection, *, workflow_name: str, before: int | None, limit: int
) -> list[tuple[int, WorkflowRun]]:
    """Return up to `limit` runs of a workflow, newest first, with the position that each has.

    Args:
        before: only runs behind this position; None begins at the newest.
    """
    query = sa.select(*_RUN.selected_columns, workflow_runs.c.sequence).where(
        workflow_runs.c.workflow_name == workflow_name
    )
    if before is not None:
        query = query.where(workflow_runs.c.sequence < before)
    rows = connection.execute(query.order_by(workflow_runs.c.sequence.desc()).limit(limit))
    return [(row.sequence, _run(connection, row[:-1])) for row in rows]


def count_active(connection: sa.Connection, workflow_name: str) -> int:
    """Count the runs of a workflow that have not ended."""
    row = _ACTIVE.first(connection, wanted=workflow_name)
    return int(row[0]) if row else 0


def active(connection: sa.Connection) -> list[WorkflowRun]:
    """Return every workflow run that has not ended."""
    query = _RUN.where(workflow_runs.c.completed.is_(None)).order_by(workflow_runs.c.sequence)
    return [_run(connection, row) for row in connection.execute(query)]


def change_run(
    connection: sa.Connection,
    run: WorkflowRun,
    *,
    to: WorkflowRunStatus,
    completed: float | None = None,
    error_message: str | None = None,
) -> bool:
    """Move a workflow run to another status, if it still has the one that `run` shows.

    Returns:
        True when this call made the change; False when someone else was first.
    """
    statement = (
        sa.update(workflow_runs)
        .where(workflow_runs.c.id == run.id, workflow_runs.c.status == run.status.value)
        .values(status=to.value, completed=completed, error_message=error_message)
    )
    return connection.execute(statement).rowcount == 1


def set_properties(connection: sa.Connection, run_id: str, properties: Mapping[str, str]) -> None:
    """Give a workflow run other properties."""
    statement = sa.update(workflow_runs).where(workflow_runs.c.id == run_id)
    connection.execute(statement.values(properties=sealing.encode(connection, properties)))


def _workflow_row(connection: sa.Connection, workflow: Workflow) -> dict[str, Any]:
    return {
        "name": workflow.name,
        "created": workflow.created,
        "modified": workflow.modified,
        "document": sealing.encode(connection, workflow.document),
    }


def _workflow(connection: sa.Connection, row: Sequence[Any]) -> Workflow:
    name, created, modified, document = row
    return Workflow(
        name=name, created=created, modified=modified, document=sealing.decode(connection, document)
    )


def _run_row(connection: sa.Connection, run: WorkflowRun) -> dict[str, Any]:
    values = {name: getattr(run, name) for name in _RUN_COLUMNS}
    values["status"] = run.status.value
    return values | {name: sealing.encode(connection, values[name]) for name in _JSON_COLUMNS}


def _run(connection: sa.Connection, row: Sequence[Any]) -> WorkflowRun:
    values = dict(zip(_RUN_COLUMNS, row, strict=True))
    values.update({name: sealing.decode(connection, values[name]) for name in _JSON_COLUMNS})
    values["status"] = WorkflowRunStatus(values["status"])
    values["triggers"] = tuple(values["triggers"])
    return WorkflowRun(**values)
