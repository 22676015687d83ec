"""What a trigger starts when it fires."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from glueball.core.arns import resource_arn
from glueball.core.errors import ConcurrentRunsExceeded
from glueball.core.runs import Run, RunState
from glueball.core.triggers import Trigger
from glueball.core.workflows import WorkflowRunStatus
from glueball.orchestration.account import Account
from glueball.orchestration.chains import fire_now
from glueball.orchestration.firings import Occasion, fire
from glueball.stores import runs, tags, triggers, workflows
from support.runs import BASE_TIME
from support.workflows import add_all, add_job, make_trigger


def trigger(*actions: dict[str, Any]) -> Trigger:
    return make_trigger("t", workflow=None, document={"Actions": list(actions)})


def fired(
    connection: sa.Connection, account: Account, *actions: dict[str, Any], key: str = "asked 1"
) -> list[Run]:
    occasion = Occasion(key=key, due=BASE_TIME - 60, chain_id="tc_1")
    found = fire(connection, account, trigger(*actions), occasion, BASE_TIME)
    assert found is not None
    return found


def test_each_action_is_a_run(connection: sa.Connection, account: Account) -> None:
    add_job(connection, "a", DefaultArguments={"--day": "today", "--zone": "UTC"}, Timeout=60)
    add_job(connection, "b")
    action = {
        "JobName": "a",
        "Arguments": {"--day": "yesterday"},
        "Timeout": 7,
        "SecurityConfiguration": "s",
        "NotificationProperty": {"NotifyDelayAfter": 5},
    }
    first, second = fired(connection, account, action, {"JobName": "b"})
    assert (first.job_name, second.job_name) == ("a", "b")
    for run in (first, second):
        assert (run.state, run.trigger_name, run.chain_id) == (RunState.WAITING, "t", "tc_1")
        assert (run.due, run.submitted) == (BASE_TIME - 60, BASE_TIME)
        assert runs.get(connection, run.id) == run
    assert first.document["Arguments"] == {"--day": "yesterday", "--zone": "UTC"}
    assert first.timeout_minutes == 7
    assert first.document["SecurityConfiguration"] == "s"
    assert first.document["NotificationProperty"] == {"NotifyDelayAfter": 5}


def test_an_occasion_happens_once(connection: sa.Connection, account: Account) -> None:
    add_job(connection, "a")
    fired(connection, account, {"JobName": "a"})
    again = Occasion(key="asked 1", due=BASE_TIME, chain_id="tc_2")
    assert fire(connection, account, trigger({"JobName": "a"}), again, BASE_TIME + 1) is None
    assert len(runs.waiting(connection)) == 1
    fired(connection, account, {"JobName": "a"}, key="asked 2")
    assert len(runs.waiting(connection)) == 2


def test_what_was_missed_may_fire_and_then_never_again(connection: sa.Connection) -> None:
    def record(fired: float | None) -> bool:
        return triggers.record_firing(connection, "t", "due x", fired=fired, chain_id=None)

    assert record(None)
    assert record(None), "missed once more, for another reason"
    assert not triggers.has_fired(connection, "t", "due x")
    assert record(1.0)
    assert triggers.has_fired(connection, "t", "due x")
    assert not record(2.0)
    assert not record(None)


@pytest.mark.parametrize(
    ("job", "state", "says"),
    [
        # a trigger that tried to run a deleted job: ERROR (job-run-statuses.html)
        (None, RunState.ERROR, "Job with name: a not found."),
        # "exceeded max concurrent runs": FAILED (same page)
        (
            {"ExecutionProperty": {"MaxConcurrentRuns": 1}},
            RunState.FAILED,
            "Concurrent runs exceeded for a",
        ),
        ({"Command": {"Name": "pythonshell"}}, RunState.FAILED, "no Command.ScriptLocation"),
    ],
)
def test_an_action_that_cannot_be_carried_out_leaves_a_run_that_says_why(
    connection: sa.Connection,
    account: Account,
    job: dict[str, Any] | None,
    state: RunState,
    says: str,
) -> None:
    add_job(connection, "b")
    if job is not None:
        add_job(connection, "a", **job)
    actions = [{"JobName": "a"}] * 2
    first, second, other = fired(connection, account, *actions, {"JobName": "b"})
    assert other.state is RunState.WAITING, "the others are started all the same"
    for failed in (second,) if "MaxConcurrentRuns" in str(job) else (first, second):
        assert (failed.state, failed.job_name) == (state, "a")
        assert says in (failed.error_message or "")
        assert failed.completed == BASE_TIME
        assert runs.get(connection, failed.id) == failed


def test_a_job_that_queues_waits_where_another_fails(
    connection: sa.Connection, account: Account
) -> None:
    limits: Any = {"ExecutionProperty": {"MaxConcurrentRuns": 1}}
    add_job(connection, "a", JobRunQueuingEnabled=True, **limits)
    first, second = fired(connection, account, {"JobName": "a"}, {"JobName": "a"})
    assert (first.state, second.state) == (RunState.WAITING, RunState.WAITING)
    assert second.queued


def test_limits_of_the_account_hold_for_triggers_too(
    connection: sa.Connection, account: Account
) -> None:
    add_job(connection, "a")
    few = replace(account, max_concurrent_runs=1)
    first, second = fired(connection, few, {"JobName": "a"}, {"JobName": "a"})
    assert (first.state, second.state) == (RunState.WAITING, RunState.FAILED)
    assert "max_concurrent_runs" in (second.error_message or "")
    small = replace(account, max_dpus=0.1)
    [third] = fired(connection, small, {"JobName": "a"}, key="asked 2")
    assert third.state is RunState.FAILED
    assert "max_dpus" in (third.error_message or "")


def test_a_deadline_counts_from_when_the_run_was_due(
    connection: sa.Connection, account: Account
) -> None:
    add_job(connection, "a")
    tags.add(connection, resource_arn(account, "job", "a"), {"glueball:deadline": "22:13"})
    [run] = fired(connection, account, {"JobName": "a"})
    # BASE_TIME is 22:13:20: due a minute before, so today's deadline counts
    assert run.deadline == BASE_TIME - 20


def test_who_asks_a_trigger_to_fire_begins_a_chain(
    connection: sa.Connection, account: Account
) -> None:
    add_job(connection, "a")
    one = fire_now(connection, account, trigger({"JobName": "a"}), BASE_TIME)
    other = fire_now(connection, account, trigger({"JobName": "a"}), BASE_TIME)
    chains = {run.chain_id for run in (*one, *other)}
    assert len(chains) == 2
    assert all(chain is not None and chain.startswith("tc_") for chain in chains)


def test_who_asks_the_start_of_a_workflow_begins_a_run_of_it(
    connection: sa.Connection, account: Account
) -> None:
    start = make_trigger("start", starts="a")
    add_all(connection, start, make_trigger("then", after="a", starts="b"), MaxConcurrentRuns=1)
    [run] = fire_now(connection, account, start, BASE_TIME)
    begun = workflows.get_run(connection, run.chain_id or "")
    assert begun is not None
    assert (begun.workflow_name, begun.status) == ("w", WorkflowRunStatus.RUNNING)
    with pytest.raises(ConcurrentRunsExceeded, match="workflow: w"):
        fire_now(connection, account, start, BASE_TIME)
    assert len(runs.waiting(connection)) == 1


def test_a_workflow_whose_jobs_are_gone_is_over_at_once(
    connection: sa.Connection, account: Account
) -> None:
    start = make_trigger("start", starts="a")
    add_all(connection, start, without="a")
    [run] = fire_now(connection, account, start, BASE_TIME)
    assert run.state is RunState.ERROR
    begun = workflows.get_run(connection, run.chain_id or "")
    assert begun is not None and begun.status is WorkflowRunStatus.COMPLETED
