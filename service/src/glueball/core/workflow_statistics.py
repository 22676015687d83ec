"""How far a workflow run is: its actions, counted by how they stand.

https://docs.aws.amazon.com/glue/latest/webapi/API_WorkflowRunStatistics.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from glueball.core.runs import Run, RunState, retry_id
from glueball.core.workflow_graph import node_of, started_by

_MEMBERS: Mapping[RunState, str] = {
    RunState.WAITING: "WaitingActions",
    RunState.STARTING: "RunningActions",
    RunState.RUNNING: "RunningActions",
    RunState.STOPPING: "RunningActions",
    RunState.STOPPED: "StoppedActions",
    RunState.SUCCEEDED: "SucceededActions",
    RunState.FAILED: "FailedActions",
    RunState.TIMEOUT: "TimeoutActions",
    RunState.ERROR: "ErroredActions",
    # a maintenance window ended it, as a person would
    RunState.EXPIRED: "StoppedActions",
}


def statistics(triggers: Iterable[Mapping[str, Any]], runs: Iterable[Run]) -> dict[str, int]:
    """Count the actions of a workflow run.

    All attempts of a job are one action, which stands as the last of them. Actions that were
    never begun are in TotalActions only: AWS's own example shows a completed run with 11 actions
    in all, 9 of them succeeded, none failed (running_monitoring_workflow.html).

    Args:
        triggers: AWS's `Trigger` shapes: the triggers that the run has.
        runs: the job runs of the workflow run, in order of arrival.

    Returns:
        AWS's `WorkflowRunStatistics`.
    """
    last = {retry_id(run.id, 0): run for run in runs}
    planned = Counter(
        (trigger["Name"], started_by(action))
        for trigger in triggers
        for action in trigger.get("Actions", ())
    )
    begun = Counter((run.trigger_name or "", node_of(run)) for run in last.values())
    counts = dict.fromkeys(["TotalActions", *_MEMBERS.values()], 0)
    counts["TotalActions"] = len(last) + (planned - begun).total()
    for run in last.values():
        counts[_MEMBERS[run.state]] += 1
    return counts
