from __future__ import annotations

from typing import Any

import pytest

from glueball.core import jobs
from glueball.core.errors import InvalidInput

_ETL = {"Name": "glueetl", "ScriptLocation": "s3://scripts/etl.py"}
_SHELL = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/shell.py", "PythonVersion": "3.9"}


def _job(**members: Any) -> dict[str, Any]:
    return {"Role": "GlueJobRole", "Command": dict(_ETL), **members}


def test_defaults_are_those_that_aws_documents() -> None:
    job = jobs.define(_job())
    assert job["GlueVersion"] == "5.1"
    assert job["Timeout"] == 480
    assert job["MaxRetries"] == 0
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
    assert job["MaxCapacity"] == 10.0


@pytest.mark.parametrize("command", ["glueetl", "gluestreaming", "pythonshell"])
def test_a_definition_gets_no_member_that_aws_does_not_fill_in(command: str) -> None:
    # what is shown and was not given is a change to Terraform
    location = "s3://scripts/k.py"
    job = jobs.define({"Role": "r", "Command": {"Name": command, "ScriptLocation": location}})
    filled = {"JobMode", "MaxRetries", "ExecutionProperty", "MaxCapacity", "AllocatedCapacity"}
    by_command = {
        "glueetl": {"GlueVersion", "Timeout"},
        "gluestreaming": {"GlueVersion"},
        "pythonshell": {"Timeout"},
    }
    assert job.keys() - {"Role", "Command"} == filled | by_command[command]
    assert job["Command"] == {"Name": command, "ScriptLocation": location}


def test_runs_of_a_job_without_a_class_are_standard() -> None:
    job = jobs.define(_job())
    assert "ExecutionClass" not in job
    assert jobs.run_members(job, {})["ExecutionClass"] == "STANDARD"
    assert jobs.run_members(job, {"ExecutionClass": "FLEX"})["ExecutionClass"] == "FLEX"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "s3://B/k", "etl.py", "", "s3://"])
def test_any_text_may_be_the_location_of_a_script(location: str) -> None:
    # AWS looks at it when a run starts
    job = jobs.define(_job(Command={"Name": "glueetl", "ScriptLocation": location}))
    assert job["Command"]["ScriptLocation"] == location


@pytest.mark.parametrize(
    ("members", "timeout"),
    [
        ({"GlueVersion": "4.0"}, 2880),  # "2,880 minutes" up to 4.0
        ({"GlueVersion": "5.0"}, 480),  # 480 from 5.0 on
        ({"Command": dict(_SHELL)}, 2880),  # a Python shell job keeps 48 hours
        ({"Timeout": 7}, 7),  # said is said
    ],
)
def test_the_timeout_depends_on_the_version(members: dict[str, Any], timeout: int) -> None:
    assert jobs.define(_job(**members))["Timeout"] == timeout


