"""What a script's own credentials may do, while it runs and afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from support.service_process import ServiceProcess, wait_until

_SCRIPT = """
import json, os, sys, time
names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
with open({path!r} + ".incoming", "w") as file:
    json.dump({{name: os.environ[name] for name in names}}, file)
os.rename({path!r} + ".incoming", {path!r})
while not os.path.exists({end!r}):
    time.sleep(0.05)
"""


class RunningScript:
    """A run that tells its credentials and waits."""

    def __init__(self, service: ServiceProcess, folder: Path) -> None:
        self._service = service
        self._path, self._end = folder / "credentials.json", folder / "end"
        script = _SCRIPT.format(path=str(self._path), end=str(self._end))
        service.shell_job("borrower", script)
        self._run_id = service.client("glue").start_job_run(JobName="borrower")["JobRunId"]
        wait_until(self._path.exists, seconds=30, what="the script to tell its credentials")

    def client(self, name: str) -> Any:
        found = json.loads(self._path.read_text())
        make: Any = boto3.client
        return make(
            name,
            endpoint_url=self._service.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=found["AWS_SESSION_TOKEN"],
        )

    def end(self) -> None:
        self._end.touch()
        self._service.wait_for("borrower", self._run_id)


def _job(name: str) -> dict[str, Any]:
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/borrower.py"}
    return {"Name": name, "Role": "r", "Command": command}


def test_the_credentials_of_a_run_end_with_it(fresh: ServiceProcess, tmp_path: Path) -> None:
    fresh.start()
    script = RunningScript(fresh, tmp_path)
    script.client("glue").create_job(**_job("made-by-a-script"))
    script.end()
    for service, operation, code in [
        ("glue", "get_jobs", "ExpiredTokenException"),
        ("s3", "list_buckets", "ExpiredToken"),
        ("sts", "get_caller_identity", "ExpiredToken"),
    ]:
        with pytest.raises(ClientError, match="has ended") as caught:
            getattr(script.client(service), operation)()
        assert caught.value.response["Error"]["Code"] == code
    assert "made-by-a-script" in fresh.client("glue").list_jobs()["JobNames"]


def test_a_setting_keeps_scripts_from_changing_what_runs(
    fresh: ServiceProcess, tmp_path: Path
) -> None:
    fresh.variables["GLUEBALL_RUN_PERMISSIONS"] = "data"
    fresh.start()
    script = RunningScript(fresh, tmp_path)
    glue = script.client("glue")
    refusals: tuple[Callable[[], Any], ...] = (
        lambda: glue.create_job(**_job("other")),
        lambda: glue.delete_job(JobName="borrower"),
        lambda: script.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}"),
    )
    for refused in refusals:
        with pytest.raises(ClientError, match="run_permissions") as caught:
            refused()
        assert caught.value.response["Error"]["Code"].startswith("AccessDenied")
    glue.create_database(DatabaseInput={"Name": "d"})
    glue.get_job(JobName="borrower")
    script.client("s3").put_object(Bucket="scripts", Key="data", Body=b"x")
    fresh.client("glue").create_job(**_job("by-the-operator"))
    script.end()
