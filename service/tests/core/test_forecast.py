from __future__ import annotations

import pytest

from glueball.core.capacity import Held, Pool
from glueball.core.flex import Usage
from glueball.core.forecast import ForecastReserve
from glueball.core.forecast_known import KnownStart
from glueball.core.forecast_surprise import SurprisingDemand

DAY = 86_400
HOUR = 3_600
MONDAY = 1_767_571_200
NOW = MONDAY + 14 * DAY + 13.9 * HOUR
POOL = Pool(dpus=100, memory_mb=1)


def history(rise: float = 0.0, *, began: float = MONDAY) -> SurprisingDemand:
    """Every day at 14:00 something rises for ten minutes."""
    found = SurprisingDemand(began)
    for day in range(14):
        at = MONDAY + day * DAY + 14 * HOUR
        if at > began:
            found.change(at, rise, foreseen=False)
            found.change(at + 600, -rise, foreseen=False)
    found.advance(NOW)
    return found


def usage(*held: Held) -> Usage:
    return Usage(pool=POOL, held=held)


def known(after: float, dpus: float, job: str = "nightly") -> KnownStart:
    return KnownStart(at=NOW + after, dpus=dpus, seconds=600, job_name=job)


def running(dpus: float, ends_after: float, *, foreseen: bool, kind: str = "STANDARD") -> Held:
    return Held(
        run_id="h",
        execution_class=kind,
        dpus=dpus,
        memory_mb=0,
        predicted_end=NOW + ends_after,
        foreseen=foreseen,
    )


def reserve(
    rise: float = 0.0,
    starts: tuple[KnownStart, ...] = (),
    *,
    largest: float = 0.0,
    began: float = MONDAY,
) -> ForecastReserve:
    return ForecastReserve(
        history=history(rise, began=began), known=starts, probability=0.99, largest_dpus=largest
    )


@pytest.mark.parametrize(
    ("forecast", "seconds", "dpus", "until", "because"),
    [
        (
            reserve(12),
            1800,
            12,
            None,
            "as much as demand rose unforeseen within 30 min at this hour of the last 28 days",
        ),
        (reserve(0, (known(400, 6),)), 1800, 6, NOW + 400, "6 for nightly"),
        # a short run is over before
        (
            reserve(0, (known(400, 6),)),
            300,
            0,
            None,
            "as much as demand rose unforeseen within 5 min at this hour of the last 28 days",
        ),
        # what is known, and beside it what usually comes
        (
            reserve(12, (known(400, 6),)),
            1800,
            18,
            NOW + 400,
            "6 for nightly, 12 as much as demand rose unforeseen within 30 min at this hour of the "
            "last 28 days",
        ),
        (
            reserve(0, (known(1, 6, "a"), known(2, 6, "b"), known(3, 6, "c"), known(4, 6, "d"))),
            1800,
            24,
            NOW + 4,
            "24 for d, c and 2 more",
        ),
        # at least the largest that was ever asked for
        (
            reserve(12, largest=20),
            1800,
            20,
            None,
            "as much as the largest STANDARD run of the last 28 days",
        ),
        (
            reserve(12, largest=500),
            1800,
            100,
            None,
            "as much as the largest STANDARD run of the last 28 days",
        ),
        # hardly any history
        (
            reserve(0, largest=5, began=NOW - 2 * DAY),
            1800,
            30,
            NOW + DAY,
            "30% of the pool, until three days of demand are known",
        ),
    ],
)
def test_what_is_reserved_and_why(
    forecast: ForecastReserve, seconds: float, dpus: float, until: float | None, because: str
) -> None:
    found = forecast.foresee(NOW, usage())(seconds)
    assert (found.dpus, found.until, found.because) == (dpus, until, because)


@pytest.mark.parametrize(
    ("held", "dpus"),
    [
        # the run of the same schedule that goes on now will have ended
        (running(4, 300, foreseen=True), 6),
        (running(4, 500, foreseen=True), 10),
        # the end of others is in the history already
        (running(4, 300, foreseen=False), 10),
        (running(4, 300, foreseen=True, kind="FLEX"), 10),
    ],
)
def test_known_runs_follow_each_other(held: Held, dpus: float) -> None:
    forecast = reserve(0, (known(400, 10),))
    assert forecast.foresee(NOW, usage(held))(1800).dpus == dpus


def test_a_run_of_unknown_length_is_taken_for_one_of_two_days() -> None:
    ask = reserve(0, (known(47 * HOUR, 10), known(49 * HOUR, 50))).foresee(NOW, usage())
    assert ask(None).dpus == 10


def test_a_longer_run_never_needs_a_smaller_reserve() -> None:
    ask = reserve(12, tuple(known(600 * n, 2 * n) for n in range(20))).foresee(NOW, usage())
    reserved = [ask(seconds).dpus for seconds in range(60, 20_000, 300)]
    assert reserved == sorted(reserved)
