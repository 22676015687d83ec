"""What a change of a job's execution class has really brought: its runs before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from glueball.core.costs import amounts_of
from glueball.core.durations import duration
from glueball.core.past_runs import PastRun
from glueball.core.percentiles import percentile
from glueball.core.pricing import PriceBook, in_cents
from glueball.core.runs import RunState

#: runs of each class that must have succeeded: fewer may be chance
LEAST_RUNS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The runs of a job in one execution class."""

    execution_class: str
    runs: int  #: that succeeded
    cost: Decimal  #: of a run in the mean, dollars
    seconds: float  #: no longer than which half of them took
    delay: float  #: seconds within which 95 % of them started after they were due


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A change of the execution class."""

    at: float  #: when the first run of the new class was due, epoch seconds
    before: Measured
    after: Measured

    def told(self) -> str:
        """Say it in a sentence."""
        before, after = self.before, self.after
        day = datetime.fromtimestamp(self.at, UTC).date().isoformat()
        return (
            f"Since it became {after.execution_class} on {day} a run costs "
            f"${in_cents(after.cost):,} instead of ${in_cents(before.cost):,}, half of its runs "
            f"take no more than {duration(after.seconds)} instead of {duration(before.seconds)}, "
            f"and 95 % start within {duration(after.delay)} instead of {duration(before.delay)}."
        )


def last_move(runs: Sequence[PastRun], prices: PriceBook) -> Move | None:
    """Return the last change of a job's execution class; None where there was none, or where too
    few runs show what it has brought.

    Args:
        runs: of the job, in any order.
        prices: what runs cost.
    """
    ended = sorted(
        (run for run in runs if run.state is RunState.SUCCEEDED and run.running is not None),
        key=lambda run: (run.due, run.id),
    )
    after: list[PastRun] = []
    while ended and (not after or ended[-1].execution_class == after[0].execution_class):
        after.append(ended.pop())
    before: list[PastRun] = []
    while ended and (not before or ended[-1].execution_class == before[0].execution_class):
        before.append(ended.pop())
    if min(len(before), len(after)) < LEAST_RUNS:
        return None
    return Move(at=after[-1].due, before=_measured(before, prices), after=_measured(after, prices))


def _measured(runs: Sequence[PastRun], prices: PriceBook) -> Measured:
    costs = [amounts_of(run, run.completed or run.due, prices, prices).cost for run in runs]
    return Measured(
        execution_class=runs[0].execution_class,
        runs=len(runs),
        cost=sum(costs, Decimal(0)) / len(costs),
        seconds=percentile(sorted(run.execution_seconds or 0.0 for run in runs), 0.5),
        delay=percentile(sorted(run.start_delay or 0.0 for run in runs), 0.95),
    )
