"""What follows the end of a run: another attempt, or what waited for it.

Whoever moves a run to a terminal state calls `follow` in the same transaction; whoever has a
reason to fire a trigger calls `set_off`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import replace

import sqlalchemy as sa

from glueball.core.crawls import crawl_state, crawler_of
from glueball.core.maintenance import is_restarted
from glueball.core.predicates import is_met, satisfying, watched
from glueball.core.retries import is_retried
from glueball.core.runs import TERMINAL, Run, RunState, restart_id, retry_id
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.core.workflows import WorkflowRunStatus
from glueball.orchestration import workflow_runs
from glueball.orchestration.account import Account
from glueball.orchestration.announcements import announce_end
from glueball.orchestration.firings import Occasion, fire
from glueball.stores import runs, triggers, workflows
from glueball.stores.triggers import Mark


def follow(
    connection: sa.Connection, account: Account, run: Run, ended: RunState, now: float
) -> None:
    """Do what the end of a run brings with it.

    It is announced. A stream that ended for maintenance goes on in another run, and a failed run
    that has attempts left gets the next one. Otherwise the conditional triggers that watch its job
    are asked, if a trigger started it: "Dependent jobs are only started if the job which completes
    was started by a trigger" (about-triggers.html). Then its workflow run may be over.

    Args:
        run: the run as it was before it ended.
        ended: the terminal state that it is in now.
        now: epoch seconds.
    """
    announce_end(connection, run.id, now)
    if is_restarted(run, ended):
        runs.insert(connection, next_restart(run, account.new_id(), now))
        return
    if is_retried(run, ended):
        runs.insert(connection, next_attempt(run, account.new_id(), now))
        return
    if run.chain_id is None:
        return
    notice(connection, account, run.chain_id, mark_of(run, ended), now)
    workflow_runs.settle(connection, run.chain_id, now)


def set_off(
    connection: sa.Connection, account: Account, trigger: Trigger, occasion: Occasion, now: float
) -> list[Run] | None:
    """Fire a trigger, and let follow what follows from runs that could not even start.

    Returns:
        The runs that it started, in order of its actions; None when this occasion was seen before.
    """
    started = fire(connection, account, trigger, occasion, now)
    follow_failures(connection, account, started or (), now)
    workflow_runs.settle(connection, occasion.chain_id, now)
    return started


def follow_failures(
    connection: sa.Connection,
    account: Account,
    started: Iterable[Run],
    now: float,
    *,
    before: Collection[str] = (),
) -> None:
    """Let follow what follows from those of new runs that could not even start.

    No trigger fires twice here: triggers that start each other's failing jobs would never end, and
    those of many branches would fire more often than anybody can count.

    Whoever calls this settles the workflow run afterwards: it is over only when nothing more
    follows from any of them.

    Args:
        before: conditional triggers that led here, without any job having run since.
    """
    fired = set(before)
    new = deque(started)
    while new:
        run = new.popleft()
        if run.state in TERMINAL:
            announce_end(connection, run.id, now)
        if run.state in TERMINAL and run.chain_id is not None:
            mark = mark_of(run, run.state)
            new.extend(_tell(connection, account, run.chain_id, mark, now, fired))


def notice(
    connection: sa.Connection, account: Account, chain_id: str, mark: Mark, now: float
) -> None:
    """Tell the conditional triggers of a chain how something that they may watch has ended."""
    fired: set[str] = set()
    started = _tell(connection, account, chain_id, mark, now, fired)
    follow_failures(connection, account, started, now, before=fired)


def _tell(
    connection: sa.Connection,
    account: Account,
    chain_id: str,
    mark: Mark,
    now: float,
    fired: set[str],
) -> list[Run]:
    """Tell the triggers that listen, and return the runs that they start.

    Args:
        fired: triggers that do not fire now; those that do are added.
    """
    started: list[Run] = []
    for trigger in _listeners(connection, chain_id, mark):
        if trigger.name in fired or trigger.state is not TriggerState.ACTIVATED:
            continue
        runs_of_trigger = _ask(connection, account, trigger, chain_id, mark, now)
        if runs_of_trigger is not None:
            fired.add(trigger.name)
            started += runs_of_trigger
    return started


def _listeners(connection: sa.Connection, chain_id: str, mark: Mark) -> Iterable[Trigger]:
    """Return the conditional triggers of a chain that watch something, in whatever state.

    A run of a workflow keeps to the triggers that it began with: "If you make changes to any
    triggers after the run starts, those changes don't affect the current workflow run"
    (resuming-workflow.html).
    """
    if not workflow_runs.is_workflow_run(chain_id):
        found = triggers.watching(connection, mark.kind, mark.name)
        return [trigger for trigger in found if trigger.workflow_name is None]
    run = workflows.get_run(connection, chain_id)
    if run is None or run.status is not WorkflowRunStatus.RUNNING:
        return ()
    return [
        trigger
        for trigger in workflow_runs.snapshot(run)
        if trigger.type is TriggerType.CONDITIONAL
        and (mark.kind, mark.name) in watched(trigger.document["Predicate"])
    ]


def next_attempt(run: Run, token: str, now: float) -> Run:
    """Return the attempt that follows `run`, which waits.

    Args:
        token: its fencing token.
    """
    attempt = run.attempt + 1
    return replace(
        run,
        id=retry_id(run.id, attempt),
        state=RunState.WAITING,
        attempt=attempt,
        previous_run_id=run.id,
        held_dpus=None,
        held_memory_mb=None,
        token=token,
        submitted=now,
        started=None,
        running=None,
        completed=None,
        modified=now,
        stop_cause=None,
        state_detail=None,
        error_message=None,
        due=now,
        notified=None,
        dpu_seconds=None,
        flex_delay=None,
        ran_seconds=None,
    )


def next_restart(run: Run, token: str, now: float) -> Run:
    """Return the run that takes the place of `run` after maintenance, which waits.

    Args:
        token: its fencing token.
    """
    return replace(next_attempt(run, token, now), id=restart_id(run.id), attempt=run.attempt)


def _ask(
    connection: sa.Connection,
    account: Account,
    trigger: Trigger,
    chain_id: str,
    mark: Mark,
    now: float,
) -> list[Run] | None:
    """Note what a conditional trigger has seen, and fire it when its predicate is met.

    Returns:
        The runs that it started; None when it did not fire.
    """
    triggers.mark(connection, chain_id, trigger.name, mark)
    seen = {(one.kind, one.name): one for one in triggers.marks(connection, chain_id, trigger.name)}
    predicate = trigger.document["Predicate"]
    states = {key: one.state for key, one in seen.items()}
    if not is_met(predicate, states):
        return None
    count = triggers.count_firings(connection, trigger.name, chain_id)
    predecessors = [
        {"JobName": one.name, "RunId": one.run_id}
        for key in satisfying(predicate, states)
        if (one := seen[key]).kind == "JOB"
    ]
    triggers.clear_marks(connection, chain_id, trigger.name)
    occasion = Occasion(
        key=f"chain {chain_id} {count + 1}",
        due=now,
        chain_id=chain_id,
        predecessors=tuple(predecessors),
    )
    return fire(connection, account, trigger, occasion, now)


def mark_of(run: Run, ended: RunState) -> Mark:
    """Return how a run that has ended looks to triggers that watch it."""
    crawler = crawler_of(run)
    if crawler is None:
        return Mark(kind="JOB", name=run.job_name, state=ended.value, run_id=run.id)
    return Mark(kind="CRAWLER", name=crawler, state=crawl_state(ended), run_id=run.id)
