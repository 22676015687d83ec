"""Letting waiting runs start: `core.capacity` decides, this writes it down.

The decision and the capacity it takes are one transaction, and what is held is counted from the
runs themselves: there is no other truth to get out of step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

import sqlalchemy as sa

from glueball.core.capacity import Pool, Start, plan
from glueball.core.flex import Reserve
from glueball.core.forecast_lengths import Lengths
from glueball.core.queueing import Claim, Limits, kept_back
from glueball.core.runs import ExecutionClass, Run, WaitingRun
from glueball.engine.resources import demand_of, held_by
from glueball.orchestration.account import Account
from glueball.stores import jobs, runs

#: says what the owner of a run should know about where it will run, in sentences
Remarks = Callable[[WaitingRun], Sequence[str]]

#: run length is predicted from the last two successful runs (Tsafrir, Etsion, Feitelson 2007)
_HISTORY = 2


def admit(
    connection: sa.Connection,
    *,
    account: Account,
    pool: Pool,
    reserve: Reserve,
    remarks: Remarks,
    now: float,
) -> None:
    """Start what may start, and say of the rest why it waits."""
    waiting = {run.id: run for run in runs.waiting(connection)}
    if not waiting:
        return
    started = runs.holding(connection)
    reasons = _kept_back(connection, account, started, waiting.values())
    free = {run_id: run for run_id, run in waiting.items() if run_id not in reasons}
    held = [held_by(run) for run in started]
    predicted = _predictions(connection, free.values())
    demands = [demand_of(run, pool, predicted.get(run.job_name)) for run in free.values()]
    decided = plan(pool, held, demands, now=now, reserve=reserve)
    for start in decided.starts:
        _start(connection, waiting[start.run_id], start, remarks, now)
    reasons |= {wait.run_id: wait.reason for wait in decided.waits}
    runs.explain(
        connection,
        {
            run_id: reason
            for run_id, reason in reasons.items()
            if waiting[run_id].state_detail != reason
        },
    )


def _kept_back(
    connection: sa.Connection,
    account: Account,
    started: Collection[Run],
    waiting: Collection[WaitingRun],
) -> dict[str, str]:
    """Say which runs a limit keeps back; only jobs with several active runs are looked up."""
    active = Counter(run.job_name for run in started)
    active.update(run.job_name for run in waiting)
    several = [name for name, count in active.items() if count > 1]
    limits = Limits(
        runs_of_job={
            job.name: job.document["ExecutionProperty"]["MaxConcurrentRuns"]
            for job in jobs.named(connection, several)
        },
        runs=account.max_concurrent_runs,
        dpus=account.max_dpus,
    )
    return kept_back(map(_claim, started), [_claim(run) for run in waiting], limits)


def _claim(run: Run | WaitingRun) -> Claim:
    return Claim(run_id=run.id, job_name=run.job_name, dpus=run.dpus)


def _start(
    connection: sa.Connection, run: WaitingRun, decision: Start, remarks: Remarks, now: float
) -> None:
    runs.start(
        connection,
        run.id,
        now=now,
        dpus=decision.dpus,
        memory_mb=decision.memory_mb,
        detail="; ".join(filter(None, (decision.note, *remarks(run)))) or None,
    )


def _predictions(
    connection: sa.Connection, waiting: Collection[WaitingRun]
) -> dict[str, float | None]:
    """Predict the seconds of each FLEX job; STANDARD runs start without a prediction."""
    lengths = Lengths()
    predicted: dict[str, float | None] = {}
    for run in waiting:
        if run.execution_class == ExecutionClass.FLEX and run.job_name not in predicted:
            ended = runs.last_succeeded(connection, run.job_name, _HISTORY)
            seconds = [float(one.execution_seconds) for one in reversed(ended)]
            lengths.remember(run.job_name, seconds)
            predicted[run.job_name] = lengths.predict(
                run.job_name,
                run.execution_class,
                timeout_seconds=run.timeout_minutes * 60.0,
                probability=0.5,
            ).likely
    return predicted
