"""The real service in a process of its own, for tests of what a run asks of it.

A test that takes `catalog` has AWS's variables in its environment, as a run has them, and a client
for setting the scene. The service keeps its objects where the tests' Spark looks for `s3://lake`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from tests.awsglue.catalog_tables import Tables

#: the service's own virtual environment lies beside the runtimes
GLUEBALL = Path(__file__).parents[2] / ".venv" / "bin" / "glueball"
_READY_SECONDS = 60
_STOP_SECONDS = 20
_numbers = count(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class GlueballService:
    """A running service."""

    home: Path
    endpoint_url: str
    environment: dict[str, str]  #: what `glueball env` says


@contextmanager
def running(home: Path) -> Iterator[GlueballService]:
    """Run a service on a home directory and a free port; stop it by its process id."""
    command = [str(GLUEBALL), "up", "--home", str(home), "--port", "0"]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert "is ready" in said, said + process.stdout.read()
        endpoint_url = json.loads((home / "endpoint.json").read_text())["endpoint_url"]
        yield GlueballService(
            home=home, endpoint_url=endpoint_url, environment=_environment(home, variables)
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_SECONDS)
        process.stdout.close()


def _environment(home: Path, variables: dict[str, str]) -> dict[str, str]:
    told = subprocess.run(
        [str(GLUEBALL), "env", "--home", str(home), "--wait", str(_READY_SECONDS)],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.removeprefix("export ") for line in told.stdout.splitlines() if "=" in line]
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


@pytest.fixture(scope="session")
def glueball_service(objects: Path) -> Iterator[GlueballService]:
    """One service for all tests; its objects are those that Spark sees."""
    with running(objects.parents[1]) as service:
        yield service


@pytest.fixture
def catalog(glueball_service: GlueballService, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A Glue client, and the environment of a run for this test."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in glueball_service.environment.items():
        monkeypatch.setenv(name, value)
    return botocore.session.get_session().create_client("glue")


@pytest.fixture
def database(catalog: Any) -> str:
    """A database for one test."""
    name = f"db{next(_numbers)}"
    catalog.create_database(DatabaseInput={"Name": name})
    return name


@pytest.fixture
def tables(catalog: Any, database: str) -> Tables:
    """Makes tables in `database`."""
    return Tables(client=catalog, database=database)
