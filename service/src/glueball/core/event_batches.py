"""When the events that wait for a trigger are a batch.

https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html: "the workflow is started by the
first batch condition that is met"; the window begins with the first event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: what holds where a trigger does not say
DEFAULT_BATCH_SIZE = 1
DEFAULT_WINDOW_SECONDS = 900


@dataclass(frozen=True, kw_only=True, slots=True)
class Batching:
    """AWS's `EventBatchingCondition`, complete."""

    size: int = DEFAULT_BATCH_SIZE  #: events
    window: int = DEFAULT_WINDOW_SECONDS  #: seconds


def batching_of(document: Mapping[str, Any]) -> Batching:
    """Return the batching that the members of a trigger ask for."""
    condition = document.get("EventBatchingCondition") or {}
    return Batching(
        size=condition.get("BatchSize", DEFAULT_BATCH_SIZE),
        window=condition.get("BatchWindow", DEFAULT_WINDOW_SECONDS),
    )


def due(batching: Batching, waiting: int, first: float) -> float:
    """Return when the events that wait are a batch, in epoch seconds.

    Args:
        waiting: how many there are, one at least.
        first: when the first of them came.
    """
    return first if waiting >= batching.size else first + batching.window


def is_due(batching: Batching, waiting: int, first: float, now: float) -> bool:
    """Tell whether the events that wait are a batch now.

    A first event that lies more than a window ahead came before somebody set the clock back:
    nobody shall wait until the clock is there again.
    """
    return now >= due(batching, waiting, first) or now < first - batching.window


def met(batching: Batching, waiting: int) -> dict[str, int]:
    """Return AWS's `StartingEventBatchCondition`: which of the two conditions was met.

    "Either the number of events in the batch size arrived, in which case the BatchSize member is
    non-zero, or the batch window expired, in which case the BatchWindow member is non-zero"
    (API_StartingEventBatchCondition).
    """
    if waiting >= batching.size:
        return {"BatchSize": batching.size, "BatchWindow": 0}
    return {"BatchSize": 0, "BatchWindow": batching.window}


def listed(event_ids: list[str]) -> str:
    """Write event ids as the run property `aws:eventIds` has them: "[id, id]".

    Scripts that people wrote for AWS cut the brackets off and compare the rest with an id.
    """
    return f"[{', '.join(event_ids)}]"
