"""The start delay that the runs of a job would have seen as FLEX: history, asked again.

All past runs come, start and end as they did; the runs of one job ask as FLEX, each by itself,
under the very rule that lets FLEX runs in. What is known at a moment is what was known then:
demand, lengths and schedules, without the job itself, which would be STANDARD no more.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, itemgetter

from glueball.core.capacity import Demand, Held, Pool, plan
from glueball.core.crawls import is_own_schedule
from glueball.core.flex import FlexRules, Reserve
from glueball.core.forecast_feedback import DaysOfStarts
from glueball.core.forecast_known import KnownStart
from glueball.core.forecast_lengths import Length, Lengths
from glueball.core.forecast_surprise import SurprisingDemand
from glueball.core.past_runs import PastRun
from glueball.core.pool import FLEX
from glueball.core.runs import RunState

#: who has not started by then never does
HORIZON_SECONDS = 86_400.0
#: how often a waiting run asks while nothing happens
_LOOK_SECONDS = 60.0
#: how far ahead schedules are looked at for runs of which nobody can tell how long they take
_AHEAD_SECONDS = 2 * 86_400.0
_INSTANT = 0.001
#: no job has this name
_NOBODY = ""
#: with which the length of a run is not to be exceeded
_PROBABILITY = 0.95
#: order of what happens at the same time: ends free what starts take
_END, _DUE, _START = 0, 1, 2
_Moment = tuple[float, Sequence[tuple[int, PastRun]]]
_Timeline = Sequence[_Moment]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What is known of STANDARD at one moment of the past."""

    history: SurprisingDemand
    known: Sequence[KnownStart]  #: runs that schedules will start, in order of time
    probability: float  #: with which the forecast is to hold
    largest_dpus: float  #: that a STANDARD run has asked for


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """History, and the rule that it is asked under."""

    pool: Pool
    runs: Sequence[PastRun]  #: of all jobs
    scheduled_chains: Collection[str]  #: chains that began with a schedule
    reserve: Callable[[Sight], Reserve]
    rules: FlexRules


def flex_delays(past: Past, asked: Mapping[str, Sequence[PastRun]]) -> dict[str, float]:
    """Return how long runs of jobs would have waited, had only their job been FLEX.

    Args:
        past: history.
        asked: the runs that are asked for, by the names of their jobs.

    Returns:
        Seconds by the runs' ids; `HORIZON_SECONDS` where it would not have started in that time.
    """
    return _Replay(past, asked).delays()


