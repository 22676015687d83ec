from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from glueball.core.advisor import (
    Advice,
    AdviceRules,
    JobHistory,
    Verdict,
    advise,
    samples,
    to_replay,
)
from glueball.core.advisor_needs import JobFacts, Needs
from glueball.core.advisor_peaks import Peaks
from glueball.core.advisor_replay import HORIZON_SECONDS
from glueball.core.past_runs import PastRun
from glueball.core.pricing import AWS_PRICES
from glueball.core.runs import RunState
from glueball.core.triggers import Trigger, TriggerType
from support.chains import job_facts, trigger
from support.past_runs import past_run

MINUTE = 60.0
HOUR = 3600.0
DAY = 24 * HOUR
NIGHTLY = trigger("t", ["etl"], schedule="cron(0 0 * * ? *)")
BEHIND = [NIGHTLY, trigger("u", ["report"], after=["etl"])]


def night(number: int, **changes: Any) -> PastRun:
    """Return the run of a night at 00:00 UTC: half an hour, at once."""
    due = number * DAY
    began = due + changes.pop("wait", 0.0)
    ended = began + changes.pop("minutes", 30) * MINUTE
    values = {"due": due, "running": began, "completed": ended, "chain_id": f"tc_{number}"}
    return past_run(f"jr_{number}", **(values | changes))


def nights(count: int, **changes: Any) -> list[PastRun]:
    return [night(number, **changes) for number in range(1, count + 1)]


def advice(
    job: JobFacts,
    runs: Sequence[PastRun],
    delays: Sequence[float] = (0.0,),
    *,
    triggers: Sequence[Trigger] = (NIGHTLY,),
    others: Sequence[JobFacts] = (),
    other_runs: Sequence[PastRun] = (),
    **rules: Any,
) -> Advice:
    """Advise on a job; `delays` as FLEX go around among its runs."""
    jobs = {one.name: one for one in (job, *others)}
    return advise(
        JobHistory(job=job, runs=runs, days=30),
        Needs(jobs, triggers, [*runs, *other_runs]),
        {run.id: delays[index % len(delays)] for index, run in enumerate(runs)},
        peaks=Peaks([*runs, *other_runs]),
        prices=AWS_PRICES,
        rules=AdviceRules(**rules),
    )


DEADLINE = job_facts(deadline="06:00")


