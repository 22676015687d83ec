"""`glueball flex`: how FLEX runs start, and which jobs should be FLEX."""

from __future__ import annotations

import math
import os
import time
from decimal import Decimal
from typing import Annotated, Any

import typer

from glueball.cli.flex_advice import advice
from glueball.cli.options import HomeOption, resolve_home
from glueball.cli.output import (
    Column,
    Format,
    FormatOption,
    Report,
    brief,
    dollars,
    write,
)
from glueball.cli.periods import DaysOption, Period, SinceOption, UntilOption, iso, period
from glueball.core.advisor import Advice, AdviceRules
from glueball.core.pool import FLEX, number
from glueball.core.start_delays import DelaysBy, StartDelays, start_delays
from glueball.settings import load
from glueball.stores.read_only import reading
from glueball.stores.run_history import due_between

app = typer.Typer(help="How FLEX runs start, and which jobs should be FLEX.", no_args_is_help=True)

_REPORT_DAYS = 14.0
_ADVICE_DAYS = 28.0
_ADVICE_PERCENTILES = {"p50": "p50", "p95": "p95", "p99": None, "most": "Max"}
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


@app.command("advise")
def advise_on(
    home: HomeOption = None,
    job: Annotated[str | None, typer.Option("--job", help="Only this job.")] = None,
    days: Annotated[
        float, typer.Option("--days", min=1.0, max=366.0, help="Days of history to look at.")
    ] = _ADVICE_DAYS,
    least_saving: Annotated[
        float, typer.Option("--least-saving", min=0.0, help="Dollars a month worth a move.")
    ] = 1.0,
    form: FormatOption = Format.TABLE,
) -> None:
    """Say which jobs should be FLEX, and why.

    A job should move if FLEX would have made hardly anything late that waits for it, and saves
    enough; one that FLEX has made late should move back. Nothing is asked of the service, and
    nothing is changed.
    """
    if not math.isfinite(least_saving):
        raise typer.BadParameter("--least-saving must be a number of dollars.")
    now = time.time()
    span = period(None, None, days, default_days=days, now=now)
    directory = resolve_home(home)
    settings = load(directory, os.environ, {})
    rules = AdviceRules(
        least_saving=Decimal(str(least_saving)),
        longest_wait=settings.flex_max_wait_minutes * 60 or None,
    )
    told = advice(directory, span, settings, rules=rules, job=job)
    write(_advice(told, job, span), form)


def _advice(told: list[Advice], job: str | None, span: Period) -> Report[Advice]:
    return Report(
        title=f"FLEX or STANDARD, by {span.days:g} days of history",
        columns=_advice_columns(),
        items=told,
        notes=[(one.job_name, text) for one in told for text in _sentences(one)],
        facts={"since": iso(span.since), "until": iso(span.until)},
        empty="There is no job yet." if job is None else f"There is no job called {job}.",
    )


def _sentences(one: Advice) -> list[str]:
    return [one.reason, *([] if one.move is None else [one.move.told()]), *one.hints]


def _advice_columns() -> list[Column[Advice]]:
    return [
        Column(name="job", title="Job", value=lambda one: one.job_name, left=True, folds=True),
        Column(name="advice", title="Advice", value=lambda one: one.verdict.value, left=True),
        Column(name="runs", title="Runs", value=lambda one: one.runs),
        Column(name="slack_seconds", title="Slack", value=lambda one: one.slack, shown=brief),
        Column(name="waits", title=None, value=lambda one: one.waits or None),
        *(_flex_delay(name, title) for name, title in _ADVICE_PERCENTILES.items()),
        Column(
            name="missed",
            title="P(miss)",
            value=lambda one: one.missed,
            shown=lambda share: f"{share:.1%}",
        ),
        Column(
            name="saving_a_month",
            title="Saves/month",
            value=lambda one: one.saving,
            shown=dollars,
        ),
        Column(
            name="peak_saved_dpus",
            title="Peak",
            value=lambda one: one.peak_saved,
            shown=lambda dpus: f"-{number(dpus)}" if dpus else "0",
            lesser=True,
        ),
        Column(name="reason", title=None, value=lambda one: one.reason),
        *map(_moved, ("at", "before", "after")),
        Column(name="hints", title=None, value=lambda one: list(one.hints)),
    ]


def _moved(member: str) -> Column[Advice]:
    """Return a column for programs: when a job has changed its class, what a run cost before and
    after it."""

    def value(one: Advice) -> Any:
        if one.move is None:
            return None
        return iso(one.move.at) if member == "at" else getattr(one.move, member).cost

    name = "moved_at" if member == "at" else f"cost_of_a_run_{member}"
    return Column(name=name, title=None, value=value)


def _flex_delay(name: str, title: str | None) -> Column[Advice]:
    def value(one: Advice) -> Any:
        return one.delay and getattr(one.delay, name)

    return Column(name=f"flex_delay_{name}_seconds", title=title, value=value, shown=brief)


def _delays(
    lines: list[StartDelays], by: DelaysBy, job: str | None, span: Period
) -> Report[StartDelays]:
    whose = "" if job is None else f" of job {job}"
    named: list[Column[StartDelays]] = [
        Column(name=by, title=by.capitalize(), value=_name, left=True, folds=True)
    ]
    return Report(
        title=f"Start delay{whose}, {span}",
        columns=[*(named if by is not DelaysBy.CLASS else []), *_delay_columns()],
        items=lines,
        note="By FLEX: STANDARD runs that waited because FLEX held what they needed.",
        facts={"by": by, "since": iso(span.since), "until": iso(span.until)},
        empty=f"No run{whose} was due from {span}.",
    )


def _name(line: StartDelays) -> str:
    return line.name


def _delay_columns() -> list[Column[StartDelays]]:
    return [
        Column(name="class", title="Class", value=lambda line: line.execution_class, left=True),
        Column(name="started", title="Runs", value=lambda line: line.started),
        Column(name="waiting", title="Wait", value=lambda line: line.waiting),
        *(_percentile(name, title) for name, title in _PERCENTILES.items()),
        Column(
            name="within_20_minutes",
            title="<20min",
            value=lambda line: line.prompt_share,
            shown=lambda share: f"{share:.1%}",
        ),
        Column(
            name="delayed_by_flex",
            title="By FLEX",
            value=lambda line: _of_standard(line, line.flex_delayed),
        ),
        Column(
            name="delayed_by_flex_share",
            title=None,
            value=lambda line: _of_standard(line, line.flex_delayed_share),
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

    lesser = name in ("p90", "p99")
    return Column(name=f"{name}_seconds", title=title, value=value, shown=brief, lesser=lesser)
