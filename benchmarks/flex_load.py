"""Loads of two classes for the benchmark of Flex: who asks for how much, when and for how long.

A team's day, as schedulers of data jobs know it: many jobs start on the hour or at a quarter of
it, most of them at night and in the morning, each with a length of its own that varies from run to
run; people and events start further runs at any time, more of them by day. Nothing in it knows of
the rule that is measured.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from itertools import accumulate

DAY = 86_400.0
#: every load begins on a Monday at midnight (UTC)
BEGIN = 1_767_571_200.0
STANDARD, FLEX = "STANDARD", "FLEX"
_SHELL_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadRun:
    """A run that somebody will ask for."""

    run_id: str
    job_name: str
    execution_class: str
    dpus: float
    arrives: float  #: epoch seconds
    seconds: float  #: how long it will take once it has started
    scheduled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadJob:
    """A job of the load."""

    name: str
    execution_class: str
    dpus: float
    median_seconds: float
    #: seconds after midnight at which a schedule starts it; empty: people and events do
    times: tuple[float, ...] = ()
    weekdays_only: bool = False
    per_day: float = 0.0  #: starts without a schedule


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What kind of load to make."""

    name: str
    standard_dpus: float  #: that STANDARD asks for, in the mean over the days
    flex_share: float  #: of the pool that FLEX asks for, in the mean over the days
    days: int = 28


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """Runs in order of arrival, and a pool that is as large as STANDARD alone ever needs: then
    every wait of a STANDARD run is because of FLEX."""

    runs: list[LoadRun]
    pool_dpus: float

    def share(self, execution_class: str, days: int) -> float:
        """Return the part of the pool that a class asks for, in the mean over the days."""
        work = sum(
            run.dpus * run.seconds for run in self.runs if run.execution_class == execution_class
        )
        return work / (self.pool_dpus * days * DAY)


MODERATE = Shape(name="moderate", standard_dpus=25, flex_share=0.15)
HEAVY = Shape(name="heavy", standard_dpus=25, flex_share=0.30)
#: more than can be done: what is left undone is FLEX, and pool use tells rules apart
SATURATED = Shape(name="saturated", standard_dpus=25, flex_share=0.75, days=21)

#: how lengths of one job differ from run to run, and of one job from another (log-normal)
_RUN_SIGMA = 0.2
_JOB_SIGMA = 0.9
_SIZES = (2.0, 3.0, 5.0, 5.0, 10.0, 10.0, 10.0, 20.0)
#: starts without a schedule by hour of the day
_BUSY_HOURS = tuple(0.4 + 1.2 * math.exp(-(((hour - 13) / 4.5) ** 2)) for hour in range(24))


def make_load(shape: Shape, seed: int) -> Load:
    """Make a load; the same seed makes the same one."""
    rng = random.Random(f"load {seed}")
    standard = _class_runs(rng, STANDARD, shape.standard_dpus, shape.days, scheduled=0.75)
    pool_dpus = math.ceil(_peak(standard))
    flex = _class_runs(rng, FLEX, shape.flex_share * pool_dpus, shape.days, scheduled=0.5)
    return Load(runs=sorted([*standard, *flex], key=_arrival), pool_dpus=pool_dpus)


def shake(load: Load, seed: int) -> Load:
    """Disturb a load a little: arrivals without a schedule move by a minute or so, lengths by a
    hundredth (Tsafrir, Ouaknine, Feitelson, Reducing Performance Evaluation Sensitivity and
    Variability by Input Shaking, MASCOTS 2007)."""
    rng = random.Random(f"shake {seed}")
    shaken = [
        replace(
            run,
            arrives=run.arrives if run.scheduled else run.arrives + rng.uniform(0, 120),
            seconds=run.seconds * rng.uniform(0.99, 1.01),
        )
        for run in load.runs
    ]
    standard = [run for run in shaken if run.execution_class == STANDARD]
    return Load(runs=sorted(shaken, key=_arrival), pool_dpus=math.ceil(_peak(standard)))


def _arrival(run: LoadRun) -> tuple[float, str]:
    return (run.arrives, run.run_id)


