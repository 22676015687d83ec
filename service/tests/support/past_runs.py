"""Past runs for tests."""

from __future__ import annotations

from typing import Any

from glueball.core.past_runs import PastRun
from glueball.core.runs import RunState


def past_run(run_id: str = "jr_1", **changes: Any) -> PastRun:
    """Return a STANDARD run of ten workers G.1X; `changes` replace its fields.

    It was due and left the queue when its script began, unless `due` and `started` say otherwise.
    """
    began = changes.get("running", 0.0)
    values: dict[str, Any] = {
        "id": run_id,
        "job_name": "etl",
        "state": RunState.SUCCEEDED,
        "execution_class": "STANDARD",
        "command": "glueetl",
        "worker_type": "G.1X",
        "glue_version": "5.1",
        "attempt": 0,
        "timeout_minutes": 480,
        "dpus": 10.0,
        "held_dpus": 10.0,
        "held_memory_mb": 1024,
        "due": began or 0.0,
        "started": began,
        "running": began,
        "completed": None,
        "trigger_name": None,
        "chain_id": None,
        "deadline": None,
        "dpu_seconds": None,
        "flex_delay": None,
    }
    return PastRun(**(values | changes))
