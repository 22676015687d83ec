"""`glueball cost`: what runs have cost."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from glueball.cli.options import HomeOption, resolve_home
from glueball.cli.output import (
    Column,
    Format,
    FormatOption,
    Report,
    brief,
    dollars,
    percent,
    price,
    short_run_id,
    write,
)
from glueball.cli.periods import DaysOption, Period, SinceOption, UntilOption, iso, period
from glueball.core.costs import Amounts, By, Line, account, total
from glueball.core.past_runs import PastRun
from glueball.core.pricing import PriceBook, list_prices
from glueball.settings import Settings, load
from glueball.stores.read_only import reading
from glueball.stores.run_history import began_between

_DEFAULT_DAYS = 30.0


def cost(
    home: HomeOption = None,
    by: Annotated[By, typer.Option("--by", help="A line for each of them.")] = By.JOB,
    job: Annotated[str | None, typer.Option("--job", help="Only the runs of this job.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    days: DaysOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Say what runs have cost, and what FLEX has saved.

    The last 30 days, unless --since, --until or --days say otherwise. Nothing is asked of the
    service: it need not run.
    """
    now = time.time()
    span = period(since, until, days, default_days=_DEFAULT_DAYS, now=now)
    directory = resolve_home(home)
    settings = load(directory, os.environ, {})
    runs = _runs(directory, span, job)
    listed = list_prices(settings.region)
    lines = account(runs, by, now=now, prices=settings.price_book, listed=listed)
    write(_report(lines, by, job, span, settings), form)


def _runs(home: Path, span: Period, job: str | None) -> list[PastRun]:
    with reading(home / "glueball.db") as connection:
        return began_between(connection, span.since, span.until, job_name=job)


def _report(
    lines: Sequence[Line], by: By, job: str | None, span: Period, settings: Settings
) -> Report[Line]:
    whose = "" if job is None else f" of job {job}"
    return Report(
        title=f"Cost by {by}{whose}, {span}",
        columns=[*_names(by), *_amounts(own=bool(settings.prices), runs=by is not By.RUN)],
        items=lines,
        total=Line(name="Total", amounts=total(lines)),
        note=_prices(settings),
        facts={
            "by": by,
            "since": iso(span.since),
            "until": iso(span.until),
            "region": settings.region,
            "prices": _named(settings.price_book),
        },
        empty=f"No run{whose} began from {span}.",
    )


def _names(by: By) -> list[Column[Line]]:
    if by is not By.RUN:
        return [
            Column(
                name=by, title=by.capitalize(), value=lambda line: line.name, left=True, folds=True
            )
        ]
    return [
        Column(
            name="run",
            title="Run",
            value=lambda line: line.name,
            shown=short_run_id,
            left=True,
        ),
        _of_run("job", "Job", lambda run: run.job_name),
        _of_run("class", "Class", lambda run: run.execution_class),
        _of_run("state", None, lambda run: run.state.value),
        Column(
            name="began",
            title="Began (UTC)",
            value=lambda line: line.run and line.run.running and iso(line.run.running),
            shown=_minute,
        ),
        Column(
            name="seconds",
            title="Time",
            value=lambda line: line.run and line.run.execution_seconds,
            shown=brief,
        ),
    ]


def _minute(time: str) -> str:
    """Write 2026-11-21T06:00:59Z as 11-21 06:00: the year is in the title."""
    return f"{time[5:10]} {time[11:16]}"


def _of_run(name: str, title: str | None, value: Any) -> Column[Line]:
    return Column(
        name=name,
        title=title,
        value=lambda line: line.run and value(line.run),
        left=True,
        folds=name == "job",
        lesser=name == "class",
    )


def _amounts(*, own: bool, runs: bool) -> list[Column[Line]]:
    columns = [
        _amount("runs", "Runs", lambda amounts: amounts.runs, str),
        _amount("dpu_hours", "DPU-hours", lambda amounts: amounts.dpu_hours, _hours),
        _amount("cost", "Cost", lambda amounts: amounts.cost, dollars),
        _amount("as_standard", "STANDARD", lambda amounts: amounts.as_standard, dollars),
        _amount("saved", "Saved", lambda amounts: amounts.saved, dollars),
        _amount("saved_share", "%" if runs else None, lambda amounts: amounts.saved_share, percent),
        _amount("at_list", "AWS bills" if own else None, lambda amounts: amounts.at_list, dollars),
    ]
    return columns if runs else columns[1:]


def _amount(name: str, title: str | None, value: Any, shown: Any) -> Column[Line]:
    def of_line(line: Line) -> Any:
        amounts: Amounts = line.amounts
        return value(amounts)

    return Column(name=name, title=title, value=of_line, shown=shown, lesser=name == "as_standard")


def _hours(hours: Any) -> str:
    return f"{hours:,.2f}" if hours >= 1 else f"{hours:.4f}"


def _prices(settings: Settings) -> str:
    book = settings.price_book
    whose = "Your own prices" if settings.prices else f"AWS's list prices in {settings.region}"
    return f"{whose}: STANDARD {price(book.standard)}, FLEX {price(book.flex)} a DPU-hour."


def _named(book: PriceBook) -> dict[str, float]:
    return {name: float(getattr(book, name)) for name in book.__dataclass_fields__}
