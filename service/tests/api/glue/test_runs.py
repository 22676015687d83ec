from __future__ import annotations

from typing import Any

import pytest

from glueball.api.context import Context
from glueball.api.glue import jobs, runs
from glueball.api.paging import encode_token
from glueball.core.errors import ConcurrentRunsExceeded, EntityNotFound, InvalidInput
from glueball.core.runs import RunState
from glueball.stores import runs as stored_runs
from support.runs import BASE_TIME


@pytest.fixture(autouse=True)
def _job(context: Context) -> None:
    create(context, "etl", ExecutionProperty={"MaxConcurrentRuns": 3})


def create(context: Context, name: str, **members: Any) -> None:
    command = {"Name": "glueetl", "ScriptLocation": "s3://scripts/etl.py", "PythonVersion": "3"}
    request: Any = {"Name": name, "Role": "GlueJobRole", "Command": command, **members}
    jobs.create_job(context, request)


def start(context: Context, name: str = "etl", **members: Any) -> str:
    request: Any = {"JobName": name, **members}
    return str(runs.start_job_run(context, request)["JobRunId"])


def show(context: Context, run_id: str, name: str = "etl") -> dict[str, Any]:
    run = runs.get_job_run(context, {"JobName": name, "RunId": run_id})["JobRun"]
    assert isinstance(run, dict)
    return run


def move(context: Context, run_id: str, *states: RunState) -> None:
    for state in states:
        with context.database.write() as connection:
            run = stored_runs.get(connection, run_id)
            assert run is not None
            assert stored_runs.change(connection, run, to=state, now=BASE_TIME)


def test_a_run_begins_with_all_that_clients_read(context: Context) -> None:
    run_id = start(context, Arguments={"--day": "2013-01-01"})
    run = show(context, run_id)
    assert run_id.startswith("jr_") and len(run_id) == 67
    assert run["JobRunState"] == "STARTING"
    assert run["Arguments"] == {"--day": "2013-01-01"}
    assert run["LogGroupName"] == "/aws-glue/jobs"
    assert run["StartedOn"] == BASE_TIME
    assert (run["Attempt"], run["GlueVersion"], run["Timeout"]) == (0, "5.1", 480)
    assert "DPUSeconds" not in run
    assert "CompletedOn" not in run


def test_a_run_is_shown_waiting_once_it_has_a_reason_to(context: Context) -> None:
    first, second = start(context), start(context)
    flex = start(context, ExecutionClass="FLEX")

    def states() -> list[str]:
        return [show(context, run_id)["JobRunState"] for run_id in (first, second, flex)]

    # nobody has looked at them: they may start at once
    assert states() == ["STARTING", "STARTING", "STARTING"]
    with context.database.write() as connection:
        stored_runs.explain(connection, {first: "It waits for 10 DPU."})
    # the second one stands behind it; those of the other class have a queue of their own
    assert states() == ["WAITING", "WAITING", "STARTING"]
    listed = runs.get_job_runs(context, {"JobName": "etl"})["JobRuns"]
    assert [run["JobRunState"] for run in listed] == ["STARTING", "WAITING", "WAITING"]
    move(context, first, RunState.STARTING)
    assert states() == ["STARTING", "STARTING", "STARTING"]


def test_concurrent_runs_are_limited(context: Context) -> None:
    ids = [start(context) for _ in range(3)]
    with pytest.raises(ConcurrentRunsExceeded, match="Concurrent runs exceeded for etl"):
        start(context)
    move(context, ids[0], RunState.STOPPED)
    start(context)


def test_runs_come_newest_first_in_pages(context: Context) -> None:
    ids = [start(context) for _ in range(3)]
    first = runs.get_job_runs(context, {"JobName": "etl", "MaxResults": 2})
    second = runs.get_job_runs(context, {"JobName": "etl", "NextToken": first["NextToken"]})
    listed = [run["Id"] for run in first["JobRuns"] + second["JobRuns"]]
    assert listed == ids[::-1]
    assert "NextToken" not in second
    create(context, "other")
    with pytest.raises(InvalidInput):
        runs.get_job_runs(context, {"JobName": "other", "NextToken": first["NextToken"]})


