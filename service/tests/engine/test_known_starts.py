from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from glueball.core.crawlers import Crawler, start_schedule, stop_schedule, with_schedule
from glueball.core.crawls import own_schedule
from glueball.core.forecast_lengths import Length
from glueball.core.runs import RunState
from glueball.core.schedules import parse_schedule
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.engine.known_starts import Going, KnownStarts, going
from glueball.engine.outlook import Outlook
from glueball.stores import crawlers, runs, triggers
from glueball.stores.database import Database
from support.runs import make_run
from support.workflows import add_crawler, add_job, add_triggers, add_workflow, make_trigger

HOUR = 3600.0
DAY = 86_400.0
T0 = 20_402 * DAY


class Lengths:
    """Says ten minutes of every run but of some, and counts the questions."""

    def __init__(self, minutes: Mapping[str, float] | None = None) -> None:
        self._minutes = minutes or {}
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
        seconds = 60 * self._minutes.get(job_name, 10)
        return Length(likely=seconds, careful=seconds)


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


def scheduled_crawler(connection: sa.Connection, name: str, schedule: str | None) -> Crawler:
    crawler = with_schedule(add_crawler(connection, name), schedule, T0)
    crawlers.replace(connection, crawler)
    return crawler


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
    add_triggers(connection, scheduled("hourly", "cron(0 * * * ? *)", "extract @c"))
    scheduled_crawler(connection, "c", "cron(0 * * * ? *)")
    within(known, connection, hours)
    asked = lengths.asked
    for second in range(1, 29):
        within(known, connection, hours, now=T0 + second)
    assert lengths.asked == asked
    within(known, connection, hours, now=T0 + 31)
    assert lengths.asked > asked


AT_ONE = "cron(0 1 * * ? *)"
CRAWLS_TAKE_TWENTY_MINUTES = Lengths({"crawler:c": 20, "crawler:d": 20})


def minutes(known: KnownStarts, connection: sa.Connection, now: float = T0) -> list[str]:
    """Say what is known of two hours, with its minute and its DPUs."""
    found = known.within(connection, (), 2 * HOUR, now)
    return [f"{one.job_name} {(one.at - T0) / 60:g} {one.dpus:g}" for one in found]


@pytest.mark.parametrize(
    ("some_triggers", "starts"),
    [
        # a crawl takes two DPUs and its time like the run of a job, and jobs follow it
        ([scheduled("s0", AT_ONE, "@c"),
          make_trigger("s1", after="@c", starts="load", workflow=None)],
         ["crawler:c 60 2", "load 80 0.0625"]),
        # from a job through a crawler to a job
        ([scheduled("s0", AT_ONE, "extract"),
          make_trigger("s1", after="extract", starts="@c", workflow=None),
          make_trigger("s2", after="@c", starts="load", workflow=None)],
         ["extract 60 0.0625", "crawler:c 70 2", "load 90 0.0625"]),
        # from a crawler through a job to a crawler, in a workflow
        ([scheduled("s0", AT_ONE, "@c", workflow="w"),
          make_trigger("s1", after="@c", starts="load"),
          make_trigger("s2", after="load", starts="@d")],
         ["crawler:c 60 2", "load 80 0.0625", "crawler:d 90 2"]),
        # all of several: the crawler is the last
        ([scheduled("s0", AT_ONE, "extract @c"),
          make_trigger("s1", after="extract @c", starts="load", workflow=None)],
         ["extract 60 0.0625", "crawler:c 60 2", "load 80 0.0625"]),
        # any of several: the job is the first
        ([scheduled("s0", AT_ONE, "extract @c"),
          make_trigger("s1", after="extract @c", starts="load", logical="ANY", workflow=None)],
         ["extract 60 0.0625", "crawler:c 60 2", "load 70 0.0625"]),
        # a crawler that nothing starts in this chain does not end
        ([scheduled("s0", AT_ONE, "extract"),
          make_trigger("s1", after="extract @c", starts="load", workflow=None)],
         ["extract 60 0.0625"]),
        # which end of a crawl is waited for is not asked, as of jobs: what may start counts
        ([scheduled("s0", AT_ONE, "@c"),
          make_trigger("s1", after="@c:FAILED", starts="load", workflow=None)],
         ["crawler:c 60 2", "load 80 0.0625"]),
        # one condition for each of two ends of a crawler: it is one part
        ([scheduled("s0", AT_ONE, "@c"), make_trigger(
            "s1", after="@c @c:FAILED", logical="ANY", starts="load", workflow=None)],
         ["crawler:c 60 2", "load 80 0.0625"]),
        # a job called like the crawler is another thing
        ([scheduled("s0", AT_ONE, "@other"),
          make_trigger("s1", after="other", starts="load", workflow=None)],
         ["crawler:other 60 2"]),
        # a trigger that is not active
        ([scheduled("s0", AT_ONE, "@c"), make_trigger(
            "s1", after="@c", starts="load", workflow=None, state=TriggerState.DEACTIVATED)],
         ["crawler:c 60 2"]),
        # in another workflow
        ([scheduled("s0", AT_ONE, "@c"), make_trigger("s1", after="@c", starts="load")],
         ["crawler:c 60 2"]),
        # a crawler that is gone, and one that cannot be crawled here, take no capacity
        ([scheduled("s0", AT_ONE, "@gone"), scheduled("s1", AT_ONE, "@jdbc"),
          make_trigger("s2", after="@jdbc", starts="load", workflow=None)],
         []),
    ],
)  # fmt: skip
def test_crawlers_are_parts_of_chains(
    connection: sa.Connection, some_triggers: list[Trigger], starts: list[str]
) -> None:
    add_workflow(connection)
    for name in ("c", "d", "other"):
        add_crawler(connection, name)
    add_crawler(connection, "jdbc", Targets={"JdbcTargets": [{"ConnectionName": "x"}]})
    add_triggers(connection, *some_triggers)
    assert minutes(KnownStarts(CRAWLS_TAKE_TWENTY_MINUTES), connection) == starts


