from __future__ import annotations

import itertools

import pytest

from glueball.core.runs import ACTIVE, TERMINAL, RunState, may_follow, restart_id, retry_id


def test_every_state_is_either_active_or_terminal() -> None:
    assert set(RunState) == ACTIVE | TERMINAL
    assert not ACTIVE & TERMINAL


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_terminal_states_are_final(state: RunState) -> None:
    assert not any(may_follow(state, after) for after in RunState)


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_every_active_state_can_end(state: RunState) -> None:
    reached = {state}
    for _ in RunState:
        reached |= {b for a, b in itertools.product(reached, RunState) if may_follow(a, b)}
    assert reached & TERMINAL


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (RunState.RUNNING, RunState.WAITING),  # nobody is put back into the queue: no preemption
        (RunState.RUNNING, RunState.STARTING),
        (RunState.STOPPING, RunState.RUNNING),
        (RunState.WAITING, RunState.RUNNING),  # capacity is taken by going through STARTING
        (RunState.RUNNING, RunState.STOPPED),  # only through STOPPING
    ],
)
def test_ways_that_do_not_exist(before: RunState, after: RunState) -> None:
    assert not may_follow(before, after)


@pytest.mark.parametrize(
    ("run_id", "attempt", "name"),
    [
        ("jr_ab", 1, "jr_ab_attempt_1"),
        ("jr_ab_attempt_1", 2, "jr_ab_attempt_2"),
        # glue-streaming-maintenance.html: the counter of restarts begins anew
        ("jr_ab_attempt_3_restart_5", 4, "jr_ab_attempt_4"),
        ("jr_ab_restart_2", 1, "jr_ab_attempt_1"),
    ],
)
def test_names_of_attempts(run_id: str, attempt: int, name: str) -> None:
    assert retry_id(run_id, attempt) == name


@pytest.mark.parametrize(
    ("run_id", "name"),
    [
        ("jr_ab", "jr_ab_restart_1"),
        ("jr_ab_restart_1", "jr_ab_restart_2"),
        ("jr_ab_restart_9", "jr_ab_restart_10"),
        ("jr_ab_attempt_4", "jr_ab_attempt_4_restart_1"),
    ],
)
def test_names_of_restarts(run_id: str, name: str) -> None:
    assert restart_id(run_id) == name
