"""`glueball cost`, as it is typed, on a real database."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import glueball
from glueball.cli.main import app
from glueball.core.errors import ConfigurationError
from glueball.core.runs import ExecutionClass, RunState
from glueball.settings import FILE_NAME
from glueball.stores.database import Database
from support.homes import SEPTEMBER, ended_run, keep


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("GLUEBALL_HOME", raising=False)
    database = Database(tmp_path / "glueball.db")
    yield tmp_path
    database.close()


@pytest.fixture
def month(home: Path) -> Path:
    """A home with the seed's example: a run in each night of a month."""
    keep(home, [ended_run(number) for number in range(1, 31)])
    return home


@pytest.fixture
def cost(home: Path) -> Callable[..., Result]:
    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["cost", "--home", str(home), *words])

    return run


Cost = Callable[..., Result]
_PAGE = Path(glueball.__file__).parents[3] / "docs" / "cost.md"
WHOLE_MONTH = ("--since", "2026-09-01", "--until", "2026-09-30")


def line(result: Result, name: str) -> list[str]:
    """Return the words of the line of a table that begins with `name`."""
    assert result.exit_code == 0, result.output
    found = re.search(rf"^ *{name}(?= )(.*)$", result.stdout, re.MULTILINE)
    assert found, result.stdout
    return found.group(1).split()


@pytest.mark.parametrize("by", ["month", "job"])
@pytest.mark.usefixtures("month")
def test_the_arithmetic_of_the_seed(cost: Cost, by: str) -> None:
    """10 workers × 0.5 hours × 30 days: $66.00 as STANDARD, $43.50 as FLEX, $22.50 (34 %) less."""
    result = cost("--by", by, *WHOLE_MONTH)
    words = ["30", "150.00", "$43.50", "$66.00", "$22.50", "34%"]
    assert line(result, "2026-09" if by == "month" else "daily-sales-etl-flex") == words
    assert line(result, "Total") == words
    assert "us-east-1: STANDARD $0.44, FLEX $0.29 a DPU-hour." in result.stdout


@pytest.mark.usefixtures("month")
def test_the_example_of_the_page_is_what_the_command_says(cost: Cost) -> None:
    page = _PAGE.read_text().splitlines()
    shown = [line.split() for line in page if line.startswith("     ") or "Cost by month" in line]
    result = cost("--by", "month", *WHOLE_MONTH)
    said = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert [words for words in said if "─" not in words[0]] == [
        words for words in shown[: len(said)] if "─" not in words[0]
    ]


@pytest.mark.usefixtures("month")
def test_one_run_of_the_seed(cost: Cost) -> None:
    result = cost("--by", "run", "--since", "2026-09-07", "--until", "2026-09-07")
    assert line(result, "jr_00000000…") == [
        "daily-sales-etl-flex", "FLEX", "09-07", "00:01", "30m", "5.00", "$1.45", "$2.20",
        "$0.75"]  # fmt: skip


@pytest.mark.usefixtures("month")
def test_days_as_csv(cost: Cost) -> None:
    result = cost("--by", "day", "--format", "csv", *WHOLE_MONTH)
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert [row["day"] for row in rows] == [f"2026-09-{day:02}" for day in range(1, 31)]
    assert {(row["runs"], row["cost"], row["as_standard"], row["saved"]) for row in rows} == {
        ("1", "1.45", "2.2", "0.75")
    }


@pytest.mark.usefixtures("month")
def test_json(cost: Cost) -> None:
    answer = json.loads(cost("--by", "run", "--format", "json", *WHOLE_MONTH).stdout)
    assert (answer["since"], answer["until"]) == ("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z")
    assert (answer["region"], answer["prices"]["flex"]) == ("us-east-1", 0.29)
    first = answer["lines"][0]
    assert (first["run"], first["class"]) == (f"jr_{1:064}", "FLEX")
    assert (first["seconds"], first["cost"]) == (1800, 1.45)
    assert answer["total"]["saved"] == 22.5


def test_classes_side_by_side_and_one_job_alone(cost: Cost, home: Path) -> None:
    standard = {"execution_class": ExecutionClass.STANDARD, "job_name": "[b]extract[/b]"}
    keep(home, [ended_run(1), ended_run(2, **standard)])
    result = cost("--since", "2026-09-01")
    assert line(result, "Total") == ["2", "10.00", "$3.65", "$4.40", "$0.75", "17%"]
    # the dearest first, and a name is no markup
    assert result.stdout.index("[b]extract[/b]") < result.stdout.index("daily-sales-etl-flex")
    alone = cost("--since", "2026-09-01", "--job", "[b]extract[/b]")
    assert line(alone, "Total") == ["1", "5.00", "$2.20", "$2.20", "$0.00", "0%"]