@pytest.mark.parametrize(
    ("schedule", "starts"),
    [
        (AT_ONE, ["crawler:c 60 2"]),
        # each time
        ("rate(50 minutes)", ["crawler:c 50 2", "crawler:c 100 2"]),
        # later than anybody asks
        ("cron(0 5 * * ? *)", []),
        # without a schedule
        (None, []),
    ],
)
def test_crawlers_have_schedules_of_their_own(
    connection: sa.Connection, schedule: str | None, starts: list[str]
) -> None:
    """Nothing follows: triggers wait for what triggers have started."""
    scheduled_crawler(connection, "c", schedule)
    add_triggers(connection, make_trigger("then", after="@c", starts="load", workflow=None))
    assert minutes(KnownStarts(CRAWLS_TAKE_TWENTY_MINUTES), connection) == starts


def test_schedules_of_both_kinds_come_in_order_of_time(connection: sa.Connection) -> None:
    scheduled_crawler(connection, "c", "cron(30 0,1 * * ? *)")
    add_triggers(connection, scheduled("s0", "cron(0 0/1 * * ? *)", "extract"))
    assert minutes(KnownStarts(Lengths()), connection) == [
        *("crawler:c 30 2", "extract 60 0.0625", "crawler:c 90 2", "extract 120 0.0625"),
    ]


def test_a_crawler_that_cannot_be_crawled_is_not_waited_for(connection: sa.Connection) -> None:
    add_crawler(connection, "c", Targets={"JdbcTargets": [{"ConnectionName": "x"}]})
    crawler = crawlers.get(connection, "c")
    assert crawler is not None
    crawlers.replace(connection, with_schedule(crawler, AT_ONE, T0))
    assert minutes(KnownStarts(Lengths()), connection) == []


def moved(schedule: str) -> Callable[[sa.Connection, Crawler], None]:
    return lambda connection, crawler: crawlers.replace(
        connection, with_schedule(crawler, schedule, T0)
    )


