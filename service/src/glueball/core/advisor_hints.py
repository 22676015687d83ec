"""What the runs of a job show plainly, beside its execution class."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal

from glueball.core.advisor_needs import JobFacts
from glueball.core.durations import duration
from glueball.core.past_runs import PastRun
from glueball.core.percentiles import percentile
from glueball.core.pricing import PriceBook, in_cents, price_of
from glueball.core.runs import RunState

_LEAST_RUNS = 5
#: a timeout this many times as long as nearly all runs is no guard any more
_FAR_ABOVE = 20
_FAR_ABOVE_SECONDS = 3600.0
#: what is proposed instead
_ROOM = 3
_LEAST_TIMEOUT_MINUTES = 10
_LEAST_RETRIES = 3
#: a start delay that comes back each time shows in the schedule
_ALWAYS_SECONDS = 300.0
_MONTH_DAYS = 30


def hints(
    job: JobFacts, runs: Sequence[PastRun], *, prices: PriceBook, days: float
) -> tuple[str, ...]:
    """Return sentences.

    Args:
        job: as it is defined.
        runs: its runs, of whatever state.
        prices: what runs cost.
        days: that the runs are from.
    """
    return (
        *_timeout(job, runs, prices),
        *_minimum(runs, prices, days),
        *_retries(runs),
    )


def schedule_hints(delays: Sequence[float]) -> tuple[str, ...]:
    """Return what the start delays as FLEX say of a job's schedule.

    Args:
        delays: seconds, at least one.
    """
    least = min(delays)
    if least < _ALWAYS_SECONDS:
        return ()
    return (
        f"As FLEX each of its runs waits for {duration(least)} at least: a schedule that much "
        "later loses nothing, and starts at once.",
    )


def _timeout(job: JobFacts, runs: Sequence[PastRun], prices: PriceBook) -> Iterator[str]:
    """A run that hangs is paid until its timeout."""
    lengths = _lengths(runs)
    limit = job.timeout_minutes * 60.0
    if len(lengths) < _LEAST_RUNS:
        return
    usual = percentile(lengths, 0.99)
    if limit < _FAR_ABOVE * usual or limit - usual < _FAR_ABOVE_SECONDS:
        return
    enough = max(_LEAST_TIMEOUT_MINUTES, math.ceil(usual * _ROOM / 60))
    if enough >= job.timeout_minutes:
        return
    last = max(runs, key=lambda run: run.due)
    cost = price_of(Decimal(last.dpus) * int(limit), _rate(last, prices))
    yield (
        f"Its Timeout is {duration(limit)}, and 99 % of its runs took no more than "
        f"{duration(usual)}: one that hangs would cost up to ${in_cents(cost):,}. Timeout="
        f"{enough} would do."
    )


def _minimum(runs: Sequence[PastRun], prices: PriceBook, days: float) -> Iterator[str]:
    """Of a run that is shorter than the minimum the minimum is billed."""
    ended = [run for run in runs if run.execution_seconds is not None]
    least = float(prices.minimum_seconds)
    short = [run for run in ended if (run.execution_seconds or 0.0) < least]
    if len(ended) < _LEAST_RUNS or 2 * len(short) < len(ended):
        return
    unused = sum(
        (
            price_of(
                Decimal(run.dpus) * Decimal(least - (run.execution_seconds or 0.0)),
                _rate(run, prices),
            )
            for run in short
        ),
        Decimal(0),
    )
    a_month = in_cents(unused * _MONTH_DAYS / Decimal(days))
    if a_month:
        yield (
            f"{len(short)} of {len(ended)} runs took less than the {duration(least)} that are "
            f"billed at least: ${a_month:,} a month for nothing. Fewer runs that do more at once "
            "would save it."
        )


def _retries(runs: Sequence[PastRun]) -> Iterator[str]:
    retries = [run for run in runs if run.attempt > 0 and run.completed is not None]
    if len(retries) < _LEAST_RETRIES:
        return
    if not any(run.state is RunState.SUCCEEDED for run in retries):
        yield f"None of its {len(retries)} retries succeeded: MaxRetries=0 would spare them."


def _lengths(runs: Sequence[PastRun]) -> list[float]:
    return sorted(
        seconds
        for run in runs
        if run.state is RunState.SUCCEEDED and (seconds := run.execution_seconds) is not None
    )


def _rate(run: PastRun, prices: PriceBook) -> Decimal:
    return prices.rate(
        run.execution_class,
        run.command,
        worker_type=run.worker_type,
        glue_version=run.glue_version,
    )
