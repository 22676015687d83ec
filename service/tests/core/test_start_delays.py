from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.core.past_runs import PastRun
from glueball.core.percentiles import percentile
from glueball.core.runs import RunState
from glueball.core.start_delays import DelaysBy, percentiles, start_delays
from support.past_runs import past_run

NOW = 100_000.0
MINUTE = 60.0


def waited(minutes: float, **changes: Any) -> PastRun:
    due = changes.pop("due", 10_000.0)
    return past_run(due=due, started=due + minutes * MINUTE, **changes)


def waits(minutes: float, **changes: Any) -> PastRun:
    return past_run(due=NOW - minutes * MINUTE, started=None, running=None, **changes)


def never_started(minutes: float, state: str = "STOPPED", kind: str = "FLEX") -> PastRun:
    return past_run(
        due=10_000.0,
        started=None,
        running=None,
        completed=10_000.0 + minutes * MINUTE,
        state=RunState(state),
        execution_class=kind,
    )


@pytest.mark.parametrize(
    ("runs", "started", "waiting", "prompt_share"),
    [
        ([waited(0), waited(20), waited(20.1), waited(60)], 4, 0, 0.5),
        # what waits says nothing yet ...
        ([waits(5)], 0, 1, None),
        ([waited(1), waits(5)], 1, 1, 1.0),
        # ... until it has waited for longer
        ([waited(1), waits(21)], 1, 1, 0.5),
        # stopped by hand after a minute, and after twenty-five
        ([waited(1, execution_class="FLEX"), never_started(1)], 1, 0, 1.0),
        ([waited(1, execution_class="FLEX"), never_started(25)], 1, 0, 0.5),
        # given up, as a setting may be shorter than AWS's time
        ([waited(1, execution_class="FLEX"), never_started(5, "FAILED")], 1, 0, 0.5),
        # refused at once: nothing was waited for
        ([waited(1, execution_class="FLEX"), never_started(0, "FAILED")], 1, 0, 1.0),
        ([waited(1), never_started(5, "FAILED", "STANDARD")], 1, 0, 1.0),
        # a clock that was turned back
        ([waited(-5)], 1, 0, 1.0),
    ],
)
def test_starts_within_twenty_minutes(
    runs: list[PastRun], started: int, waiting: int, prompt_share: float | None
) -> None:
    (line,) = start_delays(runs, DelaysBy.CLASS, NOW)
    assert (line.started, line.waiting, line.prompt_share) == (started, waiting, prompt_share)


def test_percentiles_of_a_hundred_runs() -> None:
    (line,) = start_delays([waited(minutes) for minutes in range(1, 101)], DelaysBy.CLASS, NOW)
    assert line.seconds is not None
    found = (line.seconds.p50, line.seconds.p90, line.seconds.p95, line.seconds.p99)
    assert found == (50 * MINUTE, 90 * MINUTE, 95 * MINUTE, 99 * MINUTE)
    assert line.seconds.most == 100 * MINUTE


def test_nothing_has_percentiles() -> None:
    assert percentiles([]) is None


@pytest.mark.parametrize(
    ("by", "names"),
    [
        (DelaysBy.CLASS, [("", "FLEX"), ("", "STANDARD")]),
        (DelaysBy.JOB, [("a", "FLEX"), ("a", "STANDARD"), ("b", "STANDARD")]),
        (DelaysBy.DAY, [("1970-01-01", "FLEX"), ("1970-01-01", "STANDARD"),
                        ("1970-01-02", "STANDARD")]),
    ],
)  # fmt: skip
def test_lines(by: DelaysBy, names: list[tuple[str, str]]) -> None:
    runs = [
        waited(1, job_name="b"),
        waited(1, job_name="a", execution_class="FLEX"),
        waited(1, job_name="a", due=86_399.0),
        waited(1, job_name="a", due=86_400.0),
    ]
    assert [(line.name, line.execution_class) for line in start_delays(runs, by, NOW)] == names


def test_standard_that_flex_delayed() -> None:
    delays = [None, 0.0, 1.0, 1.5, 90.0]  # within a second nobody could do better
    (line,) = start_delays([waited(1, flex_delay=one) for one in delays], DelaysBy.CLASS, NOW)
    assert (line.flex_delayed, line.flex_delayed_share, line.flex_delay_most) == (2, 0.4, 90.0)


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=50),
    st.floats(0.001, 1),
)
def test_a_percentile_is_the_smallest_value_that_is_enough(
    values: list[float], share: float
) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    enough = [
        value for value in ordered if sum(one <= value for one in ordered) >= share * len(ordered)
    ]
    assert found == enough[0]