@pytest.mark.parametrize("position", ["abc", "", "-1", "٣", "9" * 30, "9" * 5000])
def test_a_token_that_holds_no_row_is_refused(context: Context, position: str) -> None:
    token = encode_token("GetJobRuns", "etl", position)
    with pytest.raises(InvalidInput, match="NextToken"):
        runs.get_job_runs(context, {"JobName": "etl", "NextToken": token})


def test_dpu_seconds_of_a_flex_run(context: Context) -> None:
    create(
        context, "flex", ExecutionClass="FLEX", GlueVersion="4.0", WorkerType="G.2X",
        NumberOfWorkers=5,
    )  # fmt: skip
    run_id = start(context, "flex")
    with context.database.write() as connection:
        run = stored_runs.get(connection, run_id)
        assert run is not None
        stored_runs.change(connection, run, to=RunState.STARTING, now=BASE_TIME + 1, started=7.0)
    with context.database.write() as connection:
        run = stored_runs.get(connection, run_id)
        assert run is not None
        now = BASE_TIME + 32
        stored_runs.change(connection, run, to=RunState.SUCCEEDED, now=now, running=BASE_TIME + 2)
    shown = show(context, run_id, "flex")
    assert (shown["ExecutionTime"], shown["DPUSeconds"], shown["MaxCapacity"]) == (30, 300.0, 10.0)
    assert shown["StartedOn"] == 7.0


def test_stopping_a_waiting_run_ends_it_at_once(context: Context) -> None:
    run_id = start(context)
    answer = runs.batch_stop_job_run(context, {"JobName": "etl", "JobRunIds": [run_id]})
    assert answer["SuccessfulSubmissions"] == [{"JobName": "etl", "JobRunId": run_id}]
    assert show(context, run_id)["JobRunState"] == "STOPPED"


def test_stopping_a_started_run_goes_through_stopping(context: Context) -> None:
    run_id = start(context)
    move(context, run_id, RunState.STARTING, RunState.RUNNING)
    for _ in range(2):  # asking again is no error
        answer = runs.batch_stop_job_run(context, {"JobName": "etl", "JobRunIds": [run_id]})
        assert answer["Errors"] == []
    assert show(context, run_id)["JobRunState"] == "STOPPING"


def test_what_cannot_be_stopped_is_told_one_by_one(context: Context) -> None:
    ended, fresh = start(context), start(context)
    move(context, ended, RunState.STOPPED)
    answer = runs.batch_stop_job_run(
        context, {"JobName": "etl", "JobRunIds": ["jr_none", ended, fresh]}
    )
    assert [error["JobRunId"] for error in answer["Errors"]] == ["jr_none", ended]
    codes = [error["ErrorDetail"]["ErrorCode"] for error in answer["Errors"]]
    assert codes == ["EntityNotFoundException", "InvalidInputException"]
    assert [run["JobRunId"] for run in answer["SuccessfulSubmissions"]] == [fresh]


def test_a_run_belongs_to_its_job(context: Context) -> None:
    run_id = start(context)
    create(context, "other")
    with pytest.raises(EntityNotFound, match="of job other not found"):
        show(context, run_id, "other")


def test_a_run_that_ended_can_be_retried_by_hand(context: Context) -> None:
    first = start(context)
    with pytest.raises(InvalidInput, match="has not ended"):
        start(context, JobRunId=first)
    move(context, first, RunState.FAILED)
    again = [start(context, JobRunId=first) for _ in range(2)]
    assert len({first, *again}) == 3
    shown = show(context, again[0])
    assert (shown["PreviousRunId"], shown["Attempt"]) == (first, 1)


def test_flex_is_refused_where_aws_refuses_it(context: Context) -> None:
    create(context, "old", GlueVersion="2.0")
    with pytest.raises(InvalidInput, match="FLEX"):
        start(context, "old", ExecutionClass="FLEX")


def test_python_shell_runs_log_elsewhere(context: Context) -> None:
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/a.py", "PythonVersion": "3.9"}
    create(context, "shell", Command=command)
    run = show(context, start(context, "shell"), "shell")
    assert run["LogGroupName"] == "/aws-glue/python-jobs"
    assert run["MaxCapacity"] == 0.0625
