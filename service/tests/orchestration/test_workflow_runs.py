from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sa

from glueball.core.errors import ConcurrentRunsExceeded
from glueball.core.predicates import is_met
from glueball.core.runs import RunState
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.core.workflows import WorkflowRunStatus
from glueball.orchestration import workflow_runs
from glueball.orchestration.account import Account
from glueball.orchestration.schedules import fire_due
from glueball.stores import runs, triggers, workflows
from glueball.stores.orchestration_tables import condition_marks, firings
from support.runs import BASE_TIME
from support.workflow_ways import GRAPHS, all_ways
from support.workflows import (
    active,
    add_all,
    add_job,
    add_triggers,
    end,
    make_trigger,
    start,
    states,
    the_run,
    undone,
    workflow_run,
)

_CHAIN = (make_trigger("t1", starts="a"), make_trigger("t2", after="a", starts="b"))


def test_a_run_ends_when_nothing_is_left_to_do(connection: sa.Connection, account: Account) -> None:
    run_id = start(connection, account, add_all(connection, *_CHAIN))
    end(connection, account, the_run(connection, run_id, "a"))
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.RUNNING
    end(connection, account, the_run(connection, run_id, "b"), now=BASE_TIME + 9)
    ended = workflow_run(connection, run_id)
    assert (ended.status, ended.completed) == (WorkflowRunStatus.COMPLETED, BASE_TIME + 9)
    assert states(connection, run_id) == [("a", "SUCCEEDED"), ("b", "SUCCEEDED")]


def test_a_run_with_failures_is_completed_all_the_same(
    connection: sa.Connection, account: Account
) -> None:
    run_id = start(connection, account, add_all(connection, *_CHAIN))
    end(connection, account, the_run(connection, run_id, "a"), RunState.FAILED)
    assert states(connection, run_id) == [("a", "FAILED")]
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.COMPLETED


def test_a_retry_is_waited_for(connection: sa.Connection, account: Account) -> None:
    workflow = add_all(connection, *_CHAIN, without="a")
    add_job(connection, "a", MaxRetries=1)
    run_id = start(connection, account, workflow)
    end(connection, account, the_run(connection, run_id, "a"), RunState.FAILED)
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.RUNNING
    end(connection, account, the_run(connection, run_id, "a"))
    assert states(connection, run_id)[2:] == [("b", "WAITING")]


def test_everything_that_one_end_starts_belongs_to_the_run(
    connection: sa.Connection, account: Account
) -> None:
    """Two triggers watch a job. What the first one starts fails at once, and yet the run must not
    be over before the second one was asked."""
    workflow = add_all(
        connection,
        make_trigger("t1", starts="a"),
        make_trigger("t2", after="a", starts="gone"),
        make_trigger("t3", after="a", starts="b"),
        without="gone",
    )
    run_id = start(connection, account, workflow)
    end(connection, account, the_run(connection, run_id, "a"))
    assert states(connection, run_id)[1:] == [("gone", "ERROR"), ("b", "WAITING")]
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.RUNNING
    end(connection, account, the_run(connection, run_id, "b"))
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.COMPLETED


def test_all_failures_of_one_firing_are_followed(
    connection: sa.Connection, account: Account
) -> None:
    """What follows the first failure ends at once as well; the second failure still counts."""
    busy = {"ExecutionProperty": {"MaxConcurrentRuns": 1}}
    workflow = add_all(
        connection,
        make_trigger("t1", starts="a b"),
        make_trigger("t2", after="a:FAILED", starts="gone"),
        make_trigger("t3", after="b:FAILED", starts="c"),
        without="a b gone",
    )
    add_job(connection, "a", **busy)
    add_job(connection, "b", **busy)
    start(connection, account, workflow)
    run_id = start(connection, account, workflow)  # both jobs are at their limit now
    assert sorted(states(connection, run_id)) == [
        ("a", "FAILED"),
        ("b", "FAILED"),
        ("c", "WAITING"),
        ("gone", "ERROR"),
    ]
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.RUNNING


