"""What the replay says of a job, and what happens once it is moved: a whole machine, simulated."""

from __future__ import annotations

import heapq
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from glueball.core.advisor_replay import Past, flex_delays
from glueball.core.capacity import plan
from glueball.core.flex import FixedReserve, FlexRules
from glueball.core.past_runs import PastRun
from glueball.core.pool import Demand, Held, Pool
from support.past_runs import past_run

HOUR = 3600.0
LOOK = 60.0
DAYS = 10
POOL = Pool(dpus=48, memory_mb=0)
RESERVE = FixedReserve(share=0.25)


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    id: str
    job_name: str
    due: float
    seconds: float
    dpus: float


def arrivals(seed: int) -> list[Arrival]:
    """Return jobs of every hour, some of them irregular, and two of every night."""
    chance = random.Random(seed)
    found: list[tuple[float, str, float, float]] = []
    for number in range(20):
        dpus, usual = chance.choice([2.0, 4.0, 6.0]), chance.lognormvariate(6.5, 0.6)
        offset = chance.uniform(0, HOUR)
        for hour in range(DAYS * 24):
            wander = chance.uniform(0, HOUR) if number % 3 == 0 else 0.0
            seconds = usual * chance.lognormvariate(0, 0.2)
            found.append((hour * HOUR + offset + wander, f"hourly{number}", seconds, dpus))
    for day in range(DAYS):
        found.append((day * 24 * HOUR + 1.5 * HOUR, "flex", 3000.0, 10.0))
        found.append((day * 24 * HOUR + 2 * HOUR, "nightly", 1500.0, 12.0))
    return [
        Arrival(id=f"jr_{number:05}", job_name=job, due=due, seconds=seconds, dpus=dpus)
        for number, (due, job, seconds, dpus) in enumerate(sorted(found))
    ]


class Machine:
    """Starts what `plan` lets start, when something happens and each minute while somebody
    waits."""

    def __init__(self, flex: Collection[str]) -> None:
        self._flex = flex
        self._waiting: dict[str, Arrival] = {}
        self._holding: dict[str, Arrival] = {}
        self._ends: list[tuple[float, str]] = []
        self.started: dict[str, float] = {}

    def run(self, load: Sequence[Arrival]) -> Mapping[str, float]:
        for now, come in self._moments(load):
            while self._ends and self._ends[0][0] <= now:
                del self._holding[heapq.heappop(self._ends)[1]]
            self._waiting.update({one.id: one for one in come})
            self._decide(now)
        return self.started

    def _moments(self, load: Sequence[Arrival]) -> Iterator[tuple[float, list[Arrival]]]:
        now, index = 0.0, 0
        while index < len(load) or self._waiting:
            coming = [load[index].due] if index < len(load) else []
            ending = [self._ends[0][0]] if self._ends else []
            now = min([*coming, *ending, *([now + LOOK] if self._waiting else [])])
            come = []
            while index < len(load) and load[index].due <= now:
                come.append(load[index])
                index += 1
            yield now, come

    def _decide(self, now: float) -> None:
        held = [
            Held(run_id=one.id, execution_class=self.class_of(one), dpus=one.dpus, memory_mb=0)
            for one in self._holding.values()
        ]
        demands = [
            Demand(
                run_id=one.id,
                job_name=one.job_name,
                execution_class=self.class_of(one),
                dpus=one.dpus,
                memory_mb=0,
                waiting_since=one.due,
                predicted_seconds=None,
            )
            for one in self._waiting.values()
        ]
        for start in plan(POOL, held, demands, now=now, reserve=RESERVE).starts:
            one = self._holding[start.run_id] = self._waiting.pop(start.run_id)
            self.started[one.id] = now
            heapq.heappush(self._ends, (now + one.seconds, one.id))

    def class_of(self, one: Arrival) -> str:
        return "FLEX" if one.job_name in self._flex else "STANDARD"


def history(load: Sequence[Arrival], machine: Machine) -> list[PastRun]:
    started = machine.run(load)
    return [
        past_run(
            one.id,
            job_name=one.job_name,
            execution_class=machine.class_of(one),
            due=one.due,
            running=started[one.id],
            completed=started[one.id] + one.seconds,
            dpus=one.dpus,
            held_dpus=one.dpus,
            held_memory_mb=0,
        )
        for one in load
    ]


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5])
def test_what_is_said_beforehand_comes_true(seed: int) -> None:
    """No run waits longer than was said, and all of them hardly less.

    They wait a little less where others came earlier because the job was no longer before them:
    that is no part of history.
    """
    load = arrivals(seed)
    runs = history(load, Machine({"flex"}))
    past = Past(
        pool=POOL,
        runs=runs,
        scheduled_chains=(),
        reserve=lambda _sight: RESERVE,
        rules=FlexRules(),
    )
    asked = [run for run in runs if run.job_name == "nightly"]
    said = flex_delays(past, {"nightly": asked})
    moved = Machine({"flex", "nightly"}).run(load)
    true = {run.id: moved[run.id] - run.due for run in asked}
    assert max(true.values()) > 10 * LOOK, "else it would be easily said"
    assert [run_id for run_id in true if said[run_id] < true[run_id] - LOOK] == []
    assert sum(said.values()) <= 1.15 * sum(true.values())
