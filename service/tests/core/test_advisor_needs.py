from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from glueball.core.advisor_needs import JobFacts, Needs
from glueball.core.past_runs import PastRun
from glueball.core.runs import RunState
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from support.chains import job_facts, trigger
from support.past_runs import past_run

HOUR = 3600.0
DAY = 24 * HOUR
#: 1970-01-11 00:00 UTC
MIDNIGHT = 10 * DAY
NIGHTLY = "cron(0 0 * * ? *)"


def needs(
    jobs: list[JobFacts], triggers: list[Trigger], runs: list[PastRun] | None = None
) -> Needs:
    return Needs({job.name: job for job in jobs}, triggers, runs or [])


def chained(job_name: str, due: float, hours: float, **changes: Any) -> PastRun:
    """Return a run of the chain of one night, which started at once."""
    return past_run(
        f"jr_{job_name}_{due}",
        job_name=job_name,
        running=due,
        completed=due + hours * HOUR,
        chain_id="tc_1",
        **changes,
    )


RUN = chained("a", MIDNIGHT, 1)


@pytest.mark.parametrize(
    ("job", "triggers", "by", "whom"),
    [
        # nothing that is known
        (job_facts("a"), [], None, ""),
        (job_facts("a"), [trigger("t", ["a"])], None, ""),
        # its deadline: the next one after it was due
        (job_facts("a", deadline="06:00"), [], MIDNIGHT + 6 * HOUR, "its deadline of 06:00 UTC"),
        (job_facts("a", deadline="00:00"), [], MIDNIGHT + DAY, "its deadline of 00:00 UTC"),
        # its own next schedule
        (job_facts("a"), [trigger("t", ["a"], schedule=NIGHTLY)], MIDNIGHT + DAY,
         "its own next run"),
        (job_facts("a"), [trigger("t", ["a"], schedule="rate(2 hours)")], MIDNIGHT + 2 * HOUR,
         "its own next run"),
        # activated anew since then
        (job_facts("a"), [trigger("t", ["a"], schedule="rate(2 hours)", activated=99 * DAY)],
         MIDNIGHT + 2 * HOUR, "its own next run"),
        # the nearest of several
        (job_facts("a", deadline="06:00"), [trigger("t", ["a"], schedule="cron(0 * * * ? *)"),
         trigger("u", ["a"], schedule=NIGHTLY)], MIDNIGHT + HOUR, "its own next run"),
        # a trigger that does not fire
        (job_facts("a"), [trigger("t", ["a"], schedule=NIGHTLY, state=TriggerState.DEACTIVATED)],
         None, ""),
        # a schedule that is over
        (job_facts("a"), [trigger("t", ["a"], schedule="cron(0 0 1 1 ? 1970)")], None, ""),
    ],
)  # fmt: skip
def test_what_a_job_needs_by_itself(
    job: JobFacts, triggers: list[Trigger], by: float | None, whom: str
) -> None:
    need = needs([job], triggers).of(RUN)
    assert (need.by, need.by_whom, need.spare) == (by, whom, None)


FOLLOWED = [trigger("t", ["a"], schedule=NIGHTLY), trigger("u", ["b"], after=["a"])]


def test_the_deadline_of_a_job_behind_less_its_own_time() -> None:
    """b took up to two hours, so a must be done by four for b to be done by six."""
    jobs = [job_facts("a"), job_facts("b", deadline="06:00")]
    runs = [RUN, chained("b", MIDNIGHT + HOUR, 2), chained("b", MIDNIGHT + 30 * HOUR, 1)]
    need = needs(jobs, FOLLOWED, runs).of(RUN)
    assert need.by == MIDNIGHT + 4 * HOUR
    assert need.by_whom == "b, which needs it by 04:00 UTC for its deadline of 06:00 UTC"
    assert need.spare is None  # it has said itself when it needs what


def test_a_flex_job_passes_on_what_waits_for_it() -> None:
    jobs = [
        job_facts("a"),
        job_facts("b", execution_class="FLEX"),
        job_facts("c", deadline="06:00"),
    ]
    triggers = [*FOLLOWED, trigger("v", ["c"], after=["b"])]
    runs = [RUN, chained("b", MIDNIGHT + HOUR, 1), chained("c", MIDNIGHT + 2 * HOUR, 2)]
    need = needs(jobs, triggers, runs).of(RUN)
    assert need.by == MIDNIGHT + 3 * HOUR
    assert need.by_whom == "c, which needs it by 04:00 UTC for its deadline of 06:00 UTC"


