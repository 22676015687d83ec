"""Workflows and their runs.

https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from glueball.core.errors import InvalidInput, ResourceNumberLimitExceeded

#: bytes of all names and values of a run's properties; AWS names no limit
MAX_PROPERTIES_BYTES = 128 * 1024


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


def check_properties(properties: Mapping[str, str]) -> None:
    """Check the size of run properties.

    Raises:
        ResourceNumberLimitExceeded: they are too large; data belongs into objects.
    """
    size = sum(
        len(text.encode("utf-8", "surrogatepass")) for pair in properties.items() for text in pair
    )
    if size > MAX_PROPERTIES_BYTES:
        raise ResourceNumberLimitExceeded(
            f"Run properties can have {MAX_PROPERTIES_BYTES} bytes in all; these have {size}. Keep "
            "data in S3 and pass its location."
        )


def check_max_concurrent_runs(limit: int | None) -> None:
    """Check a workflow's MaxConcurrentRuns.

    Raises:
        InvalidInput: no run could ever start.
    """
    if limit is not None and limit < 1:
        raise InvalidInput(
            f"MaxConcurrentRuns must be 1 or more, not {limit}; leave it out for any number."
        )