def test_own_prices_beside_aws_s(cost: Cost, home: Path) -> None:
    (home / FILE_NAME).write_text("[prices]\nstandard = 0.10\nflex = 0.05\n")
    keep(home, [ended_run(1)])
    result = cost("--since", "2026-09-01")
    assert "AWS bills" in result.stdout and "Your own prices: STANDARD $0.10" in result.stdout
    assert line(result, "Total") == ["1", "5.00", "$0.25", "$0.50", "$0.25", "50%", "$1.45"]


def test_a_region_with_prices_of_its_own(cost: Cost, home: Path) -> None:
    (home / FILE_NAME).write_text('region = "sa-east-1"\n')
    keep(home, [ended_run(1)])
    assert "sa-east-1: STANDARD $0.69, FLEX $0.455" in cost("--since", "2026-09-01").stdout


def test_a_cent_is_not_nothing(cost: Cost, home: Path) -> None:
    """A Python shell's sixteenth of a DPU for a minute: $0.00046."""
    shell = {"command": "pythonshell", "dpus": 0.0625, "execution_class": ExecutionClass.STANDARD}
    keep(home, [ended_run(1, **shell, completed=SEPTEMBER + 61)])
    assert line(cost("--since", "2026-09-01"), "Total")[1:3] == ["0.0010", "<$0.01"]


def test_runs_until_now(cost: Cost, home: Path) -> None:
    """What goes on has its line, and its cost until now; what waits has none."""
    waits = {"state": RunState.WAITING, "started": None, "running": None, "completed": None}
    goes_on = {"state": RunState.RUNNING, "completed": None}
    keep(home, [ended_run(1, **goes_on), ended_run(2, **waits)])
    answer = json.loads(cost("--by", "run", "--since", "2026-09-01", "--format", "json").stdout)
    assert [(line["state"], line["seconds"]) for line in answer["lines"]] == [("RUNNING", None)]
    assert answer["total"]["cost"] > 0


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("table", "No run of job none began from 2026-09-01 00:00 to 2026-10-01 00:00 UTC.\n"),
        ("csv", "job,runs,dpu_hours,cost,as_standard,saved,saved_share,at_list\n"),
    ],
)
def test_nothing_ran(cost: Cost, form: str, says: str) -> None:
    result = cost("--job", "none", "--format", form, *WHOLE_MONTH)
    assert (result.exit_code, result.stdout) == (0, says)


def test_nothing_ran_in_json(cost: Cost) -> None:
    answer = json.loads(cost("--format", "json").stdout)
    assert answer["lines"] == []
    assert answer["total"]["cost"] == 0


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (("--since", "2026-09-29", "--until", "2026-10-30"), 2),
        (("--until", "2026-09-02", "--days", "365"), 2),  # the whole of the last day
        (("--until", "2026-09-02T00:00", "--days", "365"), 1),  # up to a time
        (("--until", "2026-09-02T02:01+02:00", "--days", "365"), 1),  # the end does not belong
        (("--since", "2026-09-02T00:01:00Z", "--until", "2026-09-02"), 1),  # the beginning does
        (("--until", "2026-09-30", "--days", "1"), 1),
        (("--until", "2026-09-30"), 30),  # thirty days without a word
    ],
)
def test_times(cost: Cost, words: tuple[str, ...], runs: int) -> None:
    assert json.loads(cost(*words, "--format", "json").stdout)["total"]["runs"] == runs


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--since", "yesterday"), "write a day as 2026-11-21"),
        (("--until", "2026-02-30"), "--until cannot be '2026-02-30'"),
        (("--until", "9999-12-31"), "--until cannot be '9999-12-31'"),  # its end is no time
        (("--since", "2026-09-02", "--until", "2026-09-01"), "no time at all"),
        (("--days", "0"), "no time at all"),
        (("--days", "-1"), "--days"),
        (("--days", "nan"), "--days"),
        (("--days", "1e300"), "--days"),
        (("--since", "2026-09-02", "--days", "3"), "--since or --days, not both"),
        (("--by", "week"), "week"),
    ],
)
def test_options_that_are_wrong(cost: Cost, words: tuple[str, ...], says: str) -> None:
    result = cost(*words)
    assert result.exit_code == 2
    assert says in re.sub(r"[\s│]+", " ", result.stderr)


def test_a_mistake_is_one_sentence(tmp_path: Path) -> None:
    """In a process of its own, as people type it."""
    words = [sys.executable, "-m", "glueball", "cost", "--home", str(tmp_path / "none")]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("glueball: There is no Glueball home at ")
    assert len(result.stderr.splitlines()) == 1


def test_a_home_that_is_none(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["cost", "--home", str(tmp_path / "none")])
    assert isinstance(result.exception, ConfigurationError)  # main() makes a sentence of it
    assert f"glueball up --home {tmp_path / 'none'}" in str(result.exception)
    assert not (tmp_path / "none").exists()
