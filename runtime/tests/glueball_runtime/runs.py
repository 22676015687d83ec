"""Real starts of job scripts for tests, as the supervisor does them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import glueball_runtime
from tests.lake import QUICK_JAVA


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a start ended."""

    status: int
    output: str  #: what the script printed, to stdout and stderr
    error: str  #: the run's error log
    started: bool
    failure: dict[str, Any] | None


class Home:
    """A home directory with objects, in which scripts are started."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.objects = root / "objects"
        self.objects.mkdir()
        self._count = 0

    def put(self, location: str, content: str | bytes) -> str:
        """Store an object and return its location."""
        path = self.objects / location.removeprefix("s3://")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return location

    def specification(self, **changes: Any) -> Path:
        """Write the launch.json of a fresh run and return where it is."""
        self._count += 1
        directory = self.root / "runs" / f"jr_{self._count}"
        (directory / "work").mkdir(parents=True)
        (directory / "tmp").mkdir()
        run = {
            "run_id": directory.name,
            "token": "token",
            "job_name": "my job",
            "job_id": "j_1",
            "command": "pythonshell",
            "script_location": "s3://scripts/job.py",
            "arguments": {},
            "glue_version": "5.1",
            "cores": 2,
            "memory_mb": 700,
            "number_of_workers": 5,
            "region": "us-east-1",
            "account_id": "123456789012",
            "endpoint_url": "http://127.0.0.1:9",
            "objects_root": str(self.objects),
            "modules_root": str(self.root / "modules"),
            "notify_fifo": str(self.root / "engine.fifo"),
            "java": _java(),
            "notes": [],
            **changes,
        }
        launch = directory / "launch.json"
        launch.write_text(json.dumps({"token": "token", "run": run}))
        return launch

    def run(self, script: str | None = None, **changes: Any) -> Outcome:
        """Start a script and wait for its end; `changes` are those of the specification."""
        if script is not None:
            self.put("s3://scripts/job.py", dedent(script))
        environment = changes.pop("environment", {})
        return start(self.specification(**changes), **environment)


def _java() -> str | None:
    """Return the machine's Java; None lets the runtime use its own."""
    home = os.environ.get("JAVA_HOME")
    return f"{home}/bin/java" if home else shutil.which("java")


def start(launch: Path, **environment: str) -> Outcome:
    """Do what the supervisor does: start the bootstrap between two logs."""
    error_path = launch.with_name("error")
    with error_path.open("wb") as error:
        descriptor = os.dup(error.fileno())
        done = subprocess.run(
            [sys.executable, "-s", "-P", "-m", "glueball_runtime", str(launch)],
            env={
                **{name: text for name, text in os.environ.items() if name != QUICK_JAVA},
                "PYTHONPATH": str(Path(glueball_runtime.__file__).parents[1]),
                "GLUEBALL_ERROR_FD": str(descriptor),
                "GLUEBALL_RUN_SPEC": str(launch),
                "PYSPARK_PYTHON": sys.executable,
                "TMPDIR": str(launch.with_name("tmp")),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(descriptor,),
            timeout=100,
            check=False,
        )
        os.close(descriptor)
    failure = launch.with_name("failure.json")
    return Outcome(
        status=done.returncode,
        output=done.stdout.decode(),
        error=error_path.read_text(),
        started=launch.with_name("started.json").exists(),
        failure=json.loads(failure.read_text()) if failure.exists() else None,
    )