def _peak(runs: list[LoadRun]) -> float:
    """Return the most that runs would hold at once if each started when it arrives."""
    steps = [(run.arrives, run.dpus) for run in runs]
    steps += [(run.arrives + run.seconds, -run.dpus) for run in runs]
    return max(accumulate(dpus for _, dpus in sorted(steps)))


def _class_runs(
    rng: random.Random, kind: str, mean_dpus: float, days: int, *, scheduled: float
) -> list[LoadRun]:
    jobs = _class_jobs(rng, kind, mean_dpus, scheduled=scheduled)
    return [run for job in jobs for run in _runs(rng, job, days)]


def _class_jobs(
    rng: random.Random, kind: str, mean_dpus: float, *, scheduled: float
) -> list[LoadJob]:
    """Draw jobs until they ask for `mean_dpus` on average, so much of it by schedules."""
    jobs: list[LoadJob] = []
    for by_schedule, wanted in (
        (True, mean_dpus * scheduled),
        (False, mean_dpus * (1 - scheduled)),
    ):
        asked = 0.0
        while asked < wanted:
            job = _job(rng, f"{kind.lower()}-{len(jobs)}", kind, by_schedule)
            share = _mean_dpus(job)
            if asked + share > wanted * 1.1:
                job = replace(job, times=job.times[:1], per_day=min(job.per_day, 1.0))
                share = _mean_dpus(job)
                if asked + share > wanted * 1.1:
                    break
            jobs.append(job)
            asked += share
    return jobs


def _job(rng: random.Random, name: str, kind: str, by_schedule: bool) -> LoadJob:
    median = max(_SHELL_SECONDS, rng.lognormvariate(math.log(600), _JOB_SIGMA))
    dpus = rng.choice(_SIZES)
    if not by_schedule:
        return LoadJob(
            name=name,
            execution_class=kind,
            dpus=dpus,
            median_seconds=median,
            per_day=rng.choice((1, 2, 4, 8, 16)),
        )
    return LoadJob(
        name=name,
        execution_class=kind,
        dpus=dpus,
        median_seconds=median,
        times=_times(rng),
        weekdays_only=rng.random() < 0.3,
    )


def _times(rng: random.Random) -> tuple[float, ...]:
    """Draw a schedule: half of them hourly, the others once or a few times a day."""
    minute = rng.choice((0, 0, 0, 0, 15, 30, 30, 45, rng.randrange(60))) * 60.0
    if rng.random() < 0.5:
        return tuple(hour * 3600.0 + minute for hour in range(24))
    first = rng.choice((0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 12, 18))
    step = rng.choice((24, 24, 12, 6))
    return tuple(sorted(((first + n * step) % 24) * 3600.0 + minute for n in range(24 // step)))


def _mean_dpus(job: LoadJob) -> float:
    seconds = job.median_seconds * math.exp(_RUN_SIGMA**2 / 2)
    a_day = len(job.times) * (5 / 7 if job.weekdays_only else 1) + job.per_day
    return job.dpus * seconds * a_day / DAY


def _runs(rng: random.Random, job: LoadJob, days: int) -> list[LoadRun]:
    arrivals: list[float] = []
    for day in range(days):
        begin = BEGIN + day * DAY
        if not (job.weekdays_only and day % 7 >= 5):
            arrivals += [begin + time for time in job.times]
        for _ in range(_poisson(rng, job.per_day * (1.0 if day % 7 < 5 else 0.5))):
            hour = rng.choices(range(24), _BUSY_HOURS)[0]
            arrivals.append(begin + hour * 3600 + rng.uniform(0, 3600))
    return [
        LoadRun(
            run_id=f"{job.name}-{n}",
            job_name=job.name,
            execution_class=job.execution_class,
            dpus=job.dpus,
            arrives=arrives,
            seconds=job.median_seconds * rng.lognormvariate(0, _RUN_SIGMA),
            scheduled=bool(job.times),
        )
        for n, arrives in enumerate(arrivals)
    ]


def _poisson(rng: random.Random, mean: float) -> int:
    """Draw how many of something there are (Knuth)."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