class _Replay:
    """One pass through history; each run asks by itself."""

    def __init__(self, past: Past, asked: Mapping[str, Sequence[PastRun]]) -> None:
        self._past = past
        self._timeline = _timeline(past.runs)
        #: ids of the STANDARD runs that came by a schedule
        self._foreseen = {run.id for run in past.runs if _is_foreseen(run, past)}
        self._asked = {run.id for runs in asked.values() for run in runs}
        self._lengths = Lengths()
        self._waiting: dict[str, PastRun] = {}
        self._holding: dict[str, PastRun] = {}
        self._pending: dict[str, PastRun] = {}
        self._delays: dict[str, float] = {}
        self._largest: dict[str, float] = {}  # DPUs that a STANDARD run of a job has asked for
        first = self._timeline[0][0] if self._timeline else 0.0
        #: demand without that of the job which asks; all jobs that only schedules start share one,
        #: for theirs was foreseen
        own = {
            run.job_name
            for run in past.runs
            if run.execution_class != FLEX and run.id not in self._foreseen
        }
        asking = {name for name, runs in asked.items() if runs}
        self._histories = {name: SurprisingDemand(first) for name in (_NOBODY, *(own & asking))}
        self._starts = DaysOfStarts()
        self._to_come = sorted(
            (run for run in past.runs if run.id in self._foreseen), key=attrgetter("due", "id")
        )
        self._to_come_times = [run.due for run in self._to_come]

    def delays(self) -> dict[str, float]:
        for now, events in self._moments():
            for kind, run in events:
                self._happen(kind, run, now)
            if self._pending:
                self._ask(now)
        return self._delays

    def _moments(self) -> Iterator[_Moment]:
        """Give what happened, and looks between while somebody waits."""
        now = -math.inf
        for moment in self._timeline:
            while self._pending and now + _LOOK_SECONDS < moment[0]:
                now += _LOOK_SECONDS
                yield now, ()
            if not self._pending and len(self._delays) == len(self._asked):
                return  # all have their answers
            now = moment[0]
            yield moment
        while self._pending:
            now += _LOOK_SECONDS
            yield now, ()

    def _happen(self, kind: int, run: PastRun, now: float) -> None:
        if kind == _DUE:
            self._waiting[run.id] = run
            if run.id in self._asked:
                self._pending[run.id] = run
        elif kind == _START:
            self._waiting.pop(run.id, None)
            self._holding[run.id] = run
            self._count_start(run, now)
        else:
            self._waiting.pop(run.id, None)
            if self._holding.pop(run.id, None) is not None and run.state is RunState.SUCCEEDED:
                self._lengths.add(run.job_name, run.execution_class, now - start_of(run))
        self._count_demand(kind, run, now)

    def _count_demand(self, kind: int, run: PastRun, now: float) -> None:
        """Tell the forecast of demand: it rises when a run is due, and falls when it has ended."""
        if run.execution_class == FLEX or kind == _START:
            return
        if kind == _DUE:
            self._largest[run.job_name] = max(self._largest.get(run.job_name, 0.0), run.dpus)
        dpus = run.dpus if kind == _DUE else -run.dpus
        for job_name, history in self._histories.items():
            if job_name != run.job_name:
                history.change(now, dpus, foreseen=run.id in self._foreseen)

    def _count_start(self, run: PastRun, now: float) -> None:
        if run.execution_class != FLEX:
            self._starts.count(now, run.flex_delay, foreseen=run.id in self._foreseen)

    def _ask(self, now: float) -> None:
        for run in list(self._pending.values()):
            if now - run.due >= HORIZON_SECONDS:
                self._settle(run, HORIZON_SECONDS)
            elif self._would_start(run, now):
                self._settle(run, max(0.0, now - run.due))

    def _settle(self, run: PastRun, delay: float) -> None:
        del self._pending[run.id]
        self._delays[run.id] = delay

    def _would_start(self, run: PastRun, now: float) -> bool:
        job = run.job_name
        held = [self._held(one, now, job) for one in self._holding.values() if one.id != run.id]
        others = [self._demand(one, job) for one in self._waiting.values() if one.id != run.id]
        asking = self._demand(run, job)
        decided = plan(
            self._past.pool,
            held,
            [*others, asking],
            now=now,
            reserve=self._past.reserve(self._sight(now, job, asking.careful_seconds)),
            rules=self._past.rules,
        )
        return any(start.run_id == run.id for start in decided.starts)

    def _sight(self, now: float, job_name: str, seconds: float | None) -> Sight:
        first = bisect_right(self._to_come_times, now)
        ahead = _AHEAD_SECONDS if seconds is None else seconds
        last = bisect_right(self._to_come_times, now + ahead)
        others = (dpus for name, dpus in self._largest.items() if name != job_name)
        history = self._histories.get(job_name, self._histories[_NOBODY])
        history.advance(now)
        return Sight(
            history=history,
            known=[
                self._known(run) for run in self._to_come[first:last] if run.job_name != job_name
            ],
            probability=self._starts.probability(now),
            largest_dpus=max(others, default=0.0),
        )

    def _known(self, run: PastRun) -> KnownStart:
        return KnownStart(
            at=run.due,
            dpus=run.dpus,
            seconds=self._length(run).careful or 0.0,
            job_name=run.job_name,
        )

    def _held(self, run: PastRun, now: float, flex_job: str) -> Held:
        started = start_of(run)
        careful = self._length(run, age=now - started).careful
        return Held(
            run_id=run.id,
            execution_class=_class_of(run, flex_job),
            dpus=run.held_dpus or 0.0,
            memory_mb=run.held_memory_mb or 0,
            predicted_end=None if careful is None else started + careful,
            foreseen=run.id in self._foreseen,
        )

    def _demand(self, run: PastRun, flex_job: str) -> Demand:
        length = self._length(run)
        return Demand(
            run_id=run.id,
            job_name=run.job_name,
            execution_class=_class_of(run, flex_job),
            dpus=run.dpus,
            memory_mb=run.held_memory_mb or 0,
            waiting_since=run.due,
            predicted_seconds=length.likely,
            cautious_seconds=length.careful,
            deadline=run.deadline,
        )

    def _length(self, run: PastRun, age: float = 0.0) -> Length:
        return self._lengths.predict(
            run.job_name,
            run.execution_class,
            timeout_seconds=run.timeout_minutes * 60.0 or None,
            probability=_PROBABILITY,
            age=max(0.0, age),
        )


def start_of(run: PastRun) -> float:
    """Return when a run started, or, if it did not, when it came; a clock may have been set."""
    return run.due if run.started is None else max(run.due, run.started)


def _class_of(run: PastRun, flex_job: str) -> str:
    return FLEX if run.job_name == flex_job else run.execution_class


def _is_foreseen(run: PastRun, past: Past) -> bool:
    """Tell whether a STANDARD run came by a schedule, so that it was known beforehand."""
    scheduled = run.chain_id in past.scheduled_chains or is_own_schedule(run.trigger_name)
    return scheduled and run.execution_class != FLEX


def _timeline(runs: Sequence[PastRun]) -> _Timeline:
    events = [(run.due, _DUE, run.id, run) for run in runs]
    events += [(start_of(run), _START, run.id, run) for run in runs if run.started is not None]
    events += [
        # what took no time at all ends after it has come, too
        (max(run.completed, start_of(run) + _INSTANT), _END, run.id, run)
        for run in runs
        if run.completed is not None
    ]
    events.sort(key=itemgetter(0, 1, 2))
    return [
        (time, [(kind, run) for _, kind, _, run in group])
        for time, group in groupby(events, key=itemgetter(0))
    ]
