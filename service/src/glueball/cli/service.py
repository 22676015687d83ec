"""The running service, as the command line sees it: found by its home, spoken to by botocore."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import psutil

from glueball.cli.up import ENDPOINT_FILE
from glueball.core.errors import ConfigurationError
from glueball.credentials import RootCredentials, load
from glueball.settings import load as load_settings


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningService:
    """How to reach a service."""

    home: Path
    endpoint_url: str
    credentials: RootCredentials
    region: str

    def client(self, name: str) -> Any:
        """Make a client of one of its services: "glue", "s3", "logs"."""
        return botocore.session.Session().create_client(
            name,
            region_name=self.region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.credentials.access_key,
            aws_secret_access_key=self.credentials.secret_key,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point AWS's tools at it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": self.credentials.secret_key,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
        }


def find(home: Path) -> RunningService | None:
    """Return the service that runs on a home directory, or None."""
    try:
        found = json.loads((home / ENDPOINT_FILE).read_text())
    except FileNotFoundError:
        return None
    if not psutil.pid_exists(found["pid"]):
        return None  # it was killed and could not take the file away
    return _at(home, found["endpoint_url"])


def expected(home: Path) -> RunningService:
    """Return the service of a home directory, running or not, by its settings."""
    settings = load_settings(home, os.environ, {})
    return find(home) or _at(home, f"http://{settings.host}:{settings.port}")


@contextlib.contextmanager
def ensured(home: Path) -> Iterator[RunningService]:
    """Give the service that runs on `home`; where none runs, one on a free port meanwhile."""
    service = find(home)
    if service is not None:
        yield service
        return
    with started(home) as service:
        yield service


@contextlib.contextmanager
def started(home: Path, *, port: int = 0) -> Iterator[RunningService]:
    """Start a service on `home`, and stop it in the end."""
    command = [sys.executable, "-m", "glueball", "up", "--home", str(home), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        service = find(home) if ready else None
        if service is None:
            process.terminate()
            raise ConfigurationError("The service did not start; its message is above.")
        try:
            yield service
        finally:
            process.terminate()


def _at(home: Path, endpoint_url: str) -> RunningService:
    settings = load_settings(home, os.environ, {})
    return RunningService(
        home=home, endpoint_url=endpoint_url, credentials=load(home), region=settings.region
    )
