"""Who waits for the runs of a job, and until when: what the advisor calls slack.

Waiting for a job are its own deadline, its own next schedule, and what its end starts: jobs that
have a deadline themselves, and STANDARD jobs, which somebody wants promptly. A FLEX job without a
deadline passes on what waits for itself, and so does a crawler: nobody chose its class.

Jobs and crawlers are parts of chains, and go by the name that their runs have (`crawls.part_name`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from glueball.core.crawls import crawl_state, crawler_named, part_name
from glueball.core.deadlines import next_deadline
from glueball.core.past_runs import PastRun
from glueball.core.percentiles import percentile
from glueball.core.runs import ExecutionClass, RunState
from glueball.core.schedules import parse_schedule
from glueball.core.triggers import Trigger, TriggerState, TriggerType

#: of the runs of a job that follows, so many are not to take longer than is reckoned with
_CAREFUL = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class JobFacts:
    """A job, as it is defined now."""

    name: str
    execution_class: str
    command: str
    glue_version: str | None
    timeout_minutes: int  #: 0: never
    deadline: str | None  #: a time of the day (UTC), "06:00"


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What waits for one run."""

    by: float | None = None  #: epoch seconds by which it must be done; None: at any time
    by_whom: str = ""  #: why, in a few words
    #: seconds by which what waits for its end could be served later without starting later; None
    #: where nothing does
    spare: float | None = None
    spare_for: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Latest:
    time: float
    whose: str


class Needs:
    """The graph of jobs, crawlers and triggers, and the past runs along it.

    Args:
        jobs: by name.
        triggers: all of them; those that are not active count for nothing.
        runs: past runs of all jobs and crawlers.
    """

    def __init__(
        self,
        jobs: Mapping[str, JobFacts],
        triggers: Iterable[Trigger],
        runs: Iterable[PastRun],
    ) -> None:
        self._jobs = jobs
        self._starting: dict[str, list[Trigger]] = {}
        self._watching: dict[str, list[Trigger]] = {}
        for trigger in filter(_is_active, triggers):
            for name in _started_by(trigger):
                self._starting.setdefault(name, []).append(trigger)
            for name in _watched_by(trigger):
                self._watching.setdefault(name, []).append(trigger)
        self._followers: dict[str, list[str]] = {}
        self._roots: dict[str, list[Trigger]] = {}
        self._in_chain: dict[tuple[str, str], list[PastRun]] = {}
        lengths: dict[str, list[float]] = {}
        for run in runs:
            if run.chain_id is not None:
                self._in_chain.setdefault((run.chain_id, run.job_name), []).append(run)
            if (seconds := whole_seconds(run)) is not None:
                lengths.setdefault(run.job_name, []).append(seconds)
        self._careful = {
            name: percentile(sorted(seconds), _CAREFUL) for name, seconds in lengths.items()
        }

    def of(self, run: PastRun) -> Need:
        """Return what waited for a run that has ended."""
        latest = self._latest(run.job_name, run.due, {})
        scheduled = self._next_schedule(run)
        if scheduled is not None and (latest is None or scheduled < latest.time):
            latest = _Latest(time=scheduled, whose="its own next run")
        spare = self._spare(run, {})
        return Need(
            by=None if latest is None else latest.time,
            by_whom="" if latest is None else latest.whose,
            spare=None if spare is None else spare[0],
            spare_for="" if spare is None else spare[1],
        )

    def roots(self, job_name: str) -> list[Trigger]:
        """Return the triggers that a part descends from, in order of name: none of them is
        conditional."""
        if job_name not in self._roots:
            self._roots[job_name] = self._found_roots(job_name)
        return self._roots[job_name]

    def followers(self, job_name: str) -> list[str]:
        """Return the parts that start when a part has succeeded, in order of name."""
        if job_name not in self._followers:
            workflows = {trigger.workflow_name for trigger in self._starting.get(job_name, ())}
            names = {
                name
                for trigger in self._watching.get(job_name, ())
                if trigger.workflow_name in workflows
                for name in _started_by(trigger)
            }
            self._followers[job_name] = sorted(names - {job_name})
        return self._followers[job_name]

    def _found_roots(self, job_name: str) -> list[Trigger]:
        found: dict[str, Trigger] = {}
        seen: set[str] = set()
        open_parts = [job_name]
        while open_parts:
            name = open_parts.pop()
            if name in seen:
                continue
            seen.add(name)
            for trigger in self._starting.get(name, ()):
                if trigger.type is TriggerType.CONDITIONAL:
                    open_parts.extend(_watched_by(trigger))
                else:
                    found[trigger.name] = trigger
        return [found[name] for name in sorted(found)]

    def _next_schedule(self, run: PastRun) -> float | None:
        times = []
        for trigger in self.roots(run.job_name):
            if trigger.type is TriggerType.SCHEDULED and trigger.schedule is not None:
                # it may have been activated anew since the run
                anchor = min(trigger.activated or run.due, run.due)
                times.append(parse_schedule(trigger.schedule).next_after(run.due, anchor))
        return min((time for time in times if time is not None), default=None)

    def _latest(
        self, job_name: str, time: float, known: dict[str, _Latest | None]
    ) -> _Latest | None:
        """Return by when a part that is due at `time` must be done.

        Args:
            known: what was found of other parts; of one that is on the way here, nothing.
        """
        if job_name in known:
            return known[job_name]
        known[job_name] = None
        found = []
        job = self._jobs.get(job_name)
        if job is not None and job.deadline is not None:
            by = next_deadline(job.deadline, time)
            found.append(_Latest(time=by, whose=f"its deadline of {job.deadline} UTC"))
        for name in self.followers(job_name):
            latest = self._latest(name, time, known)
            if latest is not None:
                before = latest.time - self._careful.get(name, 0.0)
                found.append(_Latest(time=before, whose=_of_follower(name, latest.whose, before)))
        known[job_name] = min(found, key=lambda one: one.time, default=None)
        return known[job_name]

    def _spare(
        self, run: PastRun, known: dict[str, tuple[float, str] | None]
    ) -> tuple[float, str] | None:
        """Return how much later the end of a run could have come for STANDARD jobs behind it."""
        if run.job_name in known:
            return known[run.job_name]
        known[run.job_name] = None
        found = []
        for name in self.followers(run.job_name):
            job = self._jobs.get(name)
            if job is None and crawler_named(name) is None:
                continue  # it was deleted
            if job is not None and job.deadline is not None:
                continue  # what has a deadline says itself when it needs what
            after = self._following(run, name)
            gap = 0.0
            if after is not None and run.completed is not None:
                gap = max(0.0, after.due - run.completed)
            if job is not None and job.execution_class == ExecutionClass.STANDARD:
                found.append((gap, f"{name} (STANDARD), which starts when it ends"))
            elif after is not None and (more := self._spare(after, known)) is not None:
                found.append((gap + more[0], more[1]))
        known[run.job_name] = min(found, default=None)
        return known[run.job_name]

    def _following(self, run: PastRun, name: str) -> PastRun | None:
        """Return the run that the end of a run has started, or helped to start."""
        if run.chain_id is None or run.completed is None:
            return None
        found: Sequence[PastRun] = self._in_chain.get((run.chain_id, name), ())
        later = [one for one in found if one.attempt == 0 and one.due >= run.completed]
        return min(later, key=lambda one: one.due, default=None)


