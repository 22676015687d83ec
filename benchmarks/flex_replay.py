"""A load, replayed in virtual time through the service's own admission rule."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flex_load import DAY, FLEX, STANDARD, Load, LoadRun

from glueball.core.capacity import Demand, Held, Pool, Queues, plan_queues
from glueball.core.flex import FixedReserve, Reserve
from glueball.core.forecast import LONGEST_SECONDS, ForecastReserve
from glueball.core.forecast_feedback import DEFAULT_PROBABILITY, DaysOfStarts
from glueball.core.forecast_known import KnownStart
from glueball.core.forecast_lengths import (
    KNOWN_LENGTH_PROBABILITY,
    LENGTH_PROBABILITY,
    Lengths,
)
from glueball.core.forecast_surprise import SurprisingDemand

#: how often the rule is asked while FLEX waits and nothing else happens
_LOOK_SECONDS = 60.0
_TIMEOUT_SECONDS = 48 * 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """What became of a run."""

    run: LoadRun
    at: float

    @property
    def wait(self) -> float:
        return self.at - self.run.arrives


@dataclass(kw_only=True)
class Outcome:
    """What a replay showed."""

    starts: list[Started] = field(default_factory=list)
    never_started: list[LoadRun] = field(default_factory=list)


class Policy(Protocol):
    """What decides how much is reserved; it is told what happens."""

    def arrived(self, run: LoadRun, now: float) -> None: ...
    def started(self, run: LoadRun, now: float) -> None: ...
    def ended(self, run: LoadRun, now: float) -> None: ...
    def reserve(self, now: float) -> Reserve: ...
    def foresees(self, run: LoadRun) -> bool: ...


class Fixed:
    """A share of the pool; 0 is greedy."""

    def __init__(self, share: float) -> None:
        self._reserve = FixedReserve(share=share)

    def arrived(self, run: LoadRun, now: float) -> None: ...
    def started(self, run: LoadRun, now: float) -> None: ...
    def ended(self, run: LoadRun, now: float) -> None: ...

    def reserve(self, now: float) -> Reserve:
        return self._reserve

    def foresees(self, run: LoadRun) -> bool:
        return False


class Forecast:
    """The forecast.

    Args:
        load: of which the runs of schedules are known beforehand, if `schedules`.
        feedback: move the quantile; else it stays.
    """

    def __init__(self, load: Load, lengths: Lengths, *, schedules: bool, feedback: bool) -> None:
        self._lengths = lengths
        self._schedules = schedules
        self._feedback = feedback
        self._history = SurprisingDemand(math.floor(load.runs[0].arrives / DAY) * DAY)
        self._largest = 0.0
        self._to_come = [
            run for run in load.runs if run.execution_class == STANDARD and run.scheduled
        ]
        self._times = [run.arrives for run in self._to_come]
        self._known: list[KnownStart] = []
        self._known_times: list[float] = []
        self._known_hour = -1
        self._starts = DaysOfStarts()

    def foresees(self, run: LoadRun) -> bool:
        return self._schedules and run.scheduled and run.execution_class == STANDARD

    def arrived(self, run: LoadRun, now: float) -> None:
        if run.execution_class == STANDARD:
            self._largest = max(self._largest, run.dpus)
            self._history.change(now, run.dpus, foreseen=self.foresees(run))

    def started(self, run: LoadRun, now: float) -> None:
        if run.execution_class == STANDARD:
            self._starts.count(now, now - run.arrives, foreseen=self.foresees(run))

    def ended(self, run: LoadRun, now: float) -> None:
        if run.execution_class == STANDARD:
            self._history.change(now, -run.dpus, foreseen=self.foresees(run))

    def reserve(self, now: float) -> Reserve:
        self._history.advance(now)
        return ForecastReserve(
            history=self._history,
            known=self._known_after(now) if self._schedules else (),
            probability=self._starts.probability(now) if self._feedback else DEFAULT_PROBABILITY,
            largest_dpus=self._largest,
        )

    def _known_after(self, now: float) -> Sequence[KnownStart]:
        hour = int(now // 3600)
        if hour != self._known_hour:
            first = bisect_right(self._times, now)
            last = bisect_right(self._times, now + 3600 + LONGEST_SECONDS)
            self._known = [self._start(run) for run in self._to_come[first:last]]
            self._known_times = self._times[first:last]
            self._known_hour = hour
        return self._known[bisect_right(self._known_times, now) :]

    def _start(self, run: LoadRun) -> KnownStart:
        length = self._lengths.predict(
            run.job_name,
            STANDARD,
            timeout_seconds=_TIMEOUT_SECONDS,
            probability=KNOWN_LENGTH_PROBABILITY,
        )
        return KnownStart(
            at=run.arrives, dpus=run.dpus, seconds=length.careful or 0.0, job_name=run.job_name
        )


@dataclass(frozen=True, slots=True)
class _Going:
    run: LoadRun
    since: float


class Replay:
    """One load under one policy."""

    def __init__(self, load: Load, policy: Policy, lengths: Lengths) -> None:
        self._load = load
        self._policy = policy
        self._lengths = lengths
        self._pool = Pool(dpus=load.pool_dpus, memory_mb=1)
        self._waiting: dict[str, dict[str, LoadRun]] = {STANDARD: {}, FLEX: {}}
        self._going: dict[str, _Going] = {}
        self._ends: list[tuple[float, str]] = []
        self._outcome = Outcome()

    def run(self) -> Outcome:
        """Replay everything."""
        for now, arrived, ended in self._moments():
            for run_id in ended:
                self._end(run_id, now)
            for run in arrived:
                self._waiting[run.execution_class][run.run_id] = run
                self._policy.arrived(run, now)
            if any(self._waiting.values()):
                self._decide(now)
        self._outcome.never_started = list(self._waiting[FLEX].values())
        return self._outcome

    def _moments(self) -> Iterator[tuple[float, list[LoadRun], list[str]]]:
        runs, index, now = self._load.runs, 0, -math.inf
        last = runs[-1].arrives
        while index < len(runs) or (self._ends and now < last):
            coming = runs[index].arrives if index < len(runs) else math.inf
            ending = self._ends[0][0] if self._ends else math.inf
            look = now + _LOOK_SECONDS if any(self._waiting.values()) else math.inf
            now = min(coming, ending, look)
            arrived, ended = [], []
            while index < len(runs) and runs[index].arrives <= now:
                arrived.append(runs[index])
                index += 1
            while self._ends and self._ends[0][0] <= now:
                ended.append(heapq.heappop(self._ends)[1])
            yield now, arrived, ended

    def _end(self, run_id: str, now: float) -> None:
        run = self._going.pop(run_id).run
        self._lengths.add(run.job_name, run.execution_class, run.seconds)
        self._policy.ended(run, now)

    def _decide(self, now: float) -> None:
        held = [self._held(going, now) for going in self._going.values()]
        queues = Queues(
            standard=map(self._demand, self._waiting[STANDARD].values()),
            flex=map(self._demand, self._waiting[FLEX].values()),
        )
        reserve = self._policy.reserve(now)
        found = plan_queues(self._pool, held, queues, now=now, reserve=reserve)
        for start in found.starts:
            run = self._take(start.run_id)
            self._going[run.run_id] = _Going(run, now)
            heapq.heappush(self._ends, (now + run.seconds, run.run_id))
            self._outcome.starts.append(Started(run=run, at=now))
            self._policy.started(run, now)

    def _take(self, run_id: str) -> LoadRun:
        """Take a run out of its queue."""
        queue = next(queue for queue in self._waiting.values() if run_id in queue)
        return queue.pop(run_id)

    def _held(self, going: _Going, now: float) -> Held:
        run = going.run
        length = self._lengths.predict(
            run.job_name,
            run.execution_class,
            timeout_seconds=_TIMEOUT_SECONDS,
            probability=(
                KNOWN_LENGTH_PROBABILITY if self._policy.foresees(run) else LENGTH_PROBABILITY
            ),
            age=now - going.since,
        )
        return Held(
            run_id=run.run_id,
            execution_class=run.execution_class,
            dpus=run.dpus,
            memory_mb=0,
            predicted_end=None if length.careful is None else going.since + length.careful,
            foreseen=self._policy.foresees(run),
        )

    def _demand(self, run: LoadRun) -> Demand:
        length = self._lengths.predict(
            run.job_name,
            run.execution_class,
            timeout_seconds=_TIMEOUT_SECONDS,
            probability=LENGTH_PROBABILITY,
        )
        return Demand(
            run_id=run.run_id,
            job_name=run.job_name,
            execution_class=run.execution_class,
            dpus=run.dpus,
            memory_mb=0,
            waiting_since=run.arrives,
            predicted_seconds=length.likely,
            cautious_seconds=length.careful,
        )
