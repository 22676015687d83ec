"""The operations of workflows, as tests call them: all on the workflow "w"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueball.api.context import Context
from glueball.api.glue import workflow_runs, workflows
from glueball.core.runs import RunState
from support.workflows import add_job, add_triggers, end, make_trigger, the_run


def create(context: Context, name: str = "w", **members: Any) -> None:
    """Create a workflow; the members are those of CreateWorkflow."""
    request: Any = {"Name": name, **members}
    assert workflows.create_workflow(context, request) == {"Name": name}


def chain(context: Context, *jobs_in_order: str, **members: Any) -> None:
    """Create the workflow "w", in which each job starts the next one."""
    create(context, **members)
    with context.database.write() as connection:
        for number, name in enumerate(jobs_in_order):
            after = jobs_in_order[number - 1] if number else ""
            add_job(connection, name)
            add_triggers(connection, make_trigger(f"t{number}", after=after, starts=name))


def start(context: Context, **members: Any) -> str:
    """Start a run; the members are those of StartWorkflowRun. Return its id."""
    request: Any = {"Name": "w", **members}
    run_id: str = workflow_runs.start_workflow_run(context, request)["RunId"]
    return run_id


def finish(context: Context, run_id: str, job: str, state: str = "SUCCEEDED") -> None:
    """Let the newest run of a job in a workflow run end."""
    with context.database.write() as connection:
        run = the_run(connection, run_id, job)
        end(connection, context.account, run, RunState(state), context.clock.now())


def shown(context: Context, run_id: str) -> dict[str, Any]:
    """Return a run with its graph."""
    request: Any = {"Name": "w", "RunId": run_id, "IncludeGraph": True}
    run: dict[str, Any] = workflow_runs.get_workflow_run(context, request)["Run"]
    return run


def nodes(graph: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the nodes of a graph by their names."""
    return {node["Name"]: node for node in graph["Nodes"]}


def job_states(run: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the states of the runs that each job of a graph shows."""
    return {
        name: [one["JobRunState"] for one in node["JobDetails"].get("JobRuns", [])]
        for name, node in nodes(run["Graph"]).items()
        if node["Type"] == "JOB"
    }


def statistics(run: Mapping[str, Any]) -> dict[str, int]:
    """Return the statistics of a run that are not 0."""
    return {name: count for name, count in run["Statistics"].items() if count}
