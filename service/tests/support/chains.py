"""Jobs and triggers for tests of what looks at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        starts: names of jobs; "@c" is the crawler c.
        after: jobs and crawlers that it waits for, all of them.
        ending: the state in which they must end.
    """
    document: dict[str, Any] = {"Actions": [_named(name) for name in starts]}
    kind = TriggerType.ON_DEMAND if schedule is None else TriggerType.SCHEDULED
    if after:
        kind = TriggerType.CONDITIONAL
        conditions = [_condition(name, ending) for name in after]
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


def _condition(name: str, ending: str) -> Mapping[str, str]:
    member = "CrawlState" if name.startswith("@") else "State"
    return {"LogicalOperator": "EQUALS", **_named(name), member: ending}


def _named(name: str) -> Mapping[str, str]:
    return {"CrawlerName": name[1:]} if name.startswith("@") else {"JobName": name}
