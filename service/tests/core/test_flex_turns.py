from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.capacity import Demand, Held, Plan, Pool, plan
from glueball.core.flex import FixedReserve, FlexRules
from glueball.core.flex_turns import is_urgent, latest_start

NOW = 1_000_000.0  # 1970-01-12 13:46:40
POOL = Pool(dpus=100, memory_mb=100_000)
HOUR = 3600.0


def flex(name: str, dpus: float, *, age: float = 0, seconds: float | None = 600) -> Demand:
    return Demand(
        run_id=name,
        job_name="job",
        execution_class="FLEX",
        dpus=dpus,
        memory_mb=1,
        waiting_since=NOW - age,
        predicted_seconds=seconds,
    )


def held(dpus: float, *, ends_after: float | None = None, kind: str = "FLEX") -> Held:
    end = None if ends_after is None else NOW + ends_after
    return Held(run_id="h", execution_class=kind, dpus=dpus, memory_mb=1, predicted_end=end)


def decide(
    waiting: list[Demand], holding: list[Held], *, share: float = 0.0, window: int = 50
) -> Plan:
    return plan(
        POOL,
        holding,
        waiting,
        now=NOW,
        reserve=FixedReserve(share=share),
        rules=FlexRules(window=window),
    )


def started(found: Plan) -> list[str]:
    return [start.run_id for start in found.starts]


def test_behind_one_that_does_not_fit_the_shortest_go_first() -> None:
    waiting = [
        flex("large", 60, age=9),
        flex("long", 30, age=8, seconds=3600),
        flex("short", 30, age=7, seconds=60),
        flex("unknown", 10, age=6, seconds=None),
    ]
    assert started(decide(waiting, [held(50)])) == ["short", "unknown"]


def test_only_a_window_is_looked_at() -> None:
    waiting = [flex("large", 60, age=99)]
    waiting += [flex(f"long{n}", 60, age=50 - n) for n in range(20)]
    waiting += [flex("small", 1)]
    assert started(decide(waiting, [held(50)], window=20)) == []
    found = decide(waiting, [held(50)], window=21)
    assert started(found) == ["small"]
    assert len(decide(waiting, [held(50)], window=20).waits) == 21, "the others were not asked"


@pytest.mark.parametrize(
    ("young", "passes"),
    [
        # it will be over when the large one can start
        (flex("young", 20, seconds=3000), True),
        (flex("young", 20, seconds=4000), False),
        (flex("young", 20, seconds=None), False),
        # what the large one leaves: 100 - 90
        (flex("young", 10, seconds=90_000), True),
        (replace(flex("young", 20, seconds=3000), cautious_seconds=4000), False),
    ],
)
def test_an_aged_run_is_not_delayed(young: Demand, passes: bool) -> None:
    """The large one can start in an hour."""
    waiting = [flex("large", 90, age=1000), young]
    found = decide(waiting, [held(50, ends_after=HOUR)])
    assert ("young" in started(found)) is passes
    if not passes:
        assert found.waits[-1].reason.endswith(
            "kept for the FLEX run large, which has waited longest and needs 90"
        )


def test_what_the_aged_run_leaves_is_given_once() -> None:
    waiting = [flex("large", 90, age=1000)]
    waiting += [flex(f"young{n}", 6, seconds=90_000, age=5 - n) for n in range(3)]
    assert started(decide(waiting, [held(50, ends_after=HOUR)])) == ["young0"]


def test_an_aged_run_that_needs_the_pool_empty_gets_it_empty() -> None:
    """With the reserve it never fits: 90 + 25 of 100."""
    waiting = [flex("large", 90, age=1000), flex("young", 1, seconds=90_000)]
    assert started(decide(waiting, [held(5, ends_after=HOUR)], share=0.25)) == []
    brief = [waiting[0], flex("young", 1, seconds=60)]
    assert started(decide(brief, [held(5, ends_after=HOUR)], share=0.25)) == ["young"]


@pytest.mark.parametrize(
    ("deadline", "seconds", "latest"),
    [
        (NOW + 2 * HOUR, HOUR, NOW + HOUR - 300),
        (NOW + 2 * HOUR, None, NOW + 2 * HOUR - 300),
        (None, HOUR, None),
    ],
)
def test_the_latest_start(
    deadline: float | None, seconds: float | None, latest: float | None
) -> None:
    demand = replace(flex("f", 1, seconds=seconds), deadline=deadline)
    assert latest_start(demand, 300) == latest
    assert is_urgent(demand, NOW, 300) is False
    assert is_urgent(demand, NOW + 2 * HOUR, 300) is (deadline is not None)


def due(
    name: str, dpus: float, after: float, *, seconds: float | None = HOUR, age: float = 0
) -> Demand:
    return replace(flex(name, dpus, seconds=seconds, age=age), deadline=NOW + after)


