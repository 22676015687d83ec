from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.capacity import Demand, Held, Plan, Pool, Start, plan
from glueball.core.flex import FixedReserve, Foresight, Reserve, ReservedCapacity, Usage
from glueball.core.flex_turns import is_urgent

NOW = 1_000_000.0  # 13:46:40
NOON = NOW - 6400
POOL = Pool(dpus=100, memory_mb=100_000)
NOTHING_RESERVED = FixedReserve(share=0)


def standard(name: str, dpus: float, *, age: float = 0, memory_mb: int = 100) -> Demand:
    return demand(name, dpus, "STANDARD", age=age, memory_mb=memory_mb)


def flex(name: str, dpus: float, *, age: float = 0, memory_mb: int = 100) -> Demand:
    return demand(name, dpus, "FLEX", age=age, memory_mb=memory_mb)


def demand(name: str, dpus: float, kind: str, *, age: float, memory_mb: int) -> Demand:
    return Demand(
        run_id=name,
        job_name="job",
        execution_class=kind,
        dpus=dpus,
        memory_mb=memory_mb,
        waiting_since=NOW - age,
        predicted_seconds=60,
    )


def held(kind: str, dpus: float, *, memory_mb: int = 100) -> Held:
    return Held(run_id=f"held-{dpus}", execution_class=kind, dpus=dpus, memory_mb=memory_mb)


def decide(
    waiting: list[Demand],
    holding: list[Held] | None = None,
    *,
    pool: Pool = POOL,
    reserve: Reserve = NOTHING_RESERVED,
) -> dict[str, str]:
    """Return for every run "starts", or the reason why it waits."""
    answer = plan(pool, holding or [], waiting, now=NOW, reserve=reserve)
    starts = {start.run_id: "starts" for start in answer.starts}
    return starts | {wait.run_id: wait.reason for wait in answer.waits}


def test_standard_starts_in_order_of_arrival_whatever_the_order_of_the_question() -> None:
    waiting = [standard("young", 60, age=1), standard("old", 60, age=2)]
    assert decide(waiting) == {
        "old": "starts",
        "young": "needs 60 DPU; 40 spare of 100",
    }


def test_a_large_standard_run_is_not_starved_by_small_ones_behind_it() -> None:
    waiting = [standard("large", 80, age=9), standard("b", 1, age=8), standard("c", 1, age=7)]
    assert decide(waiting, [held("STANDARD", 40)]) == {
        "large": "needs 80 DPU; 60 spare of 100",
        "b": "needs 1 DPU; 60 spare; 1 STANDARD run waits before it, and needs 80",
        "c": "needs 1 DPU; 60 spare; 2 STANDARD runs wait before it, the first of them needs 80",
    }


def test_flex_waits_while_standard_waits_even_where_there_is_room_for_it() -> None:
    waiting = [standard("s", 80), flex("f", 1, age=5000)]
    assert decide(waiting, [held("FLEX", 40)])["f"] == (
        "needs 1 DPU; 60 spare, but 1 STANDARD run waits first"
    )
    assert decide([standard("s", 80), flex("f", 70)], [held("FLEX", 40)])["f"] == (
        "needs 70 DPU; 60 spare, and 1 STANDARD run waits first"
    )


def test_standard_may_use_what_is_reserved_for_it() -> None:
    waiting = [standard("s", 100)]
    assert decide(waiting, reserve=FixedReserve(share=0.5)) == {"s": "starts"}


@dataclass(frozen=True)
class Until:
    """A reserve that passes at a known time."""

    dpus: float
    until: float

    def foresee(self, now: float, usage: Usage) -> Foresight:
        return lambda _seconds: ReservedCapacity(
            dpus=self.dpus, until=self.until, because="job nightly is due"
        )


def test_flex_leaves_the_reserve_whole_and_says_the_numbers() -> None:
    reserve = Until(6, until=NOON + 2 * 3600)
    holding = [held("STANDARD", 50), held("FLEX", 36)]
    assert decide([flex("f", 8)], holding, reserve=reserve) == {"f": "starts"}
    assert decide([flex("f", 10)], holding, reserve=reserve) == {
        "f": "needs 10 DPU; 14 spare, 6 reserved for STANDARD until 14:00 (job nightly is due)"
    }
    assert decide([flex("f", 10)], holding, reserve=FixedReserve(share=0.0625)) == {
        "f": "needs 10 DPU; 14 spare, 6.25 reserved for STANDARD (6% of the pool)"
    }


