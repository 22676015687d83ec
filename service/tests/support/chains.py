"""Jobs and triggers for tests of what looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glueball.core.advisor_needs import JobFacts
from glueball.core.triggers import Trigger, TriggerState, TriggerType


def job_facts(name: str = "etl", **changes: Any) -> JobFacts:
    """Return a STANDARD Spark job of Glue 5.1 without a deadline."""
    values: dict[str, Any] = {
        "name": name,
        "execution_class": "STANDARD",
        "command": "glueetl",
        "glue_version": "5.1",
        "timeout_minutes": 480,
        "deadline": None,
    }
    return JobFacts(**(values | changes))


def trigger(
    name: str,
    starts: Sequence[str],
    *,
    schedule: str | None = None,
    after: Sequence[str] = (),
    ending: str = "SUCCEEDED",
    **changes: Any,
) -> Trigger:
    """Return an active trigger: of a schedule, behind jobs, or one that is to be asked.

    Args:
        after: jobs that it waits for, all of them.
        ending: the state in which they must end.
    """
    document: dict[str, Any] = {"Actions": [{"JobName": job} for job in starts]}
    kind = TriggerType.ON_DEMAND if schedule is None else TriggerType.SCHEDULED
    if after:
        kind = TriggerType.CONDITIONAL
        conditions = [
            {"LogicalOperator": "EQUALS", "JobName": job, "State": ending} for job in after
        ]
        document["Predicate"] = {"Logical": "AND", "Conditions": conditions}
    values: dict[str, Any] = {
        "name": name,
        "type": kind,
        "state": TriggerState.ACTIVATED,
        "workflow_name": None,
        "schedule": schedule,
        "created": 0.0,
        "modified": 0.0,
        "activated": 0.0,
        "next_due": None,
        "document": document,
    }
    return Trigger(**(values | changes))
