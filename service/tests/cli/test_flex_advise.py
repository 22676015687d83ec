"""`glueball flex advise`, as it is typed, on a real database."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from glueball.cli.main import app
from glueball.core.jobs import define
from glueball.core.runs import ExecutionClass
from glueball.settings import FILE_NAME
from glueball.stores import jobs, runs, tags, triggers
from glueball.stores.database import Database
from glueball.stores.jobs import JobDefinition
from support.chains import trigger
from support.homes import DAY, ended_run

Advise = Callable[..., Result]
TODAY = time.time() // DAY * DAY
NIGHTS = [TODAY - number * DAY for number in range(40, 0, -1)]


@pytest.fixture
def advise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Advise:
    monkeypatch.setenv("NO_COLOR", "1")
    Database(tmp_path / "glueball.db").close()

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["flex", "advise", "--home", str(tmp_path), *words])

    return run


class Home:
    """A home that is filled as a service would."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._count = 0

    def job(self, name: str, *, deadline: str | None = None, **members: Any) -> None:
        command = members.pop("command", "glueetl")
        document = define(
            {
                "Role": "role",
                "Command": {"Name": command, "ScriptLocation": "s3://scripts/etl.py"},
                **members,
            }
        )
        jobs.insert(
            self._connection,
            JobDefinition(name=name, created=0.0, modified=0.0, document=document),
        )
        if deadline is not None:
            arn = f"arn:aws:glue:us-east-1:123456789012:job/{name}"
            tags.add(self._connection, arn, {"glueball:deadline": deadline})

    def each_night(self, name: str, nights: list[float], **changes: Any) -> None:
        """Let a job start at midnight, by a trigger of its own."""
        of_job = trigger(f"nightly-{name}", [name], schedule="cron(0 0 * * ? *)")
        triggers.insert(self._connection, of_job, ())
        for night in nights:
            chain = f"tc_{name}_{night:g}"
            triggers.record_firing(
                self._connection, of_job.name, f"due {night:g}", fired=night, chain_id=chain
            )
            self.run(name, night, trigger_name=of_job.name, chain_id=chain, **changes)

    def run(self, name: str, due: float, **changes: Any) -> None:
        self._count += 1
        values = {"job_name": name, "execution_class": ExecutionClass.STANDARD, "due": due}
        runs.insert(self._connection, ended_run(self._count, **(values | changes)))


@pytest.fixture
def home(tmp_path: Path) -> None:
    """A machine on which an hourly job takes half of the pool for fifty minutes."""
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        filled = Home(connection)
        filled.job("nightly", deadline="06:00")
        filled.each_night("nightly", NIGHTS)
        filled.job("urgent", deadline="00:45")
        filled.each_night("urgent", NIGHTS)
        filled.job("late", deadline="01:00", ExecutionClass="FLEX")
        flex = {"execution_class": ExecutionClass.FLEX}
        filled.each_night("late", NIGHTS[:-1], wait=10.0, **flex)
        filled.run("late", NIGHTS[-1], wait=3000.0, **flex)
        filled.job("shell", command="pythonshell")
        filled.job("new")
        filled.run("new", NIGHTS[-1])
        filled.job("hourly")
        for night in NIGHTS:
            for hour in range(24):
                due = night + hour * 3600 - 60
                filled.run("hourly", due, seconds=3000, dpus=50.0, held_dpus=50.0)
    database.close()


@pytest.mark.usefixtures("home")
def test_the_verdicts(advise: Advise) -> None:
    answer = json.loads(advise("--format", "json").stdout)
    told = {line["job"]: line for line in answer["lines"]}
    # what should change comes first
    assert list(told) == ["hourly", "nightly", "late", "urgent", "new", "shell"]
    assert {name: line["advice"] for name, line in told.items()} == {
        "hourly": "MOVE to FLEX",  # nothing that is known waits for it
        "nightly": "MOVE to FLEX",
        "late": "BACK to STANDARD",
        "urgent": "KEEP STANDARD",
        "new": "KEEP STANDARD",
        "shell": "KEEP STANDARD",
    }
    nightly = told["nightly"]
    # ten DPUs fit beside the fifty, but not beside as many again, which are reserved
    assert nightly["flex_delay_p50_seconds"] == nightly["flex_delay_most_seconds"] == 2940
    assert (nightly["slack_seconds"], nightly["missed"]) == (5.5 * 3600, 0)
    assert nightly["saving_a_month"] == pytest.approx(22.5, abs=1)  # by how the day has got on
    assert nightly["peak_saved_dpus"] == 10
    assert nightly["moved_at"] is None
    assert "its deadline of 00:45 UTC" in told["urgent"]["reason"]
    assert told["urgent"]["missed"] == 1
    assert told["late"]["missed"] == pytest.approx(1 / told["late"]["runs"], abs=1e-5)
    assert told["new"]["reason"] == "Too few runs have succeeded: 1 of 5."
    assert told["shell"]["reason"] == "FLEX is for Spark jobs (glueetl); this one is pythonshell."