@dataclass(frozen=True)
class PerLength:
    """A reserve that grows with the length of the run that asks."""

    def foresee(self, now: float, usage: Usage) -> Foresight:
        most = usage.pool.dpus - sum(one.dpus for one in usage.held)

        def ask(seconds: float | None) -> ReservedCapacity:
            needed = most if seconds is None else min(seconds / 60, most)
            return ReservedCapacity(dpus=needed, until=None, because="rise seen")

        return ask


def test_a_short_flex_run_gets_through_where_a_long_one_may_not() -> None:
    waiting = [
        replace(flex("long", 10, age=2), predicted_seconds=3600),
        replace(flex("short", 10, age=1), predicted_seconds=600),
    ]
    answer = decide(waiting, [held("STANDARD", 40)], reserve=PerLength())
    assert answer == {
        "long": "needs 10 DPU; 60 spare, 60 reserved for STANDARD (rise seen)",
        "short": "starts",
    }


def test_flex_larger_than_the_reserve_leaves_starts_on_an_empty_pool_only() -> None:
    reserve = FixedReserve(share=0.5)
    assert decide([flex("f", 80)], reserve=reserve) == {"f": "starts"}
    assert decide([flex("f", 80)], [held("FLEX", 1)], reserve=reserve)["f"] == (
        "needs 80 DPU; 99 spare, 50 reserved for STANDARD (50% of the pool)"
    )


@pytest.mark.parametrize(
    ("age", "holding", "young"),
    [
        # not old enough to hold others back
        (899, [held("FLEX", 60)], "starts"),
        # 15 minutes: what becomes free is kept for it
        (
            900,
            [held("FLEX", 60)],
            "needs 5 DPU; 40 spare, kept for the FLEX run old, which has waited longest and "
            "needs 50",
        ),
        # STANDARD is what it waits for, so others may use the time
        (5000, [held("STANDARD", 60)], "starts"),
    ],
)
def test_an_aged_flex_run_lets_no_younger_one_pass(
    age: float, holding: list[Held], young: str
) -> None:
    waiting = [flex("old", 50, age=age), flex("young", 5, age=1)]
    assert decide(waiting, holding)["young"] == young


@pytest.mark.parametrize(
    ("old", "holding", "passes"),
    [
        # larger than the reserve leaves: it needs the pool empty, so nobody may keep it busy
        (flex("old", 90, age=5000), [held("FLEX", 5)], False),
        # the same beside STANDARD: the end of other FLEX runs would not help it
        (flex("old", 90, age=5000), [held("STANDARD", 5)], True),
        # memory that FLEX holds
        (flex("old", 1, age=5000, memory_mb=70_000), [held("FLEX", 1, memory_mb=40_000)], False),
        # memory that STANDARD holds
        (flex("old", 1, age=5000, memory_mb=70_000), [held("STANDARD", 1, memory_mb=40_000)], True),
    ],
)
def test_an_aged_flex_run_holds_others_back_only_where_that_helps_it(
    old: Demand, holding: list[Held], passes: bool
) -> None:
    answer = decide([old, flex("young", 5, age=1)], holding, reserve=FixedReserve(share=0.25))
    assert answer["old"] != "starts"
    assert (answer["young"] == "starts") is passes


def test_an_aged_flex_run_still_keeps_the_reserve() -> None:
    waiting = [flex("old", 50, age=100_000)]
    answer = decide(waiting, [held("STANDARD", 30)], reserve=FixedReserve(share=0.25))
    assert answer["old"] == "needs 50 DPU; 70 spare, 25 reserved for STANDARD (25% of the pool)"


def test_a_request_larger_than_the_pool_is_cut_to_it_and_says_so() -> None:
    small = Pool(dpus=100, memory_mb=8192)
    answer = plan(
        small,
        [],
        [standard("s", 149, memory_mb=40_960)],
        now=NOW,
        reserve=NOTHING_RESERVED,
    )
    assert answer.starts == [
        Start(
            run_id="s",
            dpus=100,
            memory_mb=8192,
            note="asked for 149 DPU, the pool has 100: runs with 100; "
            "asked for 40960 MB of memory, the pool has 8192: runs with 8192",
        )
    ]


def test_memory_limits_as_dpus_do() -> None:
    pool = Pool(dpus=100, memory_mb=2048)
    waiting = [standard(name, 1, age=3 - n, memory_mb=1024) for n, name in enumerate("abc")]
    assert decide(waiting, pool=pool) == {
        "a": "starts",
        "b": "starts",
        "c": "needs 1024 MB of memory; 0 spare of 2048",
    }
    assert decide([flex("f", 1, memory_mb=1024)], [held("FLEX", 1, memory_mb=1025)], pool=pool) == {
        "f": "needs 1024 MB of memory; 1023 spare of 2048"
    }