@pytest.mark.parametrize(
    ("members", "says"),
    [
        # FLEX is for Spark jobs of Glue 3.0 and later
        ({"ExecutionClass": "FLEX", "Command": dict(_SHELL)}, "not supported for Job Command"),
        ({"ExecutionClass": "FLEX", "GlueVersion": "2.0"}, "not supported for Glue Version 2.0"),
        ({"Command": {"Name": "cobol"}}, "Command name should be one of"),
        ({"MaxRetries": 11}, "MaxRetries must be between 0 and 10"),
        ({"MaxRetries": -1}, "MaxRetries must be between 0 and 10"),
        ({"Timeout": 10081}, "Timeout must be between 1 and 10080"),  # seven days
        ({"ExecutionProperty": {"MaxConcurrentRuns": 0}}, "at least 1"),
        ({"GlueVersion": "five.one"}, r"GlueVersion \[five.one\] is not valid"),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 2, "MaxCapacity": 2.0}, "Max Capacity"),
        ({"DefaultArguments": {"--a": "x" * 270_000}}, "262|266240|bytes"),
    ],
)
def test_a_definition_that_cannot_be_is_refused(members: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        jobs.define(_job(**members))


def test_flex_is_taken_for_a_spark_job() -> None:
    assert jobs.define(_job(ExecutionClass="FLEX", GlueVersion="4.0"))["ExecutionClass"] == "FLEX"


def test_update_keeps_role_and_command_and_resets_the_rest() -> None:
    current = jobs.define(
        _job(WorkerType="G.2X", NumberOfWorkers=5, DefaultArguments={"--a": "1"}, MaxRetries=2)
    )
    updated = jobs.update(current, {"ExecutionClass": "FLEX"})
    assert updated["Command"] == _ETL
    assert updated["Role"] == "GlueJobRole"
    assert updated["ExecutionClass"] == "FLEX"
    assert "DefaultArguments" not in updated
    assert "WorkerType" not in updated
    assert updated["MaxRetries"] == 0
    assert jobs.run_members(updated, {})["ExecutionClass"] == "FLEX"


def test_arguments_merge_in_aws_order() -> None:
    job = jobs.define(
        _job(
            DefaultArguments={"--a": "default", "--b": "default", "--c": "default"},
            NonOverridableArguments={"--c": "fixed"},
        )
    )
    members = jobs.run_members(job, {"Arguments": {"--b": "run", "--c": "run"}})
    assert members["Arguments"] == {"--a": "default", "--b": "run", "--c": "fixed"}


@pytest.mark.parametrize(
    ("own", "overrides", "dpus", "workers"),
    [
        ({"WorkerType": "G.2X", "NumberOfWorkers": 5}, {}, 10.0, 5),
        ({"WorkerType": "G.2X", "NumberOfWorkers": 5}, {"Timeout": 3}, 10.0, 5),
        # capacity is overridden as a whole
        (
            {"WorkerType": "G.2X", "NumberOfWorkers": 5},
            {"WorkerType": "G.1X", "NumberOfWorkers": 3},
            3.0,
            3,
        ),
        # one member of the pair comes from the job
        ({"WorkerType": "G.2X", "NumberOfWorkers": 5}, {"NumberOfWorkers": 7}, 14.0, 7),
        ({"WorkerType": "G.2X", "NumberOfWorkers": 5}, {"WorkerType": "G.4X"}, 20.0, 5),
        ({"WorkerType": "G.2X", "NumberOfWorkers": 5}, {"MaxCapacity": 3.0}, 3.0, None),
        ({}, {"WorkerType": "G.1X", "NumberOfWorkers": 4}, 4.0, 4),
        ({"MaxCapacity": 4.0}, {"WorkerType": "G.1X", "NumberOfWorkers": 6}, 6.0, 6),
        ({}, {}, 10.0, None),
    ],
)
def test_capacity_of_a_run(
    own: dict[str, Any], overrides: dict[str, Any], dpus: float, workers: int | None
) -> None:
    members = jobs.run_members(jobs.define(_job(**own)), overrides)
    assert members["MaxCapacity"] == dpus
    assert members.get("NumberOfWorkers") == workers


def test_a_run_may_change_its_class() -> None:
    job = jobs.define(_job(ExecutionClass="FLEX"))
    assert jobs.run_members(job, {"ExecutionClass": "STANDARD"})["ExecutionClass"] == "STANDARD"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (
            {"Name": "glueray", "ScriptLocation": "s3://scripts/k"},
            "Ray is not available in Glueball: jobs of the command glueray can be defined but not",
        ),
        ({"Name": "glueetl"}, "no Command.ScriptLocation"),
    ],
)
def test_what_cannot_run_is_refused_at_the_start(command: dict[str, Any], says: str) -> None:
    workers = {"WorkerType": "Z.2X", "NumberOfWorkers": 2} if command["Name"] == "glueray" else {}
    job = jobs.define(_job(Command=command, **workers))
    with pytest.raises(InvalidInput, match=says):
        jobs.run_members(job, {})


@pytest.mark.parametrize(
    ("own", "overrides", "timeout"),
    [
        ({}, {}, None),  # a stream goes on until it is stopped or restarted
        ({"Timeout": 60}, {}, 60),
        ({}, {"Timeout": 60}, 60),
    ],
)
def test_streaming_jobs_run_without_a_timeout(
    own: dict[str, Any], overrides: dict[str, Any], timeout: int | None
) -> None:
    command = {"Name": "gluestreaming", "ScriptLocation": "s3://scripts/k"}
    job = jobs.define(_job(Command=command, MaintenanceWindow="Sun:02", **own))
    members = jobs.run_members(job, overrides)
    assert (job.get("Timeout"), members.get("Timeout")) == (own.get("Timeout"), timeout)
    assert members["MaintenanceWindow"] == "Sun:02"
    assert "ExecutionClass" not in members
