from __future__ import annotations

from typing import Any

import pytest

from glueball.core.runs import Run, RunState
from glueball.core.workflow_statistics import statistics
from support.runs import make_run

_TRIGGERS: list[dict[str, Any]] = [
    {"Name": "t1", "Actions": [{"JobName": "a"}, {"JobName": "b"}]},
    {"Name": "t2", "Actions": [{"JobName": "c"}, {"CrawlerName": "c"}]},
]


def ran(run_id: str, job: str, state: str, trigger: str = "t1", **members: Any) -> Run:
    return make_run(
        run_id,
        job_name=job,
        state=RunState(state),
        trigger_name=trigger,
        document={"Arguments": {}, **members},
    )


@pytest.mark.parametrize(
    ("runs", "counts", "reason"),
    [
        ([], {}, "nothing has begun"),
        ([ran("jr_1", "a", "WAITING")], {"WaitingActions": 1}, "it waits for capacity"),
        ([ran("jr_1", "a", "STARTING")], {"RunningActions": 1}, "it holds capacity"),
        ([ran("jr_1", "a", "RUNNING")], {"RunningActions": 1}, "its script runs"),
        ([ran("jr_1", "a", "STOPPING")], {"RunningActions": 1}, "it has not ended yet"),
        ([ran("jr_1", "a", "STOPPED")], {"StoppedActions": 1}, "a person ended it"),
        ([ran("jr_1", "a", "SUCCEEDED")], {"SucceededActions": 1}, "it is done"),
        ([ran("jr_1", "a", "FAILED")], {"FailedActions": 1}, "it failed"),
        ([ran("jr_1", "a", "TIMEOUT")], {"TimeoutActions": 1}, "it took too long"),
        ([ran("jr_1", "a", "ERROR")], {"ErroredActions": 1}, "its job is gone"),
        ([ran("jr_1", "a", "EXPIRED")], {"StoppedActions": 1}, "maintenance ended it"),
        (
            [ran("jr_1", "a", "FAILED"), ran("jr_1_attempt_1", "a", "RUNNING")],
            {"RunningActions": 1},
            "the last attempt counts",
        ),
        (
            [ran("jr_1", "a", "EXPIRED"), ran("jr_1_restart_1", "a", "RUNNING")],
            {"RunningActions": 1},
            "what takes the place of a stream counts",
        ),
        (
            [ran("jr_1", "c", "SUCCEEDED", "t2"), ran("jr_2", "", "ERROR", "t2", CrawlerName="c")],
            {"SucceededActions": 1, "ErroredActions": 1},
            "a job and a crawler of one name",
        ),
    ],
)
def test_actions_are_counted(runs: list[Run], counts: dict[str, int], reason: str) -> None:
    found = statistics(_TRIGGERS, runs)
    assert {name: count for name, count in found.items() if count} == {"TotalActions": 4} | counts
    assert len(found) == 8


def test_an_action_that_was_carried_out_twice_counts_twice() -> None:
    runs = [ran("jr_1", "a", "SUCCEEDED"), ran("jr_2", "a", "SUCCEEDED")]
    found = statistics(_TRIGGERS[:1], runs)
    assert (found["TotalActions"], found["SucceededActions"]) == (3, 2)  # and b is still to come
