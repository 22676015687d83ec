"""FLEX admission: what of the pool is kept free for STANDARD, and how long a run will take.

A FLEX run that started is never stopped, so the only protection of STANDARD is not to start too
much FLEX. A FLEX run of `n` DPUs with predicted length `d` starts iff no STANDARD run waits and
`C − S − F − n ≥ R(d)`, or the pool is otherwise empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from glueball.core.pool import Held, Pool

#: share of the pool kept for STANDARD while nothing else is known
DEFAULT_RESERVE_SHARE = 0.25
#: seconds after which a waiting FLEX run goes to the front of its queue (job-run-statuses.html
#: tells of a forced start after 15 minutes; ours still keeps the reserve)
DEFAULT_FRONT_AFTER_SECONDS = 15 * 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ReservedCapacity:
    """What must stay free."""

    dpus: float
    #: epoch seconds at which the reason passes; None where it does not
    until: float | None
    because: str  #: the reason in a few words, for people


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """The pool at the moment of a decision."""

    pool: Pool
    held: Sequence[Held]  #: runs that hold capacity, those that were just let in included
    standard_dpus: float
    flex_dpus: float


class Reserve(Protocol):
    """Foresight: how much of the pool STANDARD runs will need."""

    def reserve_for(
        self, now: float, predicted_seconds: float | None, usage: Usage
    ) -> ReservedCapacity:
        """Say what must stay free while a FLEX run would go on.

        Args:
            now: epoch seconds.
            predicted_seconds: the length of the run that asks; None where nobody can tell.
            usage: what is held now. Who adds the DPUs of known schedules takes away those of
                STANDARD runs that will have ended by then (`Held.predicted_end`).
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class FixedReserve:
    """Keeps the same share of the pool at all times."""

    share: float = DEFAULT_RESERVE_SHARE  #: 0 to 1

    def reserve_for(
        self, now: float, predicted_seconds: float | None, usage: Usage
    ) -> ReservedCapacity:
        return ReservedCapacity(
            dpus=self.share * usage.pool.dpus,
            until=None,
            because=f"{self.share:.0%} of the pool",
        )


def predict_seconds(
    history: Sequence[float], timeout_seconds: float | None, class_median: float | None
) -> float | None:
    """Predict how long a run will take: the mean of the job's last two successful runs.

    This beats the estimates of users (Tsafrir, Etsion, Feitelson, TPDS 2007). It is not less than
    the median of the class, because a prediction that is too short costs STANDARD more than one
    that is too long costs FLEX.

    Args:
        history: seconds that the SUCCEEDED runs of the job took, the newest last.
        timeout_seconds: after which the run is ended in any case.
        class_median: seconds that the median run of the execution class takes; None while no run
            of it has ended.

    Returns:
        Seconds; None where nothing at all is known. For [600, 100, 300] it is 200.
    """
    last = history[-2:]
    known = [sum(last) / len(last)] if last else []
    if class_median is not None:
        known.append(class_median)
    if not known:
        return timeout_seconds
    predicted = max(known)
    return predicted if timeout_seconds is None else min(predicted, timeout_seconds)
