"""`glueball run`: a local script as a job."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from glueball.cli.follow import follow, say
from glueball.cli.options import HomeOption, resolve_home
from glueball.cli.service import RunningService, ensure_bucket, ensured
from glueball.core.errors import ConfigurationError
from glueball.core.workers import PYTHONSHELL

_CONF = "--conf"
_BUCKET = "glueball-scripts"
#: marks the jobs that are ours to change
_ROLE = "GlueballLocalRun"


def run(
    context: typer.Context,
    script: Annotated[Path, typer.Argument(help="The script; it is uploaded first.")],
    home: HomeOption = None,
    job_name: Annotated[
        str | None, typer.Option("--name", help="Name of the job; by default the script's.")
    ] = None,
    python_shell: Annotated[
        bool, typer.Option("--python-shell", help="Run it without Spark.")
    ] = False,
    flex: Annotated[bool, typer.Option("--flex", help="Use execution class FLEX.")] = False,
    workers: Annotated[int, typer.Option("--workers", help="G.1X workers to ask for.")] = 10,
    glue_version: Annotated[
        str, typer.Option("--glue-version", help="Glue version of a Spark job.")
    ] = "5.1",
) -> None:
    """Run a local SCRIPT as a job, follow its log, and exit with its status.

    Other options are handed to the script: glueball run etl.py --day 2013-01-01. Behind -- all
    are, those named like one of these too.

    Exit status: 0 when the run succeeded, 1 when it did not or could not start, 2 when an option
    is wrong. Ctrl-C stops the run (130).
    """
    if not script.is_file():
        raise ConfigurationError(f"There is no script at {script}.")
    arguments = job_arguments(context.args)
    name = job_name or script.stem
    definition = _definition(
        name, script, arguments, python_shell, flex=flex, workers=workers, version=glue_version
    )
    with ensured(resolve_home(home)) as service:
        ended = _run(service, script, name, definition)
    if ended["JobRunState"] != "SUCCEEDED":
        typer.echo(f"{ended['JobRunState']}: {ended.get('ErrorMessage', '')}", err=True)
        raise typer.Exit(1)


def job_arguments(words: list[str]) -> dict[str, str]:
    """Turn the words behind the script into job arguments.

    `--a 1 --b=2 --flag` becomes {"--a": "1", "--b": "2", "--flag": ""}. A name that is there twice
    has its last value, but for `--conf`: its values are joined as Glue takes several of them,
    {"--conf": "k=v --conf k2=v2"}.

    Raises:
        ConfigurationError: a word is neither a name nor a value.
    """
    pairs: list[tuple[str, str]] = []
    open_for_value = False
    for word in words:
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            pairs.append((name, value))
            open_for_value = not equals
        elif open_for_value:
            pairs[-1] = (pairs[-1][0], word)
            open_for_value = False
        else:
            raise ConfigurationError(
                f"{word!r} is no job argument: write --name value, or --name=value."
            )
    arguments = dict(pairs)
    confs = [value for name, value in pairs if name == _CONF]
    return arguments | ({_CONF: f" {_CONF} ".join(confs)} if confs else {})


def _definition(
    name: str,
    script: Path,
    arguments: dict[str, str],
    python_shell: bool,
    *,
    flex: bool,
    workers: int,
    version: str,
) -> dict[str, Any]:
    command = {
        "Name": "glueetl",
        "ScriptLocation": f"s3://{_BUCKET}/{name}/{script.name}",
        "PythonVersion": "3",
    }
    definition: dict[str, Any] = {"Role": _ROLE, "DefaultArguments": arguments}
    if flex:
        definition["ExecutionClass"] = "FLEX"
    if python_shell:
        return definition | {"Command": command | {"Name": PYTHONSHELL}}
    return definition | {
        "Command": command,
        "GlueVersion": version,
        "WorkerType": "G.1X",
        "NumberOfWorkers": workers,
    }


def _run(
    service: RunningService, script: Path, name: str, definition: dict[str, Any]
) -> dict[str, Any]:
    glue, s3, logs = service.client("glue"), service.client("s3"), service.client("logs")
    ensure_bucket(s3, _BUCKET)
    s3.put_object(Bucket=_BUCKET, Key=f"{name}/{script.name}", Body=script.read_bytes())
    try:
        glue.create_job(Name=name, **definition)
    except glue.exceptions.IdempotentParameterMismatchException as error:
        if glue.get_job(JobName=name)["Job"]["Role"] != _ROLE:
            raise ConfigurationError(
                f"There is a job {name} that glueball run has not made. Choose another name with "
                "--name."
            ) from error
        glue.update_job(JobName=name, JobUpdate=definition)
    run_id = glue.start_job_run(JobName=name)["JobRunId"]
    console = Console(stderr=True)
    say(console, f"Run {run_id} of job {name}")
    return follow(glue, logs, job_name=name, run_id=run_id, console=console, write=_writer(console))


def _writer(console: Console) -> Callable[[str], None]:
    """Return what writes a line to the standard output, past the line that changes, if any."""
    output = sys.stdout  # rich puts its own in its place, which would miss a redirection
    if console.is_terminal and output.isatty():
        return lambda line: say(console, line)

    def write(line: str) -> None:
        output.write(line + "\n")
        output.flush()

    return write
