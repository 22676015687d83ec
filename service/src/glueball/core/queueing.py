"""Job run queuing: which waiting runs the limits keep back, before capacity is asked for.

https://docs.aws.amazon.com/glue/latest/dg/job-run-queuing.html. A run that may queue waits where
another one is refused; no limit is ever exceeded by runs that have started.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from glueball.core.pool import number


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What may have started at once."""

    #: of each job that is asked about; nothing for a job that is gone
    runs_of_job: Mapping[str, int]
    runs: int | None = None  #: in the account; None: any number
    dpus: float | None = None  #: that they ask for in all; None: any number


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A run as limits see it."""

    run_id: str
    job_name: str
    dpus: float  #: that its definition asks for


def kept_back(started: Iterable[Claim], waiting: Sequence[Claim], limits: Limits) -> dict[str, str]:
    """Say which waiting runs may not start now, and why.

    Args:
        started: runs that have started and not ended.
        waiting: the others, in order of arrival: who came first goes first.
        limits: what holds.

    Returns:
        A sentence for each run that is kept back, by its id.
    """
    tally = _Tally(limits)
    for claim in started:
        tally.take(claim)
    reasons: dict[str, str] = {}
    for claim in waiting:
        reason = tally.reason_against(claim)
        if reason is None:
            tally.take(claim)
        else:
            reasons[claim.run_id] = reason
    return reasons


class _Tally:
    """What has started, and what was let through in this round."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._of_job: Counter[str] = Counter()
        self._runs = 0
        self._dpus = 0.0

    def take(self, claim: Claim) -> None:
        self._of_job[claim.job_name] += 1
        self._runs += 1
        self._dpus += claim.dpus

    def reason_against(self, claim: Claim) -> str | None:
        limits = self._limits
        of_job = limits.runs_of_job.get(claim.job_name)
        if of_job is not None and self._of_job[claim.job_name] >= of_job:
            return f"the job may have {of_job} concurrent {_runs(of_job)}, and has as many"
        if limits.runs is not None and self._runs >= limits.runs:
            return f"the account may have {limits.runs} concurrent {_runs(limits.runs)}"
        if limits.dpus is not None and self._dpus + claim.dpus > limits.dpus and self._runs:
            return (
                f"needs {number(claim.dpus)} DPU; active runs ask for {number(self._dpus)} of the "
                f"{number(limits.dpus)} that the account may have"
            )
        return None


def _runs(count: int) -> str:
    return "run" if count == 1 else "runs"
