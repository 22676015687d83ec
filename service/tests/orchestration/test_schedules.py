"""Each due time fires once, whatever the service and the clock do."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from glueball.core.runs import RunState
from glueball.core.schedules import parse_schedule
from glueball.core.triggers import Trigger, TriggerState, TriggerType, deactivate
from glueball.core.workflows import WorkflowRunStatus
from glueball.orchestration.account import Account
from glueball.orchestration.schedules import fire_due, rewind
from glueball.stores import runs, triggers, workflows
from glueball.stores.orchestration_tables import firings
from support.workflows import add_job, add_triggers, add_workflow, make_trigger

_HOUR = 3600.0
_DAY = 86_400.0
#: midnight of a day
_T0 = 20_000 * _DAY
_CATCH_UP = 6 * _HOUR


@pytest.fixture(autouse=True)
def _job(connection: sa.Connection) -> None:
    add_job(connection, "etl")


def scheduled(name: str, schedule: str, now: float = _T0, **changes: Any) -> Trigger:
    """Return a trigger that was activated at `now`."""
    values: dict[str, Any] = {
        "type": TriggerType.SCHEDULED,
        "state": TriggerState.ACTIVATED,
        "schedule": schedule,
        "workflow": None,
        "activated": now,
        "next_due": parse_schedule(schedule).next_after(now, now),
        "starts": "etl",
    }
    return make_trigger(name, **(values | changes))


def look(connection: sa.Connection, account: Account, now: float, most: int = 100) -> int:
    return fire_due(connection, account, now, catch_up_seconds=_CATCH_UP, most=most)


def fired(connection: sa.Connection, name: str = "t") -> list[float]:
    """Return the due times of the runs that a trigger started, in hours after the beginning."""
    query = sa.select(firings.c.chain_id).where(
        firings.c.trigger_name == name, firings.c.fired.is_not(None)
    )
    chains = connection.execute(query).scalars()
    found = [run for chain in chains if chain for run in runs.of_chain(connection, chain)]
    return sorted((run.due - _T0) / _HOUR for run in found)


def missed(connection: sa.Connection, name: str = "t") -> dict[str, str]:
    query = sa.select(firings.c.occasion, firings.c.note).where(
        firings.c.trigger_name == name, firings.c.fired.is_(None)
    )
    return {row.occasion: row.note for row in connection.execute(query)}


def next_due(connection: sa.Connection, name: str = "t") -> float | None:
    """Return when a trigger is to fire next, in hours after the beginning."""
    trigger = triggers.get(connection, name)
    assert trigger is not None
    return None if trigger.next_due is None else (trigger.next_due - _T0) / _HOUR


def test_a_trigger_fires_at_its_time_and_once(connection: sa.Connection, account: Account) -> None:
    add_triggers(connection, scheduled("t", "cron(0 * * * ? *)"))
    assert look(connection, account, _T0 + _HOUR - 0.01) == 0
    assert fired(connection) == []
    look(connection, account, _T0 + _HOUR)
    assert fired(connection) == [1]
    look(connection, account, _T0 + _HOUR)  # the same moment again
    look(connection, account, _T0 + _HOUR + 5)
    assert fired(connection) == [1]
    look(connection, account, _T0 + 2 * _HOUR + 3)
    assert fired(connection) == [1, 2]
    assert missed(connection) == {}


def test_a_run_tells_when_it_was_due_and_by_whom(
    connection: sa.Connection, account: Account
) -> None:
    add_triggers(connection, scheduled("t", "cron(0 * * * ? *)", starts="etl etl"))
    look(connection, account, _T0 + _HOUR + 7)
    found = runs.waiting(connection)
    assert len(found) == 2
    for waiting in found:
        run = runs.get(connection, waiting.id)
        assert run is not None
        assert (run.trigger_name, run.due, run.submitted) == ("t", _T0 + _HOUR, _T0 + _HOUR + 7)
        assert (run.chain_id or "").startswith("tc_")


def test_a_rate_counts_from_the_activation(connection: sa.Connection, account: Account) -> None:
    add_triggers(connection, scheduled("t", "rate(6 hours)", _T0 + _HOUR))
    for hour in range(30):
        look(connection, account, _T0 + hour * _HOUR)
    assert fired(connection) == [7, 13, 19, 25]


@pytest.mark.parametrize(
    ("back", "due", "missed_times"),
    [
        (1.5, [1.0], []),  # a little late
        (3.5, [3.0], [1]),  # the last one counts; it is written down what did not
        (1 + 6, [7.0], [1]),
        # nothing of the last six hours: a daily trigger
    ],
)
def test_times_that_a_downtime_took_are_made_up_for_by_the_last(
    connection: sa.Connection,
    account: Account,
    back: float,
    due: list[float],
    missed_times: list[int],
) -> None:
    add_triggers(connection, scheduled("t", "cron(0 * * * ? *)"))
    look(connection, account, _T0 + back * _HOUR)
    assert fired(connection) == due
    assert list(missed(connection)) == [f"due 2024-10-04T{hour:02}:00:00Z" for hour in missed_times]
    assert next_due(connection) == int(back) + 1


@pytest.mark.parametrize(
    ("late_hours", "counts"),
    [(5.9, True), (6.0, True), (6.01, False)],  # catch-up is for six hours here
)
def test_who_comes_back_too_late_starts_nothing(
    connection: sa.Connection,
    account: Account,
    late_hours: float,
    counts: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    add_triggers(connection, scheduled("t", "cron(0 3 * * ? *)"))
    look(connection, account, _T0 + (3 + late_hours) * _HOUR)
    assert fired(connection) == ([3.0] if counts else [])
    assert ("too late" in "".join(missed(connection).values())) is not counts
    assert ("trigger t did not fire (due 2024-10-04T03:00:00Z)" in caplog.text) is not counts
    assert next_due(connection) == 27, "tomorrow it fires again"


def test_a_crash_before_the_commit_loses_nothing_and_doubles_nothing(
    connection: sa.Connection, account: Account
) -> None:
    add_triggers(connection, scheduled("t", "cron(0 * * * ? *)"))
    connection.exec_driver_sql("SAVEPOINT crash")
    look(connection, account, _T0 + _HOUR)
    connection.exec_driver_sql("ROLLBACK TO crash")
    assert fired(connection) == []
    look(connection, account, _T0 + _HOUR + 60)
    assert fired(connection) == [1]


def test_what_is_deactivated_does_not_fire(connection: sa.Connection, account: Account) -> None:
    trigger = scheduled("t", "cron(0 * * * ? *)")
    add_triggers(connection, trigger, scheduled("u", "cron(0 * * * ? *)"))
    stopped = deactivate(trigger, _T0 + 60)
    triggers.replace(connection, stopped, ())
    look(connection, account, _T0 + _HOUR)
    rewind(connection, _T0)
    look(connection, account, _T0 + 2 * _HOUR)
    assert fired(connection) == []
    assert fired(connection, "u") == [1, 2]


def test_the_longest_due_go_first_and_so_many_at_once(
    connection: sa.Connection, account: Account
) -> None:
    for number in range(5):
        add_triggers(connection, scheduled(f"t{number}", f"cron({4 - number} 1 * * ? *)"))
    now = _T0 + 2 * _HOUR
    assert look(connection, account, now, most=2) == 2
    assert [name for name in ("t4", "t3", "t2", "t1", "t0") if fired(connection, name)] == [
        "t4",
        "t3",
    ]
    assert look(connection, account, now, most=2) == 2
    assert look(connection, account, now, most=2) == 1
    assert look(connection, account, now, most=2) == 0
    assert all(len(fired(connection, f"t{number}")) == 1 for number in range(5))


def test_a_schedule_that_is_over_rests(connection: sa.Connection, account: Account) -> None:
    add_triggers(connection, scheduled("t", "cron(0 1 4 10 ? 2024)"))
    look(connection, account, _T0 + _HOUR)
    assert fired(connection) == [1]
    assert next_due(connection) is None
    look(connection, account, _T0 + 400 * _DAY)
    assert fired(connection) == [1]


def test_a_schedule_of_another_release_keeps_no_other_from_firing(
    connection: sa.Connection, account: Account
) -> None:
    often = scheduled("often", "cron(0 * * * ? *)")
    add_triggers(connection, scheduled("t", "cron(0 * * * ? *)"))
    add_triggers(connection, replace(often, schedule="every minute"))
    look(connection, account, _T0 + _HOUR)
    assert fired(connection) == [1]
    assert fired(connection, "often") == []
    assert ["not understand" in why for why in missed(connection, "often").values()] == [True]
    rewind(connection, _T0)
    look(connection, account, _T0 + 2 * _HOUR)
    assert fired(connection) == [1, 2]


def test_the_run_of_a_job_that_cannot_start_says_why(
    connection: sa.Connection, account: Account
) -> None:
    add_job(connection, "one", ExecutionProperty={"MaxConcurrentRuns": 1})
    add_triggers(connection, scheduled("t", "cron(0 * * * ? *)", starts="one gone"))
    look(connection, account, _T0 + _HOUR)
    look(connection, account, _T0 + 2 * _HOUR)
    of_one = [run for _, run in runs.page(connection, job_name="one", before=None, limit=9)]
    assert [run.state for run in of_one] == [RunState.FAILED, RunState.WAITING]
    assert of_one[0].error_message == "Concurrent runs exceeded for one"
    of_gone = [run for _, run in runs.page(connection, job_name="gone", before=None, limit=9)]
    assert [run.state for run in of_gone] == [RunState.ERROR, RunState.ERROR]
    assert of_gone[0].error_message == "Job with name: gone not found."


def test_a_workflow_that_has_enough_runs_misses_a_time(
    connection: sa.Connection, account: Account
) -> None:
    add_workflow(connection, MaxConcurrentRuns=1)
    add_triggers(connection, scheduled("t", "cron(0 * * * ? *)", workflow="w"))
    look(connection, account, _T0 + _HOUR)
    look(connection, account, _T0 + 2 * _HOUR)
    assert fired(connection) == [1]
    [why] = missed(connection).values()
    assert why == "Concurrent runs exceeded for workflow: w."
    page = workflows.page_of_runs(connection, workflow_name="w", before=None, limit=9)
    statuses = [run.status for _, run in page]
    assert statuses == [WorkflowRunStatus.ERROR, WorkflowRunStatus.RUNNING]


def test_a_clock_that_goes_back_repeats_nothing(
    connection: sa.Connection, account: Account
) -> None:
    add_triggers(connection, scheduled("t", "cron(0 * * * ? *)"))
    for hour in (1, 2, 3):
        look(connection, account, _T0 + hour * _HOUR)
    for hours in (1, 1.5, 2, 3, 4):
        rewind(connection, _T0 + hours * _HOUR)
        look(connection, account, _T0 + hours * _HOUR)
    assert fired(connection) == [1, 2, 3, 4]


def test_a_clock_that_was_ahead_takes_no_later_time_away(
    connection: sa.Connection, account: Account
) -> None:
    add_triggers(
        connection,
        scheduled("t", "cron(0 * * * ? *)"),
        scheduled("over", "cron(30 * * * ? 2024)"),  # by that clock it would never fire again
    )
    look(connection, account, _T0 + _HOUR)
    year = 366 * 24
    look(connection, account, _T0 + year * _HOUR)  # the clock jumps, and fires what was due there
    assert fired(connection) == [1, year]
    assert next_due(connection, "over") is None
    now = _T0 + 1.25 * _HOUR
    rewind(connection, now)  # and it is set right
    assert next_due(connection) == 2
    assert next_due(connection, "over") == 1.5
    for hour in (1.5, 2, 3):
        look(connection, account, _T0 + hour * _HOUR)
    # at two o'clock it is written down as missed by the clock that was ahead; it is not
    assert fired(connection) == [1, 2, 3, year]
    assert missed(connection) == {}


def test_an_activation_in_the_future_counts_from_now(
    connection: sa.Connection, account: Account
) -> None:
    add_triggers(connection, scheduled("t", "rate(1 hour)", _T0 + 365 * _DAY))
    rewind(connection, _T0)
    assert next_due(connection) == 1
    look(connection, account, _T0 + _HOUR)
    assert fired(connection) == [1]


def test_a_rewind_without_need_changes_nothing(connection: sa.Connection, account: Account) -> None:
    for number, schedule in enumerate(
        ("cron(0 3 * * ? *)", "rate(7 minutes)", "cron(0 0 L * ? *)")
    ):
        add_triggers(connection, scheduled(f"t{number}", schedule))
    look(connection, account, _T0 + 10.3 * _HOUR)
    before = triggers.page(connection, after="", limit=10)
    rewind(connection, _T0 + 10.3 * _HOUR + 59)
    assert triggers.page(connection, after="", limit=10) == before


@pytest.mark.parametrize("seed", range(40))
def test_each_due_time_that_the_clock_comes_by_fires_once(
    connection: sa.Connection, account: Account, seed: int
) -> None:
    """A clock that walks, jumps and steps back, against every due time worked out one by one."""
    chance = random.Random(seed)
    schedule = chance.choice(["cron(0/15 * * * ? *)", "rate(10 minutes)", "cron(7 0/2 * * ? *)"])
    add_triggers(connection, scheduled("t", schedule))
    expected: set[float] = set()
    looked = now = _T0
    for _ in range(60):
        now = max(_T0, now + chance.choice([1, 60, 300, 900, 7000, 40_000, -30, -4000, -50_000]))
        if now < looked:
            rewind(connection, now)
            looked = now
        due = [time for time in times(schedule, looked, now) if now - time <= _CATCH_UP]
        if due:
            expected.add((due[-1] - _T0) / _HOUR)
        look(connection, account, now)
        looked = now
        assert fired(connection) == sorted(expected), f"seed {seed}"


def times(schedule: str, after: float, until: float) -> list[float]:
    """Return every due time in (after, until]."""
    found: list[float] = []
    due = parse_schedule(schedule).next_after(after, _T0)
    while due is not None and due <= until:
        found.append(due)
        due = parse_schedule(schedule).next_after(due, _T0)
    return found
