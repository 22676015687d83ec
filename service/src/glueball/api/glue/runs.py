"""Job runs. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glueball.api.context import Context
from glueball.api.glue.jobs import existing
from glueball.api.paging import decode_number, encode_token
from glueball.core.crawls import crawler_of
from glueball.core.errors import EntityNotFound, InvalidInput
from glueball.core.runs import ACTIVE, TERMINAL, ExecutionClass, Run, RunState
from glueball.orchestration.endings import follow
from glueball.orchestration.starts import Origin, start_run
from glueball.orchestration.workflow_runs import stop_run
from glueball.stores import runs

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        BatchStopJobRunRequestTypeDef,
        GetJobRunRequestTypeDef,
        GetJobRunsRequestTypeDef,
        StartJobRunRequestTypeDef,
    )
    from sqlalchemy import Connection

_PAGE = 200


def start_job_run(context: Context, request: StartJobRunRequestTypeDef) -> dict[str, Any]:
    """Accept a run: once this has answered, the run exists after any crash."""
    overrides: dict[str, Any] = {**request}
    with context.database.write_behind() as connection:
        job = existing(connection, request["JobName"])
        now = context.clock.now()
        previous = _previous_run(connection, job.name, request.get("JobRunId"))
        origin = Origin(due=now, previous=previous)
        run = start_run(connection, context.account, job, overrides, origin, now)
    context.wake()
    return {"JobRunId": run.id}


def get_job_run(context: Context, request: GetJobRunRequestTypeDef) -> dict[str, Any]:
    """Show a run."""
    with context.database.read() as connection:
        existing(connection, request["JobName"])
        run = shown(
            _as_clients_see(connection, _run_of(connection, request["JobName"], request["RunId"]))
        )
    if not request.get("PredecessorsIncluded"):
        run["PredecessorRuns"] = []
    return {"JobRun": run}


def get_job_runs(context: Context, request: GetJobRunsRequestTypeDef) -> dict[str, Any]:
    """Show the runs of a job, newest first, a page at a time."""
    name = request["JobName"]
    before = decode_number(request.get("NextToken"), "GetJobRuns", name)
    size = request.get("MaxResults", _PAGE)
    with context.database.read() as connection:
        existing(connection, name)
        page = runs.page(connection, job_name=name, before=before, limit=size + 1)
        shapes = [shown(_as_clients_see(connection, run)) for _, run in page[:size]]
    answer: dict[str, Any] = {"JobRuns": shapes}
    if len(page) > size:
        answer["NextToken"] = encode_token("GetJobRuns", name, str(page[size - 1][0]))
    return answer


def batch_stop_job_run(context: Context, request: BatchStopJobRunRequestTypeDef) -> dict[str, Any]:
    """Ask runs to end. A waiting run is stopped at once; others go through STOPPING."""
    name = request["JobName"]
    stopped: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    with context.database.write_behind() as connection:
        existing(connection, name)
        for run_id in request["JobRunIds"]:
            run = runs.get(connection, run_id)
            if run is None or run.job_name != name:
                errors.append(_stop_error(name, run_id, EntityNotFound.code, "Job run not found."))
            elif run.state in TERMINAL:
                sentence = f"The job run has ended: it is in state {run.state}."
                errors.append(_stop_error(name, run_id, InvalidInput.code, sentence))
            else:
                _stop(context, connection, run)
                stopped.append({"JobName": name, "JobRunId": run_id})
    context.wake()
    return {"SuccessfulSubmissions": stopped, "Errors": errors}


def shown(run: Run) -> dict[str, Any]:
    """Return AWS's `JobRun` shape.

    `StartedOn` is when the run left the queue, and when it was submitted as long as it waits, so
    that StartedOn minus the trigger's time is the start delay.
    """
    members: dict[str, Any] = {
        "Id": run.id,
        "Attempt": run.attempt,
        "PreviousRunId": run.previous_run_id,
        "JobName": run.job_name,
        "StartedOn": run.started or run.submitted,
        "LastModifiedOn": run.modified,
        "CompletedOn": run.completed,
        "JobRunState": run.state.value,
        "ErrorMessage": run.error_message,
        "TriggerName": run.trigger_name,
        "PredecessorRuns": [],
        "ExecutionTime": run.execution_seconds,
        "LogGroupName": log_group(run.command),
        "StateDetail": run.state_detail,
        "DPUSeconds": _dpu_seconds(run),
        **run.document,
    }
    return {name: value for name, value in members.items() if value is not None}


def log_group(command: str) -> str:
    """Return the prefix of the groups `…/output` and `…/error` that a run writes."""
    return "/aws-glue/python-jobs" if command == "pythonshell" else "/aws-glue/jobs"


def _as_clients_see(connection: Connection, run: Run) -> Run:
    """Return a run as clients see it: STARTING as long as nothing says that it has to wait.

    A run waits in the store until the engine has looked at it, a moment after it was asked for.
    Waiters of clients do not know WAITING (that of Airflow fails by it), so it is shown only of
    runs that really wait: those that have a reason, or stand behind one of their class that has.
    """
    undecided = run.state is RunState.WAITING and run.state_detail is None
    if undecided and not runs.any_is_held_back(connection, run.execution_class):
        return replace(run, state=RunState.STARTING)
    return run


def _dpu_seconds(run: Run) -> float | None:
    """DPUSeconds is set for FLEX and for auto-scaled runs only (API_JobRun)."""
    if run.dpu_seconds is not None or run.completed is None:
        return run.dpu_seconds
    return run.dpus * run.execution_seconds if run.execution_class is ExecutionClass.FLEX else None


def _previous_run(connection: Connection, job_name: str, run_id: str | None) -> Run | None:
    if run_id is None:
        return None
    run = _run_of(connection, job_name, run_id)
    if run.state in ACTIVE:
        raise InvalidInput(f"The job run {run_id} has not ended, so it cannot be retried.")
    return run


def _run_of(connection: Connection, job_name: str, run_id: str) -> Run:
    run = runs.get(connection, run_id)
    if run is None or run.job_name != job_name or crawler_of(run) is not None:
        raise EntityNotFound(f"Job run {run_id} of job {job_name} not found.")
    return run


def _stop(context: Context, connection: Connection, run: Run) -> None:
    now = context.clock.now()
    if stop_run(connection, run, now):
        follow(connection, context.account, run, RunState.STOPPED, now)


def _stop_error(name: str, run_id: str, code: str, sentence: str) -> dict[str, Any]:
    return {
        "JobName": name,
        "JobRunId": run_id,
        "ErrorDetail": {"ErrorCode": code, "ErrorMessage": sentence},
    }
