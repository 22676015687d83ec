from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glueball.api.context import Context
from glueball.core.triggers import Trigger, TriggerState
from glueball.core.workflows import WorkflowRun, WorkflowRunStatus
from glueball.orchestration import event_batches
from glueball.orchestration.account import Account
from glueball.stores import triggers, workflows
from support.contexts import make_context
from support.event_rules import event_trigger
from support.runs import BASE_TIME
from support.workflows import add_all, make_trigger, states, the_run


def _fire(connection: sa.Connection, account: Account, now: float, most: int = 100) -> None:
    event_batches.fire_due(connection, account, now, most=most)


def _send(connection: sa.Connection, trigger: Trigger, *names: str, now: float = BASE_TIME) -> None:
    for name in names:
        event_batches.add(connection, trigger, name, now)


def _runs(connection: sa.Connection) -> list[WorkflowRun]:
    page = workflows.page_of_runs(connection, workflow_name="w", before=None, limit=100)
    return [run for _, run in reversed(page)]


def _ids(connection: sa.Connection) -> list[str]:
    return [run.properties["aws:eventIds"] for run in _runs(connection)]


def test_one_event_starts_a_workflow_where_nothing_else_is_said(
    connection: sa.Connection, account: Account
) -> None:
    trigger = event_trigger()
    add_all(connection, trigger)
    _send(connection, trigger, "e1")
    _fire(connection, account, BASE_TIME)
    (run,) = _runs(connection)
    assert run.status is WorkflowRunStatus.RUNNING
    assert run.batch == {"BatchSize": 1, "BatchWindow": 0}
    assert run.properties == {"aws:eventIds": "[e1]"}
    assert states(connection, run.id) == [("a", "WAITING")]
    assert the_run(connection, run.id, "a").trigger_name == "t"
    _fire(connection, account, BASE_TIME)
    assert len(_runs(connection)) == 1


def test_a_batch_of_its_size(connection: sa.Connection, account: Account) -> None:
    trigger = event_trigger(BatchSize=3, BatchWindow=60)
    add_all(connection, trigger)
    _send(connection, trigger, "e1", "e2")
    _fire(connection, account, BASE_TIME + 59)
    assert _runs(connection) == []
    assert event_batches.next_due(connection, BASE_TIME + 1) == BASE_TIME + 60
    _send(connection, trigger, "e3", "e4", now=BASE_TIME + 59)
    assert event_batches.next_due(connection, BASE_TIME + 59) == BASE_TIME + 59
    _fire(connection, account, BASE_TIME + 59)
    assert _ids(connection) == ["[e1, e2, e3]"]
    # the window of the next batch began with its own first event
    assert event_batches.next_due(connection, BASE_TIME + 59) == BASE_TIME + 119


def test_a_batch_of_its_window(connection: sa.Connection, account: Account) -> None:
    trigger = event_trigger(BatchSize=3, BatchWindow=60)
    add_all(connection, trigger)
    _send(connection, trigger, "e1")
    _send(connection, trigger, "e2", now=BASE_TIME + 30)
    _fire(connection, account, BASE_TIME + 70)
    (run,) = _runs(connection)
    assert run.properties["aws:eventIds"] == "[e1, e2]"
    assert run.batch == {"BatchSize": 0, "BatchWindow": 60}
    # what it starts was due when the window was over
    assert the_run(connection, run.id, "a").due == BASE_TIME + 60
    assert event_batches.next_due(connection, BASE_TIME + 70) is None


def test_many_batches_come_in_turn(connection: sa.Connection, account: Account) -> None:
    trigger = event_trigger(BatchSize=2)
    add_all(connection, trigger)
    _send(connection, trigger, *(f"e{number}" for number in range(7)))
    _fire(connection, account, BASE_TIME, most=2)
    assert _ids(connection) == ["[e0, e1]", "[e2, e3]"]
    assert event_batches.next_due(connection, BASE_TIME) == BASE_TIME
    _fire(connection, account, BASE_TIME)
    assert _ids(connection) == ["[e0, e1]", "[e2, e3]", "[e4, e5]"]
    _fire(connection, account, BASE_TIME + 900)
    assert _ids(connection)[-1] == "[e6]"


