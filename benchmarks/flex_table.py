"""The table that the benchmark of Flex prints for a load, and the bars below it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flex_load import FLEX, STANDARD, Shape, make_load

NOTHING_KNOWN = "ours, nothing known"
KNOWN = "ours, schedules known"
FIXED = "fixed reserve"
#: STANDARD starts that may be delayed because of FLEX
MOST_DELAYED = {KNOWN: 0.001, NOTHING_KNOWN: 0.01}


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What one replay showed, in the measured weeks."""

    standard_starts: int
    standard_delayed: int
    pool_use: float  #: share of the DPU-seconds
    flex_soon: float  #: share that started within 20 minutes
    flex_p50: float  #: seconds of waiting; infinite where so many never started
    flex_p95: float

    @property
    def delayed_share(self) -> float:
        return self.standard_delayed / self.standard_starts


def print_table(shape: Shape, seeds: Sequence[int], rows: Mapping[str, Sequence[Figures]]) -> None:
    """Print the means over the seeds."""
    loads = [make_load(shape, seed) for seed in seeds]
    standard = statistics.mean(load.share(STANDARD, shape.days) for load in loads)
    flex = statistics.mean(load.share(FLEX, shape.days) for load in loads)
    pools = ", ".join(f"{load.pool_dpus:g}" for load in loads)
    starts = sum(figures.standard_starts for figures in rows["greedy"])
    print(
        f"\n{shape.name}: STANDARD asks for {standard:.0%} of the pool and FLEX for {flex:.0%}; "
        f"seeds {', '.join(map(str, seeds))}, each shaken; pools of {pools} DPU; "
        f"{starts} STANDARD starts"
    )
    print(
        f"{'rule':24}{'STANDARD delayed':>18}{'pool use':>10}{'FLEX <= 20 min':>16}"
        f"{'FLEX p50':>10}{'FLEX p95':>10}"
    )
    for name, found in rows.items():
        half, most = (hours(mean(waits)) for waits in zip(*map(_waits, found), strict=True))
        shares = _Mean.of(found)
        print(
            f"{name:24}{shares.delayed:>17.3%} {shares.pool_use:>9.1%}"
            f"{shares.flex_soon:>15.1%} {half:>9} {most:>9}"
        )


def _waits(figures: Figures) -> tuple[float, float]:
    return figures.flex_p50, figures.flex_p95


def mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)


def hours(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def print_bars(rows: Mapping[str, Sequence[Figures]]) -> bool:
    """Print each bar with what was measured beside it; tell whether all are met."""
    means = {name: _Mean.of(found) for name, found in rows.items()}
    met = [
        _bar(f"{name}: STANDARD delayed {means[name].delayed:.3%}, at most {most:.1%}",
             means[name].delayed <= most)
        for name, most in MOST_DELAYED.items()
    ]  # fmt: skip
    ours = means[KNOWN]
    rivals = {
        name: mean
        for name, mean in means.items()
        if name.startswith(FIXED) and mean.delayed <= ours.delayed
    }
    if not rivals:
        met.append(_bar(f"no {FIXED} protects STANDARD as well", True))
    for name, rival in rivals.items():
        text = (
            f"{name} protects as well: pool use {rival.pool_use:.1%}, ours {ours.pool_use:.1%}; "
            f"FLEX <= 20 min {rival.flex_soon:.1%}, ours {ours.flex_soon:.1%}"
        )
        # where all is done sooner or later, all rules use as much of the pool
        as_much = round(ours.pool_use, 3) >= round(rival.pool_use, 3)
        met.append(_bar(text, as_much and ours.flex_soon > rival.flex_soon))
    return all(met)


def _bar(text: str, met: bool) -> bool:
    print(f"    {text}: {'met' if met else 'MISSED'}")
    return met


@dataclass(frozen=True, kw_only=True, slots=True)
class _Mean:
    """Shares over all seeds."""

    delayed: float
    pool_use: float
    flex_soon: float

    @classmethod
    def of(cls, found: Sequence[Figures]) -> _Mean:
        starts = sum(figures.standard_starts for figures in found)
        return cls(
            delayed=sum(figures.standard_delayed for figures in found) / starts,
            pool_use=mean(figures.pool_use for figures in found),
            flex_soon=mean(figures.flex_soon for figures in found),
        )
