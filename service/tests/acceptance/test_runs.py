"""Runs as their users see them: Python shell jobs, because they start in a moment."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from support.service_process import ServiceProcess, wait_until


def start(service: ServiceProcess, name: str) -> str:
    run_id: str = service.client("glue").start_job_run(JobName=name)["JobRunId"]
    return run_id


def test_output_is_readable_while_the_run_goes_on(service: ServiceProcess) -> None:
    script = "import time\nprint('first', flush=True)\ntime.sleep(300)\n"
    service.shell_job("endless", script)
    run_id = start(service, "endless")

    def messages() -> list[str]:
        try:
            return service.messages("/aws-glue/python-jobs/output", run_id)
        except ClientError:
            return []

    assert wait_until(messages, seconds=60, what="output") == ["first"]
    service.wait_for("endless", run_id, "RUNNING", seconds=10)  # the engine may be a moment behind
    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        start(service, "endless")
    service.client("glue").batch_stop_job_run(JobName="endless", JobRunIds=[run_id])
    ended = service.wait_for("endless", run_id)
    assert ended["JobRunState"] == "STOPPED"
    assert ended["CompletedOn"] >= ended["StartedOn"]
    wait_until(lambda: not service.left_processes(), seconds=10, what="no process to be left")


def test_a_script_that_raises_fails_with_its_exception(service: ServiceProcess) -> None:
    service.shell_job("raises", "print('before')\nraise ValueError('bad input')\n")
    run_id = start(service, "raises")
    ended = service.wait_for("raises", run_id)
    assert ended["JobRunState"] == "FAILED"
    assert "ValueError: bad input" in ended["ErrorMessage"]
    output = service.messages("/aws-glue/python-jobs/output", run_id)
    assert output[0] == "before"
    assert any("ValueError: bad input" in line for line in output)


def test_a_missing_script_is_named(service: ServiceProcess) -> None:
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/none.py"}
    service.client("s3").create_bucket(Bucket="scripts")
    service.client("glue").create_job(Name="missing", Role="r", Command=command)
    ended = service.wait_for("missing", start(service, "missing"))
    assert ended["JobRunState"] == "FAILED"
    assert "s3://scripts/none.py" in ended["ErrorMessage"]


def test_retries_are_chained(service: ServiceProcess) -> None:
    service.shell_job("retried", "import sys\nsys.exit(3)\n", MaxRetries=1)
    first = start(service, "retried")
    second = f"{first}_attempt_1"
    service.wait_for("retried", first)
    ended = service.wait_for("retried", second)
    assert (ended["Attempt"], ended["PreviousRunId"]) == (1, first)
    time.sleep(0.5)
    runs = service.client("glue").get_job_runs(JobName="retried")["JobRuns"]
    assert [run["Id"] for run in runs] == [second, first]


def test_arguments_reach_the_script(service: ServiceProcess) -> None:
    script = """
import sys
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["JOB_NAME", "day"])
print(args["JOB_NAME"], args["day"])
"""
    service.shell_job("told", script, DefaultArguments={"--day": "default"})
    glue = service.client("glue")
    answer = glue.start_job_run(JobName="told", Arguments={"--day": "$(id); 'x' \"y\""})
    service.wait_for("told", answer["JobRunId"])
    output = service.messages("/aws-glue/python-jobs/output", answer["JobRunId"])
    assert output == ["told $(id); 'x' \"y\""]


def test_a_script_reaches_the_service_with_its_own_credentials(service: ServiceProcess) -> None:
    script = """
import boto3
print(boto3.client("sts").get_caller_identity()["Arn"])
boto3.client("s3").put_object(Bucket="scripts", Key="written/by-the-job.txt", Body=b"hello")
"""
    service.shell_job("caller", script)
    run_id = start(service, "caller")
    assert service.wait_for("caller", run_id)["JobRunState"] == "SUCCEEDED"
    [arn] = service.messages("/aws-glue/python-jobs/output", run_id)
    assert run_id in arn
    found = service.client("s3").get_object(Bucket="scripts", Key="written/by-the-job.txt")
    assert found["Body"].read() == b"hello"


def test_no_secret_is_in_the_process_list_or_the_logs(service: ServiceProcess) -> None:
    canary = "canary-7f3a-secret"
    service.shell_job("secret", "import time\ntime.sleep(300)\n")
    glue = service.client("glue")
    run_id = glue.start_job_run(JobName="secret", Arguments={"--password": canary})["JobRunId"]
    service.wait_for("secret", run_id, "RUNNING")
    for process in service.left_processes():
        assert canary not in " ".join(process.cmdline())
    glue.batch_stop_job_run(JobName="secret", JobRunIds=[run_id])
    service.wait_for("secret", run_id)
    for path in (service.home / "logs").rglob("*.jsonl"):
        assert canary not in path.read_text()
    assert canary not in service.log()
