from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.forecast_lengths import Lengths, Sample


def lengths_of(seconds: list[float], job: str = "etl", kind: str = "FLEX") -> Lengths:
    lengths = Lengths()
    for one in seconds:
        lengths.add(job, kind, one)
    return lengths


@pytest.mark.parametrize(
    ("seconds", "timeout", "likely"),
    [
        # the last two, whatever came before
        ([9000, 100, 300], None, 200),
        ([120], None, 120),
        # never longer than it is let to run
        ([7000, 9000], 3600, 3600),
        # the bound is all that is known
        ([], 28800, 28800),
        ([], None, None),
    ],
)
def test_the_likely_length(
    seconds: list[float], timeout: float | None, likely: float | None
) -> None:
    found = lengths_of(seconds).predict("etl", "FLEX", timeout_seconds=timeout, probability=0.95)
    assert found.likely == likely


def test_a_job_without_history_is_taken_for_one_of_the_longest_tenth() -> None:
    lengths = lengths_of([float(n) for n in range(1, 101)], job="another")
    found = lengths.predict("new", "FLEX", timeout_seconds=None, probability=0.95)
    assert (found.likely, found.careful) == (90, 90)
    other = lengths.predict("new", "STANDARD", timeout_seconds=300, probability=0.95)
    assert other.likely == 300, "classes know nothing of each other"


def steady(jobs: int, spread: float) -> Lengths:
    """Jobs of 1000 s whose runs stray by up to `spread`."""
    lengths, rng = Lengths(), random.Random(7)
    for n in range(200):
        lengths.add(f"job{n % jobs}", "FLEX", 1000 * rng.uniform(1 - spread, 1 + spread))
    return lengths


@pytest.mark.parametrize(("spread", "least", "most"), [(0.0, 1.0, 1.0), (0.3, 1.2, 1.8)])
def test_the_careful_length_follows_how_far_runs_stray(
    spread: float, least: float, most: float
) -> None:
    found = steady(10, spread).predict("job0", "FLEX", timeout_seconds=None, probability=0.95)
    assert found.likely is not None and found.careful is not None
    assert least <= found.careful / found.likely <= most


def test_the_few_first_runs_count_half_as_much_again() -> None:
    found = lengths_of([100.0, 100.0]).predict(
        "etl", "FLEX", timeout_seconds=None, probability=0.95
    )
    assert (found.likely, found.careful) == (100, 150)


@pytest.mark.parametrize(
    ("age", "careful"),
    [
        # as foreseen so far
        (0, 150),
        (120, 150),
        # beyond everything that was seen: the older, the longer still
        (150, 225),
        (1000, 1500),
    ],
)
def test_the_length_is_predicted_again_while_a_run_goes_on(age: float, careful: float) -> None:
    found = lengths_of([100.0, 100.0]).predict(
        "etl", "FLEX", timeout_seconds=None, probability=0.95, age=age
    )
    assert found.careful == careful
    assert found.likely is not None and found.likely >= min(age, careful)


ages = st.floats(0, 1e5)


@settings(deadline=None)
@given(
    st.lists(st.floats(0.5, 1e4), max_size=60),
    ages,
    st.floats(0.5, 0.999),
    st.one_of(st.none(), st.floats(60, 1e5)),
)
def test_a_run_that_goes_on_is_never_predicted_to_have_ended(
    seconds: list[float], age: float, probability: float, timeout: float | None
) -> None:
    lengths = lengths_of(seconds)
    found = lengths.predict(
        "etl", "FLEX", timeout_seconds=timeout, probability=probability, age=age
    )
    if found.careful is not None and (timeout is None or age < timeout):
        assert found.careful >= age
        assert found.likely is not None
        assert timeout is None or found.careful <= timeout


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40), st.floats(0.01, 1.0))
def test_quantiles_of_the_last_values(values: list[float], probability: float) -> None:
    sample = Sample(most=10)
    for value in values:
        sample.add(value)
    last = sorted(values[-10:])
    assert len(sample) == len(last)
    assert sample.quantile(probability) == last[max(0, math.ceil(probability * len(last)) - 1)]
    above = [value for value in last if value > 50]
    assert (sample.quantile(0.5, above=50) in above) or not above


def test_what_the_store_remembers_is_taken_over_once() -> None:
    lengths = Lengths()
    assert not lengths.knows("etl")
    lengths.remember("etl", [1.0, 100.0, 300.0])
    assert lengths.knows("etl")
    found = lengths.predict("etl", "FLEX", timeout_seconds=None, probability=0.5)
    assert found.likely == 200
    lengths.remember("never ran", [])
    assert lengths.knows("never ran")