@pytest.mark.parametrize(
    ("job", "runs", "delays", "verdict", "reason"),
    [
        # the seed's job: five hours and a half to spare
        (DEADLINE, nights(30), [0.0, 600.0], Verdict.MOVE,
         "It has 5 h 30 m to spare before its deadline of 06:00 UTC; as FLEX it would have waited "
         "10 m 00 s at most."),
        (DEADLINE, nights(30), [0.0], Verdict.MOVE,
         "It has 5 h 30 m to spare before its deadline of 06:00 UTC; as FLEX it would have started "
         "at once."),
        # without a deadline the next night is the limit
        (job_facts(), nights(30), [60.0], Verdict.MOVE,
         "It has 23 h 30 m to spare before its own next run; as FLEX it would have waited 1 m 00 s "
         "at most."),
        # a single night of thirty in which it would have been too late
        (DEADLINE, nights(30), [20_000.0] + [0.0] * 29, Verdict.KEEP_STANDARD,
         "As FLEX it would have waited 5 h 33 m at most: in 3.3% of cases too long for its "
         "deadline of 06:00 UTC."),
        (DEADLINE, nights(30), [HORIZON_SECONDS] + [0.0] * 29, Verdict.KEEP_STANDARD,
         "As FLEX it would have waited more than a day: in 3.3% of cases too long for its deadline "
         "of 06:00 UTC."),
        # long delays come with long runs: by chance that would be one of 180
        (DEADLINE, [*nights(29), night(30, minutes=300)], [0.0] * 5 + [4800.0],
         Verdict.KEEP_STANDARD, None),
        # a delay that its own night could bear, and others could not: 3 of 900, and 12 of 900
        (DEADLINE, [*nights(27), *[night(n, minutes=300) for n in (28, 29, 30)]],
         [0.0] * 5 + [4800.0] + [0.0] * 24, Verdict.MOVE, None),
        (DEADLINE, [*nights(27), *[night(n, minutes=300) for n in (28, 29, 30)]],
         [4800.0] * 4 + [0.0] * 26, Verdict.KEEP_STANDARD, None),
        # late already
        (DEADLINE, [*nights(20), *[night(n, minutes=400) for n in range(21, 31)]], [0.0],
         Verdict.KEEP_STANDARD,
         "Already as STANDARD it is too late for its deadline of 06:00 UTC in 33% of cases."),
        # history is too short
        (DEADLINE, nights(3), [0.0], Verdict.KEEP_STANDARD,
         "Too few runs have succeeded: 3 of 5."),
        (DEADLINE, [], [0.0], Verdict.KEEP_STANDARD, "Too few runs have succeeded: 0 of 5."),
        (DEADLINE, nights(30, state=RunState.FAILED), [0.0], Verdict.KEEP_STANDARD,
         "Too few runs have succeeded: 0 of 5."),
        (DEADLINE, nights(5), [0.0], Verdict.MOVE, None),
        # no job for FLEX
        (job_facts(command="pythonshell"), nights(30), [0.0], Verdict.KEEP_STANDARD,
         "FLEX is for Spark jobs (glueetl); this one is pythonshell."),
        (job_facts(command="gluestreaming"), [], [0.0], Verdict.KEEP_STANDARD,
         "A streaming job runs without end; FLEX is for glueetl jobs."),
        (job_facts(glue_version="2.0"), nights(30), [0.0], Verdict.KEEP_STANDARD,
         "FLEX needs Glue 3.0 or later; the job has 2.0."),
        (job_facts(), nights(30, minutes=4), [0.0], Verdict.KEEP_STANDARD,
         "Half of its runs take no more than 4 m 00 s: beside that a start delay of minutes is "
         "long."),
        (job_facts(), nights(30, minutes=5), [0.0], Verdict.MOVE, None),
        # not worth it: 30 × 2 DPU × ½ h × $0.15 = $4.50, and a sixteenth of that
        (job_facts(), nights(30, dpus=0.125), [0.0], Verdict.KEEP_STANDARD,
         "FLEX would save $0.28 a month, less than $1.00."),
    ],
)  # fmt: skip
def test_a_standard_job(
    job: JobFacts, runs: list[PastRun], delays: list[float], verdict: Verdict, reason: str | None
) -> None:
    told = advice(job, runs, delays)
    assert told.verdict is verdict, told.reason
    if reason is not None:
        assert told.reason == reason


def test_the_numbers_of_the_seed() -> None:
    told = advice(DEADLINE, nights(30), [0.0, 600.0])
    assert round(told.saving or Decimal(0), 2) == Decimal("22.50")
    assert (told.runs, told.slack, told.missed) == (30, 5.5 * HOUR, 0.0)
    assert told.waits == "its deadline of 06:00 UTC"
    assert told.delay is not None and (told.delay.p50, told.delay.most) == (0, 600)


def test_what_failed_was_paid_and_would_be_paid_less() -> None:
    failed = [night(number, state=RunState.FAILED) for number in range(31, 61)]
    told = advice(DEADLINE, [*nights(30), *failed])
    assert (told.runs, round(told.saving or Decimal(0), 2)) == (30, Decimal("45.00"))


@pytest.mark.parametrize(
    ("delay", "verdict"),
    [
        # within the time that AWS lets FLEX wait
        (1200.0, Verdict.MOVE),
        (1201.0, Verdict.KEEP_STANDARD),
    ],
)
def test_a_job_that_nothing_is_known_to_wait_for(delay: float, verdict: Verdict) -> None:
    told = advice(job_facts(), nights(30), [delay], triggers=())
    assert (told.verdict, told.slack, told.waits) == (verdict, None, "")
    if verdict is Verdict.MOVE:
        assert told.reason.startswith("Nothing that is known waits for it; as FLEX it would have")
    else:
        assert "too long for what FLEX may wait on AWS, 20 minutes" in told.reason


