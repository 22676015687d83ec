"""How long runs waited between the time they were due and their start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from glueball.core.past_runs import PastRun
from glueball.core.percentiles import percentile
from glueball.core.runs import ExecutionClass, RunState

#: AWS lets a FLEX run wait for 20 minutes at most (job-run-statuses.html)
PROMPT_SECONDS = 20 * 60.0
#: a shorter wait because of FLEX is no delay: the engine looks once a second
DELAYED_SECONDS = 1.0
_PERCENTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}


class DelaysBy(StrEnum):
    """What a line of the report is for, beside the execution class."""

    CLASS = "class"
    JOB = "job"
    DAY = "day"


@dataclass(frozen=True, kw_only=True, slots=True)
class Percentiles:
    """Seconds."""

    p50: float
    p90: float
    p95: float
    p99: float
    most: float


@dataclass(frozen=True, kw_only=True, slots=True)
class StartDelays:
    """The start delays of some runs of one execution class."""

    name: str  #: of the job, or the day; empty where all are together
    execution_class: str
    started: int  #: runs that have started
    waiting: int  #: runs that wait now
    seconds: Percentiles | None  #: None while none has started
    #: share of runs that started within 20 minutes; of those that did not start, the ones that
    #: have waited for longer or were given up count. None where nothing can be said yet
    prompt_share: float | None
    flex_delayed: int  #: STANDARD runs that waited because FLEX held what they needed
    flex_delay_most: float  #: seconds that the longest of them did

    @property
    def flex_delayed_share(self) -> float:
        return self.flex_delayed / self.started if self.started else 0.0


def start_delays(runs: Iterable[PastRun], by: DelaysBy, now: float) -> list[StartDelays]:
    """Return a line for each execution class of each job or day, in their order.

    Args:
        now: epoch seconds.
    """
    groups: dict[tuple[str, str], list[PastRun]] = {}
    for run in runs:
        groups.setdefault((_name(run, by), run.execution_class), []).append(run)
    return [
        _of_group(name, execution_class, group, now)
        for (name, execution_class), group in sorted(groups.items())
    ]


def percentiles(delays: Iterable[float]) -> Percentiles | None:
    """Return the percentiles of delays in any order; None where there are none."""
    ordered = sorted(delays)
    if not ordered:
        return None
    found = {name: percentile(ordered, share) for name, share in _PERCENTILES.items()}
    return Percentiles(**found, most=ordered[-1])


def _name(run: PastRun, by: DelaysBy) -> str:
    if by is DelaysBy.CLASS:
        return ""
    if by is DelaysBy.JOB:
        return run.job_name
    return datetime.fromtimestamp(run.due, UTC).date().isoformat()


def _of_group(name: str, execution_class: str, runs: Sequence[PastRun], now: float) -> StartDelays:
    delays = [delay for run in runs if (delay := run.start_delay) is not None]
    prompt = sum(delay <= PROMPT_SECONDS for delay in delays)
    too_late = sum(_is_overdue(run, now) for run in runs) + len(delays) - prompt
    because_of_flex = [
        run.flex_delay
        for run in runs
        if run.flex_delay is not None and run.flex_delay > DELAYED_SECONDS
    ]
    return StartDelays(
        name=name,
        execution_class=execution_class,
        started=len(delays),
        waiting=sum(run.started is None and run.completed is None for run in runs),
        seconds=percentiles(delays),
        prompt_share=prompt / (prompt + too_late) if prompt + too_late else None,
        flex_delayed=len(because_of_flex),
        flex_delay_most=max(because_of_flex, default=0.0),
    )


def _is_overdue(run: PastRun, now: float) -> bool:
    """Tell whether a run that did not start had to wait for more than 20 minutes, or was given up
    for its waiting, which a setting may do sooner."""
    if run.started is not None:
        return False
    waited = (now if run.completed is None else run.completed) - run.due
    given_up = run.state is RunState.FAILED and run.execution_class == ExecutionClass.FLEX
    return waited > (DELAYED_SECONDS if given_up else PROMPT_SECONDS)
