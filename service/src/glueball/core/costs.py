"""The account: what runs have cost, by run, job, day and month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from glueball.core.past_runs import PastRun
from glueball.core.pricing import PriceBook, billed_dpu_seconds, price_of
from glueball.core.runs import ExecutionClass

_SECONDS_PER_HOUR = 3600
_NOTHING = Decimal(0)


class By(StrEnum):
    """What a line of the account is for."""

    RUN = "run"
    JOB = "job"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, kw_only=True, slots=True)
class Amounts:
    """What was used, and what it costs in US dollars, not rounded."""

    runs: int = 0
    dpu_hours: Decimal = _NOTHING  #: as they are billed
    cost: Decimal = _NOTHING
    as_standard: Decimal = _NOTHING  #: what it would have cost with every run as STANDARD
    at_list: Decimal = _NOTHING  #: what AWS would have billed

    @property
    def saved(self) -> Decimal:
        """Dollars that FLEX has saved."""
        return self.as_standard - self.cost

    @property
    def saved_share(self) -> Decimal:
        """Share, from 0 to 1, of what STANDARD would have cost that FLEX has saved."""
        return self.saved / self.as_standard if self.as_standard else _NOTHING

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            runs=self.runs + other.runs,
            dpu_hours=self.dpu_hours + other.dpu_hours,
            cost=self.cost + other.cost,
            as_standard=self.as_standard + other.as_standard,
            at_list=self.at_list + other.at_list,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of the account."""

    name: str  #: the run's id, the job's name, 2026-11-21 or 2026-11
    amounts: Amounts
    run: PastRun | None = None  #: where a line is one run


def account(
    runs: Iterable[PastRun], by: By, *, now: float, prices: PriceBook, listed: PriceBook
) -> list[Line]:
    """Return the lines of the account: runs and dates in order of time, jobs the dearest first.

    A run belongs to the day (UTC) on which its script began. One whose script never began costs
    nothing and has no line; one that is still running costs what it has cost until now.

    Args:
        runs: in any order.
        by: what a line is for.
        now: epoch seconds.
        prices: what runs cost here.
        listed: what AWS would bill.
    """
    begun = sorted(
        (run.running, run.id, run) for run in runs if run.running is not None and run.running <= now
    )
    if by is By.RUN:
        return [
            Line(name=run.id, amounts=amounts_of(run, now, prices, listed), run=run)
            for _, _, run in begun
        ]
    sums: dict[str, Amounts] = {}
    for began, _, run in begun:
        name = run.job_name if by is By.JOB else date_of(began, by)
        sums[name] = sums.get(name, Amounts()) + amounts_of(run, now, prices, listed)
    lines = [Line(name=name, amounts=amounts) for name, amounts in sums.items()]
    if by is By.JOB:
        lines.sort(key=lambda line: (-line.amounts.cost, line.name))
    return lines


def amounts_of(
    run: PastRun,
    now: float,
    prices: PriceBook,
    listed: PriceBook,
    *,
    execution_class: ExecutionClass | None = None,
) -> Amounts:
    """Return what a run whose script has begun has used until `now`, or until its end.

    Args:
        now: epoch seconds.
        prices: what runs cost here.
        listed: what AWS would bill.
        execution_class: as if it had been of this class; None: as it was.
    """
    ran_as = execution_class or run.execution_class
    assert run.running is not None
    seconds = run.execution_seconds
    if seconds is None:  # it still runs
        seconds = max(0.0, now - run.running)

    def billed(book: PriceBook) -> Decimal:
        return billed_dpu_seconds(
            run.dpus,
            seconds,
            dpu_seconds=run.dpu_seconds,
            minimum_seconds=book.minimum(run.command),
        )

    def price(book: PriceBook, execution_class: str) -> Decimal:
        rate = book.rate(
            execution_class,
            run.command,
            worker_type=run.worker_type,
            glue_version=run.glue_version,
        )
        return price_of(billed(book), rate)

    return Amounts(
        runs=1,
        dpu_hours=billed(prices) / _SECONDS_PER_HOUR,
        cost=price(prices, ran_as),
        as_standard=price(prices, ExecutionClass.STANDARD),
        at_list=price(listed, ran_as),
    )


def total(lines: Sequence[Line]) -> Amounts:
    """Add all lines up."""
    return sum((line.amounts for line in lines), Amounts())


def date_of(time: float, by: By) -> str:
    """Write the day or the month (UTC) of a time."""
    day = datetime.fromtimestamp(time, UTC).date().isoformat()
    return day[:7] if by is By.MONTH else day