@pytest.mark.parametrize(
    ("jobs", "triggers", "runs", "spare", "whom"),
    [
        # starts at once when a ends
        ([job_facts("b")], [], [chained("b", MIDNIGHT + HOUR, 1)], 0.0, "b"),
        # b waits for x, too, which took half an hour longer: so much later a could have ended
        ([job_facts("b"), job_facts("x")], [], [chained("b", MIDNIGHT + 1.5 * HOUR, 1)], 0.5 * HOUR,
         "b"),
        # b never came in this chain: nobody can tell what it has to spare
        ([job_facts("b")], [], [], 0.0, "b"),
        # nobody waits promptly for a FLEX job
        ([job_facts("b", execution_class="FLEX")], [], [chained("b", MIDNIGHT + HOUR, 1)], None,
         ""),
        # but for a STANDARD job behind it somebody does
        ([job_facts("b", execution_class="FLEX"), job_facts("c")],
         [trigger("v", ["c"], after=["b"])],
         [chained("b", MIDNIGHT + HOUR, 1), chained("c", MIDNIGHT + 2.25 * HOUR, 1)],
         0.25 * HOUR, "c"),
        # the job behind was deleted
        ([], [], [], None, ""),
    ],
)  # fmt: skip
def test_standard_jobs_behind(
    jobs: list[JobFacts],
    triggers: list[Trigger],
    runs: list[PastRun],
    spare: float | None,
    whom: str,
) -> None:
    need = needs([job_facts("a"), *jobs], [*FOLLOWED, *triggers], [RUN, *runs]).of(RUN)
    assert need.spare == spare
    assert need.spare_for == (f"{whom} (STANDARD), which starts when it ends" if whom else "")


@pytest.mark.parametrize(
    ("triggers", "followers"),
    [
        ([trigger("u", ["b", "c"], after=["a"])], ["b", "c"]),
        # an alarm waits for nothing but failure
        ([trigger("u", ["b"], after=["a"], ending="FAILED")], []),
        ([trigger("u", ["b"], after=["a"], workflow_name="w")], []),  # in another workflow
        ([trigger("u", ["b"], after=["x"])], []),
        ([trigger("u", ["a"], after=["a"])], []),  # nobody waits for himself
        # a crawler goes by the name of its crawls
        ([trigger("u", ["@c", "b"], after=["a"])], ["b", "crawler:c"]),
        # it is no job, though it may be called like one
        ([trigger("u", ["b"], after=["@a"])], []),
    ],
)
def test_followers(triggers: list[Trigger], followers: list[str]) -> None:
    graph = needs([job_facts("a")], [FOLLOWED[0], *triggers])
    assert graph.followers("a") == followers


def test_a_workflow_of_both_classes() -> None:
    """The seed's: extract (STANDARD), transform and load (FLEX), a report (STANDARD) in the end."""
    names = ["extract", "transform", "load", "report"]
    chain = [trigger("t", ["extract"], schedule=NIGHTLY, workflow_name="w")]
    for before, after in pairwise(names):
        chain.append(trigger(f"after-{before}", [after], after=[before], workflow_name="w"))
    jobs = [
        job_facts(name, execution_class="FLEX" if name in ("transform", "load") else "STANDARD")
        for name in names
    ]
    runs = [chained(name, MIDNIGHT + hour * HOUR, 1) for hour, name in enumerate(names)]
    graph = needs(jobs, chain, runs)
    assert [graph.of(run).spare_for for run in runs] == [
        *["report (STANDARD), which starts when it ends"] * 3,
        "",
    ]
    assert {graph.of(run).by_whom for run in runs} == {"its own next run"}


def test_roots_are_found_through_conditions() -> None:
    event = trigger("e", ["x"], type=TriggerType.EVENT)
    triggers = [*FOLLOWED, trigger("v", ["c"], after=["b", "x"]), event]
    assert [root.name for root in needs([], triggers).roots("c")] == ["e", "t"]
    assert needs([], triggers).roots("nobody") == []


NIGHTLY_CRAWL = [trigger("t", ["a"], schedule=NIGHTLY), trigger("u", ["@c"], after=["a"])]


