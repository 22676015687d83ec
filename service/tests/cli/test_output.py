from __future__ import annotations

from decimal import Decimal

import pytest

from glueball.cli.output import Column, Format, Report, brief, dollars, price, short_run_id, write
from glueball.core.durations import duration


@pytest.mark.parametrize(
    ("seconds", "long", "short"),
    [
        (0, "0.0 s", "0.0s"),
        (0.04, "0.0 s", "0.0s"),
        (9.94, "9.9 s", "9.9s"),
        (9.96, "10 s", "10s"),  # no 10.0
        (59.4, "59 s", "59s"),
        (59.6, "1 m 00 s", "1m00s"),
        (303, "5 m 03 s", "5m03s"),
        (2940, "49 m 00 s", "49m"),
        (3599.6, "1 h 00 m", "1h00m"),
        (7500, "2 h 05 m", "2h05m"),
        (86_399.7, "1 d 00 h", "1d00h"),
        (273_600, "3 d 04 h", "3d04h"),
    ],
)
def test_lengths_of_time(seconds: float, long: str, short: str) -> None:
    assert (duration(seconds), brief(seconds)) == (long, short)


def test_less_than_nothing_is_short() -> None:
    assert brief(-1200) == "-20m"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0.00"),
        ("0.0049", "<$0.01"),
        ("0.0051", "$0.01"),
        ("43.5", "$43.50"),
        ("1234567.891", "$1,234,567.89"),
    ],
)
def test_dollars(amount: str, shown: str) -> None:
    assert dollars(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0.44", "$0.44"), ("0.690", "$0.69"), ("0.455", "$0.455"), ("1", "$1.00")],
)
def test_prices_keep_their_digits(amount: str, shown: str) -> None:
    assert price(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("run_id", "shown"),
    [
        ("jr_" + "ab" * 32, "jr_abababab…"),
        ("jr_" + "ab" * 32 + "_attempt_2", "jr_abababab…_attempt_2"),
        ("jr_1", "jr_1"),
    ],
)
def test_run_ids(run_id: str, shown: str) -> None:
    assert short_run_id(run_id) == shown


REPORT: Report[str] = Report(
    title="Words",
    columns=[
        Column(name="word", title="Word", value=lambda word: word, left=True, folds=True),
        Column(name="length", title="Length", value=len),
        Column(name="capitals", title="Capitals", value=lambda word: word.upper(), lesser=True),
        Column(name="letters", title=None, value=list),
    ],
    items=["a\x1b[31mb", "[bold]c"],
    total="sum",
    notes=[("\x1ba", "note [bold]")],
    empty="Nothing.",
)


def test_a_table_is_plain_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """No markup, no control characters, and no line is broken."""
    write(REPORT, Format.TABLE)
    assert [line.split() for line in capsys.readouterr().out.splitlines() if line.split()] == [
        ["Words"],
        ["Word", "Length", "Capitals"],
        ["─" * 26],
        ["a[31mb", "7", "A[31MB"],
        ["[bold]c", "7", "[BOLD]C"],
        ["sum", "3", "SUM"],
        ["a:", "note", "[bold]"],
    ]


def test_a_narrow_terminal_loses_the_lesser_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "24"}.items():
        monkeypatch.setenv(name, value)
    write(REPORT, Format.TABLE)
    assert "Length" in (shown := capsys.readouterr().out)
    assert "Capitals" not in shown


def test_csv_joins_what_is_several(capsys: pytest.CaptureFixture[str]) -> None:
    write(REPORT, Format.CSV)
    assert capsys.readouterr().out.splitlines()[2] == "[bold]c,7,[BOLD]C,[; b; o; l; d; ]; c"
