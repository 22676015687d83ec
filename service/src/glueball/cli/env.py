"""`glueball env`: what points AWS's tools at the service."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import Annotated

import typer

from glueball.cli.options import HomeOption, resolve_home
from glueball.cli.service import RunningService, expected, find
from glueball.core.errors import ConfigurationError

#: variables of a real account that would win over ours or be sent along
_IN_THE_WAY = (
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_ENDPOINT_URL_GLUE",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_EVENTBRIDGE",
    "AWS_ENDPOINT_URL_CLOUDTRAIL",
)
_POLL_SECONDS = 0.05


def env(
    home: HomeOption = None,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", help="Wait for the service to be ready.")
    ] = 0.0,
) -> None:
    """Print shell commands for `eval`: the endpoint, the keys and the region."""
    directory = resolve_home(home)
    service = _awaited(directory, wait) if wait > 0 else find(directory)
    if service is None:
        service = expected(directory)
        typer.echo(
            f"# No service runs on {directory} now: glueball up --home {directory}", err=True
        )
    typer.echo(f"unset {' '.join(_IN_THE_WAY)}")
    for name, value in service.environment.items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def _awaited(home: Path, seconds: float) -> RunningService:
    end = time.monotonic() + seconds
    while (service := find(home)) is None:
        if time.monotonic() > end:
            raise ConfigurationError(
                f"No service was ready on {home} within {seconds:g} s. Start it with: "
                f"glueball up --home {home}"
            )
        time.sleep(_POLL_SECONDS)
    return service
