from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.core.throttling import full_bucket, take


@pytest.mark.parametrize(
    ("rate", "times", "granted"),
    [
        (2.0, [0, 0, 0], [True, True, False]),  # a burst of what a second gives
        (2.0, [0, 0, 0.5], [True, True, True]),  # half a second fills one
        (2.0, [0, 0, 100, 100, 100], [True, True, True, True, False]),  # it never holds more
        (0.5, [0, 1, 2], [True, False, True]),  # less than one a second
        (1.0, [10, 5, 5.9, 6.1], [True, False, False, True]),  # the clock went back
    ],
)
def test_requests(rate: float, times: list[float], granted: list[bool]) -> None:
    bucket, seen = full_bucket(rate, times[0]), []
    for now in times:
        bucket, let = take(bucket, now)
        seen.append(let)
    assert seen == granted


@given(
    st.floats(0.1, 100.0),
    st.lists(st.floats(0.0, 5.0), min_size=1, max_size=60),
)
def test_never_more_than_the_rate_and_one_burst(rate: float, gaps: list[float]) -> None:
    now = first = 1000.0
    bucket, granted = full_bucket(rate, now), 0
    for gap in gaps:
        now += gap
        bucket, let = take(bucket, now)
        granted += let
    assert granted <= max(1.0, rate) + (now - first) * rate + 1e-6
