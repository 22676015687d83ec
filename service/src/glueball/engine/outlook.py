"""What the engine knows of demand: how long runs take, what is usual, what is due.

Derived from the store when the service starts, and kept up to date as runs come and end. What is
held is never counted here: `admission.py` counts it from the runs, in its transaction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from glueball.core.capacity import Demand, Held, Pool
from glueball.core.flex import Reserve
from glueball.core.forecast import ForecastReserve
from glueball.core.forecast_demand import DAYS
from glueball.core.forecast_feedback import DaysOfStarts
from glueball.core.forecast_lengths import (
    KNOWN_LENGTH_PROBABILITY,
    LENGTH_PROBABILITY,
    Length,
    Lengths,
)
from glueball.core.forecast_surprise import SurprisingDemand
from glueball.core.runs import ExecutionClass, Run, RunState, WaitingRun, script_seconds
from glueball.engine.known_starts import Going, KnownStarts
from glueball.engine.resources import demand_of, held_by
from glueball.stores import demand as past
from glueball.stores import runs

_DAY_SECONDS = 86_400.0
#: run length is predicted from the last two successful runs (Tsafrir, Etsion, Feitelson 2007)
_RUNS_OF_JOB = 2
_STANDARD = ExecutionClass.STANDARD.value


@dataclass(slots=True)
class _Open:
    """A run that has not ended, as far as it matters when it does."""

    dpus: float  #: of STANDARD demand; 0 of FLEX
    foreseen: bool


class Outlook:
    """Memory of what was, and sight of what is due.

    Args:
        reserve: what to keep for STANDARD instead of the forecast.
    """

    def __init__(self, reserve: Reserve | None = None) -> None:
        self._fixed = reserve
        self.forget()

    def forget(self) -> None:
        """Begin anew: the store was emptied."""
        self._history: SurprisingDemand | None = None
        self._lengths = Lengths()
        self._open: dict[str, _Open] = {}
        self._starts = DaysOfStarts()
        #: the DPUs of the largest STANDARD run, by day
        self._largest: dict[int, float] = {}
        self._known = KnownStarts(self.length)
        #: STANDARD runs that wait because of FLEX, and since when
        self.held_up: dict[str, float] = {}

    def load(self, connection: sa.Connection, now: float) -> None:
        """Read the last weeks from the store; once, before the first decision."""
        if self._history is not None:
            return
        ended = list(past.ended_since(connection, now - DAYS * _DAY_SECONDS))
        began = min((run.submitted for run in ended), default=now)
        self._history = SurprisingDemand(began)
        steps: list[tuple[float, float, bool]] = []
        for run in sorted(ended, key=lambda one: one.completed):
            seconds = run.execution_seconds
            if run.succeeded and seconds is not None:
                self._lengths.add(run.job_name, run.execution_class, seconds)
            if run.execution_class == _STANDARD:
                self._asked(run.submitted, run.dpus)
                if run.started is not None:
                    self._starts.count(run.started, run.flex_delay, foreseen=run.by_schedule)
                steps.append((run.submitted, run.dpus, run.by_schedule))
                steps.append((run.completed, -run.dpus, run.by_schedule))
        for time, dpus, foreseen in sorted(steps):
            self._changed(time, dpus, foreseen=foreseen)

    def see(
        self,
        connection: sa.Connection,
        started: Iterable[Run],
        waiting: Mapping[str, WaitingRun],
        now: float,
    ) -> None:
        """Take note of what has come and what has ended since the last look.

        Args:
            started: every run that holds capacity.
            waiting: every STANDARD run that waits, by its id; FLEX counts from its start.
        """
        self.load(connection, now)
        holding = {run.id: run for run in started}
        for run_id in holding.keys() - self._open.keys():
            self._came(connection, holding[run_id], holding[run_id].execution_class.value, now)
        for run_id in waiting.keys() - self._open.keys():
            self._came(connection, waiting[run_id], _STANDARD, now)
        for run_id in self._open.keys() - holding.keys() - waiting.keys():
            self._went(connection, run_id, now)

    def _came(
        self, connection: sa.Connection, run: Run | WaitingRun, kind: str, now: float
    ) -> None:
        foreseen = kind == _STANDARD and past.began_by_schedule(
            connection, run.chain_id, run.trigger_name
        )
        dpus = 0.0
        if kind == _STANDARD:
            self._asked(run.submitted, run.dpus)
            dpus = run.dpus
        self._open[run.id] = _Open(dpus=dpus, foreseen=foreseen)
        if dpus:
            self._changed(min(now, run.submitted), dpus, foreseen=foreseen)

    def _went(self, connection: sa.Connection, run_id: str, now: float) -> None:
        gone = self._open.pop(run_id)
        self.held_up.pop(run_id, None)
        run = runs.get(connection, run_id)
        completed = now if run is None or run.completed is None else run.completed
        if gone.dpus:
            self._changed(min(now, completed), -gone.dpus, foreseen=gone.foreseen)
        if run is None or run.state is not RunState.SUCCEEDED:
            return
        seconds = script_seconds(run.ran_seconds, run.running, run.completed)
        if seconds is not None:
            self._lengths.add(run.job_name, run.execution_class.value, seconds)

    def _asked(self, time: float, dpus: float) -> None:
        day = math.floor(time / _DAY_SECONDS)
        if day not in self._largest:
            self._largest = {then: of for then, of in self._largest.items() if then >= day - DAYS}
        self._largest[day] = max(self._largest.get(day, 0.0), dpus)

    def _changed(self, time: float, dpus: float, *, foreseen: bool) -> None:
        if self._history is not None:
            self._history.change(time, dpus, foreseen=foreseen)

    def started(self, run: WaitingRun, now: float) -> float | None:
        """Note that a run starts.

        Returns:
            Seconds that it waited because of FLEX; None for a FLEX run.
        """
        since = self.held_up.pop(run.id, None)
        if run.execution_class != _STANDARD:
            return None
        delay = 0.0 if since is None else max(0.0, now - since)
        known = self._open.get(run.id)
        self._starts.count(now, delay, foreseen=known is not None and known.foreseen)
        return delay

    def length(
        self,
        connection: sa.Connection,
        job_name: str,
        execution_class: str,
        timeout_seconds: float | None,
        age: float = 0.0,
        *,
        probability: float = KNOWN_LENGTH_PROBABILITY,
    ) -> Length:
        """Predict the length of a run; see `Lengths.predict`."""
        self._remember(connection, job_name)
        return self._lengths.predict(
            job_name,
            execution_class,
            timeout_seconds=timeout_seconds,
            probability=probability,
            age=age,
        )

    def _remember(self, connection: sa.Connection, job_name: str) -> None:
        """Look up a job that did not run in the last weeks."""
        if not self._lengths.knows(job_name):
            ended = runs.last_succeeded(connection, job_name, _RUNS_OF_JOB)
            seconds = [float(run.execution_seconds) for run in reversed(ended)]
            self._lengths.remember(job_name, seconds)

    def demand(self, connection: sa.Connection, run: WaitingRun, pool: Pool) -> Demand:
        """Say what a waiting run asks of the pool."""
        asked = demand_of(run, pool, None)
        if run.execution_class == _STANDARD:
            return asked  # it starts without a prediction
        length = self.length(
            connection,
            run.job_name,
            run.execution_class,
            _timeout(run.timeout_minutes),
            probability=LENGTH_PROBABILITY,
        )
        # a timeout is something to be careful by, and says nothing of how long a run takes
        likely = None if length.bound_only else length.likely
        return replace(asked, predicted_seconds=likely, cautious_seconds=length.careful)

    def held(self, connection: sa.Connection, run: Run, now: float) -> Held:
        """Say what a started run holds, and until when."""
        began = run.started if run.running is None else run.running
        known = self._open.get(run.id)
        foreseen = known is not None and known.foreseen
        end = None
        if began is not None:
            end = self.length(
                connection,
                run.job_name,
                run.execution_class.value,
                _timeout(run.timeout_minutes),
                age=max(0.0, now - began),
                probability=KNOWN_LENGTH_PROBABILITY if foreseen else LENGTH_PROBABILITY,
            ).careful
        return replace(
            held_by(run),
            predicted_end=None if end is None or began is None else began + end,
            foreseen=foreseen,
        )

    def reserve(
        self,
        connection: sa.Connection,
        chains: Sequence[Going],
        ahead_seconds: float,
        now: float,
    ) -> Reserve:
        """Return what is to be kept for STANDARD.

        Args:
            chains: the runs of chains that hold capacity.
            ahead_seconds: how long the longest FLEX run that may start will take.
        """
        if self._fixed is not None:
            return self._fixed
        self.load(connection, now)
        assert self._history is not None
        self._history.advance(now)
        return ForecastReserve(
            history=self._history,
            known=self._known.within(connection, chains, ahead_seconds, now),
            probability=self._starts.probability(now),
            largest_dpus=max(self._largest.values(), default=0.0),
        )


def _timeout(minutes: int) -> float | None:
    """Return the seconds after which a run is ended; None where it never is (streaming)."""
    return minutes * 60.0 if minutes else None
