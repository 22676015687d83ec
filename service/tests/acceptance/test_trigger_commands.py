"""Triggers as people type them: the real AWS CLI, the real service, jobs that really run."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.service_process import ServiceProcess, answer_of, wait_until

#: the command of the text that the product must make true
_NIGHTLY = """
# Create a scheduled trigger that runs the Flex job at midnight
aws glue create-trigger \\
    --name "nightly-sales-etl-trigger" \\
    --type "SCHEDULED" \\
    --schedule "cron(0 0 * * ? *)" \\
    --actions '[
        {
            "JobName": "daily-sales-etl-flex",
            "Arguments": {
                "--processing_date": "yesterday"
            }
        }
    ]' \\
    --start-on-creation
"""
_EXTRACT = """
import boto3
s3 = boto3.client("s3")
s3.put_object(Bucket="lake", Key="raw/orders.csv", Body=b"1,10\\n2,20\\n3,30\\n")
print("extracted")
"""
_TRANSFORM = """
import sys
import boto3
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["JOB_NAME", "currency"])
body = boto3.client("s3").get_object(Bucket="lake", Key="raw/orders.csv")["Body"].read().decode()
total = sum(int(line.split(",")[1]) for line in body.splitlines())
print("total:", total, args["currency"])
"""
_LOAD = """
from awsglue.context import GlueContext
from pyspark.context import SparkContext

