"""The service as a benchmark sees it: a process in a home of its own, and requests to it."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import psutil
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

CONNECTIONS = 16
PATIENCE_SECONDS = 60.0
REGION = "us-east-1"
JSON_HEADERS = {"Content-Type": "application/x-amz-json-1.1"}


class BenchmarkFailedError(Exception):
    """The measurement itself went wrong; the text says how."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A server that is measured."""

    name: str
    port: int
    access_key: str = "testing"
    secret_key: str = "testing"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(self, operation: str, body: Mapping[str, Any]) -> str:
        """Return a signed request as it goes over the line."""
        content = json.dumps(body)
        headers = {**JSON_HEADERS, "X-Amz-Target": f"AWSGlue.{operation}"}
        request = AWSRequest(method="POST", url=f"{self.url}/", data=content, headers=headers)
        SigV4Auth(Credentials(self.access_key, self.secret_key), "glue", REGION).add_auth(request)
        lines = [f"{name}: {_text(value)}" for name, value in request.headers.items()]
        return "\r\n".join(
            [
                "POST / HTTP/1.1",
                f"Host: 127.0.0.1:{self.port}",
                *lines,
                f"Content-Length: {len(content)}",
                "",
                content,
            ]
        )

    def client(self, service: str) -> Any:
        """Return a botocore client, for what is prepared and not measured."""
        return botocore.session.Session().create_client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
        )


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def rate(target: Target, requests: Sequence[str], seconds: float | None) -> float:
    """Send requests over all connections and return how many were answered in a second.

    Raises:
        BenchmarkFailedError: an answer was not 200.
    """
    work = {
        "host": "127.0.0.1",
        "port": target.port,
        "connections": CONNECTIONS,
        "seconds": seconds,
        "requests": requests,
    }
    load = Path(__file__).with_name("load.py")
    output = subprocess.run(
        [sys.executable, str(load)], input=json.dumps(work), stdout=subprocess.PIPE, text=True
    )
    if output.returncode:
        raise BenchmarkFailedError(f"the load generator failed at {target.name}")
    found = json.loads(output.stdout)
    if found["failures"]:
        raise BenchmarkFailedError(f"{target.name} answered: {found['failures'][0]}")
    return float(found["answered"] / found["seconds"])


@contextlib.contextmanager
def glueball(home: Path, port: int = 0, **settings: str) -> Iterator[tuple[psutil.Popen, float]]:
    """Run the service; gives its process and the seconds from start to the line that says ready.

    Args:
        port: what it listens on; 0 takes a free one.
        settings: environment variables.
    """
    command = [sys.executable, "-m", "glueball", "up", "--home", str(home), "--port", str(port)]
    environment = {**_environment(home), **settings}
    began = time.perf_counter()
    process = psutil.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        seconds = time.perf_counter() - began
        if "ready" not in line:
            raise BenchmarkFailedError(f"the service did not start: {line!r}")
        yield process, seconds
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):  # a benchmark may have killed it
            process.terminate()
        process.wait()
        process.stdout.close()


def _environment(home: Path) -> dict[str, str]:
    """Return the variables for a service, which starts from bytecode like one that pip installed:
    many a developer's machine is told to write none."""
    inherited = {**os.environ}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    runtimes = os.environ.get("GLUEBALL_RUNTIMES", str(Path(sys.prefix, "runtimes")))
    bytecode = str(home.parent / "bytecode")
    return {**inherited, "GLUEBALL_RUNTIMES": runtimes, "PYTHONPYCACHEPREFIX": bytecode}


def glueball_target(home: Path) -> Target:
    """Return where the service is and its keys, as `glueball env` tells."""
    command = [sys.executable, "-m", "glueball", "env", "--home", str(home)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    pairs = [word.partition("=") for word in shlex.split(output) if "=" in word]
    found = {name: value for name, _, value in pairs}
    return Target(
        name="glueball",
        port=int(found["AWS_ENDPOINT_URL"].rpartition(":")[2]),
        access_key=found["AWS_ACCESS_KEY_ID"],
        secret_key=found["AWS_SECRET_ACCESS_KEY"],
    )


def wait(
    condition: Callable[[], bool], what: str, patience_seconds: float = PATIENCE_SECONDS
) -> None:
    """Look again and again.

    Raises:
        BenchmarkFailedError: it did not come in time.
    """
    deadline = time.monotonic() + patience_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise BenchmarkFailedError(f"waited {patience_seconds:.0f} s for {what}")
        time.sleep(0.05)


def end_processes_of(home: Path) -> None:
    """End what runs on behalf of a home directory, whose service has ended, before it is deleted.

    Runs outlive the service; stopped through it, the sleeping run would make room for the first of
    those that wait.
    """
    for supervisor in home.glob("runs/*/supervisor.json"):
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(json.loads(supervisor.read_text())["pid"])
            for one in [process, *process.children(recursive=True)]:
                one.kill()
