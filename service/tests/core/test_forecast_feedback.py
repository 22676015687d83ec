from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.forecast_feedback import (
    AIM_SHARE,
    DEFAULT_PROBABILITY,
    SURPRISED_AIM_SHARE,
    DayOfStarts,
    DaysOfStarts,
    probability_after,
)

WEEK = [(500, 0)] * 7
DAY = 86_400.0
NOW = 20_000 * DAY


def days(*counts: tuple[int, int]) -> list[DayOfStarts]:
    """Return days on which schedules told of every start."""
    return [
        DayOfStarts(starts=starts, foreseen=starts, delayed=delayed) for starts, delayed in counts
    ]


@pytest.mark.parametrize("first", [[], [(500, 0)] * 7, [(500, 20)] * 7])
def test_in_the_first_week_it_is_99_percent(first: list[tuple[int, int]]) -> None:
    assert probability_after(days(*first)) == pytest.approx(0.99)


@pytest.mark.parametrize(
    ("day", "risk"),
    [
        # a fifth of a delay was to be expected, and none came
        ((500, 0), 0.01 * math.exp(0.5 * 0.2)),
        # hardly anything ran: nothing was shown
        ((5, 0), 0.01 * math.exp(0.5 * 0.002)),
        # one came
        ((500, 1), 0.01 * math.exp(-0.5 * 0.8)),
        # as many as were to be expected
        ((5000, 2), 0.01),
        # half as many, of many: units of what was to be expected
        ((10_000, 2), 0.01 * math.exp(0.5 * 0.5)),
        # a burst is one event
        ((500, 9), 0.01 * 0.6),
    ],
)
def test_each_day_moves_it_by_the_evidence(day: tuple[int, int], risk: float) -> None:
    assert 1 - probability_after(days(*WEEK, day)) == pytest.approx(risk)


def test_a_broken_day_is_forgiven_slowly() -> None:
    broken = probability_after(days(*WEEK, (500, 2)))
    risks = [
        1 - probability_after(days(*WEEK, (500, 2), *[(500, 0)] * count)) for count in range(12)
    ]
    assert risks[0] == pytest.approx(1 - broken)
    assert risks == sorted(risks)
    assert risks[3] < 0.01 < risks[-1]


@pytest.mark.parametrize(
    ("foreseen", "share"),
    [
        (1000, AIM_SHARE),
        # with half of them a plan can be made
        (500, AIM_SHARE),
        (250, math.sqrt(AIM_SHARE * SURPRISED_AIM_SHARE)),
        (0, SURPRISED_AIM_SHARE),
    ],
)
def test_more_delays_are_expected_where_less_is_foreseen(foreseen: int, share: float) -> None:
    day = DayOfStarts(starts=1000, foreseen=foreseen)
    assert day.expected == pytest.approx(1000 * share)


def test_a_day_without_a_start_expects_no_delay() -> None:
    assert DayOfStarts().expected == 0


@pytest.mark.parametrize("foreseen", [0, 1000])
@pytest.mark.parametrize("wrong", [0.1, 0.3])
def test_the_share_of_delays_is_drawn_to_the_aim(wrong: float, foreseen: int) -> None:
    """However many delays a risk really brings: here so many to each start."""
    rng = random.Random(1)
    seen = days(*WEEK)
    for _ in range(700):
        risk = 1 - probability_after(seen)
        delayed = sum(rng.random() < wrong * risk for _ in range(1000))
        seen.append(DayOfStarts(starts=1000, foreseen=foreseen, delayed=delayed))
    settled = seen[100:]
    share = sum(day.delayed for day in settled) / sum(day.starts for day in settled)
    assert share == pytest.approx(AIM_SHARE if foreseen else SURPRISED_AIM_SHARE, rel=0.3)


def test_days_are_counted_and_judged_when_they_are_over() -> None:
    starts = DaysOfStarts()
    assert starts.probability(NOW) == DEFAULT_PROBABILITY
    for day in range(10):
        for second in range(5):
            delay = 2.0 if second == 0 and day == 8 else 0.5 if second else None
            starts.count(NOW + day * DAY + second, delay, foreseen=second > 1)
    told = [DayOfStarts(starts=5, foreseen=3)] * 8
    late = DayOfStarts(starts=5, foreseen=3, delayed=1)
    assert starts.probability(NOW + 8 * DAY) == probability_after(told)
    assert starts.probability(NOW + 9 * DAY) == probability_after([*told, late])
    # what comes on a day that goes on changes nothing yet
    starts.count(NOW + 9 * DAY, 100.0, foreseen=True)
    assert starts.probability(NOW + 9 * DAY + 5) == probability_after([*told, late])


def test_days_of_long_ago_are_forgotten() -> None:
    starts = DaysOfStarts()
    for second in range(500):
        starts.count(NOW + second, 2.0, foreseen=True)
    assert starts.probability(NOW + 40 * DAY) == DEFAULT_PROBABILITY


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 50)), max_size=60))
def test_it_stays_within_its_bounds(counts: list[tuple[int, int]]) -> None:
    assert 0.95 - 1e-9 <= probability_after(days(*counts)) <= 0.9995 + 1e-9