def test_a_pool_that_shrank_under_its_runs_starts_nothing() -> None:
    assert decide([standard("s", 1)], [held("STANDARD", 200)]) == {
        "s": "needs 1 DPU; 0 spare of 100"
    }


def test_a_sixteenth_of_a_dpu_is_written_as_it_is() -> None:
    assert decide([standard("shell", 0.0625)], [held("STANDARD", 100)]) == {
        "shell": "needs 0.0625 DPU; 0 spare of 100"
    }


class Calls:
    """Counts every call of a Python function and of a builtin while it is open."""

    def __enter__(self) -> Calls:
        self.count = 0
        sys.setprofile(self._seen)
        return self

    def _seen(self, _frame: FrameType, event: str, _argument: Any) -> None:
        self.count += event in ("call", "c_call")

    def __exit__(self, *_error: object) -> None:
        sys.setprofile(None)


@pytest.mark.parametrize(
    ("kind", "age", "room"),
    [
        # every one starts, waits behind the first, or is weighed against the reserve
        ("STANDARD", 0, 10_000_000),
        ("STANDARD", 0, 1),
        ("FLEX", 0, 10_000_000),
        ("FLEX", 0, 1),
        ("FLEX", 100_000, 1),
    ],
)
def test_work_grows_with_the_number_of_runs_and_not_faster(
    kind: str, age: float, room: float
) -> None:
    def calls(count: int) -> int:
        waiting = [demand(f"r{n}", 1, kind, age=age + n, memory_mb=0) for n in range(count)]
        holding = [held(kind, 1, memory_mb=0)] * count
        pool = Pool(dpus=count + room, memory_mb=1)
        with Calls() as counted:
            plan(pool, holding, waiting, now=NOW, reserve=FixedReserve(share=0.25))
        return counted.count

    assert calls(2000) < 2.2 * calls(1000)


sixteenths = st.integers(min_value=1, max_value=16 * 120).map(lambda n: n / 16)
classes = st.sampled_from(["STANDARD", "FLEX"])
pools = st.builds(Pool, dpus=sixteenths, memory_mb=st.integers(1, 5000))
waiting_runs = st.builds(
    demand,
    st.just("?"),
    sixteenths,
    classes,
    age=st.integers(0, 3000).map(float),
    memory_mb=st.integers(0, 6000),
)
deadlines = st.one_of(st.none(), st.integers(-1000, 5000).map(lambda after: NOW + after))
demands = st.lists(st.tuples(waiting_runs, deadlines), max_size=12).map(
    lambda found: [
        replace(one, run_id=f"run{n}", deadline=due) for n, (one, due) in enumerate(found)
    ]
)
shares = st.sampled_from([0.0, 0.25, 0.5, 1.0])


@st.composite
def holdings(draw: st.DrawFn, pool: Pool) -> list[Held]:
    """Runs that fit into the pool, as they did when they were let in."""
    found: list[Held] = []
    for kind in draw(st.lists(classes, max_size=4)):
        dpus = pool.dpus - sum(one.dpus for one in found)
        memory_mb = pool.memory_mb - sum(one.memory_mb for one in found)
        share = draw(st.integers(0, int(dpus * 16))) / 16
        taken = draw(st.integers(0, memory_mb))
        found.append(Held(run_id="h", execution_class=kind, dpus=share, memory_mb=taken))
    return found


@st.composite
def questions(draw: st.DrawFn) -> tuple[Pool, list[Held], list[Demand], FixedReserve]:
    pool = draw(pools)
    return pool, draw(holdings(pool)), draw(demands), FixedReserve(share=draw(shares))


Question = tuple[Pool, list[Held], list[Demand], FixedReserve]


def answer(question: Question) -> Plan:
    pool, holding, waiting, reserve = question
    return plan(pool, holding, waiting, now=NOW, reserve=reserve)


def kinds(question: Question) -> dict[str, str]:
    return {one.run_id: one.execution_class for one in question[2]}


@settings(deadline=None)  # a busy machine is no failure
@given(questions())
def test_what_is_held_never_exceeds_the_pool(question: Question) -> None:
    pool, holding, _, _ = question
    starts = answer(question).starts
    assert sum(h.dpus for h in holding) + sum(s.dpus for s in starts) <= pool.dpus
    assert sum(h.memory_mb for h in holding) + sum(s.memory_mb for s in starts) <= pool.memory_mb


