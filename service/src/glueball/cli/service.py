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
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from glueball.cli.up import ENDPOINT_FILE
from glueball.core.errors import ConfigurationError
from glueball.credentials import RootCredentials, load
from glueball.launchers import processes
from glueball.settings import load as load_settings

#: what the user has set up for a real account must not reach us: files and profiles, a proxy
_NO_PROFILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
_CLIENT_CONFIG = Config(proxies={}, s3={"addressing_style": "path"})


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningService:
    """How to reach a service."""

    home: Path
    endpoint_url: str
    credentials: RootCredentials
    region: str

    def client(self, name: str) -> Any:
        """Make a client of one of its services: "glue", "s3", "logs"."""
        return botocore.session.Session(session_vars=_NO_PROFILES).create_client(
            name,
            region_name=self.region,
            config=_CLIENT_CONFIG,
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


def ensure_bucket(s3: Any, name: str) -> None:
    """Make a bucket if it is missing."""
    region = s3.meta.region_name
    place = {} if region == "us-east-1" else {"LocationConstraint": region}
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))


def find(home: Path) -> RunningService | None:
    """Return the service that runs on a home directory, or None."""
    try:
        found = json.loads((home / ENDPOINT_FILE).read_text())
    except FileNotFoundError:
        return None
    if found["identity"] is None or processes.identity(found["pid"]) != found["identity"]:
        return None  # it was killed and could not take the file away
    return _at(home, found["endpoint_url"])


def expected(home: Path) -> RunningService:
    """Return the service of a home directory, running or not, by its settings."""
    settings = load_settings(home, os.environ, {})
    return find(home) or _at(home, f"http://{settings.host}:{settings.port}")


@contextlib.contextmanager
def ensured(home: Path) -> Iterator[RunningService]:
    """Give the service that runs on `home`; where none runs, one on a free port meanwhile.

    Raises:
        ConfigurationError: there is none, it refused a request, or it answers no more.
    """
    running = find(home)
    with contextlib.nullcontext(running) if running else started(home) as service:
        try:
            yield service
        except ClientError as error:
            raise ConfigurationError(error.response["Error"]["Message"]) from error
        except (ConnectionError, HTTPClientError) as error:
            raise ConfigurationError(
                f"The service at {service.endpoint_url} does not answer any more. A run goes on "
                f"without it, and is found again by: glueball up --home {home}"
            ) from error


@contextlib.contextmanager
def started(home: Path, *, port: int = 0) -> Iterator[RunningService]:
    """Start a service on `home`, and stop it in the end.

    It has a session of its own, so that Ctrl-C reaches this process alone, which may need the
    service once more; the kernel ends it when this process dies in another way.
    """
    command = [sys.executable, "-m", "glueball", "up", "--home", str(home), "--port", str(port)]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=processes.dies_with_parent(os.getpid()),
    ) as process:
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
