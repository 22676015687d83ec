"""A report as a table for people, as JSON or as CSV."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

import typer
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from glueball.core.durations import duration
from glueball.core.pricing import in_cents

_Item = TypeVar("_Item")
#: wide enough for any table: what is no terminal has no width
_UNBROKEN = 1000
#: everything that could move a terminal's cursor or change its state
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
#: dollars in JSON and CSV: millionths
_PLACES = 6


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[
    Format, typer.Option("--format", help="A table for people, or JSON or CSV for programs.")
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column(Generic[_Item]):
    """One column of a report."""

    name: str  #: in JSON and CSV
    title: str | None  #: in the table; None leaves it out there
    value: Callable[[_Item], Any]  #: None where there is none
    shown: Callable[[Any], str] = str  #: how people read a value that is not None
    left: bool = False  #: texts stand on the left, numbers on the right
    folds: bool = False  #: may be broken in a narrow terminal
    lesser: bool = False  #: left out where a terminal is too narrow for all


@dataclass(frozen=True, kw_only=True, slots=True)
class Report(Generic[_Item]):
    """What is to be shown."""

    title: str
    columns: Sequence[Column[_Item]]
    items: Sequence[_Item]
    total: _Item | None = None
    note: str = ""  #: below the table
    notes: Sequence[tuple[str, str]] = ()  #: below the table, too: of whom, and what is to be said
    facts: Mapping[str, Any] | None = None  #: further members of the JSON object
    empty: str  #: the sentence that stands for a table without rows


def write(report: Report[_Item], form: Format) -> None:
    """Write a report on standard output."""
    if form is Format.JSON:
        typer.echo(json.dumps(_as_object(report), indent=2))
    elif form is Format.CSV:
        _write_csv(report)
    elif not report.items:
        typer.echo(report.empty)
    else:
        _write_table(report)


def dollars(amount: Decimal) -> str:
    """Write an amount in whole cents, and say of less than half a cent that it is not nothing."""
    cents = in_cents(amount)
    return "<$0.01" if cents == 0 and amount > 0 else f"${cents:,}"


def price(amount: Decimal) -> str:
    """Write a price with all its digits, at least the cents."""
    cents = in_cents(amount)
    return f"${cents if cents == amount else amount.normalize()}"


def brief(seconds: float) -> str:
    """Write seconds as short as a column wants them: 0.4s, 12s, 5m03s, 45m, 2h05m, 3d04h."""
    text = duration(abs(seconds)).replace(" ", "")
    if 600 <= abs(seconds) < 3599.5:
        text = f"{abs(seconds) / 60:.0f}m"
    return f"-{text}" if seconds < 0 else text


def percent(share: float | Decimal) -> str:
    return f"{share:.0%}"


def short_run_id(run_id: str) -> str:
    """Shorten a run's id to what people tell runs apart by; an attempt's number stays."""
    first, mark, attempt = run_id.partition("_attempt_")
    return (f"{first[:11]}…" if len(first) > 12 else first) + mark + attempt


def _as_object(report: Report[_Item]) -> dict[str, Any]:
    answer = dict(report.facts or {})
    answer["lines"] = [_values(report, item) for item in report.items]
    if report.total is not None:
        total = _values(report, report.total)
        answer["total"] = {name: value for name, value in total.items() if value is not None}
    return answer


def _values(report: Report[_Item], item: _Item) -> dict[str, Any]:
    return {column.name: _plain(column.value(item)) for column in report.columns}


def _plain(value: Any) -> Any:
    return round(float(value), _PLACES) if isinstance(value, (Decimal, float)) else value


def _write_csv(report: Report[_Item]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([column.name for column in report.columns])
    for item in report.items:
        values = _values(report, item).values()
        writer.writerow("; ".join(one) if isinstance(one, list) else one for one in values)


def _write_table(report: Report[_Item]) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_UNBROKEN)
    console.print(Text(report.title))
    columns = [column for column in report.columns if column.title is not None]
    table = _table(report, columns)
    unbroken = console.options.update(max_width=_UNBROKEN)
    if console.measure(table, options=unbroken).maximum > console.width:
        table = _table(report, [column for column in columns if not column.lesser])
    console.print(table)
    for whose, text in report.notes:
        line = Text(f"{_CONTROL.sub('', whose)}: ")
        console.print(Padding(line + Text(_CONTROL.sub("", text)), (0, 0, 0, 1), expand=False))
    if report.note:
        console.print(Text(f" {report.note}"))


def _table(report: Report[_Item], columns: Sequence[Column[_Item]]) -> Table:
    """Lay a table out. Where there is no room, names are broken and numbers are not."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_footer=report.total is not None)
    for column in columns:
        table.add_column(
            column.title or "",
            footer="" if report.total is None else _cell(column, report.total),
            justify="left" if column.left else "right",
            no_wrap=not column.folds,
            overflow="fold",
        )
    for item in report.items:
        table.add_row(*(_cell(column, item) for column in columns))
    return table


def _cell(column: Column[_Item], item: _Item) -> Text:
    value = column.value(item)
    return Text(_CONTROL.sub("", "" if value is None else column.shown(value)))
