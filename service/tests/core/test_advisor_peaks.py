from __future__ import annotations

import random

import pytest

from glueball.core.advisor_peaks import Peaks
from glueball.core.past_runs import PastRun
from support.past_runs import past_run


def ran(job: str, began: float, ended: float, dpus: float, kind: str = "STANDARD") -> PastRun:
    return past_run(
        f"{job}@{began}",
        job_name=job,
        running=began,
        completed=ended,
        dpus=dpus,
        execution_class=kind,
    )


@pytest.mark.parametrize(
    ("runs", "saved"),
    [
        ([], 0),  # it never ran
        ([ran("a", 0, 10, 5)], 5),  # all the demand there is
        ([ran("a", 0, 10, 5), ran("b", 5, 15, 8)], 5),  # together
        ([ran("a", 0, 10, 5), ran("b", 10, 15, 8)], 0),  # one makes room for the other
        ([ran("a", 0, 10, 9), ran("b", 20, 30, 8)], 1),  # another peak is nearly as high
        ([ran("a", 0, 10, 5), ran("b", 5, 15, 8, "FLEX")], 5),  # FLEX makes no peak
        ([ran("a", 0, 10, 5, "FLEX"), ran("b", 5, 15, 8)], 5),  # what it has saved as FLEX
        ([ran("a", 0, 10, 5), ran("a", 5, 10, 5), ran("b", 20, 30, 3)], 7),  # with itself
    ],
)
def test_how_much_lower_the_peak_is(runs: list[PastRun], saved: float) -> None:
    assert Peaks(runs).saved("a") == saved


def test_a_run_that_never_started_took_nothing() -> None:
    waited = past_run(job_name="a", started=None, running=None, completed=5.0)
    assert Peaks([waited]).saved("a") == 0


def test_it_agrees_with_a_look_at_every_second() -> None:
    rng = random.Random(1)
    for _ in range(50):
        runs = [
            ran(rng.choice("abc"), began, began + rng.randint(1, 9), rng.randint(1, 9))
            for began in rng.sample(range(60), 12)
        ]

        def most(counted: list[PastRun]) -> float:
            return max(
                sum(run.dpus for run in counted if run.due <= second < (run.completed or 0))
                for second in range(80)
            )

        others = [run for run in runs if run.job_name != "a"]
        assert Peaks(runs).saved("a") == most(runs) - most(others)
