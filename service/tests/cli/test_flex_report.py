"""`glueball flex report`, as it is typed, on a real database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from glueball.cli.main import app
from glueball.core.runs import ExecutionClass, RunState
from glueball.stores.database import Database
from support.homes import SEPTEMBER as FIRST
from support.homes import ended_run, keep

Report = Callable[..., Result]
SEPTEMBER = ("--since", "2026-09-01", "--until", "2026-09-30")


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.setenv("NO_COLOR", "1")
    Database(tmp_path / "glueball.db").close()

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["flex", "report", "--home", str(tmp_path), *words])

    return run


@pytest.fixture
def month(tmp_path: Path) -> None:
    """Twenty nights of a FLEX job, of which one began late, and a STANDARD job that it delayed."""
    nights = [ended_run(night, wait=4.0 if night < 20 else 3600.0) for night in range(1, 21)]
    standard = {"execution_class": ExecutionClass.STANDARD, "job_name": "hourly"}
    delayed = [
        ended_run(100 + number, due=FIRST + number, wait=wait, flex_delay=wait, **standard)
        for number, wait in enumerate([0.0, 0.0, 0.0, 30.0])
    ]
    waits = {"state": RunState.WAITING, "started": None, "running": None, "completed": None}
    keep(tmp_path, [*nights, *delayed, ended_run(25, **waits)])


def rows(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    return [words for words in lines if words and words[0] in ("FLEX", "STANDARD")]


@pytest.mark.usefixtures("month")
def test_the_classes_side_by_side(report: Report) -> None:
    flex, standard = rows(report(*SEPTEMBER))
    assert flex == [
        "FLEX", "20", "1", "4.0s", "4.0s", "4.0s", "1h00m", "1h00m", "90.5%"]  # fmt: skip
    assert standard == [
        "STANDARD", "4", "0", "0.0s", "30s", "30s", "30s", "30s", "100.0%", "1"]  # fmt: skip


@pytest.mark.usefixtures("month")
def test_jobs_and_days_in_json(report: Report) -> None:
    jobs = json.loads(report("--by", "job", "--format", "json", *SEPTEMBER).stdout)["lines"]
    assert [(line["job"], line["class"]) for line in jobs] == [
        ("daily-sales-etl-flex", "FLEX"),
        ("hourly", "STANDARD"),
    ]
    assert (jobs[0]["p50_seconds"], jobs[0]["most_seconds"]) == (4, 3600)
    assert (jobs[1]["delayed_by_flex"], jobs[1]["delayed_by_flex_most"]) == (1, 30)
    assert jobs[1]["delayed_by_flex_share"] == 0.25
    words = ("--by", "day", "--job", "daily-sales-etl-flex", "--format", "json", *SEPTEMBER)
    days = json.loads(report(*words).stdout)["lines"]
    assert [line["day"] for line in days][-2:] == ["2026-09-20", "2026-09-25"]
    assert days[-1]["p50_seconds"] is None  # it still waits


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (SEPTEMBER, "No run was due from 2026-09-01 00:00 to 2026-10-01 00:00 UTC.\n"),
        (("--job", "x", *SEPTEMBER), "No run of job x was due from 2026-09-01 00:00 to "
         "2026-10-01 00:00 UTC.\n"),
    ],
)  # fmt: skip
def test_nothing_was_due(report: Report, words: tuple[str, ...], says: str) -> None:
    result = report(*words)
    assert (result.exit_code, result.stdout) == (0, says)


def test_fourteen_days_without_a_word(report: Report) -> None:
    assert "No run was due from" in report().stdout
