from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.core.extremes import high_quantile


@pytest.mark.parametrize(
    ("values", "probability", "found"),
    [
        ([float(n) for n in range(1, 101)], 0.9, 90),  # so many values can tell
        ([float(n) for n in range(1, 101)], 0.99, 99),
        # the highest ten lie 5.5 above 90 in the mean: once in a thousand, 90 + 5.5 ln(100)
        ([float(n) for n in range(1, 101)], 0.999, 90 + 5.5 * math.log(100)),
        ([5.0] * 100, 0.999, 5),  # it never was otherwise
        ([1.0, 2.0, 3.0], 0.999, 3),  # too few to tell of a tail
        ([7.0], 0.5, 7),
    ],
)
def test_what_is_exceeded_seldom(values: list[float], probability: float, found: float) -> None:
    assert high_quantile(values, probability) == pytest.approx(found)


def test_an_exponential_tail_is_prolonged_as_it_goes_on() -> None:
    rng = random.Random(1)
    found = [
        high_quantile(sorted(rng.expovariate(1.0) for _ in range(200)), 0.9995) for _ in range(300)
    ]
    assert statistics.fmean(found) == pytest.approx(-math.log(0.0005), rel=0.05)


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=300),
    st.floats(0.5, 0.9999),
    st.floats(0.5, 0.9999),
)
def test_a_higher_probability_never_means_less(drawn: list[int], one: float, two: float) -> None:
    values = [float(value) for value in sorted(drawn)]
    less, more = (high_quantile(values, probability) for probability in sorted((one, two)))
    assert values[0] <= less <= more
