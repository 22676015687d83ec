from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.forecast_feedback import DayOfStarts, probability_after


def days(*counts: tuple[int, int]) -> list[DayOfStarts]:
    return [DayOfStarts(starts=starts, delayed=delayed) for starts, delayed in counts]


def test_before_any_day_it_is_99_percent() -> None:
    assert probability_after([]) == 0.99


@pytest.mark.parametrize(
    ("counts", "direction"),
    [
        # one of a hundred is more than one of a thousand
        ([(100, 1)], +1),
        # exactly what is promised
        ([(1000, 1)], 0),
        # none, but too few to say more than that
        ([(100, 0)], 0),
        # a week that shows it
        ([(200, 0)] * 7, -1),
        ([(2000, 0)], -1),
        # the promise was broken once; days without a delay afterwards add nothing
        ([(500, 2), (500, 0)], +1),
    ],
)
def test_it_moves_with_the_evidence(counts: list[tuple[int, int]], direction: int) -> None:
    moved = probability_after(days(*counts)) - 0.99
    assert (moved > 1e-9) - (moved < -1e-9) == direction


def test_a_broken_day_counts_once_and_is_forgiven_slowly() -> None:
    broken = probability_after(days((500, 2)))
    assert probability_after(days((500, 2), (500, 0), (500, 0))) == broken
    later = probability_after(days((500, 2), *[(500, 0)] * 9))
    assert 0.99 < later < broken


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 50)), max_size=60))
def test_it_stays_within_its_bounds(counts: list[tuple[int, int]]) -> None:
    assert 0.95 - 1e-9 <= probability_after(days(*counts)) <= 0.9995 + 1e-9
