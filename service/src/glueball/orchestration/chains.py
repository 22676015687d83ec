"""A trigger that somebody asks to fire begins a run of its workflow, or a chain of its own."""

from __future__ import annotations

import sqlalchemy as sa

from glueball.core.runs import Run
from glueball.core.triggers import Trigger
from glueball.orchestration import workflow_runs
from glueball.orchestration.account import Account
from glueball.orchestration.endings import set_off
from glueball.orchestration.firings import Occasion
from glueball.stores import workflows


def fire_now(
    connection: sa.Connection, account: Account, trigger: Trigger, now: float
) -> list[Run]:
    """Fire a trigger because somebody asks for it.

    Args:
        now: epoch seconds.

    Returns:
        The runs that it started, in order of its actions.

    Raises:
        ConcurrentRunsExceeded: MaxConcurrentRuns of its workflow is reached.
    """
    chain_id = _begin(connection, account, trigger, now)
    occasion = Occasion(key=f"asked {chain_id}", due=now, chain_id=chain_id)
    return set_off(connection, account, trigger, occasion, now) or []


def _begin(connection: sa.Connection, account: Account, trigger: Trigger, now: float) -> str:
    workflow = trigger.workflow_name and workflows.get(connection, trigger.workflow_name)
    if not workflow:
        return f"tc_{account.new_id()}"
    return workflow_runs.begin(connection, account, workflow, now, properties={}).id
