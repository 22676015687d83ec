"""Workflows as people type them: the real AWS CLI, the real service, jobs that really run."""

from __future__ import annotations

import json
from typing import Any

from support.service_process import ServiceProcess, answer_of, wait_until

#: the commands of the text that the product must make true
_CREATE_WORKFLOW = """
# Create a workflow for multiple Flex jobs that run in sequence
aws glue create-workflow --name "nightly-batch-workflow"
"""
_CREATE_START = """
# Add a schedule trigger
aws glue create-trigger \\
    --name "workflow-start" \\
    --type "SCHEDULED" \\
    --schedule "cron(0 0 * * ? *)" \\
    --workflow-name "nightly-batch-workflow" \\
    --actions '[{"JobName": "extract-raw-data-flex"}]' \\
    --start-on-creation
"""
_CREATE_NEXT = """
# Add a conditional trigger for the next job in the chain
aws glue create-trigger \\
    --name "after-extract" \\
    --type "CONDITIONAL" \\
    --workflow-name "nightly-batch-workflow" \\
    --predicate '{
        "Conditions": [
            {
                "LogicalOperator": "EQUALS",
                "JobName": "extract-raw-data-flex",
                "State": "SUCCEEDED"
            }
        ]
    }' \\
    --actions '[{"JobName": "transform-and-load-flex"}]' \\
    --start-on-creation
"""
#: as AWS's page on run properties has it: arguments name the run, boto3 reads and writes it
_PROPERTIES = """
import sys
import boto3
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["JOB_NAME", "WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
run = {"Name": args["WORKFLOW_NAME"], "RunId": args["WORKFLOW_RUN_ID"]}
glue = boto3.client("glue")
properties = glue.get_workflow_run_properties(**run)["RunProperties"]
"""
_EXTRACT = f"""{_PROPERTIES}
from awsglue.context import GlueContext
from awsglue.job import Job
from pyspark.context import SparkContext

context = GlueContext(SparkContext())
job = Job(context)
job.init(args["JOB_NAME"], args)
context.spark_session.range(7).write.parquet("s3://lake/raw")
properties["rows"] = "7"
glue.put_workflow_run_properties(**run, RunProperties=properties)
job.commit()
"""
_LOAD = f"""{_PROPERTIES}
from awsglue.context import GlueContext
from pyspark.context import SparkContext

spark = GlueContext(SparkContext()).spark_session
print("rows:", spark.read.parquet("s3://lake/raw").count(), "of", properties["rows"])
"""
#: fails until its bucket holds the object that it waits for
_FRAGILE = f"""{_PROPERTIES}
boto3.client("s3").head_object(Bucket="inbox", Key="data")
glue.put_workflow_run_properties(**run, RunProperties={{"loaded": properties["day"]}})
"""
_SLOW = "import time\nprint('began', flush=True)\ntime.sleep(600)\n"


def workflow_run(service: ServiceProcess, name: str, run_id: str) -> dict[str, Any]:
    command = f"aws glue get-workflow-run --name {name} --run-id {run_id} --include-graph"
    run: dict[str, Any] = answer_of(service.shell(command))["Run"]
    return run


def wait_for_status(
    service: ServiceProcess, name: str, run_id: str, status: str, seconds: float = 180.0
) -> dict[str, Any]:
    glue = service.client("glue")
    wait_until(
        lambda: glue.get_workflow_run(Name=name, RunId=run_id)["Run"]["Status"] == status,
        seconds=seconds,
        what=f"workflow run {run_id} to be {status}",
    )
    return workflow_run(service, name, run_id)


