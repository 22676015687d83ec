from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from glueball.core.events import delay, envelope, random_id, state_change
from glueball.core.runs import TERMINAL, RunState
from support.runs import make_run

_NOW = 1504810641.9  # 2017-09-07T18:57:21.9Z


@dataclass(frozen=True)
class _Account:
    account_id: str = "123456789012"
    region: str = "us-east-1"


def test_a_success_is_told_as_aws_tells_it() -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-glue.html"""
    event = state_change(make_run("jr_abc", job_name="MyJob", state=RunState.SUCCEEDED), _NOW)
    assert event is not None
    seen = envelope(event, _Account())
    assert len(seen.pop("id")) == 36
    assert seen == {
        "version": "0",
        "detail-type": "Glue Job State Change",
        "source": "aws.glue",
        "account": "123456789012",
        "time": "2017-09-07T18:57:21Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {
            "jobName": "MyJob",
            "severity": "INFO",
            "state": "SUCCEEDED",
            "jobRunId": "jr_abc",
            "message": "Job run succeeded",
        },
    }


@pytest.mark.parametrize(
    ("state", "error", "severity", "message"),
    [
        (RunState.FAILED, "SystemExit: 1", "ERROR", "SystemExit: 1"),
        (RunState.TIMEOUT, "Job timed out after 1 minutes.", "WARN", "Job run timed out"),
        (RunState.STOPPED, None, "INFO", "Job run stopped"),
        (RunState.ERROR, "Job with name: x not found.", "ERROR", "Job with name: x not found."),
    ],
)
def test_other_ends(state: RunState, error: str | None, severity: str, message: str) -> None:
    event = state_change(make_run(state=state, error_message=error), _NOW)
    assert event is not None
    assert (event.detail["severity"], event.detail["message"]) == (severity, message)


def test_nothing_is_announced_before_the_end_or_of_a_restart() -> None:
    silent = {state for state in RunState if state_change(make_run(state=state), _NOW) is None}
    assert silent == (set(RunState) - TERMINAL) | {RunState.EXPIRED}


def test_the_same_end_is_the_same_event() -> None:
    ids: list[Any] = [
        state_change(make_run(run_id, state=state), now)
        for run_id, state, now in (
            ("jr_1", RunState.FAILED, 1.0),
            ("jr_1", RunState.FAILED, 2.0),
            ("jr_1", RunState.STOPPED, 1.0),
            ("jr_2", RunState.FAILED, 1.0),
        )
    ]
    assert ids[0].id == ids[1].id
    assert len({event.id for event in ids}) == 3


def test_a_delay_is_told_as_aws_tells_it() -> None:
    run = make_run("jr_abc", job_name="MyJob", state=RunState.RUNNING, started=1524603347.941)
    event = delay(run, 1, 1524603454.0)
    assert (event.detail_type, event.detail) == (
        "Glue Job Run Status",
        {
            "jobName": "MyJob",
            "severity": "INFO",
            "notificationCondition": {"NotifyDelayAfter": 1.0},
            "state": "RUNNING",
            "jobRunId": "jr_abc",
            "message": "Job is in RUNNING state",
            "startedOn": "2018-04-24T20:55:47.941Z",
        },
    )


def test_ids_have_the_form_of_uuids() -> None:
    assert random_id("0123456789abcdef" * 4) == "01234567-89ab-cdef-0123-456789abcdef"
