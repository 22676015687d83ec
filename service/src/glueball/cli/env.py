"""`glueball env`: what points AWS's tools at the service."""

from __future__ import annotations

import shlex

import typer

from glueball.cli.options import HomeOption, resolve_home
from glueball.cli.service import expected

#: variables of a real account that would win over ours or be sent along
_IN_THE_WAY = ("AWS_SESSION_TOKEN", "AWS_PROFILE")


def env(home: HomeOption = None) -> None:
    """Print shell commands for `eval`: the endpoint, the keys and the region."""
    service = expected(resolve_home(home))
    typer.echo(f"unset {' '.join(_IN_THE_WAY)}")
    for name, value in service.environment.items():
        typer.echo(f"export {name}={shlex.quote(value)}")