@pytest.mark.parametrize(
    ("gap", "delay", "verdict"),
    [
        (0, 60.0, Verdict.MOVE),  # a minute is no delay
        (0, 61.0, Verdict.KEEP_STANDARD),
        # the other job that report waits for takes ten minutes longer
        (600, 660.0, Verdict.MOVE),
        (600, 661.0, Verdict.KEEP_STANDARD),
    ],
)
def test_a_standard_job_behind_it(gap: float, delay: float, verdict: Verdict) -> None:
    runs = nights(30)
    behind = [
        night(number, job_name="report", due=number * DAY + 30 * MINUTE + gap)
        for number in range(1, 31)
    ]
    others = [job_facts("report")]
    told = advice(job_facts(), runs, [delay], triggers=BEHIND, others=others, other_runs=behind)
    assert told.verdict is verdict
    assert told.waits == "report (STANDARD), which starts when it ends"


def test_as_standard_it_waited_too() -> None:
    """Only what FLEX would have added counts for who starts behind it."""
    others = [job_facts("report")]
    told = advice(job_facts(), nights(30, wait=90.0), [120.0], triggers=BEHIND, others=others)
    assert told.verdict is Verdict.MOVE


@pytest.mark.parametrize(
    ("deadline", "verdict"), [(None, Verdict.KEEP_STANDARD), ("06:00", Verdict.MOVE)]
)
def test_a_job_that_events_start(deadline: str | None, verdict: Verdict) -> None:
    event = trigger("on-file", ["etl"], type=TriggerType.EVENT)
    told = advice(job_facts(deadline=deadline), nights(30), triggers=[event])
    assert told.verdict is verdict
    if deadline is None:
        reason = "Events start it (trigger on-file), and nothing says how long they may wait."
        assert told.reason == reason


FLEX = job_facts(execution_class="FLEX", deadline="06:00")
FLEX_RUN = {"execution_class": "FLEX"}


@pytest.mark.parametrize(
    ("runs", "verdict", "reason"),
    [
        (nights(30, wait=30.0, **FLEX_RUN), Verdict.KEEP_FLEX,
         "It has 5 h 29 m to spare before its deadline of 06:00 UTC; it has waited 30 s at most."),
        (nights(30, **FLEX_RUN), Verdict.KEEP_FLEX,
         "It has 5 h 30 m to spare before its deadline of 06:00 UTC; it has started at once."),
        # one night in which it was too late
        ([*nights(29, **FLEX_RUN), night(30, wait=6 * HOUR, **FLEX_RUN)], Verdict.BACK,
         "It has waited 6 h 00 m at most: in 3.3% of cases too long for its deadline of 06:00 "
         "UTC."),
        # STANDARD would not help
        (nights(30, wait=5.0, minutes=400, **FLEX_RUN), Verdict.KEEP_FLEX,
         "It keeps its deadline of 06:00 UTC waiting in 100% of cases, but its runs take so long "
         "that STANDARD would do so as well."),
        # runs as STANDARD say nothing of FLEX
        ([*nights(4, **FLEX_RUN), *[night(n) for n in range(5, 30)]], Verdict.KEEP_FLEX,
         "Too few runs have succeeded as FLEX: 4 of 5."),
        # given up while they waited
        ([*nights(8, **FLEX_RUN), *[night(n, state=RunState.FAILED, started=None, running=None,
                                          **FLEX_RUN) for n in (9, 10)]],
         Verdict.BACK, "2 of 10 runs were given up while they waited for spare capacity."),
        # stopped by hand while they waited
        ([*nights(8, **FLEX_RUN), *[night(n, state=RunState.STOPPED, started=None, running=None,
                                          **FLEX_RUN) for n in (9, 10)]],
         Verdict.KEEP_FLEX, None),
        # short runs, and little saved: it is FLEX already
        (nights(30, minutes=1, dpus=0.125, **FLEX_RUN), Verdict.KEEP_FLEX, None),
    ],
)  # fmt: skip
def test_a_flex_job(runs: list[PastRun], verdict: Verdict, reason: str | None) -> None:
    told = advice(FLEX, runs)
    assert told.verdict is verdict, told.reason
    if reason is not None:
        assert told.reason == reason


