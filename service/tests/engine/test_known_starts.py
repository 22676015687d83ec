from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from glueball.core.forecast_lengths import Length
from glueball.core.schedules import parse_schedule
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.engine.known_starts import Going, KnownStarts
from glueball.stores import triggers
from glueball.stores.database import Database
from support.workflows import add_job, add_triggers, add_workflow, make_trigger

HOUR = 3600.0
DAY = 86_400.0
T0 = 20_402 * DAY


class Lengths:
    """Says ten minutes of every run, and counts the questions."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(
        self,
        connection: sa.Connection,
        job_name: str,
        execution_class: str,
        timeout_seconds: float | None,
        age: float,
    ) -> Length:
        self.asked += 1
        return Length(likely=600.0, careful=600.0)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        for name in ("extract", "load", "other"):
            add_job(connection, name)
        yield connection
    database.close()


def scheduled(name: str, schedule: str, starts: str, workflow: str | None = None) -> Trigger:
    return make_trigger(
        name,
        type=TriggerType.SCHEDULED,
        state=TriggerState.ACTIVATED,
        workflow=workflow,
        schedule=schedule,
        activated=T0,
        next_due=parse_schedule(schedule).next_after(T0, T0),
        starts=starts,
    )


def within(
    known: KnownStarts,
    connection: sa.Connection,
    hours: float,
    now: float = T0,
    chains: tuple[Going, ...] = (),
) -> list[tuple[str, float]]:
    found = known.within(connection, chains, hours * HOUR, now)
    return [(start.job_name, (start.at - T0) / HOUR) for start in found]


def test_what_a_schedule_starts_and_what_follows(connection: sa.Connection) -> None:
    add_workflow(connection)
    add_triggers(
        connection,
        scheduled("hourly", "cron(0 * * * ? *)", "extract", workflow="w"),
        make_trigger("then", after="extract", starts="load", workflow="w"),
        make_trigger("elsewhere", after="extract", starts="other", workflow=None),
    )
    found = within(KnownStarts(Lengths()), connection, 2)
    sixth = pytest.approx(1 / 6)
    assert [name for name, _ in found[:4]] == ["extract", "load", "extract", "load"]
    assert [at for _, at in found[:4]] == [1, 1 + sixth.expected, 2, 2 + sixth.expected]


def test_what_has_fired_is_known_by_its_run_alone(connection: sa.Connection) -> None:
    add_triggers(
        connection,
        scheduled("hourly", "cron(0 * * * ? *)", "extract"),
        make_trigger("then", after="extract", starts="load", workflow=None),
    )
    lengths = Lengths()
    known = KnownStarts(lengths)
    before = within(known, connection, 1, now=T0 + HOUR - 5)
    assert before[:2] == [("extract", 1), ("load", pytest.approx(7 / 6))]
    triggers.set_next_due(connection, [("hourly", T0 + 2 * HOUR)])
    going = Going(
        run_id="r",
        job_name="extract",
        execution_class="STANDARD",
        timeout_minutes=60,
        trigger_name="hourly",
        chain_id="tc_1",
        began=T0 + HOUR,
    )
    after = within(known, connection, 1, now=T0 + HOUR + 5, chains=(going,))
    assert after[:2] == [("load", pytest.approx(7 / 6)), ("extract", 2)]


def test_a_schedule_that_is_new_is_seen_at_once(connection: sa.Connection) -> None:
    known = KnownStarts(Lengths())
    add_triggers(connection, scheduled("daily", "cron(0 5 * * ? *)", "extract"))
    assert within(known, connection, 8) == [("extract", 5)]
    add_triggers(connection, scheduled("earlier", "cron(0 4 * * ? *)", "load"))
    assert within(known, connection, 8, now=T0 + 1) == [("load", 4), ("extract", 5)]


@pytest.mark.parametrize("hours", [1, 47, 200])
def test_schedules_are_not_looked_through_in_every_round(
    connection: sa.Connection, hours: float
) -> None:
    lengths = Lengths()
    known = KnownStarts(lengths)
    add_triggers(connection, scheduled("hourly", "cron(0 * * * ? *)", "extract"))
    within(known, connection, hours)
    asked = lengths.asked
    for second in range(1, 29):
        within(known, connection, hours, now=T0 + second)
    assert lengths.asked == asked
    within(known, connection, hours, now=T0 + 31)
    assert lengths.asked > asked
