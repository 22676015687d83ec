"""Workflows and their runs.

https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class WorkflowRunStatus(StrEnum):
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    ERROR = "ERROR"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workflow:
    """A workflow, as the store keeps it."""

    name: str
    created: float  #: epoch seconds
    modified: float
    document: Mapping[str, Any]  #: Description, DefaultRunProperties, MaxConcurrentRuns

    @property
    def max_concurrent_runs(self) -> int | None:
        """How many runs may be active; None: any number."""
        return self.document.get("MaxConcurrentRuns")


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowRun:
    """One run of a workflow. It keeps the triggers that it was started with: who changes one
    meanwhile changes later runs."""

    id: str  #: `wr_` and 64 hex digits; the chain of everything that it starts
    workflow_name: str
    previous_run_id: str | None  #: the run that this one resumes
    status: WorkflowRunStatus
    started: float  #: epoch seconds
    completed: float | None
    error_message: str | None
    properties: Mapping[str, str]
    #: the triggers as they were: a list of AWS's `Trigger` shapes
    triggers: tuple[Mapping[str, Any], ...]
    #: AWS's `StartingEventBatchCondition`; None when no event started it
    batch: Mapping[str, Any] | None
