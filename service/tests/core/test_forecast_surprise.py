from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.forecast_demand import DAYS
from glueball.core.forecast_surprise import SurprisingDemand

DAY = 86_400
HOUR = 3_600
MONDAY = 1_767_571_200  # 2026-01-05 00:00 UTC
Run = tuple[float, float, float, bool]  # when, for how long, DPUs, whether a schedule told of it


def past(runs: list[Run], *, until: float) -> SurprisingDemand:
    history = SurprisingDemand(MONDAY)
    steps = [(at, dpus, foreseen) for at, _, dpus, foreseen in runs]
    steps += [(at + seconds, -dpus, foreseen) for at, seconds, dpus, foreseen in runs]
    for time, dpus, foreseen in sorted(steps):
        history.change(time, dpus, foreseen=foreseen)
    history.advance(until)
    return history


def each_day(hour: float, dpus: float, days: int, *, foreseen: bool = False) -> list[Run]:
    """Something that runs for ten minutes every day."""
    return [(MONDAY + day * DAY + hour * HOUR, 600.0, dpus, foreseen) for day in range(days)]


@pytest.mark.parametrize(
    ("hour", "seconds", "rise"),
    [
        # within the next half hour, as on all days
        (13.75, 1800, 10),
        # at this minute nothing comes so soon, around this time it does: half of it, so that there
        # is room for a short run
        (13.5, 600, 5),
        # one hour earlier or later counts, for what does not come by the clock
        (12.9, 1800, 10),
        (14.9, 1800, 10),
        # too far away
        (10.5, 1800, 0),
        # but not from a long run
        (10.0, 4 * HOUR, 10),
        # neither from one that nobody sees the end of
        (0.0, 30 * HOUR, 10),
    ],
)
def test_what_surprised_at_this_time_of_past_days_is_expected_again(
    hour: float, seconds: float, rise: float
) -> None:
    now = MONDAY + 7 * DAY + hour * HOUR
    history = past(each_day(14, 10, days=7), until=now)
    assert history.rise(now, seconds, 0.99) == rise


def test_what_a_schedule_told_of_is_no_surprise() -> None:
    now = MONDAY + 7 * DAY + 13.9 * HOUR
    assert past(each_day(14, 10, days=7, foreseen=True), until=now).rise(now, 1800, 0.99) == 0


@pytest.mark.parametrize(
    ("hour", "surprise"),
    [
        (14.0, 6),  # both at once: all of it comes on top of what was known
        (14.25, 0),  # when it comes, what was known has made room for it
        (13.9, 6),
    ],
)
def test_only_what_comes_on_top_of_what_was_known_counts(hour: float, surprise: float) -> None:
    now = MONDAY + 7 * DAY + 13.8 * HOUR
    runs = [*each_day(14, 10, days=7, foreseen=True), *each_day(hour, 6, days=7)]
    assert past(runs, until=now).rise(now, 3600, 0.9) == surprise


def test_days_of_another_kind_say_nothing() -> None:
    saturday = MONDAY + 5 * DAY + 13.9 * HOUR
    history = past(each_day(14, 10, days=5), until=saturday + 2 * DAY)  # Monday to Friday
    assert history.rise(saturday, 1800, 0.99) == 0
    assert history.rise(saturday + 2 * DAY, 1800, 0.99) == 10


def test_a_quantile_forgets_what_is_rare_and_prolongs_a_tail() -> None:
    rare = (float(MONDAY + 18 * DAY + 9 * HOUR), 60.0, 50.0, False)
    now = MONDAY + 21 * DAY + 8.95 * HOUR
    history = past([*each_day(9, 1, days=18), rare], until=now)
    assert history.rise(now, 1200, 0.97) == 1
    assert history.rise(now, 1200, 0.9995) > 50


def test_nothing_is_known_at_the_beginning() -> None:
    history = SurprisingDemand(MONDAY)
    assert history.rise(MONDAY, 600, 0.99) == 0
    history.change(MONDAY + 10, 7, foreseen=False)
    assert history.rise(MONDAY + 20, 600, 0.99) == 0


def test_old_days_are_forgotten() -> None:
    history = past(each_day(14, 10, days=2), until=MONDAY + 2 * DAY)
    now = MONDAY + (2 * DAYS + 3) * DAY + 13.9 * HOUR
    history.advance(now)
    assert history.rise(now, 1800, 0.9995) == 0


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.integers(MONDAY, MONDAY + 6 * DAY).map(float),
            st.integers(1, 10 * HOUR).map(float),
            st.integers(1, 20).map(float),
            st.booleans(),
        ),
        max_size=30,
    ),
    st.integers(0, DAY),
    st.floats(0.9, 0.9995),
)
def test_a_longer_time_never_needs_less(runs: list[Run], offset: int, probability: float) -> None:
    now = MONDAY + 6 * DAY + offset
    history = past([run for run in runs if run[0] + run[1] <= now], until=now)
    rises = [history.rise(now, seconds, probability) for seconds in range(60, 30_000, 700)]
    assert rises == sorted(rises)
    assert rises[0] >= 0


def test_what_is_asked_now_and_then_is_what_is_asked_once() -> None:
    """What was worked out before is kept, however old it gets."""
    rng = random.Random(1)
    often, once = SurprisingDemand(MONDAY), SurprisingDemand(MONDAY)
    time = float(MONDAY)
    while time < MONDAY + (2 * DAYS + 20) * DAY:
        time += rng.expovariate(1 / 900)
        change, foreseen = rng.choice((-5, 5)), rng.random() < 0.5
        for history in (often, once):
            history.change(time, change, foreseen=foreseen)
        if rng.random() < 0.1:
            often.rise(time, rng.choice((300, 3000, 50_000)), 0.99)
    for seconds in (300, 3000, 50_000):
        assert often.rise(time, seconds, 0.99) == once.rise(time, seconds, 0.99) > 0
