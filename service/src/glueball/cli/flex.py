"""`glueball flex`: how FLEX runs start, and which jobs should be FLEX."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from glueball.cli.options import HomeOption, resolve_home
from glueball.cli.output import Column, Format, FormatOption, Report, duration, write
from glueball.cli.periods import DaysOption, Period, SinceOption, UntilOption, iso, period
from glueball.core.pool import FLEX
from glueball.core.start_delays import DelaysBy, StartDelays, start_delays
from glueball.stores.read_only import reading
from glueball.stores.run_history import due_between

app = typer.Typer(help="How FLEX runs start, and which jobs should be FLEX.", no_args_is_help=True)

_REPORT_DAYS = 14.0
_PERCENTILES = {"p50": "p50", "p90": "p90", "p95": "p95", "p99": "p99", "most": "Max"}


@app.command()
def report(
    home: HomeOption = None,
    by: Annotated[DelaysBy, typer.Option("--by", help="Lines for each of them.")] = DelaysBy.CLASS,
    job: Annotated[str | None, typer.Option("--job", help="Only the runs of this job.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    days: DaysOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show how long runs waited between the time they were due and their start.

    The last 14 days, unless --since, --until or --days say otherwise. Nothing is asked of the
    service: it need not run.
    """
    now = time.time()
    span = period(since, until, days, default_days=_REPORT_DAYS, now=now)
    with reading(resolve_home(home) / "glueball.db") as connection:
        runs = due_between(connection, span.since, span.until, job_name=job)
    write(_delays(start_delays(runs, by, now), by, job, span), form)


def _delays(
    lines: list[StartDelays], by: DelaysBy, job: str | None, span: Period
) -> Report[StartDelays]:
    whose = "" if job is None else f" of job {job}"
    named: list[Column[StartDelays]] = [
        Column(name=by, title=by.capitalize(), value=_name, left=True)
    ]
    return Report(
        title=f"Start delay{whose}, {span}",
        columns=[*(named if by is not DelaysBy.CLASS else []), *_delay_columns()],
        items=lines,
        note="From the time a run was due by its trigger, or was asked for, until it left the "
        "queue.",
        facts={"by": by, "since": iso(span.since), "until": iso(span.until)},
        empty=f"No run{whose} was due from {span}.",
    )


def _name(line: StartDelays) -> str:
    return line.name


def _delay_columns() -> list[Column[StartDelays]]:
    return [
        Column(name="class", title="Class", value=lambda line: line.execution_class, left=True),
        Column(name="started", title="Started", value=lambda line: line.started),
        Column(name="waiting", title="Waiting", value=lambda line: line.waiting),
        *(_percentile(name, title) for name, title in _PERCENTILES.items()),
        Column(
            name="within_20_minutes",
            title="Within 20 min",
            value=lambda line: line.prompt_share,
            shown=lambda share: f"{share:.1%}",
        ),
        Column(
            name="delayed_by_flex",
            title="Delayed by FLEX",
            value=lambda line: _of_standard(line, line.flex_delayed),
        ),
        Column(
            name="delayed_by_flex_share",
            title="Share",
            value=lambda line: _of_standard(line, line.flex_delayed_share),
            shown=lambda share: f"{share:.2%}",
        ),
        Column(
            name="delayed_by_flex_most",
            title=None,
            value=lambda line: _of_standard(line, line.flex_delay_most),
        ),
    ]


def _of_standard(line: StartDelays, value: float) -> float | None:
    """FLEX waits for FLEX as it is meant to."""
    return None if line.execution_class == FLEX else value


def _percentile(name: str, title: str) -> Column[StartDelays]:
    def value(line: StartDelays) -> Any:
        return line.seconds and getattr(line.seconds, name)

    return Column(name=f"{name}_seconds", title=title, value=value, shown=duration)
