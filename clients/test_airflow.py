"""Airflow's hooks of Glue: jobs with their logs, crawlers, partitions of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from airflow.providers.amazon.aws.hooks.glue import GlueJobHook
from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook
from airflow.providers.amazon.aws.hooks.glue_crawler import GlueCrawlerHook
from airflow.providers.amazon.aws.hooks.logs import AwsLogsHook

_LINES = [f"line {number} of the output" for number in range(25)]
_SCRIPT = "import time\n" + "\n".join(f"print({line!r})" for line in _LINES)


@pytest.fixture(scope="module", autouse=True)
def connection(service: str) -> Iterator[None]:
    """Airflow takes its connection from the environment, as a deployment may give it."""
    patch = pytest.MonkeyPatch()
    patch.setenv("AIRFLOW_CONN_AWS_DEFAULT", "aws://")
    yield
    patch.undo()


def _hook(job_name: str, bucket: str, desc: str = "prints", **members: Any) -> GlueJobHook:
    return GlueJobHook(
        job_name=job_name,
        desc=desc,
        script_location=f"s3://{bucket}/scripts/{job_name}.py",
        s3_bucket=bucket,
        iam_role_name="airflow",
        num_of_dpus=0.0625,
        concurrent_run_limit=3,
        create_job_kwargs={
            "Command": {
                "Name": "pythonshell",
                "ScriptLocation": f"s3://{bucket}/scripts/{job_name}.py",
                "PythonVersion": "3.9",
            }
        },
        job_poll_interval=0.5,
        **members,
    )


@pytest.fixture(scope="module", autouse=True)
def role(service: str) -> None:
    boto3.client("iam").create_role(RoleName="airflow", AssumeRolePolicyDocument="{}")


@pytest.fixture(scope="module")
def printing(bucket: str) -> str:
    boto3.client("s3").put_object(Bucket=bucket, Key="scripts/printing.py", Body=_SCRIPT.encode())
    return "printing"


def test_a_job_is_created_once_run_and_waited_for(printing: str, bucket: str) -> None:
    assert _hook(printing, bucket).create_or_update_glue_job() == printing
    hook = _hook(printing, bucket)
    assert hook.create_or_update_glue_job() == printing
    run_id = hook.initialize_job({"--day": "2026-01-01"})["JobRunId"]
    ended = hook.job_completion(printing, run_id)
    assert ended == {"JobRunState": "SUCCEEDED", "JobRunId": run_id}


def test_each_line_of_the_output_is_printed_once(
    printing: str, bucket: str, wait_for_run: Callable[..., Any], capfd: pytest.CaptureFixture[str]
) -> None:
    hook = _hook(printing, bucket)
    hook.create_or_update_glue_job()
    run_id = hook.initialize_job()["JobRunId"]
    tokens = GlueJobHook.LogContinuationTokens()
    wait_for_run(printing, run_id)
    for _ in range(3):  # each poll goes on from the token of the one before
        hook.print_job_logs(printing, run_id, tokens)
    printed = [line.strip() for line in capfd.readouterr().out.splitlines()]
    assert [line for line in printed if line in _LINES] == _LINES


def test_a_job_that_fails_raises_with_its_state(bucket: str, shell_job: Callable[..., str]) -> None:
    shell_job("failing", "raise SystemExit('no data today')", MaxCapacity=0.0625)
    hook = GlueJobHook(job_name="failing", job_poll_interval=0.5)
    run_id = hook.initialize_job()["JobRunId"]
    with pytest.raises(Exception, match="FAILED"):
        hook.job_completion("failing", run_id)


def test_a_changed_job_is_updated(printing: str, bucket: str) -> None:
    _hook(printing, bucket).create_or_update_glue_job()
    _hook(printing, bucket, desc="prints lines", update_config=True).create_or_update_glue_job()
    job = boto3.client("glue").get_job(JobName=printing)["Job"]
    assert job["Description"] == "prints lines"


def test_log_events_are_read_in_order_and_end(
    printing: str, bucket: str, wait_for_run: Callable[..., Any]
) -> None:
    hook = _hook(printing, bucket)
    hook.create_or_update_glue_job()
    run_id = hook.initialize_job()["JobRunId"]
    group = f"{wait_for_run(printing, run_id)['LogGroupName']}/output"
    events = AwsLogsHook().get_log_events(group, run_id)
    assert [event["message"].strip() for event in events] == _LINES


def test_a_crawler_is_created_updated_and_run_to_its_end(bucket: str) -> None:
    boto3.client("s3").put_object(
        Bucket=bucket, Key="legs/day=mon/part.csv", Body=b"id,carrier\n1,AA\n2,UA\n"
    )
    boto3.client("glue").create_database(DatabaseInput={"Name": "flights"})
    definition = {
        "Name": "legs",
        "Role": "airflow",
        "DatabaseName": "flights",
        "Targets": {"S3Targets": [{"Path": f"s3://{bucket}/legs/"}]},
    }
    hook = GlueCrawlerHook()
    assert not hook.has_crawler("legs")
    hook.create_crawler(**definition)
    assert hook.has_crawler("legs")
    assert hook.update_crawler(**definition, Description="all legs")
    hook.start_crawler("legs")
    assert hook.wait_for_crawler_completion("legs", poll_interval=1) == "SUCCEEDED"

    catalog = GlueCatalogHook()
    assert catalog.get_table_location("flights", "legs") == f"s3://{bucket}/legs/"
    assert catalog.get_partitions("flights", "legs", expression="day = 'mon'") == {("mon",)}
    assert catalog.check_for_partition("flights", "legs", "day = 'mon'")
    assert not catalog.check_for_partition("flights", "legs", "day = 'tue'")