def test_a_flex_job_that_nothing_is_known_to_wait_for_stays() -> None:
    job = job_facts(execution_class="FLEX")
    told = advice(job, nights(30, wait=3 * HOUR, **FLEX_RUN), triggers=())
    assert told.verdict is Verdict.KEEP_FLEX
    assert told.reason == "Nothing that is known waits for it; it has waited 3 h 00 m at most."


@pytest.mark.parametrize(("wait", "verdict"), [(1200.0, Verdict.KEEP_FLEX), (1260.0, Verdict.BACK)])
def test_who_puts_standard_behind_flex_takes_flex_into_account(
    wait: float, verdict: Verdict
) -> None:
    job = job_facts(execution_class="FLEX")
    runs = nights(30, wait=wait, **FLEX_RUN)
    told = advice(job, runs, triggers=BEHIND, others=[job_facts("report")])
    assert told.verdict is verdict


def test_a_longest_wait_is_the_end_of_a_run() -> None:
    delays = [0.0] * 9 + [1300.0]
    assert advice(DEADLINE, nights(30), delays).verdict is Verdict.MOVE
    told = advice(DEADLINE, nights(30), delays, longest_wait=1200.0)
    assert (told.verdict, round(told.missed or 0, 3)) == (Verdict.KEEP_STANDARD, 0.1)


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ({"least_runs": 31}, Verdict.KEEP_STANDARD),
        ({"least_saving": Decimal("22.51")}, Verdict.KEEP_STANDARD),
        ({"least_saving": Decimal("22.49")}, Verdict.MOVE),
        ({"most_missed": 0.5}, Verdict.MOVE),
    ],
)
def test_rules(rules: dict[str, Any], verdict: Verdict) -> None:
    assert advice(DEADLINE, nights(30), **rules).verdict is verdict


@pytest.mark.parametrize(
    ("job", "count", "replayed"),
    [
        (DEADLINE, 5, 5),
        (DEADLINE, 4, 0),  # too few
        (FLEX, 5, 0),  # it has been measured
        (job_facts(command="pythonshell"), 5, 0),
    ],
)
def test_only_what_is_needed_is_replayed(job: JobFacts, count: int, replayed: int) -> None:
    history = JobHistory(job=job, runs=nights(count), days=30)
    needs = Needs({job.name: job}, [], [])
    assert len(to_replay(history, needs, AdviceRules())) == replayed


def test_samples_are_runs_that_succeeded() -> None:
    runs = [
        night(1),
        night(2, state=RunState.FAILED),
        night(3, completed=None, state=RunState.RUNNING),
        night(4, execution_class="FLEX"),
    ]
    assert [run.id for run in samples(job_facts(), runs)] == ["jr_1", "jr_4"]
    assert [run.id for run in samples(FLEX, runs)] == ["jr_4"]


def test_hints_are_told_with_any_verdict() -> None:
    assert "Its Timeout is 2 d 00 h" in advice(job_facts(timeout_minutes=2880), nights(30)).hints[0]
    few = advice(job_facts(), nights(30, minutes=0.5))
    assert "take" in few.reason and "less than the 1 m 00 s" in few.hints[-1]
    late = advice(job_facts(timeout_minutes=60), nights(30), [700.0, 600.0])
    assert late.hints[-1].startswith("As FLEX each of its runs waits for 10 m 00 s at least")
    by_hand = advice(job_facts(timeout_minutes=60), nights(30), [600.0], triggers=())
    assert by_hand.hints == ()