def whole_seconds(run: PastRun) -> float | None:
    """Return how long a run that succeeded held its capacity; None of any other."""
    if run.state is not RunState.SUCCEEDED or run.started is None or run.completed is None:
        return None
    return max(0.0, run.completed - run.started)


def _is_active(trigger: Trigger) -> bool:
    """Tell whether a trigger starts anything; those that are asked to need no activation."""
    return trigger.type is TriggerType.ON_DEMAND or trigger.state is TriggerState.ACTIVATED


def _started_by(trigger: Trigger) -> list[str]:
    return [part_name(action) for action in trigger.actions]


def _watched_by(trigger: Trigger) -> list[str]:
    """Name the parts for whose success a trigger waits."""
    if trigger.type is not TriggerType.CONDITIONAL:
        return []
    conditions = trigger.document.get("Predicate", {}).get("Conditions", ())
    return [part_name(condition) for condition in conditions if _is_of_success(condition)]


def _is_of_success(condition: Mapping[str, Any]) -> bool:
    if "CrawlerName" in condition:
        return condition.get("CrawlState") == crawl_state(RunState.SUCCEEDED)
    return condition.get("State") == RunState.SUCCEEDED


def _of_follower(name: str, whose: str, before: float) -> str:
    """Say for whom a time counts: only the last in a row is named."""
    if whose.startswith("its "):
        clock = datetime.fromtimestamp(before, UTC).strftime("%H:%M")
        return f"{name}, which needs it by {clock} UTC for {whose}"
    return whose
