"""Workflows for tests: jobs, triggers and runs over a real store, without processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from glueball.core import jobs as job_rules
from glueball.core.crawlers import Crawler
from glueball.core.crawlers import define as define_crawler
from glueball.core.predicates import watched
from glueball.core.runs import ACTIVE, Run, RunState
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.core.workflows import Workflow, WorkflowRun
from glueball.orchestration import workflow_runs
from glueball.orchestration.account import Account
from glueball.orchestration.endings import follow, set_off
from glueball.orchestration.firings import Occasion
from glueball.stores import crawlers, jobs, runs, triggers, workflows
from glueball.stores.jobs import JobDefinition
from support.runs import BASE_TIME

_COMMAND = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/a.py", "PythonVersion": "3.9"}


def make_trigger(
    name: str,
    *,
    after: str = "",
    starts: str = "",
    logical: str = "AND",
    workflow: str | None = "w",
    **changes: Any,
) -> Trigger:
    """Return a trigger; `changes` replace its fields.

    Args:
        after: the jobs that it watches, each with the state that it waits for ("a b:FAILED");
            SUCCEEDED where none is named. None: it is ON_DEMAND. "@c" is the crawler c.
        starts: names of jobs, and of crawlers ("a @c").
    """
    document: dict[str, Any] = {"Actions": [_named(name) for name in starts.split()]}
    if after:
        conditions = [_condition(one) for one in after.split()]
        document["Predicate"] = {"Logical": logical, "Conditions": conditions}
    values: dict[str, Any] = {
        "name": name,
        "type": TriggerType.CONDITIONAL if after else TriggerType.ON_DEMAND,
        "state": TriggerState.ACTIVATED if after else TriggerState.CREATED,
        "workflow_name": workflow,
        "schedule": None,
        "created": BASE_TIME,
        "modified": BASE_TIME,
        "activated": None,
        "next_due": None,
        "document": document,
    }
    return Trigger(**(values | changes))


def add_triggers(connection: sa.Connection, *of_workflow: Trigger) -> None:
    """Keep triggers."""
    for trigger in of_workflow:
        triggers.insert(connection, trigger, watched(trigger.document.get("Predicate", {})))


def add_job(connection: sa.Connection, name: str, **members: Any) -> None:
    """Keep a Python shell job that may run as often as anyone likes."""
    document = job_rules.define(
        {
            "Role": "r",
            "Command": dict(_COMMAND),
            "ExecutionProperty": {"MaxConcurrentRuns": 100},
            **members,
        }
    )
    jobs.insert(
        connection,
        JobDefinition(name=name, created=BASE_TIME, modified=BASE_TIME, document=document),
    )


def add_workflow(connection: sa.Connection, name: str = "w", **members: Any) -> Workflow:
    """Keep a workflow."""
    workflow = Workflow(name=name, created=BASE_TIME, modified=BASE_TIME, document=members)
    workflows.insert(connection, workflow)
    return workflow


def add_all(
    connection: sa.Connection, *of_workflow: Trigger, without: str = "", **members: Any
) -> Workflow:
    """Keep the workflow "w", its triggers and what they start, but those `without`."""
    workflow = add_workflow(connection, **members)
    add_triggers(connection, *of_workflow)
    add_started(connection, *of_workflow, without=without)
    return workflow


def add_started(connection: sa.Connection, *of_chain: Trigger, without: str = "") -> None:
    """Keep the jobs and the crawlers that triggers start, but those `without`."""
    actions = [action for trigger in of_chain for action in trigger.actions]
    for name in sorted({one["JobName"] for one in actions if "JobName" in one}):
        if name not in without.split():
            add_job(connection, name)
    for name in sorted({one["CrawlerName"] for one in actions if "CrawlerName" in one}):
        if f"@{name}" not in without.split():
            add_crawler(connection, name)


def add_crawler(
    connection: sa.Connection, name: str, *, now: float = BASE_TIME, **members: Any
) -> Crawler:
    """Keep a crawler of a bucket, made just now."""
    targets = {"S3Targets": [{"Path": "s3://lake/sales"}]}
    request = {"Name": name, "Role": "r", "DatabaseName": "sales", "Targets": targets, **members}
    crawler = define_crawler(request, now)
    crawlers.insert(connection, crawler)
    return crawler


def start(
    connection: sa.Connection, account: Account, workflow: Workflow, now: float = BASE_TIME
) -> str:
    """Start a workflow run by its starting trigger; return its id."""
    trigger = workflow_runs.starting_trigger(tuple(triggers.of_workflow(connection, workflow.name)))
    assert trigger is not None
    run = workflow_runs.begin(connection, account, workflow, now, properties={})
    occasion = Occasion(key=f"asked {account.new_id()}", due=now, chain_id=run.id)
    set_off(connection, account, trigger, occasion, now)
    return run.id


def end(
    connection: sa.Connection,
    account: Account,
    run: Run,
    state: RunState = RunState.SUCCEEDED,
    now: float = BASE_TIME,
) -> None:
    """Let a run end as the engine would."""
    if run.state is RunState.WAITING and state is not RunState.STOPPED:
        runs.start(connection, run.id, now=now, dpus=1.0, memory_mb=1, detail=None)
    current = runs.get(connection, run.id)
    assert current is not None and runs.change(connection, current, to=state, now=now)
    follow(connection, account, current, state, now)


def active(connection: sa.Connection, chain_id: str) -> list[Run]:
    """Return the runs of a chain that have not ended."""
    return [run for run in runs.of_chain(connection, chain_id) if run.state in ACTIVE]


def the_run(connection: sa.Connection, chain_id: str, job: str) -> Run:
    """Return the newest run of a job in a chain."""
    found = [run for run in runs.of_chain(connection, chain_id) if run.job_name == job]
    assert found, f"{job} did not run"
    return found[-1]


def states(connection: sa.Connection, chain_id: str) -> list[tuple[str, str]]:
    """Return the job and the state of each run of a chain, in order of arrival."""
    return [(run.job_name, run.state.value) for run in runs.of_chain(connection, chain_id)]


def workflow_run(connection: sa.Connection, run_id: str) -> WorkflowRun:
    """Return a workflow run."""
    run = workflows.get_run(connection, run_id)
    assert run is not None
    return run


@contextmanager
def undone(connection: sa.Connection, name: str) -> Iterator[None]:
    """Take back what the `with` statement changes, so that other ways can be tried from here."""
    connection.exec_driver_sql(f"SAVEPOINT {name}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"ROLLBACK TO {name}")
        connection.exec_driver_sql(f"RELEASE {name}")


def _condition(text: str) -> Mapping[str, str]:
    name, _, state = text.partition(":")
    member = "CrawlState" if name.startswith("@") else "State"
    return {"LogicalOperator": "EQUALS", **_named(name), member: state or "SUCCEEDED"}


def _named(name: str) -> dict[str, str]:
    return {"CrawlerName": name[1:]} if name.startswith("@") else {"JobName": name}
