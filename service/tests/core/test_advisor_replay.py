from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.advisor_replay import HORIZON_SECONDS, Past, Sight, flex_delays
from glueball.core.crawls import own_schedule
from glueball.core.flex import FixedReserve, FlexRules, Foresight, Reserve, ReservedCapacity, Usage
from glueball.core.forecast import ForecastReserve
from glueball.core.past_runs import PastRun
from glueball.core.pool import Pool
from glueball.core.runs import RunState
from support.past_runs import past_run

HOUR = 3600.0
DAY = 24 * HOUR
POOL = Pool(dpus=20, memory_mb=20_000)


def ran(job: str, due: float, seconds: float, dpus: float = 10, **changes: Any) -> PastRun:
    """Return a run that started when it was due, unless `wait` delays it."""
    began = due + changes.pop("wait", 0.0)
    values = {"job_name": job, "due": due, "running": began, "completed": began + seconds}
    return past_run(f"{job}@{due:g}", **(values | {"dpus": dpus, "held_dpus": dpus} | changes))


def greedy(_sight: Sight) -> Reserve:
    return FixedReserve(share=0)


def delay(
    runs: Sequence[PastRun],
    *,
    job: str = "a",
    reserve: Callable[[Sight], Reserve] = greedy,
    scheduled: Sequence[str] = (),
) -> list[float]:
    """Return the start delays of all runs of a job as FLEX, in their order."""
    past = Past(
        pool=POOL, runs=runs, scheduled_chains=scheduled, reserve=reserve, rules=FlexRules()
    )
    asked = [run for run in runs if run.job_name == job]
    found = flex_delays(past, {job: asked})
    return [found[run.id] for run in asked]


@pytest.mark.parametrize(
    ("runs", "delays"),
    [
        ([ran("a", 0, 100)], [0]),  # an empty pool
        ([ran("b", 0, 1000, dpus=10), ran("a", 100, 50)], [0]),  # room beside it
        ([ran("b", 0, 1000, dpus=15), ran("a", 100, 50)], [900]),  # until b ends
        ([ran("b", 0, 1000, dpus=15), ran("a", 1000, 50)], [0]),  # just when b ends
        # two that follow each other; the second would not have come later
        ([ran("b", 0, 1000, dpus=15), ran("c", 900, 500, dpus=15), ran("a", 100, 50)], [1300]),
        # runs of its own do not go away: it holds what it held, as FLEX
        ([ran("a", 0, 1000, dpus=15), ran("a", 100, 50)], [0, 900]),
        # STANDARD that waits comes first, though there is room
        ([ran("b", 0, 1000, dpus=15), ran("c", 50, 10, dpus=10, wait=950),
          ran("a", 100, 50, dpus=1)], [900]),
        # as large as the pool: it takes its turn when all is quiet
        ([ran("b", 0, 1000, dpus=1), ran("a", 100, 50, dpus=500)], [900]),
        # memory counts as DPUs do
        ([ran("b", 0, 1000, dpus=1, held_memory_mb=19_500), ran("a", 100, 50)], [900]),
        # what never ended holds on
        ([ran("b", 0, 1, dpus=15, completed=None), ran("a", 100, 50)], [HORIZON_SECONDS]),
        # what ended in the moment in which it came, and a clock that was turned back
        ([ran("b", 0, 0, dpus=15), ran("c", 0, -100, dpus=15), ran("a", 100, 50)], [0]),
        # what never started takes nothing
        ([ran("b", 0, 1000, dpus=15, started=None, running=None), ran("a", 1100, 50)], [0]),
    ],
)  # fmt: skip
def test_how_long_a_run_would_have_waited(runs: list[PastRun], delays: list[float]) -> None:
    assert delay(runs) == pytest.approx(delays, abs=0.01)