@settings(deadline=None)
@given(questions())
def test_every_run_is_answered_once(question: Question) -> None:
    asked = Counter(one.run_id for one in question[2])
    found = answer(question)
    answered = [start.run_id for start in found.starts] + [wait.run_id for wait in found.waits]
    assert Counter(answered) == asked
    assert all(wait.reason for wait in found.waits)


@settings(deadline=None)
@given(questions())
def test_no_flex_starts_while_standard_waits(question: Question) -> None:
    kind = kinds(question)
    found = answer(question)
    standard_waits = any(kind[one.run_id] == "STANDARD" for one in found.waits)
    flex_starts = any(kind[one.run_id] == "FLEX" for one in found.starts)
    assert not (standard_waits and flex_starts)


@settings(deadline=None)
@given(questions(), st.randoms(use_true_random=False))
def test_the_same_question_has_the_same_answer_in_any_order(
    question: Question, random: Any
) -> None:
    pool, holding, waiting, reserve = question
    shuffled = list(waiting)
    random.shuffle(shuffled)
    assert answer((pool, holding, shuffled, reserve)) == answer(question)


@settings(deadline=None)
@given(questions())
def test_flex_never_breaks_the_reserve_but_on_an_empty_pool_or_for_a_deadline(
    question: Question,
) -> None:
    pool, holding, waiting, reserve = question
    kind = kinds(question)
    late = {one.run_id for one in waiting if is_urgent(one, NOW, 300)}
    used, running = sum(one.dpus for one in holding), len(holding)
    for one in answer(question).starts:
        used += one.dpus
        if kind[one.run_id] == "FLEX" and running and one.run_id not in late:
            assert used + reserve.share * pool.dpus <= pool.dpus
        running += 1


@settings(deadline=None)
@given(questions())
def test_standard_starts_as_if_no_flex_waited(question: Question) -> None:
    pool, holding, waiting, reserve = question
    kind = kinds(question)
    alone = answer(
        (pool, holding, [one for one in waiting if one.execution_class == "STANDARD"], reserve)
    )
    found = answer(question)
    assert alone.starts == [one for one in found.starts if kind[one.run_id] == "STANDARD"]
    assert alone.waits == [one for one in found.waits if kind[one.run_id] == "STANDARD"]


@settings(deadline=None)
@given(questions())
def test_standard_starts_in_order_of_arrival(question: Question) -> None:
    since = {one.run_id: (one.waiting_since, one.run_id) for one in question[2]}
    kind = kinds(question)
    found = answer(question)
    started = [since[one.run_id] for one in found.starts if kind[one.run_id] == "STANDARD"]
    waits = [since[one.run_id] for one in found.waits if kind[one.run_id] == "STANDARD"]
    assert started == sorted(started)
    assert not started or not waits or max(started) < min(waits)


@settings(deadline=None)
@given(questions())
def test_a_wait_because_of_flex_ends_where_flex_is_taken_away(question: Question) -> None:
    pool, holding, waiting, reserve = question
    blamed = {one.run_id for one in answer(question).waits if one.because_of_flex}
    without = [one for one in holding if one.execution_class == "STANDARD"]
    started = {one.run_id for one in answer((pool, without, waiting, reserve)).starts}
    assert blamed <= started


@settings(deadline=None)
@given(pools, demands, shares)
def test_the_oldest_standard_run_always_starts_on_an_empty_pool(
    pool: Pool, waiting: list[Demand], share: float
) -> None:
    found = answer((pool, [], waiting, FixedReserve(share=share)))
    assert not waiting or found.starts


@settings(deadline=None)
@given(questions())
def test_a_larger_pool_never_starts_less_standard(question: Question) -> None:
    pool, holding, waiting, reserve = question
    larger = Pool(dpus=pool.dpus + 10, memory_mb=pool.memory_mb + 1000)
    only_standard = [one for one in waiting if one.execution_class == "STANDARD"]
    fitting = [one for one in only_standard if one.dpus <= pool.dpus]
    fitting = [one for one in fitting if one.memory_mb <= pool.memory_mb]  # nothing is cut
    before = {one.run_id for one in answer((pool, holding, fitting, reserve)).starts}
    after = {one.run_id for one in answer((larger, holding, fitting, reserve)).starts}
    assert before <= after


@settings(deadline=None)
@given(questions())
def test_less_reserve_never_starts_nothing_where_more_starts_something(
    question: Question,
) -> None:
    pool, holding, waiting, _ = question
    greedy = answer((pool, holding, waiting, FixedReserve(share=0)))
    assert bool(greedy.starts) >= bool(answer(question).starts)
