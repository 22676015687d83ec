"""STANDARD runs that will start: by schedules, and after jobs and crawlers whose chains go on.

Jobs and crawlers are parts of chains, and go by the name that their runs have (`crawls.part_name`).
A crawl by its crawler's own schedule belongs to no chain: nothing follows it.

Schedules are looked through again when one is due that was not known, and about twice a minute
(less often where there are thousands): then at the latest a trigger or a crawler that was changed
is seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from glueball.core.crawlers import Crawler, check_crawlable
from glueball.core.crawls import DPUS, TIMEOUT_MINUTES, crawler_named, part_name, run_name
from glueball.core.errors import InvalidInput
from glueball.core.forecast_chains import Follower, PartEnd, PlannedRun, followers_after
from glueball.core.forecast_known import KnownStart
from glueball.core.forecast_lengths import Length
from glueball.core.jobs import run_members
from glueball.core.pool import FLEX
from glueball.core.runs import ExecutionClass, Run, WaitingRun
from glueball.core.schedules import parse_schedule
from glueball.core.triggers import Trigger, TriggerState
from glueball.orchestration.workflow_runs import is_workflow_run
from glueball.stores import crawlers, jobs, triggers

#: how far ahead to look is rounded up to one of these, so that the answer can be kept
_AHEAD_SECONDS = tuple(hours * 3600.0 for hours in (1, 2, 4, 8, 16, 24, 48))
_FRESH_SECONDS = 30.0
_FRESH_SECONDS_A_SCHEDULE = 0.05
#: what more there is lies so far in the future, or is so much, that it adds nothing
_MOST_SCHEDULES = 5_000
_MOST_STARTS = 20_000
_MOST_PARTS_OF_CHAIN = 100
_STANDARD = ExecutionClass.STANDARD.value

#: predicts the length of a run: job, execution class, seconds of timeout, age
Lengthy = Callable[[sa.Connection, str, str, float | None, float], Length]
#: what has a schedule of its own
Scheduled = Trigger | Crawler


@dataclass(frozen=True, kw_only=True, slots=True)
class Going:
    """A run of a chain that holds capacity."""

    run_id: str
    job_name: str  #: of the part
    execution_class: str
    timeout_minutes: int
    trigger_name: str | None
    chain_id: str
    began: float  #: epoch seconds


def going(found: Iterable[Run | WaitingRun], now: float) -> list[Going]:
    """Return the runs of chains among those that go on, or begin now."""
    return [
        Going(
            run_id=run.id,
            job_name=run.job_name,
            execution_class=str(run.execution_class),
            timeout_minutes=run.timeout_minutes,
            trigger_name=run.trigger_name,
            chain_id=run.chain_id,
            began=(run.running or run.started or now) if isinstance(run, Run) else now,
        )
        for run in found
        if run.chain_id is not None
    ]


class KnownStarts:
    """What is known to start.

    Args:
        length: predicts how long a run takes.
    """

    def __init__(self, length: Lengthy) -> None:
        self._length = length
        self._looked = self._until = self._stale = float("-inf")
        #: when what is due, and what starts then and follows; in order of the starts
        self._scheduled: list[tuple[float, KnownStart]] = []
        self._dues: frozenset[float] = frozenset()
        #: of triggers, and of crawlers
        self._next_dues: tuple[float | None, float | None] = (None, None)
        self._going: frozenset[str] = frozenset()
        self._chains_stale = float("-inf")
        self._starts: list[KnownStart] = []

    def within(
        self,
        connection: sa.Connection,
        chains: Sequence[Going],
        ahead_seconds: float,
        now: float,
    ) -> Sequence[KnownStart]:
        """Return what will start from now on, at least within `ahead_seconds`, in order of time.

        Args:
            chains: the runs of chains that go on.
        """
        ahead_seconds = min(ahead_seconds, _AHEAD_SECONDS[-1])
        next_dues = triggers.next_due(connection), crawlers.next_due(connection)
        ids = frozenset(run.run_id for run in chains)
        again = not self._knows(next_dues, now + ahead_seconds, now)
        if again:
            self._look(connection, ahead_seconds, now)
        chained = ids != self._going or not now < self._chains_stale
        if again or chained or next_dues != self._next_dues:
            self._next_dues, self._going = next_dues, ids
            self._chains_stale = now + _FRESH_SECONDS
            # what has fired goes on, or has ended: it is among the chains
            found = [start for due, start in self._scheduled if due > now]
            found += _Survey(connection, self._length).of_chains(chains, now)
            self._starts = sorted(found, key=lambda start: start.at)
        return self._starts

    def _knows(self, next_dues: Iterable[float | None], until: float, now: float) -> bool:
        told = all(due is None or due > self._until or due in self._dues for due in next_dues)
        return told and self._looked <= now < self._stale and until <= self._until

    def _look(self, connection: sa.Connection, ahead_seconds: float, now: float) -> None:
        """Look through the schedules."""
        ahead = next(one for one in _AHEAD_SECONDS if one >= ahead_seconds)
        due = _due(connection, now + ahead)
        fresh = max(_FRESH_SECONDS, len(due) * _FRESH_SECONDS_A_SCHEDULE)
        self._looked, self._stale, self._until = now, now + fresh, now + ahead + fresh
        found = _Survey(connection, self._length).of_schedules(due, self._until)
        self._scheduled = sorted(found, key=lambda pair: pair[1].at)
        self._dues = frozenset(time for one in due for time in _due_times(one, self._until))


class _Survey:
    """One look at the triggers."""

    def __init__(self, connection: sa.Connection, length: Lengthy) -> None:
        self._connection = connection
        self._length = length
        self._jobs: dict[str, jobs.JobDefinition | None] = {}
        self._crawlers: dict[str, Crawler | None] = {}
        self._watching: dict[str, list[Trigger]] = {}

    def of_schedules(
        self, due: Sequence[Scheduled], until: float
    ) -> Iterator[tuple[float, KnownStart]]:
        """Give what schedules will start, and what follows that, each with the due time."""
        count = 0
        for scheduled in due:
            pattern = self._pattern(scheduled)
            for time in _due_times(scheduled, until) if pattern else ():
                for start in pattern:
                    yield time, replace(start, at=time + start.at)
                count += len(pattern)
                if count > _MOST_STARTS:
                    return

    def _pattern(self, scheduled: Scheduled) -> list[KnownStart]:
        """Return what starts because of one due time, counted from it."""
        if isinstance(scheduled, Crawler):
            crawl = self._crawl(scheduled)
            return [] if crawl is None else [crawl.starting(0.0)]
        return self._firing(scheduled)

    def _firing(self, trigger: Trigger) -> list[KnownStart]:
        planned = list(self._planned(trigger.actions))
        ends = {
            run.job_name: PartEnd(
                likely=run.likely_seconds, late_by=run.careful_seconds - run.likely_seconds
            )
            for run in planned
        }
        followers = self._followers(ends, trigger.workflow_name)
        at_once = [run.starting(0.0) for run in planned if run.execution_class != FLEX]
        return [*at_once, *followers_after(ends, followers, others_ended=False)]

    def of_chains(self, chains: Sequence[Going], now: float) -> Iterator[KnownStart]:
        """Give what will follow the runs of chains that go on."""
        by_chain: dict[str, list[Going]] = defaultdict(list)
        for run in chains:
            by_chain[run.chain_id].append(run)
        for members in by_chain.values():
            ends = {run.job_name: self._end(run, now) for run in members}
            followers = self._followers(ends, self._workflow(members[0]))
            yield from followers_after(ends, followers, others_ended=True)

    def _end(self, run: Going, now: float) -> PartEnd:
        timeout = run.timeout_minutes * 60.0 or None
        age = max(0.0, now - run.began)
        length = self._length(self._connection, run.job_name, run.execution_class, timeout, age)
        likely = length.likely or 0.0
        late_by = max(0.0, (length.careful or likely) - likely)
        return PartEnd(likely=max(now, run.began + likely), late_by=late_by)

    def _workflow(self, run: Going) -> str | None:
        """Return the workflow that a chain is a run of."""
        if not is_workflow_run(run.chain_id) or run.trigger_name is None:
            return None
        trigger = triggers.get(self._connection, run.trigger_name)
        return None if trigger is None else trigger.workflow_name

    def _followers(self, ends: Mapping[str, PartEnd], workflow: str | None) -> list[Follower]:
        """Find the conditional triggers that may fire after some parts, and after those that they
        start."""
        found: dict[str, Follower] = {}
        asked: set[str] = set()
        to_ask = list(ends)
        while to_ask and len(asked) < _MOST_PARTS_OF_CHAIN:
            name = to_ask.pop()
            asked.add(name)
            for trigger in self._watchers(name):
                active = trigger.state is TriggerState.ACTIVATED
                if active and trigger.workflow_name == workflow and trigger.name not in found:
                    follower = found[trigger.name] = self._follower(trigger)
                    to_ask += [run.job_name for run in follower.starts if run.job_name not in asked]
        return list(found.values())

    def _watchers(self, name: str) -> list[Trigger]:
        if name not in self._watching:
            crawler = crawler_named(name)
            watched = ("JOB", name) if crawler is None else ("CRAWLER", crawler)
            self._watching[name] = triggers.watching(self._connection, *watched)
        return self._watching[name]

    def _follower(self, trigger: Trigger) -> Follower:
        predicate = trigger.document.get("Predicate", {})
        return Follower(
            watched=tuple(dict.fromkeys(map(part_name, predicate.get("Conditions", ())))),
            any_of_them=predicate.get("Logical") == "ANY",
            starts=tuple(self._planned(trigger.actions)),
        )

    def _planned(self, actions: Sequence[Mapping[str, Any]]) -> Iterator[PlannedRun]:
        """Give the runs that actions will start; what cannot start takes no capacity."""
        for action in actions:
            crawler = action.get("CrawlerName")
            run = self._run(action) if crawler is None else self._crawl(self._crawler(crawler))
            if run is not None:
                yield run

    def _run(self, action: Mapping[str, Any]) -> PlannedRun | None:
        job = self._job(action["JobName"])
        if job is None:
            return None
        try:
            members = run_members(job.document, action)
        except InvalidInput:
            return None
        return self._plan(
            job.name,
            members.get("ExecutionClass", _STANDARD),
            dpus=members["MaxCapacity"],
            timeout_minutes=members.get("Timeout", 0),
        )

    def _crawl(self, crawler: Crawler | None) -> PlannedRun | None:
        if crawler is None:
            return None
        try:
            check_crawlable(crawler)
        except InvalidInput:
            return None
        name = run_name(crawler.name)
        return self._plan(name, _STANDARD, dpus=DPUS, timeout_minutes=TIMEOUT_MINUTES)

    def _plan(self, name: str, kind: str, *, dpus: float, timeout_minutes: int) -> PlannedRun:
        length = self._length(self._connection, name, kind, timeout_minutes * 60.0 or None, 0.0)
        return PlannedRun(
            job_name=name,
            execution_class=kind,
            dpus=dpus,
            likely_seconds=length.likely or 0.0,
            careful_seconds=length.careful or 0.0,
        )

    def _job(self, name: str) -> jobs.JobDefinition | None:
        if name not in self._jobs:
            self._jobs[name] = jobs.get(self._connection, name)
        return self._jobs[name]

    def _crawler(self, name: str) -> Crawler | None:
        if name not in self._crawlers:
            self._crawlers[name] = crawlers.get(self._connection, name)
        return self._crawlers[name]


def _due(connection: sa.Connection, until: float) -> list[Scheduled]:
    """Return what is due by then, the first first."""
    found: list[Scheduled] = [
        *triggers.due(connection, until, _MOST_SCHEDULES),
        *crawlers.due(connection, until, _MOST_SCHEDULES),
    ]
    return sorted(found, key=lambda one: one.next_due or 0.0)[:_MOST_SCHEDULES]


def _due_times(scheduled: Scheduled, until: float) -> Iterator[float]:
    due = scheduled.next_due
    schedule = parse_schedule(scheduled.schedule or "")
    anchor = scheduled.created if scheduled.activated is None else scheduled.activated
    while due is not None and due <= until:
        yield due
        due = schedule.next_after(due, anchor)
