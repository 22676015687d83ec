from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.forecast_demand import DAYS, SLOT_SECONDS, DemandHistory

DAY = 86_400
HOUR = 3_600
MONDAY = 1_767_571_200  # 2026-01-05 00:00 UTC


def history_of(changes: list[tuple[float, float]], *, until: float) -> DemandHistory:
    history = DemandHistory(MONDAY)
    for time, dpus in sorted(changes):
        history.change(time, dpus)
    history.advance(until)
    return history


def run(at: float, seconds: float, dpus: float) -> list[tuple[float, float]]:
    return [(at, dpus), (at + seconds, -dpus)]


def burst_each_day(hour: float, dpus: float, days: int) -> DemandHistory:
    """Something that runs for ten minutes every day."""
    changes = [run(MONDAY + day * DAY + hour * HOUR, 600, dpus) for day in range(days)]
    return history_of([one for pair in changes for one in pair], until=MONDAY + days * DAY)


@pytest.mark.parametrize(
    ("hour", "seconds", "rise"),
    [
        # within the next half hour, as on all days
        (13.75, 1800, 10),
        # it will be over before: there is room for a short run
        (13.5, 600, 0),
        # one hour earlier or later counts, for what does not come by the clock
        (12.9, 1800, 10),
        (14.9, 1800, 10),
        # too far away
        (11.0, 1800, 0),
        # but not from a long run
        (11.0, 4 * HOUR, 10),
        # it runs already: what is held now will not rise
        (14.17, 60, 0),
        (0.0, 30 * HOUR, 10),
    ],
)
def test_a_rise_at_this_time_of_past_days_is_expected_again(
    hour: float, seconds: float, rise: float
) -> None:
    history = burst_each_day(14, 10, days=7)
    now = MONDAY + 7 * DAY + hour * HOUR
    history.advance(now)
    assert history.rise(now, seconds, 0.99) == rise


def test_days_of_another_kind_say_nothing() -> None:
    history = burst_each_day(14, 10, days=5)  # Monday to Friday
    saturday = MONDAY + 5 * DAY + 13.9 * HOUR
    history.advance(saturday + 2 * DAY)
    assert history.rise(saturday, 1800, 0.99) == 0
    assert history.rise(saturday + 2 * DAY, 1800, 0.99) == 10


def test_a_rise_counts_from_where_demand_stood() -> None:
    always = [(MONDAY, 40.0)]
    peaks = [run(MONDAY + day * DAY + 9 * HOUR, 600, 5.0) for day in range(6)]
    end = MONDAY + 7 * DAY
    history = history_of(always + [one for pair in peaks for one in pair], until=end)
    assert history.rise(end + 8.9 * HOUR, 1800, 0.99) == 5
    assert history.rise(end + 3 * HOUR, 1800, 0.99) == 0, "what always runs is no rise"


def test_a_quantile_forgets_what_is_rare() -> None:
    history = burst_each_day(9, 1, days=18)
    history.change(MONDAY + 18 * DAY + 9 * HOUR, 50)
    history.change(MONDAY + 18 * DAY + 9 * HOUR + 60, -50)
    now = MONDAY + 21 * DAY + 8.95 * HOUR
    history.advance(now)
    assert history.rise(now, 1200, 0.90) == 1
    assert history.rise(now, 1200, 1.0) == 50


def test_nothing_is_known_at_the_beginning() -> None:
    history = DemandHistory(MONDAY)
    assert history.rise(MONDAY, 600, 0.99) == 0
    history.change(MONDAY + 10, 7)
    assert history.rise(MONDAY + 20, 600, 0.99) == 0


def test_what_comes_late_counts_from_the_open_slot() -> None:
    history = DemandHistory(MONDAY)
    history.advance(MONDAY + HOUR)
    history.change(MONDAY + 60, 10)
    history.change(MONDAY + HOUR + 1, -10)
    history.advance(MONDAY + 2 * DAY)
    assert history.rise(MONDAY + DAY + HOUR, 300, 1.0) == 10


def test_old_days_are_forgotten() -> None:
    history = burst_each_day(14, 10, days=2)
    for day in range(2, 2 * DAYS + 3):
        history.advance(MONDAY + day * DAY)
    now = MONDAY + (2 * DAYS + 3) * DAY + 13.9 * HOUR
    history.advance(now)
    assert history.rise(now, 1800, 1.0) == 0


steps = st.lists(
    st.tuples(st.integers(0, 3 * DAY), st.integers(1, 20 * HOUR), st.integers(1, 160)), max_size=20
)


@settings(deadline=None)
@given(steps, st.integers(1, 8 * HOUR), st.integers(0, DAY))
def test_it_agrees_with_a_look_at_every_second_that_matters(
    runs: list[tuple[int, int, int]], seconds: int, offset: int
) -> None:
    """An oracle: the highest rise (probability 1) from the slots of the same time of other days."""
    changes = [
        change
        for at, length, sixteenths in runs
        for change in run(MONDAY + at, length, sixteenths / 16)
    ]
    now = MONDAY + 4 * DAY + offset
    history = history_of([one for one in changes if one[0] <= now], until=now)
    found = history.rise(now, seconds, 1.0)
    least, most = _rises(changes, now, seconds)
    assert least <= found <= most


def _rises(changes: list[tuple[float, float]], now: float, seconds: float) -> tuple[float, float]:
    """Return what must be seen, and (spans are rounded up by less than a third) what may be."""
    slot = now // SLOT_SECONDS * SLOT_SECONDS
    least = most = 0.0
    for day in range(5):
        for hour in (-1, 0, 1):
            for near in (-1, 0, 1):
                begin = slot - day * DAY + hour * HOUR + near * SLOT_SECONDS
                span = math.ceil(seconds / SLOT_SECONDS) * SLOT_SECONDS
                rounded = span * 4 / 3 + SLOT_SECONDS
                if begin < MONDAY:
                    continue
                if begin + rounded <= slot:
                    least = max(least, _rise(changes, begin, begin + span))
                if begin + span <= slot:
                    most = max(most, _rise(changes, begin, min(slot, begin + rounded)))
    return least, most


def _rise(changes: list[tuple[float, float]], begin: float, end: float) -> float:
    stood = sum(dpus for time, dpus in changes if time < begin)
    level, highest = stood, stood
    for time, dpus in sorted(changes):
        if begin <= time < end:
            level += dpus
            highest = max(highest, level)
    return highest - stood


def test_a_month_is_looked_through_in_no_time() -> None:
    """Counted in elements, not seconds: a question looks at some 200 slots, however long."""
    rng = random.Random(1)
    history = DemandHistory(MONDAY)
    time = float(MONDAY)
    while time < MONDAY + DAYS * DAY:
        time += rng.expovariate(1 / 600)
        history.change(time, rng.choice((-5, 5)))
    rises = list(history._rises(int(time // SLOT_SECONDS), 12))
    assert 100 < len(rises) < 300
