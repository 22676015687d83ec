"""Letting waiting runs start: `core.capacity` decides, this writes it down.

The decision and the capacity it takes are one transaction, and what is held is counted from the
runs themselves: there is no other truth to get out of step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

import sqlalchemy as sa

from glueball.core import wait_reasons
from glueball.core.capacity import Demand, Plan, Pool, Queues, Start, plan_queues
from glueball.core.crawls import CRAWLER
from glueball.core.flex import FlexRules, Foresight, Usage
from glueball.core.forecast import LONGEST_SECONDS
from glueball.core.queueing import Claim, Limits, kept_back
from glueball.core.runs import Run, RunState, WaitingRun
from glueball.core.state_details import joined
from glueball.engine.known_starts import going
from glueball.engine.outlook import Outlook
from glueball.engine.waiting_line import WaitingLine
from glueball.orchestration.account import Account
from glueball.orchestration.endings import follow
from glueball.stores import jobs, runs

#: says what the owner of a run should know about where it will run, in sentences
Remarks = Callable[[WaitingRun], Sequence[str]]

#: runs far behind that are told so in one round
_EXPLAINED_A_ROUND = 100
#: FLEX runs at the front whose lengths say how far to look ahead
_LOOKED_AHEAD_FOR = 200


@dataclass(kw_only=True, slots=True)
class Admission:
    """Who decides which runs start.

    What it remembers between rounds can be derived from the store at any time.
    """

    account: Account
    pool: Pool
    outlook: Outlook
    remarks: Remarks
    rules: FlexRules = field(default_factory=FlexRules)
    #: seconds after which a FLEX run that has not started fails; 0: never
    flex_max_wait_seconds: float = 0.0
    _line: WaitingLine = field(default_factory=WaitingLine, init=False)
    #: what the outlook has seen: the line's version, and the runs that hold capacity
    _seen: tuple[int, frozenset[str]] | None = field(default=None, init=False)

    def forget(self) -> None:
        """Begin anew: the store was emptied."""
        self._line, self._seen = WaitingLine(), None
        self.outlook.forget()

    def admit(self, connection: sa.Connection, now: float) -> None:
        """Start what may start, and say of the rest why it waits."""
        line = self._line
        line.look(connection)
        started = runs.holding(connection)
        seen = (line.version, frozenset(run.id for run in started))
        if seen != self._seen:
            self.outlook.see(connection, started, line.standard, now)
            self._seen = seen
        self._give_up(connection, now)
        if not len(line):
            return
        reasons = self._kept_back(connection, started)
        decided = self._plan(connection, started, reasons.keys(), now)
        for start in decided.starts:
            self._start(connection, start, now)
        for wait in decided.waits:
            reasons[wait.run_id] = wait.reason
            if wait.because_of_flex:
                self._blame_flex(wait.run_id, now)
        self._explain(connection, reasons)

    def _plan(
        self,
        connection: sa.Connection,
        started: Collection[Run],
        kept: Collection[str],
        now: float,
    ) -> Plan:
        line, outlook, pool = self._line, self.outlook, self.pool

        def demands(waiting: Iterable[WaitingRun]) -> Iterable[Demand]:
            return (outlook.demand(connection, run, pool) for run in waiting if run.id not in kept)

        queues = Queues(
            standard=demands(line.standard.values()),
            flex=demands(line.flex.values()),
            flex_with_deadline=demands(line.with_deadline.values()),
        )
        held = [outlook.held(connection, run, now) for run in started]
        front = islice(demands(line.flex.values()), _LOOKED_AHEAD_FOR)
        reserve = _Asked(
            connection=connection, outlook=outlook, line=line, started=started, front=front
        )
        return plan_queues(pool, held, queues, now=now, reserve=reserve, rules=self.rules)

    def _start(self, connection: sa.Connection, start: Start, now: float) -> None:
        run = self._line.find(start.run_id)
        assert run is not None, "only runs of the line were planned"
        runs.start(
            connection,
            run.id,
            now=now,
            dpus=start.dpus,
            memory_mb=start.memory_mb,
            detail=joined(start.note, *self.remarks(run)),
            flex_delay=self.outlook.started(run, now),
        )
        self._line.remove(run.id)

    def _blame_flex(self, run_id: str, now: float) -> None:
        """Note that a STANDARD run waits because of FLEX."""
        run = self._line.find(run_id)
        if run is not None:
            since = run.submitted if run.state_detail is None else now
            self.outlook.held_up.setdefault(run_id, since)

    def _explain(self, connection: sa.Connection, reasons: dict[str, str]) -> None:
        """Write why runs wait, where that is new; those far behind take turns."""
        new = self._line.changed(reasons)
        far = {
            run.id: wait_reasons.far_behind(run.dpus, run.execution_class, self.rules.window)
            for run in self._line.unexplained(_EXPLAINED_A_ROUND)
            if run.id not in reasons
        }
        runs.explain(connection, new | self._line.changed(far))

    def _give_up(self, connection: sa.Connection, now: float) -> None:
        """Let FLEX runs fail that have waited longer than they may.

        "The run will be in WAITING state for a maximum of 20 minutes" and may then "fail with an
        appropriate error message" (job-run-statuses.html, which calls the case "Resource
        unavailable").
        """
        if not self.flex_max_wait_seconds:
            return
        for waiting in tuple(self._line.flex.values()):
            if now - waiting.submitted < self.flex_max_wait_seconds:
                return  # all others came later
            run = runs.get(connection, waiting.id)
            if run is not None and run.state is RunState.WAITING:
                self._fail(connection, run, now)
            self._line.remove(waiting.id)

    def _fail(self, connection: sa.Connection, run: Run, now: float) -> None:
        waited = wait_reasons.duration(now - run.submitted)
        message = (
            f"Resource unavailable. The FLEX run waited {waited} for spare capacity, which is as "
            "long as it may (the setting flex_max_wait_minutes). Start it again later, or start "
            "it with the execution class STANDARD."
        )
        if runs.change(connection, run, to=RunState.FAILED, now=now, error_message=message):
            follow(connection, self.account, run, RunState.FAILED, now)

    def _kept_back(self, connection: sa.Connection, started: Collection[Run]) -> dict[str, str]:
        """Say which runs a limit keeps back; StartJobRun has refused those that may not queue."""
        if not self._line.queued:
            return {}
        # a crawl is no run of a job: the limits are not about it
        started = [run for run in started if run.command != CRAWLER]
        waiting = [run for run in self._line if run.command != CRAWLER]
        active = Counter(run.job_name for run in started)
        active.update(run.job_name for run in waiting)
        several = [name for name, count in active.items() if count > 1]
        limits = Limits(
            runs_of_job={
                job.name: job.document["ExecutionProperty"]["MaxConcurrentRuns"]
                for job in jobs.named(connection, several)
            },
            runs=self.account.max_concurrent_runs,
            dpus=self.account.max_dpus,
        )
        return kept_back(map(_claim, started), [_claim(run) for run in waiting], limits)


def _claim(run: Run | WaitingRun) -> Claim:
    return Claim(run_id=run.id, job_name=run.job_name, dpus=run.dpus)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """The reserve, looked up only where a FLEX run may start."""

    connection: sa.Connection
    outlook: Outlook
    line: WaitingLine
    started: Collection[Run]
    front: Iterable[Demand]  #: FLEX runs whose lengths say how far to look ahead

    def foresee(self, now: float, usage: Usage) -> Foresight:
        ahead = max((one.careful_seconds or LONGEST_SECONDS for one in self.front), default=0.0)
        begin = (self.line.standard.get(held.run_id) for held in usage.held)
        chains = going((*self.started, *(run for run in begin if run is not None)), now)
        reserve = self.outlook.reserve(self.connection, chains, ahead, now)
        return reserve.foresee(now, usage)