def test_a_workflow_that_may_not_run_again_now_says_so(
    connection: sa.Connection, account: Account
) -> None:
    """API_WorkflowRun: "Concurrent runs exceeded for workflow: foo." is its error message."""
    trigger = event_trigger()
    add_all(connection, trigger, MaxConcurrentRuns=1)
    _send(connection, trigger, "e1", "e2")
    _fire(connection, account, BASE_TIME)
    first, second = _runs(connection)
    assert first.status is WorkflowRunStatus.RUNNING
    assert second.status is WorkflowRunStatus.ERROR
    assert second.error_message == "Concurrent runs exceeded for workflow: w."
    assert second.properties["aws:eventIds"] == "[e2]"
    assert states(connection, second.id) == []


@pytest.mark.parametrize("gone", ["deleted", "deactivated", "workflow", "type"])
def test_what_nobody_wants_any_more_is_forgotten(
    connection: sa.Connection, account: Account, gone: str
) -> None:
    trigger = event_trigger(BatchSize=2)
    add_all(connection, trigger)
    _send(connection, trigger, "e1")
    if gone == "deleted":
        triggers.delete(connection, "t")
    elif gone == "workflow":
        workflows.delete(connection, "w")
    else:
        changed = replace(trigger, state=TriggerState.DEACTIVATED)
        triggers.replace(connection, make_trigger("t") if gone == "type" else changed, ())
    _fire(connection, account, BASE_TIME)
    triggers.delete(connection, "t")
    triggers.insert(connection, trigger, ())
    assert event_batches.next_due(connection, BASE_TIME) is None
    _send(connection, trigger, "e2")
    _fire(connection, account, BASE_TIME)
    assert _runs(connection) == []


def test_an_event_counts_once_over_a_crash(tmp_path: Path) -> None:
    """Whatever a transaction did is done whole or not at all."""
    context = make_context(tmp_path)
    trigger = event_trigger()
    with context.database.write() as connection:
        add_all(connection, trigger)
        _send(connection, trigger, "e1")
    with pytest.raises(RuntimeError), context.database.write() as connection:
        _fire(connection, context.account, BASE_TIME)
        assert len(_runs(connection)) == 1
        raise RuntimeError("crash")
    for _ in range(2):
        with context.database.write() as connection:
            _fire(connection, context.account, BASE_TIME)
            assert _ids(connection) == ["[e1]"]
    context.database.close()


#: events that come, seconds that pass, and how many batches fit a transaction, which may be lost
_STEPS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from((0, 1, 20, 59, 60, 200)),
        st.integers(1, 3),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(size=st.integers(1, 4), steps=_STEPS)
def test_every_event_is_in_one_batch_in_order(
    context: Context, size: int, steps: list[Any]
) -> None:
    """Against what the guide says: a batch is complete by its size, or a window after its first."""
    context.database.clear()
    trigger = event_trigger(BatchSize=size, BatchWindow=60)
    with context.database.write() as connection:
        add_all(connection, trigger)
    now, arrived = BASE_TIME, list[float]()
    for count, seconds, most, lost in (*steps, (0, 61, 100, False)):
        with context.database.write() as connection:
            names = [f"e{len(arrived) + number}" for number in range(count)]
            _send(connection, trigger, *names, now=now)
        arrived += [now] * count
        now += seconds
        with suppress(_Lost), context.database.write() as connection:
            _fire(connection, context.account, now, most)
            if lost:
                raise _Lost
    with context.database.read() as connection:
        found = _runs(connection)
    batches = [run.properties["aws:eventIds"][1:-1].split(", ") for run in found]
    in_order = [name for batch in batches for name in batch]
    assert in_order == [f"e{number}" for number in range(len(arrived))]
    for batch, run in zip(batches, found, strict=True):
        assert run.batch is not None
        if run.batch["BatchSize"]:
            assert len(batch) == size
        else:
            assert len(batch) < size
            assert run.started >= arrived[int(batch[0][1:])] + 60


class _Lost(Exception):
    """The service died before the transaction was over."""
