from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa

from glueball.core.predicates import is_met
from glueball.core.triggers import Trigger
from glueball.core.workflow_graph import Node, NodeType, graph_of, unique_id
from glueball.core.workflows import WorkflowRunStatus
from glueball.orchestration import workflow_runs
from glueball.orchestration.account import Account
from glueball.orchestration.workflow_resume import resume
from glueball.stores import runs
from support.runs import BASE_TIME
from support.workflow_ways import GRAPHS, all_ways
from support.workflows import active, add_all, end, start, undone, workflow_run


@pytest.mark.parametrize("graph", GRAPHS)
def test_wherever_a_run_is_resumed_it_does_what_it_had_still_to_do(
    connection: sa.Connection, account: Account, graph: str
) -> None:
    """From every end of every way, from each job that ran; all goes well from there."""
    workflow = add_all(connection, *GRAPHS[graph], without="gone")
    run_id = start(connection, account, workflow)
    resumed = 0
    for ended in all_ways(connection, account, run_id, {}, depth=0):
        if active(connection, run_id):
            continue
        for job in ended:
            with undone(connection, "resumed"):
                previous = workflow_run(connection, run_id)
                node = unique_id("w", Node(NodeType.JOB, job))
                run, _ = resume(connection, account, workflow, previous, [node], BASE_TIME)
                while left := active(connection, run.id):
                    end(connection, account, left[0])
                assert workflow_run(connection, run.id).status is WorkflowRunStatus.COMPLETED
                shown = Counter(one.job_name for one in runs.of_chain(connection, run.id))
                assert shown == _still_to_do(GRAPHS[graph], ended, job)
                resumed += 1
    assert resumed


def _still_to_do(graph: tuple[Trigger, ...], ended: dict[str, str], job: str) -> Counter[str]:
    """Return what runs after a resume from `job` if all goes well, by what triggers mean."""
    shapes = [workflow_runs.shown(trigger) for trigger in graph]
    behind = graph_of(shapes).downstream([Node(NodeType.JOB, job)])
    known = {
        ("JOB", name): state
        for name, state in ended.items()
        if Node(NodeType.JOB, name) not in behind
    }
    known["JOB", job] = "SUCCEEDED"
    did = Counter([job])
    ahead = [one for one in graph if Node(NodeType.TRIGGER, one.name) in behind]
    while due := [one for one in ahead if is_met(one.document["Predicate"], known)]:
        for trigger in due:
            ahead.remove(trigger)
            for action in trigger.actions:
                did[action["JobName"]] += 1
                if action["JobName"] != "gone":
                    known["JOB", action["JobName"]] = "SUCCEEDED"
    return did