def test_a_run_keeps_to_the_triggers_it_began_with(
    connection: sa.Connection, account: Account
) -> None:
    run_id = start(connection, account, add_all(connection, *_CHAIN))
    changed = make_trigger("t2", after="a", starts="c")
    triggers.replace(connection, changed, [("JOB", "a")])
    add_triggers(connection, make_trigger("t3", after="a", starts="c"))
    end(connection, account, the_run(connection, run_id, "a"))
    assert states(connection, run_id)[1:] == [("b", "WAITING")]


@pytest.mark.parametrize("state", [TriggerState.CREATED, TriggerState.DEACTIVATED])
def test_conditional_triggers_must_be_active(
    connection: sa.Connection, account: Account, state: TriggerState
) -> None:
    workflow = add_all(connection, _CHAIN[0], replace(_CHAIN[1], state=state))
    run_id = start(connection, account, workflow)
    end(connection, account, the_run(connection, run_id, "a"))
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.COMPLETED


def test_a_trigger_that_is_deleted_meanwhile_still_joins(
    connection: sa.Connection, account: Account
) -> None:
    workflow = add_all(
        connection,
        make_trigger("t1", starts="a b"),
        make_trigger("t2", after="a b", starts="c"),
    )
    run_id = start(connection, account, workflow)
    end(connection, account, the_run(connection, run_id, "a"))
    triggers.delete(connection, "t2")
    end(connection, account, the_run(connection, run_id, "b"))
    assert states(connection, run_id)[2:] == [("c", "WAITING")]


def test_only_triggers_of_the_workflow_fire(connection: sa.Connection, account: Account) -> None:
    workflow = add_all(connection, *_CHAIN)
    add_job(connection, "c")
    add_triggers(connection, make_trigger("free", after="a", starts="c", workflow=None))
    run_id = start(connection, account, workflow)
    end(connection, account, the_run(connection, run_id, "a"))
    assert [name for name, _ in states(connection, run_id)] == ["a", "b"]


def test_what_is_seen_is_forgotten_with_the_chain(
    connection: sa.Connection, account: Account
) -> None:
    workflow = add_all(
        connection,
        make_trigger("t1", starts="a b"),
        make_trigger("t2", after="a b", starts="c"),
    )
    run_id = start(connection, account, workflow)
    end(connection, account, the_run(connection, run_id, "a"))
    assert _count(connection, condition_marks) == 1
    end(connection, account, the_run(connection, run_id, "b"), RunState.FAILED)
    assert _count(connection, condition_marks) == 0


def test_a_crawler_that_is_not_there_is_an_error_of_its_own(
    connection: sa.Connection, account: Account
) -> None:
    """Nothing of it is seen as a run of a job that has the crawler's name."""
    crawls, watches = make_trigger("t1", starts="@c"), make_trigger("t2", after="c", starts="a")
    workflow = add_all(connection, crawls, watches, without="@c")
    run_id = start(connection, account, workflow)
    assert states(connection, run_id) == [("crawler:c", "ERROR")]
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.COMPLETED


def test_no_more_runs_at_once_than_the_workflow_allows(
    connection: sa.Connection, account: Account
) -> None:
    workflow = add_all(connection, *_CHAIN, MaxConcurrentRuns=1)
    run_id = start(connection, account, workflow)
    with pytest.raises(ConcurrentRunsExceeded, match="exceeded for workflow: w"):
        start(connection, account, workflow)
    end(connection, account, the_run(connection, run_id, "a"), RunState.FAILED)
    assert start(connection, account, workflow) != run_id


def test_a_schedule_that_meets_the_limit_leaves_a_run_that_says_so(
    connection: sa.Connection, account: Account
) -> None:
    due = BASE_TIME - BASE_TIME % 300 + 300
    scheduled = replace(
        _CHAIN[0],
        type=TriggerType.SCHEDULED,
        state=TriggerState.ACTIVATED,
        schedule="cron(0/5 * * * ? *)",
        activated=BASE_TIME,
        next_due=due,
    )
    workflow = add_all(connection, scheduled, MaxConcurrentRuns=1)
    for time in (due, due + 300):
        fire_due(connection, account, time, catch_up_seconds=3600, most=10)
    newest, oldest = [
        run
        for _, run in workflows.page_of_runs(
            connection, workflow_name=workflow.name, before=None, limit=9
        )
    ]
    assert (oldest.status, oldest.error_message) == (WorkflowRunStatus.RUNNING, None)
    assert (newest.status, newest.completed) == (WorkflowRunStatus.ERROR, due + 300)
    assert newest.error_message == "Concurrent runs exceeded for workflow: w."
    assert states(connection, newest.id) == []