def job_runs(run: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the runs that each job of a graph shows."""
    return {
        node["Name"]: node["JobDetails"].get("JobRuns", [])
        for node in run["Graph"]["Nodes"]
        if node["Type"] == "JOB"
    }


def node_id(run: dict[str, Any], name: str) -> str:
    """Return the UniqueId of a node, found as AWS's page on resuming tells."""
    found: list[str] = [n["UniqueId"] for n in run["Graph"]["Nodes"] if n["Name"] == name]
    return found[0]


def counts(run: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in run["Statistics"].items() if count}


def start(service: ServiceProcess, name: str, *options: str) -> str:
    command = " ".join([f"aws glue start-workflow-run --name {name}", *options])
    run_id: str = answer_of(service.shell(command))["RunId"]
    return run_id


def spark_job(
    service: ServiceProcess, name: str, script: str, execution_class: str = "FLEX"
) -> None:
    location = service.upload("scripts", f"{name}.py", script)
    service.client("glue").create_job(
        Name=name,
        Role="r",
        Command={"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"},
        ExecutionClass=execution_class,
        WorkerType="G.1X",
        NumberOfWorkers=2,
    )


def join(
    service: ServiceProcess, workflow: str, *triggers: tuple[str, list[str], list[str]]
) -> None:
    """Create a workflow; each trigger has a name, the jobs that it watches and those it starts."""
    glue = service.client("glue")
    glue.create_workflow(Name=workflow, DefaultRunProperties={"day": "today"})
    for name, after, starts in triggers:
        conditions = [
            {"LogicalOperator": "EQUALS", "JobName": job, "State": "SUCCEEDED"} for job in after
        ]
        kind: dict[str, Any] = {"Type": "ON_DEMAND"}
        if after:
            predicate = {"Logical": "AND", "Conditions": conditions}
            kind = {"Type": "CONDITIONAL", "Predicate": predicate, "StartOnCreation": True}
        actions = [{"JobName": job} for job in starts]
        glue.create_trigger(Name=name, WorkflowName=workflow, Actions=actions, **kind)


def test_the_nightly_batch_runs_extract_then_transform_and_load(service: ServiceProcess) -> None:
    spark_job(service, "extract-raw-data-flex", _EXTRACT)
    spark_job(service, "transform-and-load-flex", _LOAD)
    service.client("s3").create_bucket(Bucket="lake")
    name = "nightly-batch-workflow"
    assert answer_of(service.shell(_CREATE_WORKFLOW)) == {"Name": name}
    assert answer_of(service.shell(_CREATE_START)) == {"Name": "workflow-start"}
    assert answer_of(service.shell(_CREATE_NEXT)) == {"Name": "after-extract"}

    run_id = start(service, name)
    run = wait_for_status(service, name, run_id, "COMPLETED")
    assert counts(run) == {"TotalActions": 2, "SucceededActions": 2}, run
    assert run["WorkflowRunProperties"] == {"rows": "7"}
    (extract,) = job_runs(run)["extract-raw-data-flex"]
    (load,) = job_runs(run)["transform-and-load-flex"]
    assert (extract["ExecutionClass"], load["ExecutionClass"]) == ("FLEX", "FLEX")
    assert (extract["TriggerName"], load["TriggerName"]) == ("workflow-start", "after-extract")
    assert load["PredecessorRuns"] == [{"JobName": "extract-raw-data-flex", "RunId": extract["Id"]}]
    assert "--WORKFLOW_NAME" not in load.get("Arguments", {})
    assert "rows: 7 of 7" in service.messages("/aws-glue/jobs/output", load["Id"])


def test_standard_and_flex_jobs_are_links_of_one_chain(service: ServiceProcess) -> None:
    service.shell_job("first", "print('standard')\n")
    spark_job(service, "second", "print('flex')\n")
    join(
        service,
        "mixed",
        ("mixed-start", [], ["first"]),
        ("mixed-next", ["first"], ["second"]),
    )
    run = wait_for_status(service, "mixed", start(service, "mixed"), "COMPLETED")
    assert counts(run) == {"TotalActions": 2, "SucceededActions": 2}
    assert "ExecutionClass" not in job_runs(run)["first"][0] or (
        job_runs(run)["first"][0]["ExecutionClass"] == "STANDARD"
    )
    assert job_runs(run)["second"][0]["ExecutionClass"] == "FLEX"


def test_what_failed_is_mended_and_the_run_goes_on(service: ServiceProcess) -> None:
    service.client("s3").create_bucket(Bucket="inbox")
    quick = f"{_PROPERTIES}\nprint('loaded', properties.get('loaded'))\n"
    service.shell_job("prepare", "print('ready')\n")
    service.shell_job("load", _FRAGILE)
    service.shell_job("report", quick)
    join(
        service,
        "repair",
        ("repair-start", [], ["prepare", "load"]),
        ("repair-join", ["prepare", "load"], ["report"]),
    )
    options = json.dumps({"day": "yesterday"})
    first = start(service, "repair", f"--run-properties '{options}'")
    run = wait_for_status(service, "repair", first, "COMPLETED")
    assert counts(run) == {"TotalActions": 3, "SucceededActions": 1, "FailedActions": 1}
    assert job_runs(run)["report"] == []

    service.client("s3").put_object(Bucket="inbox", Key="data", Body=b"here")
    load = node_id(run, "load")
    command = f"aws glue resume-workflow-run --name repair --run-id {first} --node-ids {load}"
    answer = answer_of(service.shell(command))
    assert answer["NodeIds"] == [load]
    second = answer["RunId"]
    resumed = wait_for_status(service, "repair", second, "COMPLETED")
    assert resumed["PreviousRunId"] == first
    assert counts(resumed) == {"TotalActions": 3, "SucceededActions": 3}
    assert job_runs(resumed)["prepare"] == job_runs(run)["prepare"]
    report = job_runs(resumed)["report"][0]
    assert service.messages("/aws-glue/python-jobs/output", report["Id"]) == ["loaded yesterday"]
    listed = answer_of(service.shell("aws glue get-workflow-runs --name repair"))["Runs"]
    assert [one["WorkflowRunId"] for one in listed] == [second, first]
    assert (
        answer_of(service.shell("aws glue get-workflow --name repair"))["Workflow"]["LastRun"][
            "WorkflowRunId"
        ]
        == second
    )


def test_a_run_is_stopped_with_everything_that_runs(service: ServiceProcess) -> None:
    service.shell_job("slow", _SLOW)
    service.shell_job("never", "print('never')\n")
    join(service, "long", ("long-start", [], ["slow"]), ("long-next", ["slow"], ["never"]))
    run_id = start(service, "long")
    wait_until(
        lambda: (
            job_runs(workflow_run(service, "long", run_id))["slow"][0]["JobRunState"] == "RUNNING"
        ),
        seconds=60,
        what="the job to run",
    )
    command = f"aws glue stop-workflow-run --name long --run-id {run_id}"
    stopping = service.shell(command)
    assert (stopping.returncode, stopping.stdout) == (0, ""), stopping.stderr
    run = wait_for_status(service, "long", run_id, "STOPPED", seconds=60)
    assert counts(run) == {"TotalActions": 2, "StoppedActions": 1}
    assert not service.left_processes()
    again = service.shell(command)
    assert again.returncode != 0
    assert "IllegalWorkflowStateException" in again.stderr


def test_other_commands_answer(service: ServiceProcess) -> None:
    script = """
    aws glue create-workflow --name one --description first --max-concurrent-runs 1 \\
        --default-run-properties '{"a": "b"}' --tags team=sales > created.json
    aws glue update-workflow --name one --description second
    aws glue list-workflows --query 'Workflows[?@==`one`]'
    aws glue batch-get-workflows --names one none --include-graph
    aws glue get-tags --resource-arn arn:aws:glue:us-east-1:123456789012:workflow/one
    aws glue delete-workflow --name one
    """
    result = service.shell(f"cd {service.home.parent}\n{script}")
    assert result.returncode == 0, result.stderr
    decoder, answers, text = json.JSONDecoder(), [], result.stdout.strip()
    while text:
        answer, length = decoder.raw_decode(text)
        answers.append(answer)
        text = text[length:].strip()
    updated, listed, found, tags, deleted = answers
    assert (updated, listed, deleted) == ({"Name": "one"}, ["one"], {"Name": "one"})
    assert found["MissingWorkflows"] == ["none"]
    (workflow,) = found["Workflows"]
    assert (workflow["Description"], workflow["MaxConcurrentRuns"]) == ("second", 1)
    assert workflow["Graph"] == {"Nodes": [], "Edges": []}
    assert tags == {"Tags": {"team": "sales"}}
    missing = service.shell("aws glue start-workflow-run --name one")
    assert "EntityNotFoundException" in missing.stderr


def test_a_chain_outlives_a_service_that_is_killed(fresh: ServiceProcess) -> None:
    """The first job ends while nobody looks; the next one still starts, once."""
    fresh.start()
    fresh.shell_job("one", "import time\nprint('began', flush=True)\ntime.sleep(2)\n")
    fresh.shell_job("two", "print('two')\n")
    join(fresh, "chain", ("chain-start", [], ["one"]), ("chain-next", ["one"], ["two"]))
    run_id = start(fresh, "chain")
    glue = fresh.client("glue")
    wait_until(
        lambda: glue.get_job_runs(JobName="one")["JobRuns"][0]["JobRunState"] == "RUNNING",
        seconds=60,
        what="the first job to run",
    )
    fresh.kill()
    wait_until(lambda: not fresh.left_processes(), seconds=30, what="the first job to end")
    fresh.start()
    run = wait_for_status(fresh, "chain", run_id, "COMPLETED", seconds=60)
    assert counts(run) == {"TotalActions": 2, "SucceededActions": 2}
    assert [len(found) for found in job_runs(run).values()] == [1, 1]