@dataclass
class Watched:
    """A reserve that writes down what it is told, and keeps everything until some time."""

    until: float = 0.0
    sights: list[Sight] = field(default_factory=list)
    #: of all demand, and of what schedules told of
    levels: list[tuple[float, float]] = field(default_factory=list)
    held: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, sight: Sight) -> Reserve:
        self.sights.append(sight)
        history = sight.history
        self.levels.append((history._all._level, history._foreseen._level))
        return self

    def foresee(self, now: float, usage: Usage) -> Foresight:
        self.held.append({held.run_id: held.execution_class for held in usage.held})
        dpus = 0.0 if now >= self.until else usage.pool.dpus
        reserved = ReservedCapacity(dpus=dpus, until=None, because="")
        return lambda _seconds: reserved


def test_it_asks_again_each_minute() -> None:
    """And whenever something happens: the run itself ended at 150."""
    runs = [ran("b", 0, DAY, dpus=1), ran("a", 100, 50)]
    assert delay(runs, reserve=Watched(until=1050)) == [950]
    assert delay(runs, reserve=Watched(until=1051)) == [1010]


def test_a_deadline_goes_ahead_of_the_reserve() -> None:
    """As the rule has it: two minutes by the job's last runs, with caution three, and five to
    spare: at the latest eight minutes before."""
    runs = [
        ran("b", 0, 9 * DAY, dpus=1),
        *[ran("a", number * 1000.0, 120) for number in range(3)],
        ran("a", 10_000, 120, deadline=11_000.0),
    ]
    waited = delay(runs, reserve=Watched(until=9 * DAY))
    assert waited == [HORIZON_SECONDS] * 3 + [pytest.approx(1000 - 480, abs=60)]


def test_what_is_known_is_what_was_known_then() -> None:
    runs = [
        ran("small", 0, 200, dpus=2),
        ran("nightly", 300, 100, dpus=4, chain_id="tc_1"),
        ran("a", 1000, 50, dpus=8),
        ran("nightly", 1010, 100, dpus=4, chain_id="tc_2"),
        ran("large", 2000, 100, dpus=16),
    ]
    watched = Watched()
    assert delay(runs, reserve=watched, scheduled=["tc_1", "tc_2"]) == [0]
    (sight,) = watched.sights
    assert sight.largest_dpus == 4  # of other jobs, and before
    assert [(start.at, start.dpus, start.job_name) for start in sight.known] == [
        (1010, 4, "nightly")
    ]
    assert sight.known[0].seconds >= 100  # as it took before
    assert sight.probability == 0.99


def test_demand_without_a_schedule_is_learnt_but_for_the_job_itself() -> None:
    runs = [
        ran("b", 0, 500, dpus=2),
        ran("a", 10, 500, dpus=3),
        ran("nightly", 20, 500, dpus=4, chain_id="tc_1"),
        ran("f", 30, 500, dpus=5, execution_class="FLEX"),
        ran("a", 100, 50, dpus=3),
    ]
    watched = Watched()
    delay(runs, reserve=watched, scheduled=["tc_1"])
    assert watched.levels == [(2, 0), (6, 4)]
    assert watched.held[-1] == {
        "b@0": "STANDARD", "a@10": "FLEX", "nightly@20": "STANDARD", "f@30": "FLEX"
    }  # fmt: skip


def test_a_crawl_by_its_own_schedule_is_known_without_a_chain() -> None:
    runs = [
        ran("a", 1000, 50, dpus=8),
        ran("crawler:c", 1010, 100, dpus=2, trigger_name=own_schedule("c")),
        # somebody started it, and nobody knew
        ran("crawler:d", 1020, 100, dpus=2),
    ]
    watched = Watched()
    delay(runs, reserve=watched)
    assert [start.job_name for start in watched.sights[0].known] == ["crawler:c"]


def test_jobs_of_schedules_share_one_pass_and_do_not_know_of_each_other() -> None:
    runs = [
        ran("a", 0, 100, chain_id="tc_1"),
        ran("b", 10, 100, chain_id="tc_2"),
        ran("a", 200, 100, chain_id="tc_3"),
        ran("b", 210, 100, chain_id="tc_4"),
    ]
    watched = Watched()
    past = Past(
        pool=POOL,
        runs=runs,
        scheduled_chains={"tc_1", "tc_2", "tc_3", "tc_4"},
        reserve=watched,
        rules=FlexRules(),
    )
    found = flex_delays(past, {"a": [runs[2]], "b": [runs[3]], "c": []})
    assert found == {"a@200": 0, "b@210": 0}
    assert [[start.job_name for start in sight.known] for sight in watched.sights] == [["b"], []]


