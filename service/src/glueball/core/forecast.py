"""The reserve that foresees: what STANDARD will need while a FLEX run goes on.

`R(d)` is the larger of a floor, and of what is known to start within `d` together with a high
quantile of how far STANDARD demand rose within `d` above what was known, at times like now of past
days. Between two bursts of a schedule there is room for short runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glueball.core.flex import Foresight, ReservedCapacity, Usage
from glueball.core.forecast_demand import DAYS
from glueball.core.forecast_known import KnownDemand, KnownPeak, KnownStart
from glueball.core.forecast_surprise import SurprisingDemand
from glueball.core.pool import FLEX, number
from glueball.core.wait_reasons import duration

#: with less history than this, a share of the pool is kept in any case
YOUNG_SECONDS = 3 * 86_400.0
YOUNG_SHARE = 0.3
#: how far to look ahead for a run of which nobody can tell how long it will take: what AWS lets a
#: run take by default
LONGEST_SECONDS = 48 * 3600.0
_SHOWN_JOBS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class ForecastReserve:
    """Everything that is known at one moment."""

    history: SurprisingDemand
    #: STANDARD runs that will start within the length of any FLEX run that may ask, in order
    known: Sequence[KnownStart] = ()
    probability: float  #: with which demand is not to rise higher than reserved
    largest_dpus: float  #: that a STANDARD run has asked for

    def foresee(self, now: float, usage: Usage) -> Foresight:
        ends = [
            (held.predicted_end, held.dpus)
            for held in usage.held
            if held.foreseen and held.execution_class != FLEX and held.predicted_end is not None
        ]
        known = KnownDemand(now, self.known, ends)
        floor = self._floor(now, usage)

        def ask(seconds: float | None) -> ReservedCapacity:
            ahead = LONGEST_SECONDS if seconds is None else seconds
            peak = known.peak(ahead)
            rise = self.history.rise(now, ahead, self.probability)
            return max(_expected(peak, rise, ahead), floor, key=lambda found: found.dpus)

        return ask

    def _floor(self, now: float, usage: Usage) -> ReservedCapacity:
        """Return what is kept whatever the forecast says."""
        largest = min(self.largest_dpus, usage.pool.dpus)
        young = YOUNG_SHARE * usage.pool.dpus
        if now - self.history.began < YOUNG_SECONDS and young > largest:
            because = f"{YOUNG_SHARE:.0%} of the pool, until three days of demand are known"
            return ReservedCapacity(
                dpus=young, until=self.history.began + YOUNG_SECONDS, because=because
            )
        because = f"as much as the largest STANDARD run of the last {DAYS} days"
        return ReservedCapacity(dpus=largest, until=None, because=because)


def _expected(peak: KnownPeak | None, rise: float, ahead: float) -> ReservedCapacity:
    usual = (
        f"as much as demand rose unforeseen within {duration(ahead)} at this hour of the last "
        f"{DAYS} days"
    )
    if peak is None:
        return ReservedCapacity(dpus=rise, until=None, because=usual)
    shown = ", ".join(peak.job_names[:_SHOWN_JOBS])
    more = len(peak.job_names) - _SHOWN_JOBS
    jobs = f"{shown} and {more} more" if more > 0 else shown
    because = f"{number(peak.dpus)} for {jobs}"
    if rise > 0:
        because += f", {number(rise)} {usual}"
    return ReservedCapacity(dpus=peak.dpus + rise, until=peak.at, because=because)
