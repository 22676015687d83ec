"""Triggers: what starts jobs, and in which state it may do so.

https://docs.aws.amazon.com/glue/latest/dg/about-triggers.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class TriggerType(StrEnum):
    #: at the times of a schedule
    SCHEDULED = "SCHEDULED"
    #: when the jobs or crawlers that it watches have ended as its predicate says
    CONDITIONAL = "CONDITIONAL"
    #: when it is asked to
    ON_DEMAND = "ON_DEMAND"
    #: when enough events have come, or some have waited long enough
    EVENT = "EVENT"


class TriggerState(StrEnum):
    """AWS's TriggerState, as far as a trigger can be seen in it: ours change at once."""

    CREATED = "CREATED"
    ACTIVATED = "ACTIVATED"
    DEACTIVATED = "DEACTIVATED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """A trigger, as the store keeps it."""

    name: str
    type: TriggerType
    state: TriggerState
    workflow_name: str | None
    schedule: str | None  #: `cron(…)` or `rate(…)`, as it was written
    created: float  #: epoch seconds
    modified: float
    #: when it was activated last: `rate(…)` counts from here; None while it is not active
    activated: float | None
    #: when it is to fire next; None unless it is SCHEDULED and ACTIVATED and fires ever again
    next_due: float | None
    #: Description, Actions, Predicate and EventBatchingCondition
    document: Mapping[str, Any]

    @property
    def actions(self) -> tuple[Mapping[str, Any], ...]:
        """What it starts, each one AWS's `Action` shape."""
        return tuple(self.document.get("Actions", ()))
