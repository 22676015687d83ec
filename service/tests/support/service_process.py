"""The real service in a process of its own, and AWS's own clients pointed at it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import psutil

from glueball.credentials import load

_READY_SECONDS = 30.0
#: where the developers' runtimes are, so that tests do not install their own
RUNTIMES = Path(os.environ.get("GLUEBALL_RUNTIMES") or Path(sys.prefix) / "runtimes")


class ServiceProcess:
    """`glueball up` on a free port; killed and started again as a test likes."""

    def __init__(
        self, home: Path, *options: str, variables: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self._options = options
        #: of its environment; changes hold from the next start on
        self.variables = {"GLUEBALL_RUNTIMES": str(RUNTIMES), **(variables or {})}
        self._port = 0
        self._log = open(home.parent / f"{home.name}.log", "a+")  # noqa: SIM115
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> ServiceProcess:
        """Start it and wait until it is ready; later starts take the same port."""
        assert self.try_to_start(), self.log()
        return self

    def try_to_start(self) -> bool:
        """Start it; tell whether it became ready, or died before."""
        command = [sys.executable, "-m", "glueball", "up", "--home", str(self.home)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self._port), *self._options],
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if "ready" not in line:
            self.process.wait(_READY_SECONDS)
            self.process.stdout.close()
            return False
        self.endpoint_url = line.split(" at ")[1].split()[0]
        self._port = int(self.endpoint_url.rpartition(":")[2])
        return True

    def dies_within(self, seconds: float) -> bool:
        """Tell whether it ends by itself in so many seconds."""
        assert self.process is not None and self.process.stdout is not None
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self.process.stdout.close()
        return True

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._end(signal.SIGTERM)

    def close(self) -> None:
        """Stop it and whatever its runs have left."""
        if self.process is not None and self.process.poll() is None:
            self.stop()
        for process in self.left_processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._log.close()

    def _end(self, number: int) -> None:
        assert self.process is not None and self.process.stdout is not None
        self.process.send_signal(number)
        self.process.wait(30)
        self.process.stdout.close()

    def log(self) -> str:
        """Return what it wrote to its standard error."""
        self._log.flush()
        return Path(self._log.name).read_text()

    def client(self, name: str, **options: Any) -> Any:
        """Return a boto3 client; the options are boto3's."""
        credentials = load(self.home)
        make: Any = boto3.client
        return make(
            name,
            endpoint_url=self.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            **options,
        )

    def environment(self) -> dict[str, str]:
        """Return what `eval "$(glueball env)"` gives a shell."""
        credentials = load(self.home)
        return {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_PAGER": "",
        }

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run shell commands with the AWS CLI pointed at the service."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def upload(self, bucket: str, key: str, text: str) -> str:
        """Put a script into a bucket, made if it is missing; return its location."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
        return f"s3://{bucket}/{key}"

    def shell_job(self, name: str, script: str, **members: Any) -> None:
        """Create a Python shell job from the text of its script."""
        location = self.upload("scripts", f"{name}.py", script)
        command = {"Name": "pythonshell", "ScriptLocation": location, "PythonVersion": "3.9"}
        self.client("glue").create_job(Name=name, Role="r", Command=command, **members)

    def run(self, name: str, run_id: str) -> dict[str, Any]:
        """Return a `JobRun`."""
        answer = self.client("glue").get_job_run(
            JobName=name, RunId=run_id, PredecessorsIncluded=True
        )
        run: dict[str, Any] = answer["JobRun"]
        return run

    def wait_for(
        self, name: str, run_id: str, *states: str, seconds: float = 120.0
    ) -> dict[str, Any]:
        """Wait until a run is in one of `states` (by default: until it has ended)."""
        wanted = states or ("STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED")
        ended: dict[str, Any] = wait_until(
            lambda: run if (run := self.run(name, run_id))["JobRunState"] in wanted else None,
            seconds=seconds,
            what=f"run {run_id} to be {wanted}",
        )
        return ended

    def messages(self, group: str, stream: str) -> list[str]:
        """Return the messages in a log stream."""
        logs = self.client("logs")
        events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)[
            "events"
        ]
        return [event["message"] for event in events]

    def left_processes(self) -> list[psutil.Process]:
        """Return the processes of runs of this home that are alive."""
        marker = str(self.home)
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                environment: Mapping[str, str] = process.environ()
                if "GLUEBALL_RUN_ID" in environment and marker in environment.get(
                    "GLUEBALL_RUN_SPEC", ""
                ):
                    found.append(process)
        return found


def wait_until(look: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Look until there is something to see.

    Raises:
        AssertionError: nothing came within `seconds`.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = look()
        if seen:
            return seen
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


def answer_of(result: subprocess.CompletedProcess[str]) -> Any:
    """Return the JSON that an AWS CLI command printed.

    Raises:
        AssertionError: it failed.
    """
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
