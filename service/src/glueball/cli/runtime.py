"""`glueball runtime`: the environments in which scripts run."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from glueball.cli.options import HomeOption, resolve_home
from glueball.launchers.runtimes import Runtimes
from glueball.settings import load

app = typer.Typer(help="The environments in which scripts run.", no_args_is_help=True)


@app.command()
def install(
    version: Annotated[str, typer.Argument(help='A Glue version, "5.1", or "shell".')],
    home: HomeOption = None,
) -> None:
    """Install a runtime, so that the first job need not wait for it."""
    runtimes = _runtimes(home)
    runtimes.install(version, sys.stderr)
    typer.echo(f"Runtime {version} is installed: {runtimes.python(version)}")


@app.command("list")
def list_installed(home: HomeOption = None) -> None:
    """Name the runtimes that are installed."""
    for name in _runtimes(home).installed():
        typer.echo(name)


def _runtimes(home: HomeOption) -> Runtimes:
    return Runtimes(load(resolve_home(home), os.environ, {}).runtimes_directory)