@pytest.mark.parametrize(
    ("change", "after", "starts"),
    [
        # it comes earlier than anything that was known
        (moved("cron(20 0 * * ? *)"), 1, ["crawler:c 20 2", "extract 30 0.0625"]),
        # it comes later, and behind a trigger that is due before
        (moved("cron(30 1 * * ? *)"), 1, ["extract 30 0.0625", "crawler:c 90 2"]),
        # it comes at a time that was known, of another: at the latest half a minute later
        (moved("cron(30 0 * * ? *)"), 31, ["extract 30 0.0625", "crawler:c 30 2"]),
        # it rests, and is gone: so, too
        (lambda connection, crawler: crawlers.replace(connection, stop_schedule(crawler)), 31,
         ["extract 30 0.0625"]),
        (lambda connection, crawler: crawlers.delete(connection, crawler.name), 31,
         ["extract 30 0.0625"]),
        # it rests and goes on: rate() would count from there, cron() does not
        (lambda connection, crawler: crawlers.replace(
            connection, start_schedule(stop_schedule(crawler), T0 + 1)), 2,
         ["extract 30 0.0625", "crawler:c 60 2"]),
        # another one, behind the first of a trigger
        (lambda connection, _: scheduled_crawler(connection, "d", "cron(45 0 * * ? *)"), 1,
         ["extract 30 0.0625", "crawler:d 45 2", "crawler:c 60 2"]),
    ],
)  # fmt: skip
def test_a_change_of_a_crawlers_schedule_is_seen(
    connection: sa.Connection,
    change: Callable[[sa.Connection, Crawler], object],
    after: float,
    starts: list[str],
) -> None:
    crawler = scheduled_crawler(connection, "c", AT_ONE)
    add_triggers(connection, scheduled("s0", "cron(30 0 * * ? *)", "extract"))
    known = KnownStarts(Lengths())
    assert minutes(known, connection) == ["extract 30 0.0625", "crawler:c 60 2"]
    change(connection, crawler)
    assert minutes(known, connection, T0 + after) == starts


def test_a_crawl_that_came_is_known_by_its_run_alone(connection: sa.Connection) -> None:
    crawler = scheduled_crawler(connection, "c", "rate(1 hour)")
    known = KnownStarts(Lengths())
    assert minutes(known, connection, T0 + HOUR - 5)[0] == "crawler:c 60 2"
    crawlers.set_next_due(connection, [(crawler.name, T0 + 2 * HOUR)])
    assert minutes(known, connection, T0 + HOUR + 5)[0] == "crawler:c 120 2"


@pytest.mark.parametrize(
    ("after", "origin", "starts"),
    [
        ("@c", {"trigger_name": "s0", "chain_id": "tc_1"}, [("load", pytest.approx(1 / 3))]),
        # the job that is watched besides has ended before
        ("extract @c", {"trigger_name": "s0", "chain_id": "tc_1"},
         [("load", pytest.approx(1 / 3))]),
        # what watches a job called so waits for something else
        ("c", {"trigger_name": "s0", "chain_id": "tc_1"}, []),
        # by its own schedule, or because somebody started it: triggers do not wait for it
        ("@c", {"trigger_name": own_schedule("c")}, []),
        ("@c", {}, []),
    ],
)  # fmt: skip
def test_what_follows_a_crawl_that_goes_on(
    connection: sa.Connection,
    after: str,
    origin: dict[str, str],
    starts: list[tuple[str, float]],
) -> None:
    add_crawler(connection, "c")
    add_triggers(connection, make_trigger("then", after=after, starts="load", workflow=None))
    run = make_run(command="crawler", job_name="crawler:c", running=T0, **origin)
    chains = tuple(going([run], T0))
    known = KnownStarts(CRAWLS_TAKE_TWENTY_MINUTES)
    assert within(known, connection, 2, chains=chains) == starts


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        # as long as its crawls took
        ("c", 20 * 60),
        # none has been seen: at the latest it is ended after a day
        ("d", DAY),
    ],
)
def test_past_crawls_tell_how_long_a_crawl_takes(
    connection: sa.Connection, name: str, seconds: float
) -> None:
    past = make_run(
        command="crawler",
        job_name="crawler:c",
        state=RunState.SUCCEEDED,
        started=T0 - DAY,
        running=T0 - DAY,
        completed=T0 - DAY + 20 * 60,
    )
    runs.insert(connection, past)
    scheduled_crawler(connection, name, AT_ONE)
    (start,) = KnownStarts(Outlook().length).within(connection, (), HOUR, T0)
    assert (start.job_name, start.dpus) == (f"crawler:{name}", 2.0)
    # runs stray: some caution is added to what one run took
    assert start.seconds == pytest.approx(seconds, rel=0.5)