spark = GlueContext(SparkContext()).spark_session
print("rows:", spark.read.csv("s3://lake/raw/").count())
"""


def after(name: str, state: str = "SUCCEEDED") -> dict[str, Any]:
    return {"Conditions": [{"LogicalOperator": "EQUALS", "JobName": name, "State": state}]}


def only_run(service: ServiceProcess, name: str, seconds: float = 60.0) -> dict[str, Any]:
    """Wait until a job has its one run and that has ended."""
    glue = service.client("glue")
    [run] = wait_until(
        lambda: glue.get_job_runs(JobName=name)["JobRuns"], seconds=seconds, what=f"a run of {name}"
    )
    return service.wait_for(name, run["Id"])


def output(service: ServiceProcess, run: dict[str, Any]) -> list[str]:
    return service.messages(f"{run['LogGroupName']}/output", run["Id"])


def test_the_nightly_trigger_is_made_shown_stopped_started_and_deleted(
    service: ServiceProcess,
) -> None:
    service.client("glue").create_job(
        Name="daily-sales-etl-flex",
        Role="arn:aws:iam::123456789012:role/GlueJobRole",
        Command={"Name": "glueetl", "ScriptLocation": "s3://my-glue-scripts/daily-sales-etl.py"},
        ExecutionClass="FLEX",
    )
    name = "nightly-sales-etl-trigger"
    assert answer_of(service.shell(_NIGHTLY)) == {"Name": name}
    assert answer_of(service.shell(_NIGHTLY)) == {"Name": name}, "a repeated command is no error"
    shown = answer_of(service.shell(f"aws glue get-trigger --name {name}"))["Trigger"]
    assert shown == {
        "Name": name,
        "Type": "SCHEDULED",
        "State": "ACTIVATED",
        "Schedule": "cron(0 0 * * ? *)",
        "Actions": [
            {
                "JobName": "daily-sales-etl-flex",
                "Arguments": {"--processing_date": "yesterday"},
            }
        ],
    }
    state = f"aws glue get-trigger --name {name} --query Trigger.State"
    assert answer_of(
        service.shell(f"aws glue stop-trigger --name {name} > /dev/null; {state}")
    ) == ("DEACTIVATED")
    assert (
        answer_of(service.shell(f"aws glue start-trigger --name {name} > /dev/null; {state}"))
        == "ACTIVATED"
    )
    update = (
        f"aws glue update-trigger --name {name} --trigger-update 'Schedule=cron(30 1 * * ? *)' "
        "--query Trigger.[Schedule,State]"
    )
    assert answer_of(service.shell(update)) == ["cron(30 1 * * ? *)", "ACTIVATED"]
    listed = service.shell(
        "aws glue list-triggers --dependent-job-name daily-sales-etl-flex --query TriggerNames"
    )
    assert answer_of(listed) == [name]
    gone = (
        f"aws glue delete-trigger --name {name} > /dev/null; aws glue delete-trigger --name {name}"
    )
    assert answer_of(service.shell(gone)) == {"Name": name}
    assert "EntityNotFoundException" in service.shell(f"aws glue get-trigger --name {name}").stderr


def test_a_chain_of_jobs_runs_standard_first_and_flex_next(service: ServiceProcess) -> None:
    service.client("s3").create_bucket(Bucket="lake")
    service.shell_job("extract", _EXTRACT)
    service.shell_job("transform", _TRANSFORM, DefaultArguments={"--currency": "EUR"})
    location = service.upload("scripts", "load.py", _LOAD)
    glue = service.client("glue")
    glue.create_job(
        Name="load",
        Role="r",
        Command={"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"},
        ExecutionClass="FLEX",
        WorkerType="G.1X",
        NumberOfWorkers=2,
    )
    result = service.shell(
        """
        aws glue create-trigger --name begin --type ON_DEMAND --actions JobName=extract
        aws glue create-trigger --name after-extract --type CONDITIONAL --start-on-creation \
            --predicate 'Conditions=[{LogicalOperator=EQUALS,JobName=extract,State=SUCCEEDED}]' \
            --actions '[{"JobName": "transform", "Arguments": {"--currency": "CHF"}}]'
        aws glue create-trigger --name after-transform --type CONDITIONAL --start-on-creation \
            --predicate 'Conditions=[{LogicalOperator=EQUALS,JobName=transform,State=SUCCEEDED}]' \
            --actions JobName=load
        """
    )
    assert result.returncode == 0, result.stderr
    assert answer_of(service.shell("aws glue start-trigger --name begin")) == {"Name": "begin"}
    runs = {name: only_run(service, name) for name in ("extract", "transform", "load")}
    assert {run["JobRunState"] for run in runs.values()} == {"SUCCEEDED"}, runs
    assert output(service, runs["extract"]) == ["extracted"]
    assert output(service, runs["transform"]) == ["total: 60 CHF"]
    assert "rows: 3" in output(service, runs["load"])
    triggers = [run["TriggerName"] for run in runs.values()]
    assert triggers == ["begin", "after-extract", "after-transform"]
    assert runs["load"]["ExecutionClass"] == "FLEX"
    assert runs["transform"]["PredecessorRuns"] == [
        {"JobName": "extract", "RunId": runs["extract"]["Id"]}
    ]
    assert runs["extract"]["CompletedOn"] <= runs["transform"]["StartedOn"]


def test_a_retry_comes_before_the_alarm_and_by_hand_nothing_follows(
    service: ServiceProcess,
) -> None:
    service.shell_job("fragile", "import sys\nsys.exit(3)\n", MaxRetries=1)
    service.shell_job("alarm", "print('alarm')\n")
    glue = service.client("glue")
    glue.create_trigger(Name="try", Type="ON_DEMAND", Actions=[{"JobName": "fragile"}])
    glue.create_trigger(
        Name="on-failure",
        Type="CONDITIONAL",
        Predicate=after("fragile", "FAILED"),
        Actions=[{"JobName": "alarm"}],
        StartOnCreation=True,
    )
    by_hand = glue.start_job_run(JobName="fragile")["JobRunId"]
    service.wait_for("fragile", by_hand)
    service.wait_for("fragile", f"{by_hand}_attempt_1")
    glue.start_trigger(Name="try")
    run = only_run(service, "alarm")
    first, second = glue.get_job_runs(JobName="fragile", MaxResults=2)["JobRuns"]
    assert (first["Attempt"], second["Attempt"]) == (1, 0)
    assert first["Id"] == f"{second['Id']}_attempt_1"
    assert {first["TriggerName"], second["TriggerName"]} == {"try"}
    assert run["PredecessorRuns"] == [{"JobName": "fragile", "RunId": first["Id"]}]


def test_a_deleted_job_leaves_a_run_in_error(service: ServiceProcess) -> None:
    service.shell_job("fleeting", "print('here')\n")
    glue = service.client("glue")
    glue.create_trigger(Name="late", Type="ON_DEMAND", Actions=[{"JobName": "fleeting"}])
    glue.delete_job(JobName="fleeting")
    glue.start_trigger(Name="late")
    service.shell_job("fleeting", "print('here again')\n")
    run = only_run(service, "fleeting")
    assert run["JobRunState"] == "ERROR"
    assert run["ErrorMessage"] == "Job with name: fleeting not found."
    assert run["TriggerName"] == "late"


@pytest.mark.parametrize(
    ("members", "code", "says"),
    [
        (
            {"Type": "SCHEDULED", "Schedule": "cron(0 0 31 2 ? *)"},
            "InvalidInputException",
            "never",  # there is no thirty-first of February
        ),
        (
            {"Type": "SCHEDULED", "Schedule": "cron(0 0 1 * 1 *)"},
            "InvalidInputException",
            "Day-of-week",  # a day of the month, and one of the week
        ),
        ({"Type": "SCHEDULED"}, "InvalidInputException", "Schedule cannot be null or empty"),
        (
            {"Type": "CONDITIONAL", "Predicate": after("none")},
            "EntityNotFoundException",
            "Job with name: none not found",
        ),
        (
            {"Type": "CONDITIONAL", "Predicate": after("here", "RUNNING")},
            "InvalidInputException",
            "JobRunState should be any of: [SUCCEEDED, STOPPED, FAILED, TIMEOUT]",
        ),
        (
            {"Type": "ON_DEMAND", "StartOnCreation": True},
            "InvalidInputException",
            "Starting trigger on create is not supported for ON_DEMAND trigger type",
        ),
        (
            {"Type": "ON_DEMAND", "Actions": [{"JobName": "none"}]},
            "EntityNotFoundException",
            "Job with name: none not found",
        ),
        (
            {"Type": "ON_DEMAND", "WorkflowName": "none"},
            "EntityNotFoundException",
            "Workflow with name: none not found",
        ),
        # bounds of the model, which clients do not all check
        (
            {
                "Type": "EVENT",
                "WorkflowName": "w",
                "EventBatchingCondition": {"BatchSize": 101, "BatchWindow": 900},
            },
            "InvalidInputException|ValidationException",
            "atchSize",
        ),
        (
            {
                "Type": "EVENT",
                "WorkflowName": "w",
                "EventBatchingCondition": {"BatchSize": 100, "BatchWindow": 901},
            },
            "InvalidInputException|ValidationException",
            "atchWindow",
        ),
        ({"Type": "HOURLY"}, "InvalidInputException|ValidationException", "HOURLY"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    service: ServiceProcess, members: dict[str, Any], code: str, says: str
) -> None:
    for name in ("here", "other"):
        service.shell_job(name, "print('here')\n")
    # a client that sends what it is given
    lax = service.client("glue", config=Config(parameter_validation=False))
    request = {"Name": "refused", "Actions": [{"JobName": "other"}], **members}
    with pytest.raises(ClientError) as caught:
        lax.create_trigger(**request)
    assert caught.value.response["Error"]["Code"] in code.split("|")
    assert says in caught.value.response["Error"]["Message"]
    assert "refused" not in lax.list_triggers()["TriggerNames"]


def test_a_time_that_passed_while_the_service_was_dead_is_made_up_for_once(
    fresh: ServiceProcess,
) -> None:
    service = fresh.start()
    service.shell_job("ticked", "print('tick')\n")
    due = datetime.fromtimestamp((time.time() + 8) // 60 * 60 + 60, UTC)
    glue = service.client("glue")
    glue.create_trigger(
        Name="tick",
        Type="SCHEDULED",
        Schedule=f"cron({due.minute} {due.hour} {due.day} {due.month} ? {due.year})",
        Actions=[{"JobName": "ticked"}],
        StartOnCreation=True,
    )
    service.kill()
    wait_until(lambda: datetime.now(UTC) > due, seconds=90, what=f"{due}")
    service.start()
    run = only_run(service, "ticked")
    assert (run["JobRunState"], run["TriggerName"]) == ("SUCCEEDED", "tick")
    service.kill()
    service.start()
    time.sleep(1.5)  # the engine looks every second
    assert len(service.client("glue").get_job_runs(JobName="ticked")["JobRuns"]) == 1