def test_days_on_which_flex_delayed_standard_make_it_careful() -> None:
    first = ran("b", 0.0, 50)  # what comes in its first week moves nothing
    late = [
        ran("b", 8 * DAY + number * 100.0, 50, wait=5.0, flex_delay=5.0) for number in range(100)
    ]
    watched = Watched()
    delay([first, *late, ran("a", 10 * DAY, 50)], reserve=watched)
    assert watched.sights[0].probability > 0.99


def test_runs_that_failed_say_nothing_of_lengths() -> None:
    runs = [
        ran("nightly", 0, 9 * HOUR, dpus=1, chain_id="tc_1", state=RunState.FAILED),
        ran("nightly", 10 * HOUR, 60, dpus=1, chain_id="tc_2"),
        ran("a", 11 * HOUR, 2 * HOUR),
        ran("a", 20 * HOUR, 2 * HOUR),
        ran("nightly", 21 * HOUR, 60, dpus=1, chain_id="tc_3"),
    ]
    watched = Watched()
    delay(runs, reserve=watched, scheduled=["tc_1", "tc_2", "tc_3"])
    assert watched.sights[-1].known[0].seconds < 9 * HOUR


def test_the_forecast_itself_reserves_for_a_schedule() -> None:
    """Each hour schedules take 15 of 20 DPUs for half an hour: a run of 40 minutes that asks for 8
    fits beside no such burst, and waits until there are no more."""

    def forecast(sight: Sight) -> Reserve:
        return ForecastReserve(
            history=sight.history,
            known=sight.known,
            probability=sight.probability,
            largest_dpus=sight.largest_dpus,
        )

    bursts = [
        ran(f"hourly{dpus}", hour * HOUR, HOUR / 2, dpus=dpus, chain_id=f"tc_{hour}_{dpus}")
        for hour in range(100)
        for dpus in (5, 10)
    ]
    asked = [ran("a", (hour + 0.75) * HOUR, 2400, dpus=8) for hour in (10, 94, 99)]
    chains = [str(run.chain_id) for run in bursts]
    waited = delay([*bursts, *asked], reserve=forecast, scheduled=chains)
    assert waited[0] == 0  # where nothing else runs it may start: else it never would
    beside = ran("beside", 0, 200 * HOUR, dpus=0.0625, execution_class="FLEX")
    waited = delay([beside, *bursts, *asked], reserve=forecast, scheduled=chains)
    assert waited[0] == HORIZON_SECONDS
    assert waited[1] == pytest.approx(4.25 * HOUR, abs=HOUR)
    assert waited[2] == 0


def brute_force(runs: Sequence[PastRun], asking: PastRun) -> float:
    """Look at every moment at which something happened, and at each minute after one."""
    others = [run for run in runs if run.id != asking.id]
    times = sorted({run.due for run in runs} | {run.completed or 0.0 for run in runs})
    looks = [asking.due]
    while looks[-1] < times[-1] + HOUR:
        later = [time for time in times if time > looks[-1]]
        looks.append(min([looks[-1] + 60, *later[:1]]))
    for now in looks:
        held = sum(run.dpus for run in others if run.due <= now < (run.completed or 0.0))
        if held + asking.dpus <= POOL.dpus:
            return now - asking.due
    raise AssertionError("it never starts")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("aab"), st.integers(0, 2000), st.integers(1, 900), st.integers(1, 10)
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda run: run[:2],
    )
)
def test_against_looking_at_every_moment(drawn: list[tuple[str, int, int, int]]) -> None:
    runs = [ran(job, float(due), float(seconds), float(dpus)) for job, due, seconds, dpus in drawn]
    expected = [brute_force(runs, run) for run in runs if run.job_name == "a"]
    assert delay(runs) == pytest.approx(expected, abs=0.01)