def test_a_run_that_is_stopped_starts_nothing_more(
    connection: sa.Connection, account: Account
) -> None:
    workflow = add_all(
        connection,
        make_trigger("t1", starts="a b"),
        make_trigger("t2", after="a:STOPPED", starts="c"),
    )
    run_id = start(connection, account, workflow)
    running = the_run(connection, run_id, "b")
    runs.start(connection, running.id, now=BASE_TIME, dpus=1.0, memory_mb=1, detail=None)
    workflow_runs.stop(connection, workflow_run(connection, run_id), BASE_TIME)
    assert states(connection, run_id) == [("a", "STOPPED"), ("b", "STOPPING")]
    assert workflow_run(connection, run_id).status is WorkflowRunStatus.STOPPING
    end(connection, account, the_run(connection, run_id, "b"), RunState.STOPPED, BASE_TIME + 5)
    ended = workflow_run(connection, run_id)
    assert (ended.status, ended.completed) == (WorkflowRunStatus.STOPPED, BASE_TIME + 5)


@pytest.mark.parametrize("graph", GRAPHS)
def test_however_jobs_end_each_trigger_fires_as_often_as_it_should(
    connection: sa.Connection, account: Account, graph: str
) -> None:
    """Every order of at most five ends, good and bad, is tried."""
    run_id = start(connection, account, add_all(connection, *GRAPHS[graph], without="gone"))
    ways = 0
    for ended in all_ways(connection, account, run_id, {}, depth=0):
        over = not active(connection, run_id)
        _check(connection, GRAPHS[graph], run_id, ended, over=over)
        ways += 1
    assert ways > 1


@pytest.mark.parametrize("graph", GRAPHS)
def test_whenever_a_run_is_stopped_nothing_more_begins(
    connection: sa.Connection, account: Account, graph: str
) -> None:
    run_id = start(connection, account, add_all(connection, *GRAPHS[graph], without="gone"))
    for _ in all_ways(connection, account, run_id, {}, depth=0):
        left = active(connection, run_id)
        if not left:
            continue
        with undone(connection, "stopped"):
            begun = len(states(connection, run_id))
            first = left[0]  # it has its capacity already, the others wait
            runs.start(connection, first.id, now=BASE_TIME, dpus=1.0, memory_mb=1, detail=None)
            workflow_runs.stop(connection, workflow_run(connection, run_id), BASE_TIME)
            assert workflow_run(connection, run_id).status is WorkflowRunStatus.STOPPING
            end(connection, account, the_run(connection, run_id, first.job_name), RunState.STOPPED)
            assert workflow_run(connection, run_id).status is WorkflowRunStatus.STOPPED
            assert len(states(connection, run_id)) == begun


def _check(
    connection: sa.Connection,
    graph: tuple[Trigger, ...],
    run_id: str,
    ended: dict[str, str],
    *,
    over: bool,
) -> None:
    """Compare with what the definition of a trigger says: it fires once, when its predicate is
    met by the ends so far."""
    states_now = {("JOB", name): state for name, state in ended.items()}
    should = {
        trigger.name
        for trigger in graph
        if trigger.type is TriggerType.ON_DEMAND
        or is_met(trigger.document["Predicate"], states_now)
    }
    fired = Counter(connection.execute(sa.select(firings.c.trigger_name)).scalars())
    assert fired == Counter(should)
    begun = Counter(name for name, _ in states(connection, run_id))
    assert begun == Counter(
        action["JobName"]
        for trigger in graph
        if trigger.name in should
        for action in trigger.actions
    )
    status = WorkflowRunStatus.COMPLETED if over else WorkflowRunStatus.RUNNING
    assert workflow_run(connection, run_id).status is status


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
