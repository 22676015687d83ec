"""`glueball demo`: a real FLEX job with a bookmark, on real data, through the AWS API."""

from __future__ import annotations

import shlex
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

import glueball
from glueball.cli.flights import data_directory, flights_by_month
from glueball.cli.follow import follow, say, stop
from glueball.cli.options import HomeOption, resolve_home
from glueball.cli.service import RunningService, ensure_bucket, ensured, find
from glueball.core.pricing import cost, in_cents
from glueball.core.runs import ExecutionClass

_SCRIPT = Path(glueball.__file__).parent / "examples" / "flights_etl.py"
_BUCKET = "glueball-demo"
_JOB = "flights-etl-flex"
_WORKERS = 10
_FIRST_MONTHS = (1, 2, 3)
_NEXT_MONTH = 4


def demo(
    home: HomeOption = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="Leave the service up until it is interrupted.")
    ] = False,
) -> None:
    """Run a FLEX job twice: on three months of flights, then on one more."""
    console = Console()
    directory = resolve_home(home)
    found = find(directory) is not None
    with ensured(directory) as service:
        say(console, f"The service is up at {service.endpoint_url} (home {directory})")
        _prepare(service, console)
        _add_months(service, _FIRST_MONTHS, console)
        last = _run(service, console)
        if last["JobRunState"] == "SUCCEEDED":
            console.rule("One more month: the bookmark leaves out what was read")
            _add_months(service, (_NEXT_MONTH,), console)
            last = _run(service, console)
        _look_around(service, console, stays=stay or found)
        if last["JobRunState"] != "SUCCEEDED":
            raise typer.Exit(1)
        if stay and not found:
            _stay(console)


def _prepare(service: RunningService, console: Console) -> None:
    s3, glue = service.client("s3"), service.client("glue")
    ensure_bucket(s3, _BUCKET)
    for name in ("airlines.csv", "weather.csv"):
        body = (data_directory() / name).read_bytes()
        s3.put_object(Bucket=_BUCKET, Key=f"input/{name}", Body=body)
    script = _SCRIPT.read_bytes()
    s3.put_object(Bucket=_BUCKET, Key="scripts/flights_etl.py", Body=script)
    _forget(glue, s3, console)
    glue.create_job(
        Name=_JOB,
        Role="arn:aws:iam::123456789012:role/GlueJobRole",
        Command={
            "Name": "glueetl",
            "ScriptLocation": f"s3://{_BUCKET}/scripts/flights_etl.py",
            "PythonVersion": "3",
        },
        GlueVersion="5.1",
        ExecutionClass="FLEX",
        WorkerType="G.1X",
        NumberOfWorkers=_WORKERS,
        DefaultArguments={
            "--job-bookmark-option": "job-bookmark-enable",
            "--TempDir": f"s3://{_BUCKET}/temp/",
            "--SOURCE": f"s3://{_BUCKET}/input",
            "--TARGET": f"s3://{_BUCKET}/delays",
        },
    )
    say(console, f"Created job {_JOB}: FLEX, {_WORKERS} workers G.1X, with a bookmark")


def _forget(glue: Any, s3: Any, console: Console) -> None:
    """Take away what an earlier demo left, and end what it left running."""
    with suppress(glue.exceptions.EntityNotFoundException):
        for run in glue.get_job_runs(JobName=_JOB)["JobRuns"]:
            if "CompletedOn" not in run:
                stop(glue, _JOB, run["Id"], console)
    glue.delete_job(JobName=_JOB)
    for prefix in ("input/flights/", "delays/"):
        for item in s3.list_objects_v2(Bucket=_BUCKET, Prefix=prefix).get("Contents", []):
            s3.delete_object(Bucket=_BUCKET, Key=item["Key"])


def _add_months(service: RunningService, months: tuple[int, ...], console: Console) -> None:
    s3 = service.client("s3")
    for month, body in flights_by_month(data_directory(), months).items():
        key = f"input/flights/2013-{month:02}.csv"
        s3.put_object(Bucket=_BUCKET, Key=key, Body=body)
        lines = body.count(b"\n") - 1
        say(console, f"Uploaded s3://{_BUCKET}/{key}: {lines:,} flights")


def _run(service: RunningService, console: Console) -> dict[str, Any]:
    glue = service.client("glue")
    asked = time.time()
    run_id = glue.start_job_run(JobName=_JOB)["JobRunId"]
    run = follow(
        glue,
        service.client("logs"),
        job_name=_JOB,
        run_id=run_id,
        console=console,
        write=lambda line: say(console, line),
    )
    console.print(_summary(run, asked))
    return run


def _summary(run: dict[str, Any], asked: float) -> Table:
    table = Table(show_header=False, title=f"Run {run['Id'][:15]}…")
    state = run["JobRunState"]
    table.add_row("State", f"{state}: {run['ErrorMessage']}" if "ErrorMessage" in run else state)
    table.add_row("Start delay", f"{max(0.0, run['StartedOn'].timestamp() - asked):.2f} s")
    table.add_row("Execution time", f"{run['ExecutionTime']} s")
    dpus, seconds = run["MaxCapacity"], run["ExecutionTime"]
    table.add_row("DPU-hours", f"{dpus * seconds / 3600:.4f} ({dpus:g} DPU)")
    for execution_class in ExecutionClass:
        dollars = cost(execution_class.value, "glueetl", dpus=dpus, seconds=seconds)
        table.add_row(f"AWS would bill as {execution_class}", f"${in_cents(dollars)}")
    return table


def _look_around(service: RunningService, console: Console, *, stays: bool) -> None:
    home = shlex.quote(str(service.home))
    lines = [
        "Look around in another terminal:" if stays else "Look around:",
        *([] if stays else [f"glueball up --home {home} &"]),
        f'eval "$(glueball env --home {home} --wait 10)"',
        f"aws glue get-job-runs --job-name {_JOB}",
        f"aws s3 ls --recursive s3://{_BUCKET}/delays/",
    ]
    say(console, "\n  ".join(lines))


def _stay(console: Console) -> None:
    console.print("The service stays up; Ctrl-C ends it.")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
