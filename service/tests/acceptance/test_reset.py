"""`glueball up --testing` opens one door more, and nothing else does."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.service_process import ServiceProcess, wait_until


@pytest.fixture
def testing(tmp_path: Path) -> Iterator[ServiceProcess]:
    service = ServiceProcess(tmp_path / "home", "--testing").start()
    yield service
    service.close()


def reset(service: ServiceProcess, **headers: str) -> int:
    url = f"{service.endpoint_url}/_glueball/reset"
    request = urllib.request.Request(url, data=b"", method="POST", headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_account_is_empty_afterwards(testing: ServiceProcess) -> None:
    testing.shell_job("endless", "import time\ntime.sleep(600)\n")
    glue = testing.client("glue")
    run_id = glue.start_job_run(JobName="endless")["JobRunId"]
    testing.wait_for("endless", run_id, "RUNNING")
    testing.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    glue.create_database(DatabaseInput={"Name": "db"})
    keys = [{"Name": "year", "Type": "int"}]
    glue.create_table(DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": keys})
    glue.create_partition(DatabaseName="db", TableName="t", PartitionInput={"Values": ["2024"]})

    assert reset(testing) == 204

    assert glue.get_jobs()["Jobs"] == []
    assert glue.get_databases()["DatabaseList"] == []
    assert testing.client("s3").list_buckets()["Buckets"] == []
    assert testing.client("iam").list_roles()["Roles"] == []
    assert testing.client("logs").describe_log_groups()["logGroups"] == []
    wait_until(lambda: not testing.left_processes(), seconds=20, what="no process to be left")
    testing.shell_job("again", "print('works')\n")
    run_id = glue.start_job_run(JobName="again")["JobRunId"]
    assert testing.wait_for("again", run_id)["JobRunState"] == "SUCCEEDED"


def test_a_browser_cannot_reset(testing: ServiceProcess) -> None:
    testing.client("s3").create_bucket(Bucket="kept")
    assert reset(testing, Origin="https://evil.example") == 403
    assert [b["Name"] for b in testing.client("s3").list_buckets()["Buckets"]] == ["kept"]


def test_without_testing_there_is_no_such_door(service: ServiceProcess) -> None:
    service.client("s3").create_bucket(Bucket="kept-without")
    assert reset(service) in (403, 404)
    names = [bucket["Name"] for bucket in service.client("s3").list_buckets()["Buckets"]]
    assert "kept-without" in names
