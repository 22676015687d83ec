"""What the advisor is given: the jobs of a home, who starts them, and their history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import attrgetter
from pathlib import Path

from glueball.cli.periods import Period
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
from glueball.core.advisor_replay import Past, Sight, flex_delays
from glueball.core.arns import resource_arn
from glueball.core.deadlines import DEADLINE_TAG, next_deadline
from glueball.core.flex import FixedReserve, FlexRules, Reserve
from glueball.core.forecast import ForecastReserve
from glueball.core.forecast_demand import DAYS
from glueball.core.past_runs import PastRun
from glueball.core.runs import ExecutionClass
from glueball.core.triggers import Trigger
from glueball.engine.resources import Machine, pool_of
from glueball.settings import Settings
from glueball.stores import jobs, triggers
from glueball.stores.jobs import JobDefinition
from glueball.stores.read_only import reading
from glueball.stores.run_history import chains_of_schedules, due_between, values_of_tag

_DAY_SECONDS = 86_400.0
_ALL = 1_000_000
#: runs of a job that its advice rests on: the newest ones
_MOST_RUNS = 200
_ORDER = (Verdict.MOVE, Verdict.BACK, Verdict.KEEP_STANDARD, Verdict.KEEP_FLEX)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Home:
    """What was read of a home."""

    jobs: Mapping[str, JobFacts]
    triggers: Sequence[Trigger]
    runs: Sequence[PastRun]
    scheduled_chains: set[str]


def advice(
    home: Path, span: Period, settings: Settings, *, rules: AdviceRules, job: str | None
) -> list[Advice]:
    """Advise on the jobs of a home, those that should change first, then by what FLEX saves.

    Args:
        home: where the database is.
        span: the time to look at; the forecast looks further back.
        settings: the pool and the prices.
        rules: what advice is given by.
        job: only this one.
    """
    found = _read(home, span, settings)
    needs = Needs(found.jobs, found.triggers, found.runs)
    past = _past(found, settings)
    histories = [
        _history(facts, found.runs, span)
        for name, facts in found.jobs.items()
        if job in (None, name)
    ]
    asked = {one.job.name: to_replay(one, needs, rules) for one in histories}
    delays = flex_delays(past, asked)
    peaks = Peaks(run for run in found.runs if run.due >= span.since)
    told = [
        advise(one, needs, delays, peaks=peaks, prices=settings.price_book, rules=rules)
        for one in histories
    ]
    return sorted(told, key=_rank)


def _read(home: Path, span: Period, settings: Settings) -> _Home:
    since = span.since - DAYS * _DAY_SECONDS
    with reading(home / "glueball.db") as connection:
        deadlines = values_of_tag(connection, DEADLINE_TAG)
        facts = {
            job.name: _facts(job, deadlines.get(resource_arn(settings, "job", job.name)))
            for job in jobs.page(connection, after="", limit=_ALL)
        }
        runs = due_between(connection, since, span.until)
        return _Home(
            jobs=facts,
            triggers=triggers.page(connection, after="", limit=_ALL),
            runs=[_with_deadline(run, facts.get(run.job_name)) for run in runs],
            scheduled_chains=chains_of_schedules(connection),
        )


def _facts(job: JobDefinition, deadline: str | None) -> JobFacts:
    document = job.document
    return JobFacts(
        name=job.name,
        execution_class=document.get("ExecutionClass", ExecutionClass.STANDARD),
        command=document["Command"]["Name"],
        glue_version=document.get("GlueVersion"),
        timeout_minutes=document.get("Timeout") or 0,
        deadline=deadline,
    )


def _with_deadline(run: PastRun, job: JobFacts | None) -> PastRun:
    """Return a run as if its job had always had the deadline that it has now."""
    if job is None or job.deadline is None:
        return run if run.deadline is None else replace(run, deadline=None)
    return replace(run, deadline=next_deadline(job.deadline, run.due))


def _past(found: _Home, settings: Settings) -> Past:
    machine = Machine.here(settings.memory_gb)
    return Past(
        pool=pool_of(machine, settings.pool_dpus),
        runs=found.runs,
        scheduled_chains=found.scheduled_chains,
        reserve=_reserve(settings),
        rules=FlexRules(),
    )


def _reserve(settings: Settings) -> Callable[[Sight], Reserve]:
    """Return the rule that the service goes by."""
    share = settings.fixed_flex_reserve
    if share is None:
        return _forecast
    fixed = FixedReserve(share=share)
    return lambda _sight: fixed


def _forecast(sight: Sight) -> Reserve:
    return ForecastReserve(
        history=sight.history,
        known=sight.known,
        probability=sight.probability,
        largest_dpus=sight.largest_dpus,
    )


def _history(job: JobFacts, runs: Sequence[PastRun], span: Period) -> JobHistory:
    own = [run for run in runs if run.job_name == job.name and run.due >= span.since]
    own.sort(key=attrgetter("due", "id"))
    newest = samples(job, own)[-_MOST_RUNS:]
    if len(newest) == _MOST_RUNS:
        own = [run for run in own if run.due >= newest[0].due]
    first = min((run.due for run in own), default=span.since)
    return JobHistory(
        job=job,
        runs=own,
        days=max(1.0, (span.until - first) / _DAY_SECONDS),
    )


def _rank(told: Advice) -> tuple[int, Decimal, str]:
    return (_ORDER.index(told.verdict), -(told.saving or Decimal(0)), told.job_name)
