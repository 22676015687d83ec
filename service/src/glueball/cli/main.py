"""The command line `glueball`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import glueball
from glueball.cli import backup, cost, demo, env, flex, run, runtime, up
from glueball.core.errors import GlueballError

app = typer.Typer(
    name="glueball",
    help="AWS Glue that you run yourself.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
app.command("up")(up.up)
app.command("env")(env.env)
app.command("run", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
    run.run
)
app.command("demo")(demo.demo)
app.command("backup")(backup.backup)
app.command("cost")(cost.cost)
app.add_typer(flex.app, name="flex")
app.add_typer(runtime.app, name="runtime")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(glueball.__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """AWS Glue that you run yourself."""


def main() -> None:
    """Run the command line; errors that the user can mend are one sentence, not a traceback."""
    try:
        app()
    except GlueballError as error:
        typer.echo(f"glueball: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        where = "" if error.filename is None else f": {error.filename}"
        typer.echo(f"glueball: {error.strerror or error}{where}", err=True)
        sys.exit(1)
