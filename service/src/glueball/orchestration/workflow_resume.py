"""A workflow run goes on from chosen nodes, as a run of its own.

https://docs.aws.amazon.com/glue/latest/dg/resuming-workflow.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa

from glueball.core.errors import IllegalWorkflowState
from glueball.core.runs import Run
from glueball.core.workflow_graph import (
    Graph,
    Node,
    NodeType,
    graph_of,
    node_of,
    nodes_to_resume,
    started_by,
    unique_id,
)
from glueball.core.workflows import Workflow, WorkflowRun, WorkflowRunStatus
from glueball.orchestration import workflow_runs
from glueball.orchestration.account import Account
from glueball.orchestration.endings import follow_failures, mark_of
from glueball.orchestration.firings import Occasion, start_actions
from glueball.stores import runs, triggers, workflows

#: AWS allows COMPLETED alone; what somebody stopped can go on here as well
_RESUMABLE = frozenset({WorkflowRunStatus.COMPLETED, WorkflowRunStatus.STOPPED})


def resume(
    connection: sa.Connection,
    account: Account,
    workflow: Workflow,
    previous: WorkflowRun,
    node_ids: Sequence[str],
    now: float,
) -> tuple[WorkflowRun, list[str]]:
    """Run chosen nodes of an earlier run again, and everything behind them.

    The new run has the triggers, the run properties and the results of the earlier one.

    Args:
        node_ids: `UniqueId` of each chosen node.
        now: epoch seconds.

    Returns:
        The new run, and the `UniqueId` of each node that was started.

    Raises:
        IllegalWorkflowState: the earlier run is not over.
        InvalidInput: a chosen node is none that the earlier run tried to run.
        ConcurrentRunsExceeded: MaxConcurrentRuns of the workflow is reached.
    """
    if previous.status not in _RESUMABLE:
        raise IllegalWorkflowState(
            f"The workflow run {previous.id} is {previous.status}; only one that is COMPLETED or "
            "STOPPED can be resumed."
        )
    graph = graph_of(previous.triggers)
    earlier = runs_shown(connection, previous)
    nodes = nodes_to_resume(workflow.name, graph, node_ids, {node_of(run) for run in earlier})
    run = workflow_runs.begin(
        connection,
        account,
        workflow,
        now,
        properties=previous.properties,
        resumed=previous,
    )
    _take_over(connection, run, graph, nodes, earlier)
    started = [
        one for node in nodes for one in _restart(connection, account, run, node, earlier, now)
    ]
    follow_failures(connection, account, started, now)
    workflow_runs.settle(connection, run.id, now)
    return run, [unique_id(workflow.name, node) for node in nodes]


def runs_shown(connection: sa.Connection, run: WorkflowRun) -> list[Run]:
    """Return the runs that a workflow run's graph shows, in order of arrival.

    A resumed run shows its own, and those that it took over: of nodes that are neither chosen nor
    behind a chosen one. Chosen nodes are those that it has runs of, and what is behind them.
    """
    own = found = runs.of_chain(connection, run.id)
    again: set[Node] = set()
    for before in _resumed(connection, run):
        nodes = {node_of(one) for one in own}
        again |= nodes | graph_of(run.triggers).downstream(nodes)
        own = runs.of_chain(connection, before.id)
        found = [one for one in own if node_of(one) not in again] + found
    return found


def _resumed(connection: sa.Connection, run: WorkflowRun) -> Iterator[WorkflowRun]:
    """Return the runs that a run goes on from, the newest first."""
    before: WorkflowRun | None = run
    while before is not None and before.previous_run_id is not None:
        before = workflows.get_run(connection, before.previous_run_id)
        if before is not None:
            yield before


def _take_over(
    connection: sa.Connection,
    run: WorkflowRun,
    graph: Graph,
    nodes: Collection[Node],
    earlier: Sequence[Run],
) -> None:
    """Let the triggers behind the chosen nodes know how the other nodes have ended before."""
    behind = graph.downstream(nodes)
    again = behind.union(nodes)
    ended = {node: one for one in earlier if (node := node_of(one)) not in again}
    for trigger in workflow_runs.snapshot(run):
        if Node(NodeType.TRIGGER, trigger.name) not in behind:
            continue
        for kind, name in trigger.watched:
            one = ended.get(Node(NodeType(kind), name))
            if one is not None:
                triggers.mark(connection, run.id, trigger.name, mark_of(one, one.state))


def _restart(
    connection: sa.Connection,
    account: Account,
    run: WorkflowRun,
    node: Node,
    earlier: Sequence[Run],
    now: float,
) -> list[Run]:
    """Carry out again each action that ran a node before."""
    last = {one.trigger_name: one for one in earlier if node_of(one) == node}
    started: list[Run] = []
    for trigger in workflow_runs.snapshot(run):
        one = last.get(trigger.name)
        if one is None:
            continue
        occasion = Occasion(
            key=f"resumed {run.id}",
            due=now,
            chain_id=run.id,
            predecessors=tuple(one.document.get("PredecessorRuns", ())),
        )
        actions = [action for action in trigger.actions if started_by(action) == node]
        started += start_actions(
            connection, account, actions, trigger_name=trigger.name, occasion=occasion, now=now
        )
    return started
