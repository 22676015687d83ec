"""Homes whose database has runs in it, for commands that look back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from glueball.core.runs import ExecutionClass, Run, RunState
from glueball.stores import runs
from glueball.stores.database import Database
from support.runs import make_run

#: 2026-09-01 00:00 UTC
SEPTEMBER = 1_788_220_800.0
DAY = 86400.0
HALF_AN_HOUR = 1800.0


def ended_run(number: int, **changes: Any) -> Run:
    """Return the run of night `number` of September: FLEX, ten workers G.1X, half an hour.

    Args:
        changes: fields; `wait` delays its start, `seconds` are how long its script runs.
    """
    due = changes.pop("due", SEPTEMBER + (number - 1) * DAY + 60)
    began = due + changes.pop("wait", 0.0)
    values: dict[str, Any] = {
        "state": RunState.SUCCEEDED,
        "execution_class": ExecutionClass.FLEX,
        "job_name": "daily-sales-etl-flex",
        "held_dpus": 10.0,
        "submitted": due,
        "due": due,
        "started": began,
        "running": began,
        "completed": began + changes.pop("seconds", HALF_AN_HOUR),
        "document": {"WorkerType": "G.1X", "NumberOfWorkers": 10, "Arguments": {}},
    }
    return make_run(f"jr_{number:064}", **(values | changes))


def keep(home: Path, kept: Iterable[Run]) -> None:
    """Write runs into the database of a home, as a service would."""
    database = Database(home / "glueball.db")
    with database.write() as connection:
        for run in kept:
            runs.insert(connection, run)
    database.close()
