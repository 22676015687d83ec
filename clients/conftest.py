"""One running service for the tests of a client, which reaches it by its environment alone.

The tests run in the client's own environment, which knows nothing of Glueball: the service is the
command of another environment, named by `GLUEBALL` (by default the one that `make` installs).
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

_ROOT = Path(__file__).resolve().parents[1]
_GLUEBALL = os.environ.get("GLUEBALL") or str(_ROOT / ".venv" / "bin" / "glueball")
_ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED")
_EXPORT = re.compile(r"^export (\w+)=(.*)$", re.MULTILINE)


@pytest.fixture(scope="session", autouse=True)
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the service and point this process at it, as `glueball env` does a shell; its URL."""
    directory = tmp_path_factory.mktemp("glueball")
    home = directory / "home"
    with (
        open(directory / "log", "w") as log,
        subprocess.Popen(
            [_GLUEBALL, "up", "--home", str(home), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        ready_line = process.stdout.readline()
        assert "ready" in ready_line, (directory / "log").read_text()
        exports = subprocess.run(
            [_GLUEBALL, "env", "--home", str(home)], capture_output=True, text=True, check=True
        ).stdout
        os.environ.update(dict(_EXPORT.findall(exports)))
        os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
        yield os.environ["AWS_ENDPOINT_URL"]
        process.terminate()


@pytest.fixture(scope="session")
def bucket(service: str) -> str:
    """Return the name of a bucket that is there."""
    boto3.client("s3").create_bucket(Bucket="lake")
    return "lake"


@pytest.fixture(scope="session")
def shell_job(bucket: str) -> Any:
    """Return a function that creates a Python shell job of a script's text."""

    def create(name: str, script: str, **members: Any) -> str:
        boto3.client("s3").put_object(Bucket=bucket, Key=f"scripts/{name}.py", Body=script.encode())
        location = f"s3://{bucket}/scripts/{name}.py"
        command = {"Name": "pythonshell", "ScriptLocation": location, "PythonVersion": "3.9"}
        boto3.client("glue").create_job(Name=name, Role="etl", Command=command, **members)
        return name

    return create


@pytest.fixture(scope="session")
def wait_for_run(service: str) -> Any:
    """Return a function that waits for the end of a run and returns its `JobRun`."""

    def wait(job_name: str, run_id: str, seconds: float = 120.0) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            run = boto3.client("glue").get_job_run(JobName=job_name, RunId=run_id)["JobRun"]
            if run["JobRunState"] in _ENDED:
                return dict(run)
            time.sleep(0.2)
        raise AssertionError(f"{job_name} has not ended after {seconds} s: {run}")

    return wait
