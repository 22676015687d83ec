"""Job bookmarks through real runs: Python shell jobs that choose among files by name.

The files are made up; the reader, the bookmark and its way through the service are real. What
Spark's readers list is tested with the runtime.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.service_process import ServiceProcess, wait_until

#: reads the files given, waits for a signal if told to, fails at its first attempts if told to
_SCRIPT = """
import sys, time
from pathlib import Path
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from glueball_runtime import bookmarks

args = getResolvedOptions(sys.argv, ["JOB_NAME", "files", "ready", "go", "fail"])
job = Job(None)
job.init(args["JOB_NAME"], args)
files = [
    bookmarks.SourceFile(path=name, modified_ms=int(at), size=1)
    for name, _, at in (file.partition("=") for file in args["files"].split(","))
]
chosen = bookmarks.active().select_files("source", files)
print("read:", *(file.path for file in chosen))
if args["go"] != "now":
    Path(args["ready"]).touch()
    while not Path(args["go"]).exists():
        time.sleep(0.05)
if args["fail"] == "once" and "_attempt_" not in args["JOB_RUN_ID"]:
    raise ValueError("the first attempt fails")
job.commit()
"""
_DEFAULTS = {
    "--job-bookmark-option": "job-bookmark-enable",
    "--files": "a=1000",
    "--ready": "none",
    "--go": "now",
    "--fail": "never",
}


@pytest.fixture(scope="module")
def bookmarked(service: ServiceProcess) -> Iterator[ServiceProcess]:
    service.shell_job(
        "etl",
        _SCRIPT,
        DefaultArguments=_DEFAULTS,
        ExecutionProperty={"MaxConcurrentRuns": 3},
    )
    yield service


def start(service: ServiceProcess, **arguments: str) -> str:
    named = {f"--{name.replace('_', '-')}": value for name, value in arguments.items()}
    answer = service.client("glue").start_job_run(JobName="etl", Arguments=named)
    run_id: str = answer["JobRunId"]
    return run_id


def read_by(service: ServiceProcess, **arguments: str) -> tuple[str, list[str]]:
    """Run the job to its end; return the run's id and what it read."""
    run_id = start(service, **arguments)
    ended = service.wait_for("etl", run_id)
    assert ended["JobRunState"] == "SUCCEEDED", ended.get("ErrorMessage")
    return run_id, output(service, run_id)


def output(service: ServiceProcess, run_id: str) -> list[str]:
    (line,) = [
        line
        for line in service.messages("/aws-glue/python-jobs/output", run_id)
        if line.startswith("read:")
    ]
    return line.split()[1:]


def entry(service: ServiceProcess, **members: str) -> dict[str, Any]:
    answer = service.client("glue").get_job_bookmark(JobName="etl", **members)
    found: dict[str, Any] = answer["JobBookmarkEntry"]
    return found


def test_bookmarks_advance_rewind_pause_and_are_forgotten(bookmarked: ServiceProcess) -> None:
    glue = bookmarked.client("glue")
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        entry(bookmarked)
    first, read = read_by(bookmarked, files="a=1000,b=1000")
    assert read == ["a", "b"]
    second, read = read_by(bookmarked, files="a=1000,b=1000,c=2000")
    assert read == ["c"]

    newest = entry(bookmarked)
    assert (newest["JobName"], newest["Version"], newest["Run"], newest["Attempt"]) == (
        "etl",
        2,
        2,
        0,
    )
    assert (newest["RunId"], newest["PreviousRunId"]) == (second, first)
    assert json.loads(newest["JobBookmark"])["run_id"] == second
    assert entry(bookmarked, RunId=first)["Version"] == 1

    # a range of runs, without moving the bookmark
    _, read = read_by(
        bookmarked,
        files="a=1000,b=1000,c=2000,d=3000",
        job_bookmark_option="job-bookmark-pause",
        job_bookmark_from=first,
        job_bookmark_to=second,
    )
    assert (read, entry(bookmarked)["Version"]) == (["c"], 2)
    _, read = read_by(bookmarked, files="c=2000,d=3000", job_bookmark_option="job-bookmark-pause")
    assert (read, entry(bookmarked)["Version"]) == (["d"], 2)

    # back to what was known after the first run
    rewound = glue.reset_job_bookmark(JobName="etl", RunId=first)["JobBookmarkEntry"]
    assert (rewound["Version"], rewound["RunId"]) == (3, first)
    _, read = read_by(bookmarked, files="a=1000,b=1000,c=2000,d=3000")
    assert read == ["c", "d"]

    # nothing known at all
    glue.reset_job_bookmark(JobName="etl")
    assert entry(bookmarked)["JobBookmark"] == "{}"
    _, read = read_by(bookmarked, files="a=1000")
    assert read == ["a"]


def test_a_retry_commits_with_its_attempt(bookmarked: ServiceProcess) -> None:
    glue = bookmarked.client("glue")
    job = glue.get_job(JobName="etl")["Job"]
    update = {name: job[name] for name in ("Role", "Command", "DefaultArguments")}
    update["ExecutionProperty"] = {"MaxConcurrentRuns": 3}
    glue.update_job(JobName="etl", JobUpdate={**update, "MaxRetries": 1})
    run_id = start(bookmarked, files="retried=9000000", fail="once")
    failed = bookmarked.wait_for("etl", run_id)
    assert failed["JobRunState"] == "FAILED"
    again = f"{run_id}_attempt_1"
    ended = bookmarked.wait_for("etl", again)
    assert ended["JobRunState"] == "SUCCEEDED", ended.get("ErrorMessage")
    assert output(bookmarked, run_id) == output(bookmarked, again) == ["retried"]
    newest = entry(bookmarked)
    assert (newest["Attempt"], newest["RunId"]) == (1, again)
    glue.update_job(JobName="etl", JobUpdate={**update, "MaxRetries": 0})


def test_of_two_runs_that_collide_the_second_fails(
    bookmarked: ServiceProcess, tmp_path: Path
) -> None:
    go, ready = tmp_path / "go", [tmp_path / "ready-0", tmp_path / "ready-1"]
    runs = [start(bookmarked, files="late=99000000", ready=str(path), go=str(go)) for path in ready]
    wait_until(lambda: all(path.exists() for path in ready), seconds=60, what="both to have read")
    go.touch()
    ended = [bookmarked.wait_for("etl", run_id) for run_id in runs]
    by_state = {run["JobRunState"]: run for run in ended}
    assert set(by_state) == {"SUCCEEDED", "FAILED"}
    message = by_state["FAILED"]["ErrorMessage"]
    assert "GLUE_JOB_BOOKMARK_VERSION_MISMATCH_ERROR" in message
    assert entry(bookmarked)["RunId"] == by_state["SUCCEEDED"]["Id"]


def test_a_deleted_job_takes_its_bookmark_along(bookmarked: ServiceProcess) -> None:
    bookmarked.client("glue").delete_job(JobName="etl")
    with pytest.raises(ClientError, match="Job with name: etl not found"):
        entry(bookmarked)
    bookmarked.shell_job("etl", _SCRIPT, DefaultArguments=_DEFAULTS)
    with pytest.raises(ClientError, match="No bookmark found"):
        entry(bookmarked)
