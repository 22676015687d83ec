from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.engine.pace import Pace


def a_pace() -> Pace:
    return Pace(share=0.2, burst_seconds=0.1, most_rest_seconds=0.5)


@pytest.mark.parametrize(
    ("rounds", "rest"),
    [
        # a first round is free, and so is one now and then
        ([(0.02, 0.0)], 0.0),
        ([(0.02, 1.0)] * 50, 0.0),
        # what exceeds the burst is made up for: 0.04 s at a fifth of a processor
        ([(0.14, 0.0)], 0.2),
        # a budget that is left does not grow without end
        ([(0.0, 1e9), (0.14, 0.0)], 0.2),
        # no rest is so long that a request would notice
        ([(10.0, 10.0)], 0.5),
    ],
)
def test_rests(rounds: list[tuple[float, float]], rest: float) -> None:
    pace = a_pace()
    rests = [pace.rest_seconds(worked, passed) for worked, passed in rounds]
    assert rests[-1] == pytest.approx(rest)


@given(st.lists(st.floats(0.0, 0.09), min_size=1))
def test_in_the_long_run_no_more_than_its_share(rounds: list[float]) -> None:
    """Rounds follow each other without a pause but the rests."""
    pace, rest, worked, elapsed = a_pace(), 0.0, 0.0, 0.0
    for work in rounds:
        elapsed += rest + work
        worked += work
        rest = pace.rest_seconds(work, rest + work)
    assert worked <= 0.1 + 0.2 * (elapsed + rest) + 1e-9
