"""Letting waiting runs start: `core.capacity` decides, this writes it down.

The decision and the capacity it takes are one transaction, and what is held is counted from the
runs themselves: there is no other truth to get out of step.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from glueball.core.capacity import Decision, Pool, Start, plan
from glueball.core.errors import ConfigurationError
from glueball.core.flex import Reserve, predict_seconds
from glueball.core.runs import HOLDING, ExecutionClass, Run, RunState
from glueball.engine.resources import demand_of, held_by
from glueball.launchers.runtimes import choose
from glueball.stores import runs

#: run length is predicted from the last two successful runs (Tsafrir, Etsion, Feitelson 2007)
_HISTORY = 2


def admit(
    connection: sa.Connection,
    active: Sequence[Run],
    *,
    pool: Pool,
    reserve: Reserve,
    now: float,
) -> list[str]:
    """Start what may start, and say of the rest why it waits.

    Args:
        active: every run that has not ended, in order of arrival.

    Returns:
        The ids of the runs that are STARTING from this transaction on.
    """
    waiting = {run.id: run for run in active if run.state is RunState.WAITING}
    if not waiting:
        return []
    held = [held_by(run) for run in active if run.state in HOLDING]
    predicted = _predictions(connection, waiting.values())
    demands = [demand_of(run, pool, predicted.get(run.job_name)) for run in waiting.values()]
    decisions = plan(pool, held, demands, now=now, reserve=reserve)
    return [
        decision.run_id
        for decision in decisions
        if _apply(connection, waiting[decision.run_id], decision, now)
    ]


def _apply(connection: sa.Connection, run: Run, decision: Decision, now: float) -> bool:
    if isinstance(decision, Start):
        return runs.change(
            connection,
            run,
            to=RunState.STARTING,
            now=now,
            started=now,
            held_dpus=decision.dpus,
            held_memory_mb=decision.memory_mb,
            state_detail=_detail(run, decision.note),
        )
    if run.state_detail != decision.reason:
        runs.explain(connection, run.id, decision.reason)
    return False


def _detail(run: Run, note: str | None) -> str | None:
    """Say what differs from what was asked: the size of the run, the version of its runtime."""
    try:
        runtime = choose(run.command, run.glue_version or "", run.python_version or "3").note
    except ConfigurationError:
        runtime = ""  # the launch will be refused, with this sentence as the run's error
    return " ".join(filter(None, (note, runtime))) or None


def _predictions(connection: sa.Connection, waiting: Collection[Run]) -> dict[str, float | None]:
    """Predict the seconds of each FLEX job; STANDARD runs start without a prediction."""
    timeouts = {
        run.job_name: run.timeout_minutes * 60.0
        for run in waiting
        if run.execution_class is ExecutionClass.FLEX
    }
    return {
        name: predict_seconds(
            [
                float(run.execution_seconds)
                for run in runs.last_succeeded(connection, name, _HISTORY)
            ],
            timeout_seconds=timeout,
            class_median=None,
        )
        for name, timeout in timeouts.items()
    }
