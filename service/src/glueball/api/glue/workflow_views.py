"""How workflows, their runs and their graphs look to clients.

https://docs.aws.amazon.com/glue/latest/webapi/API_Workflow.html and API_WorkflowRun.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glueball.api.glue.crawls import crawl_shown
from glueball.api.glue.runs import shown as job_run_shown
from glueball.core.runs import Run
from glueball.core.workflow_graph import Node, NodeType, graph_of, node_of, unique_id
from glueball.core.workflow_statistics import statistics
from glueball.core.workflows import Workflow, WorkflowRun
from glueball.orchestration.workflow_resume import runs_shown
from glueball.orchestration.workflow_runs import shown as trigger_shown
from glueball.stores import triggers, workflows

if TYPE_CHECKING:
    from sqlalchemy import Connection


def workflow_shown(
    connection: Connection, workflow: Workflow, *, include_graph: bool
) -> dict[str, Any]:
    """Return AWS's `Workflow` shape, its last run included."""
    last = workflows.last_run(connection, workflow.name)
    members: dict[str, Any] = {
        "Name": workflow.name,
        "CreatedOn": workflow.created,
        "LastModifiedOn": workflow.modified,
        "DefaultRunProperties": {},
        **workflow.document,
    }
    if last is not None:
        members["LastRun"] = run_shown(connection, last, include_graph=include_graph)
    if include_graph:
        of_workflow = triggers.of_workflow(connection, workflow.name)
        members["Graph"] = _graph_shown(workflow.name, map(trigger_shown, of_workflow), ())
    return members


def run_shown(connection: Connection, run: WorkflowRun, *, include_graph: bool) -> dict[str, Any]:
    """Return AWS's `WorkflowRun` shape."""
    job_runs = runs_shown(connection, run)
    members: dict[str, Any] = {
        "Name": run.workflow_name,
        "WorkflowRunId": run.id,
        "PreviousRunId": run.previous_run_id,
        "WorkflowRunProperties": run.properties,
        "StartedOn": run.started,
        "CompletedOn": run.completed,
        "Status": run.status.value,
        "ErrorMessage": run.error_message,
        "Statistics": statistics(run.triggers, job_runs),
        "StartingEventBatchCondition": run.batch,
    }
    if include_graph:
        members["Graph"] = _graph_shown(run.workflow_name, run.triggers, job_runs)
    return {name: value for name, value in members.items() if value is not None}


def _graph_shown(
    workflow_name: str, of_workflow: Iterable[Mapping[str, Any]], job_runs: Iterable[Run]
) -> dict[str, Any]:
    """Return AWS's `WorkflowGraph` shape.

    Args:
        of_workflow: AWS's `Trigger` shapes.
        job_runs: what has run, in order of arrival; nothing for the workflow itself.
    """
    by_name = {trigger["Name"]: trigger for trigger in of_workflow}
    by_node = defaultdict(list)
    for run in job_runs:
        by_node[node_of(run)].append(run)
    graph = graph_of(by_name.values())
    return {
        "Nodes": [
            {
                "Type": node.type.value,
                "Name": node.name,
                "UniqueId": unique_id(workflow_name, node),
                **_details(node, by_name, by_node.get(node, ())),
            }
            for node in graph.nodes
        ],
        "Edges": [
            {
                "SourceId": unique_id(workflow_name, edge.source),
                "DestinationId": unique_id(workflow_name, edge.destination),
            }
            for edge in graph.edges
        ],
    }


def _details(
    node: Node, by_name: Mapping[str, Mapping[str, Any]], job_runs: Sequence[Run]
) -> dict[str, Any]:
    if node.type is NodeType.TRIGGER:
        return {"TriggerDetails": {"Trigger": by_name[node.name]}}
    if node.type is NodeType.CRAWLER:
        crawls = [crawl_shown(run) for run in job_runs]
        return {"CrawlerDetails": {"Crawls": crawls} if crawls else {}}
    shown = [job_run_shown(run) for run in job_runs]
    return {"JobDetails": {"JobRuns": shown} if shown else {}}