@pytest.mark.usefixtures("home")
def test_a_fixed_reserve_is_asked_as_it_is_set(advise: Advise, tmp_path: Path) -> None:
    """Beside fifty DPUs of a hundred there is room for ten, unless half of the pool is reserved."""
    (tmp_path / FILE_NAME).write_text("flex_reserve = 0.1\n")
    answer = json.loads(advise("--job", "urgent", "--format", "json").stdout)
    assert (answer["lines"][0]["advice"], answer["lines"][0]["missed"]) == ("MOVE to FLEX", 0)
    (tmp_path / FILE_NAME).write_text("flex_reserve = 0.5\n")
    answer = json.loads(advise("--job", "urgent", "--format", "json").stdout)
    assert answer["lines"][0]["advice"] == "KEEP STANDARD"


@pytest.mark.usefixtures("home")
def test_a_run_that_waits_for_too_long_fails(advise: Advise, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("flex_max_wait_minutes = 20\n")
    answer = json.loads(advise("--job", "nightly", "--format", "json").stdout)
    assert (answer["lines"][0]["advice"], answer["lines"][0]["missed"]) == ("KEEP STANDARD", 1)
    assert answer["lines"][0]["reason"].endswith("what a FLEX run may wait here, 20 m 00 s.")


@pytest.mark.usefixtures("home")
def test_a_table_for_people(advise: Advise) -> None:
    result = advise("--job", "nightly")
    assert result.exit_code == 0, result.output
    text = re.sub(r"\s+", " ", result.stdout)
    assert "FLEX or STANDARD, by 28 days of history" in text
    assert "nightly MOVE to FLEX" in text
    assert "nightly: It has 5 h 30 m to spare before its deadline of 06:00 UTC; as FLEX" in text
    assert "nightly: As FLEX each of its runs waits for 49 m 00 s" in text
    assert "urgent" not in text


@pytest.mark.usefixtures("home")
def test_csv(advise: Advise) -> None:
    rows = list(csv.DictReader(advise("--job", "nightly", "--format", "csv").stdout.splitlines()))
    assert [row["advice"] for row in rows] == ["MOVE to FLEX"]
    assert rows[0]["hints"].startswith("As FLEX each of its runs waits")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--least-saving", "100"), "a month, less than $100.00."),
        (("--days", "3"), "Too few runs have succeeded: 2 of 5."),
    ],
)
def test_options(advise: Advise, words: tuple[str, ...], reason: str) -> None:
    answer = json.loads(advise("--job", "nightly", "--format", "json", *words).stdout)
    assert answer["lines"][0]["reason"].endswith(reason)


def test_what_a_move_has_brought_is_told(advise: Advise, tmp_path: Path) -> None:
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        filled = Home(connection)
        filled.job("moved", ExecutionClass="FLEX")
        for number, night in enumerate(NIGHTS[-10:]):
            kind = ExecutionClass.FLEX if number >= 4 else ExecutionClass.STANDARD
            filled.run("moved", night, execution_class=kind)
    database.close()
    (line,) = json.loads(advise("--format", "json").stdout)["lines"]
    assert (line["cost_of_a_run_before"], line["cost_of_a_run_after"]) == (2.2, 1.45)
    assert line["moved_at"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NIGHTS[-6]))
    text = re.sub(r"\s+", " ", advise().stdout)
    assert "moved: Since it became FLEX on" in text
    assert "a run costs $1.45 instead of $2.20, half of its runs take no more than 30 m" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [((), "There is no job yet.\n"), (("--job", "x"), "There is no job called x.\n")],
)
def test_no_job(advise: Advise, words: tuple[str, ...], says: str) -> None:
    result = advise(*words)
    assert (result.exit_code, result.stdout) == (0, says)


def test_a_job_that_never_ran(advise: Advise, tmp_path: Path) -> None:
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        Home(connection).job("idle")
    database.close()
    answer = json.loads(advise("--format", "json").stdout)
    assert answer["lines"][0]["reason"] == "Too few runs have succeeded: 0 of 5."


@pytest.mark.parametrize(
    "words",
    [
        ("--days", "0"),
        ("--days", "x"),
        ("--days", "nan"),
        ("--least-saving", "-1"),
        ("--least-saving", "nan"),
        ("--least-saving", "inf"),
    ],
)
def test_options_that_are_wrong(advise: Advise, words: tuple[str, ...]) -> None:
    assert advise(*words).exit_code == 2
