"""Runs for tests."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from glueball.core.runs import ExecutionClass, Run, RunState
from glueball.stores import runs

BASE_TIME = 1_700_000_000.0


def make_run(run_id: str = "jr_1", **changes: Any) -> Run:
    """Return a run that waits since BASE_TIME; `changes` replace its fields."""
    values: dict[str, Any] = {
        "id": run_id,
        "job_name": "etl",
        "state": RunState.WAITING,
        "execution_class": ExecutionClass.STANDARD,
        "command": "glueetl",
        "script_location": "s3://scripts/etl.py",
        "python_version": "3",
        "glue_version": "5.1",
        "attempt": 0,
        "previous_run_id": None,
        "max_retries": 0,
        "timeout_minutes": 10,
        "dpus": 10.0,
        "held_dpus": None,
        "held_memory_mb": None,
        "token": "token-1",
        "submitted": BASE_TIME,
        "started": None,
        "running": None,
        "completed": None,
        "modified": BASE_TIME,
        "stop_cause": None,
        "state_detail": None,
        "error_message": None,
        "trigger_name": None,
        "chain_id": None,
        "due": BASE_TIME,
        "queued": False,
        "deadline": None,
        "notified": None,
        "dpu_seconds": None,
        "flex_delay": None,
        "document": {"Arguments": {}, "MaxCapacity": 10.0},
    }
    return Run(**(values | changes))


def active_runs(connection: sa.Connection) -> list[Run]:
    """Return every run that has not ended, those that hold capacity first."""
    found = [runs.get(connection, run.id) for run in runs.waiting(connection)]
    return runs.holding(connection) + [run for run in found if run is not None]
