"""A run is made of its job, and refused or queued where a limit is reached.

https://docs.aws.amazon.com/glue/latest/dg/job-run-queuing.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from glueball.core import jobs as rules
from glueball.core.arns import resource_arn
from glueball.core.crawls import CRAWLER
from glueball.core.deadlines import DEADLINE_TAG, next_deadline
from glueball.core.errors import ConcurrentRunsExceeded, ResourceNumberLimitExceeded
from glueball.core.runs import ExecutionClass, Run, RunState
from glueball.orchestration.account import Account
from glueball.stores import runs, tags
from glueball.stores.jobs import JobDefinition


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Why a run is there."""

    due: float  #: when it should start, epoch seconds
    trigger_name: str | None = None  #: see `Run`
    chain_id: str | None = None
    previous: Run | None = None  #: the run that it repeats
    #: AWS's `Predecessor` shapes: the runs whose end started it
    predecessors: tuple[Mapping[str, str], ...] = ()


def start_run(
    connection: sa.Connection,
    account: Account,
    job: JobDefinition,
    overrides: Mapping[str, Any],
    origin: Origin,
    now: float,
) -> Run:
    """Keep a new run of `job`, which waits for the engine.

    Args:
        overrides: members of StartJobRun (or of a trigger's action) that win over the job's.
        now: epoch seconds.

    Raises:
        InvalidInput: the job cannot be started with these members.
        ConcurrentRunsExceeded: a limit on runs is reached and the run may not queue.
        ResourceNumberLimitExceeded: a limit on DPUs is reached and the run may not queue.
    """
    members = rules.run_members(job.document, overrides)
    run = _made(connection, account, job, members, origin, now)
    if not run.queued:
        _check_limits(connection, account, job, run)
    runs.insert(connection, run)
    return run


def record_failure(
    connection: sa.Connection,
    account: Account,
    job_name: str,
    reason: str,
    origin: Origin,
    now: float,
    state: RunState = RunState.FAILED,
    *,
    crawler_name: str | None = None,
) -> Run:
    """Keep a run that a trigger could not start, so that it can be seen.

    Args:
        job_name: or what the runs of a crawler have in its place.
        state: ERROR where the job does not exist (job-run-statuses.html), else FAILED.
        crawler_name: the crawler that could not start.
    """
    members: dict[str, Any] = {"Arguments": {}}
    if crawler_name is not None:
        members["CrawlerName"] = crawler_name
    run = Run(
        id=f"jr_{account.new_id()}",
        job_name=job_name,
        state=state,
        execution_class=ExecutionClass.STANDARD,
        command="" if crawler_name is None else CRAWLER,
        script_location="",
        python_version=None,
        glue_version=None,
        attempt=0,
        max_retries=0,
        timeout_minutes=0,
        dpus=0.0,
        token=account.new_id(),
        submitted=now,
        completed=now,
        modified=now,
        error_message=reason,
        trigger_name=origin.trigger_name,
        chain_id=origin.chain_id,
        due=origin.due,
        document=with_predecessors(members, origin),
    )
    runs.insert(connection, run)
    return run


def _made(
    connection: sa.Connection,
    account: Account,
    job: JobDefinition,
    members: Mapping[str, Any],
    origin: Origin,
    now: float,
) -> Run:
    command = job.document["Command"]
    previous = origin.previous
    deadline = tags.get(connection, resource_arn(account, "job", job.name)).get(DEADLINE_TAG)
    return Run(
        id=f"jr_{account.new_id()}",
        job_name=job.name,
        state=RunState.WAITING,
        execution_class=ExecutionClass(members.get("ExecutionClass", ExecutionClass.STANDARD)),
        command=command["Name"],
        script_location=command["ScriptLocation"],
        python_version=command.get("PythonVersion"),
        glue_version=members.get("GlueVersion"),
        attempt=0 if previous is None else previous.attempt + 1,
        previous_run_id=None if previous is None else previous.id,
        max_retries=job.document["MaxRetries"],
        timeout_minutes=members.get("Timeout", 0),
        dpus=members["MaxCapacity"],
        token=account.new_id(),
        submitted=now,
        modified=now,
        trigger_name=origin.trigger_name,
        chain_id=origin.chain_id,
        due=origin.due,
        queued=bool(members.get("JobRunQueuingEnabled")),
        deadline=None if deadline is None else next_deadline(deadline, origin.due),
        document=with_predecessors(members, origin),
    )


def with_predecessors(members: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    """Return the members of a run together with the runs whose end has started it."""
    if not origin.predecessors:
        return dict(members)
    return {**members, "PredecessorRuns": [dict(one) for one in origin.predecessors]}


def _check_limits(
    connection: sa.Connection, account: Account, job: JobDefinition, run: Run
) -> None:
    if (
        runs.count_active(connection, job.name)
        >= job.document["ExecutionProperty"]["MaxConcurrentRuns"]
    ):
        raise ConcurrentRunsExceeded(f"Concurrent runs exceeded for {job.name}")
    if account.max_concurrent_runs is None and account.max_dpus is None:
        return
    active, dpus = runs.active_in_all(connection)
    if account.max_concurrent_runs is not None and active >= account.max_concurrent_runs:
        raise ConcurrentRunsExceeded(
            f"The account may have {account.max_concurrent_runs} active job runs (the setting "
            "max_concurrent_runs); wait for one to end, or enable job run queuing."
        )
    if account.max_dpus is not None and dpus + run.dpus > account.max_dpus:
        raise ResourceNumberLimitExceeded(
            f"Active job runs ask for {dpus:g} DPU and this one for {run.dpus:g} more; the account "
            f"may have {account.max_dpus:g} (the setting max_dpus). Wait for one to end, or enable "
            "job run queuing."
        )