@pytest.mark.parametrize(
    ("jobs", "triggers", "runs", "need"),
    [
        # whoever waits promptly behind the crawler waits for the job
        ([job_facts("d")], [trigger("v", ["d"], after=["@c"])],
         [chained("crawler:c", MIDNIGHT + HOUR, 1), chained("d", MIDNIGHT + 2 * HOUR, 1)],
         ("its own next run", 0.0, "d (STANDARD), which starts when it ends")),
        # what the crawler and the job behind it waited for anything else adds up
        ([job_facts("d")], [trigger("v", ["d"], after=["@c"])],
         [chained("crawler:c", MIDNIGHT + 1.5 * HOUR, 1), chained("d", MIDNIGHT + 3 * HOUR, 1)],
         ("its own next run", HOUR, "d (STANDARD), which starts when it ends")),
        # a crawl takes its time like a job: two hours, and one for d
        ([job_facts("d", deadline="06:00")], [trigger("v", ["d"], after=["@c"])],
         [chained("crawler:c", MIDNIGHT + HOUR, 2), chained("d", MIDNIGHT + 3 * HOUR, 1)],
         ("d, which needs it by 05:00 UTC for its deadline of 06:00 UTC", None, "")),
        # a crawl that failed took no time that counts
        ([job_facts("d", deadline="06:00")], [trigger("v", ["d"], after=["@c"])],
         [chained("crawler:c", MIDNIGHT + HOUR, 2, state=RunState.FAILED)],
         ("d, which needs it by 06:00 UTC for its deadline of 06:00 UTC", None, "")),
        # a FLEX job behind the crawler passes on, too
        ([job_facts("b", execution_class="FLEX"), job_facts("d")],
         [trigger("v", ["b"], after=["@c"]), trigger("w", ["d"], after=["b"])],
         [chained("crawler:c", MIDNIGHT + HOUR, 1), chained("b", MIDNIGHT + 2 * HOUR, 1),
          chained("d", MIDNIGHT + 3.25 * HOUR, 1)],
         ("its own next run", 0.25 * HOUR, "d (STANDARD), which starts when it ends")),
        # crawlers behind crawlers
        ([job_facts("d")], [trigger("v", ["@e"], after=["@c"]), trigger("w", ["d"], after=["@e"])],
         [chained("crawler:c", MIDNIGHT + HOUR, 1), chained("crawler:e", MIDNIGHT + 2 * HOUR, 1),
          chained("d", MIDNIGHT + 3 * HOUR, 1)],
         ("its own next run", 0.0, "d (STANDARD), which starts when it ends")),
        # nobody chose STANDARD for a crawler: it alone does not wait promptly
        ([], [], [chained("crawler:c", MIDNIGHT + HOUR, 1)], ("its own next run", None, "")),
        # an alarm waits for a crawl to fail
        ([job_facts("d")], [trigger("v", ["d"], after=["@c"], ending="FAILED")],
         [chained("crawler:c", MIDNIGHT + HOUR, 1), chained("d", MIDNIGHT + 2 * HOUR, 1)],
         ("its own next run", None, "")),
        # there was no crawl in this chain, so that nothing waited for it
        ([job_facts("d")], [trigger("v", ["d"], after=["@c"])],
         [chained("d", MIDNIGHT + 2 * HOUR, 1)], ("its own next run", None, "")),
    ],
)  # fmt: skip
def test_crawlers_pass_on_what_waits_for_them(
    jobs: list[JobFacts],
    triggers: list[Trigger],
    runs: list[PastRun],
    need: tuple[str, float | None, str],
) -> None:
    flex = job_facts("a", execution_class="FLEX")
    found = needs([flex, *jobs], [*NIGHTLY_CRAWL, *triggers], [RUN, *runs]).of(RUN)
    assert (found.by_whom, found.spare, found.spare_for) == need


def test_the_time_of_a_crawl_is_taken_off_a_deadline_behind_it() -> None:
    jobs = [job_facts("a"), job_facts("d", deadline="06:00")]
    runs = [chained("crawler:c", MIDNIGHT + HOUR, 2), chained("d", MIDNIGHT + 3 * HOUR, 1)]
    triggers = [*NIGHTLY_CRAWL, trigger("v", ["d"], after=["@c"])]
    assert needs(jobs, triggers, [RUN, *runs]).of(RUN).by == MIDNIGHT + 3 * HOUR


@pytest.mark.parametrize(
    ("starts", "roots"),
    [
        # of the schedule that starts the job before the crawler
        (NIGHTLY_CRAWL, ["t"]),
        # of events that start the crawler: nothing says how long they may wait
        ([trigger("e", ["@c"], type=TriggerType.EVENT)], ["e"]),
        # a job called like the crawler is another thing
        ([trigger("t", ["c"], schedule=NIGHTLY)], []),
    ],
)
def test_roots_are_found_through_crawlers(starts: list[Trigger], roots: list[str]) -> None:
    graph = needs([], [*starts, trigger("v", ["d"], after=["@c"])])
    assert [root.name for root in graph.roots("d")] == roots


def test_a_circle_ends() -> None:
    circle = [*FOLLOWED, trigger("v", ["a"], after=["b"])]
    jobs = [job_facts("a", execution_class="FLEX"), job_facts("b", execution_class="FLEX")]
    need = needs(jobs, circle, [RUN, chained("b", MIDNIGHT + HOUR, 1)]).of(RUN)
    assert (need.by_whom, need.spare) == ("its own next run", None)


def test_many_ways_to_the_same_end() -> None:
    """Forty layers of two jobs each: 2^40 ways, which are not walked one by one."""
    names = [f"{layer}{side}" for layer in range(40) for side in "ab"]
    triggers = [trigger("t", ["0a"], schedule=NIGHTLY)]
    for layer in range(39):
        for side in "ab":
            starts = [f"{layer + 1}a", f"{layer + 1}b"]
            triggers.append(trigger(f"t{layer}{side}", starts, after=[f"{layer}{side}"]))
    jobs = [job_facts(name, execution_class="FLEX") for name in names[:-1]]
    graph = needs([*jobs, job_facts(names[-1], deadline="06:00")], triggers)
    assert graph.of(chained("0a", MIDNIGHT, 1)).by == MIDNIGHT + 6 * HOUR


def test_only_runs_that_succeeded_say_how_long_a_job_takes() -> None:
    jobs = [job_facts("a"), job_facts("b", deadline="06:00")]
    failed = chained("b", MIDNIGHT + HOUR, 5, state=RunState.FAILED)
    assert needs(jobs, FOLLOWED, [RUN, failed]).of(RUN).by == MIDNIGHT + 6 * HOUR