@pytest.mark.parametrize(
    ("waiting", "holding", "starts", "notes"),
    [
        # its latest start has come: the reserve is not kept
        (
            [due("f", 20, HOUR + 300)],
            [held(70)],
            ["f"],
            ["ahead of the reserve for its deadline of 14:51 UTC"],
        ),
        # it would have started anyway
        ([due("f", 5, HOUR + 300)], [held(70)], ["f"], [None]),
        # the deadline is far away: it waits as any FLEX run
        ([due("f", 20, HOUR + 301)], [held(70)], [], []),
        # too late, but not later than need be
        (
            [due("f", 20, HOUR / 2)],
            [held(70)],
            ["f"],
            [
                "will miss its deadline of 14:16 UTC: needs about 1 h; ahead of the reserve for "
                "its deadline of 14:16 UTC"
            ],
        ),
        # how long it takes nobody knows: it is careful to go ahead, and nothing is lost yet
        (
            [replace(due("f", 20, HOUR, seconds=None), cautious_seconds=8 * HOUR)],
            [held(70)],
            ["f"],
            ["ahead of the reserve for its deadline of 14:46 UTC"],
        ),
        # who is nearest to losing its deadline goes first
        (
            [due("b", 20, HOUR + 200, age=9), due("a", 20, HOUR + 100)],
            [held(70)],
            ["a"],
            ["ahead of the reserve for its deadline of 14:48 UTC"],
        ),
        # others may not take what it waits for
        ([due("f", 40, HOUR), flex("small", 4, seconds=90_000)], [held(70)], [], []),
        (
            [due("f", 40, HOUR), flex("small", 4, seconds=60)],
            [held(70, ends_after=600)],
            ["small"],
            [None],
        ),
    ],
)
def test_deadlines(
    waiting: list[Demand], holding: list[Held], starts: list[str], notes: list[str | None]
) -> None:
    found = decide(waiting, holding, share=0.25)
    assert started(found) == starts
    assert [start.note for start in found.starts] == notes


def test_a_deadline_does_not_go_ahead_of_waiting_standard() -> None:
    standard = replace(flex("s", 90), execution_class="STANDARD")
    late = due("f", 5, HOUR / 2)
    found = decide([standard, late], [held(70)])
    assert started(found) == []
    assert found.waits[-1].reason == (
        "will miss its deadline of 14:16 UTC: needs about 1 h; needs 5 DPU; 30 spare, but 1 "
        "STANDARD run waits first"
    )


def test_a_deadline_that_has_passed_is_told() -> None:
    found = decide([due("f", 50, -600)], [held(70)])
    assert found.waits[0].reason == (
        "has missed its deadline of 13:36 UTC; needs 50 DPU; 30 spare of 100; goes ahead of the "
        "reserve for its deadline of 13:36 UTC"
    )


small_runs = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(1, 60), st.integers(1, 3000)), max_size=25
)
going = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 4000)), min_size=1, max_size=5)


@settings(deadline=None)
@given(going, small_runs, st.integers(40, 100), st.sampled_from([0.0, 0.25]))
def test_an_aged_run_is_never_starved_by_younger_ones(
    holding: list[tuple[int, int]],
    younger: list[tuple[int, int, int]],
    dpus: int,
    share: float,
) -> None:
    """Lengths are as predicted here, so it starts exactly when it would without the younger."""
    alone = _start_of_aged(holding, [], dpus, share)
    among = _start_of_aged(holding, younger, dpus, share)
    assert among <= alone


def _start_of_aged(
    holding: list[tuple[int, int]],
    younger: list[tuple[int, int, int]],
    dpus: float,
    share: float,
) -> float:
    """Replay second by second where something happens; return when the aged run starts."""
    going: list[Held] = []
    for number, (size, seconds) in enumerate(holding):
        if sum(one.dpus for one in going) + size <= POOL.dpus:
            going.append(replace(held(size, ends_after=seconds), run_id=f"h{number}"))
    aged = flex("aged", dpus, age=2000)
    arrivals = [
        replace(flex(f"y{n}", size, seconds=seconds), waiting_since=NOW + after)
        for n, (after, size, seconds) in enumerate(younger)
    ]
    moments = {NOW, *(one.waiting_since for one in arrivals)}
    moments |= {one.predicted_end for one in going if one.predicted_end is not None}
    gone: set[str] = set()
    while moments:
        now = min(moments)
        moments.discard(now)
        going = [one for one in going if one.predicted_end is None or one.predicted_end > now]
        waiting = [aged, *(one for one in arrivals if one.waiting_since <= now)]
        waiting = [one for one in waiting if one.run_id not in gone]
        reserve = FixedReserve(share=share)
        for start in plan(POOL, going, waiting, now=now, reserve=reserve).starts:
            if start.run_id == "aged":
                return now
            run = next(one for one in waiting if one.run_id == start.run_id)
            gone.add(run.run_id)
            end = now + (run.predicted_seconds or 0)
            moments.add(end)
            going.append(replace(held(run.dpus), run_id=run.run_id, predicted_end=end))
    raise AssertionError("it never started")
