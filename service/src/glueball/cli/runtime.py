"""`glueball runtime`: the environments in which scripts run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from glueball.cli.options import HomeOption, resolve_home
from glueball.launchers.choice import NAMES, SPARK
from glueball.launchers.runtimes import Runtimes
from glueball.settings import load

app = typer.Typer(help="The environments in which scripts run.", no_args_is_help=True)


@app.command()
def install(
    version: Annotated[
        str, typer.Argument(help=f"One of {', '.join(NAMES)}; shell is for Python shell jobs.")
    ] = SPARK,
    home: HomeOption = None,
) -> None:
    """Install a runtime, so that the first job need not wait for it."""
    runtimes = _runtimes(home)
    runtimes.install(version, sys.stderr)
    typer.echo(f"Runtime {version} is installed: {runtimes.python(version)}")


@app.command("list")
def list_installed(home: HomeOption = None) -> None:
    """Name the runtimes that are installed."""
    names = _runtimes(home).installed()
    for name in names:
        typer.echo(name)
    if not names:
        typer.echo(
            "None yet: the first run installs what it needs, or: glueball runtime install", err=True
        )


def _runtimes(home: Path | None) -> Runtimes:
    return Runtimes(load(resolve_home(home), os.environ, {}).runtimes_directory)
