"""Flex: what each rule does to STANDARD and to FLEX, side by side, and what a decision costs.

Every load is replayed in virtual time through the service's own `plan_queues` and reserves, once
under each rule. The pool is as large as STANDARD alone ever needs, so every STANDARD run that
starts late does so because of FLEX. What comes after the first two weeks is measured.

The exit status is 0 when every bar is met.

    python benchmarks/flex.py [--seeds 1,2,3] [--loads moderate,heavy,saturated]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence

from flex_load import (
    BEGIN,
    DAY,
    FLEX,
    HEAVY,
    MODERATE,
    SATURATED,
    STANDARD,
    Load,
    Shape,
    make_load,
    shake,
)
from flex_replay import Fixed, Forecast, Outcome, Policy, Replay
from flex_table import KNOWN, NOTHING_KNOWN, Figures, print_bars, print_table

from glueball.core.capacity import Demand, Held, Pool, plan
from glueball.core.forecast import ForecastReserve
from glueball.core.forecast_known import KnownStart
from glueball.core.forecast_lengths import Lengths
from glueball.core.forecast_surprise import SurprisingDemand

SHAPES = {shape.name: shape for shape in (MODERATE, HEAVY, SATURATED)}
#: before this day history is made, from it on it is measured
MEASURED_FROM_DAY = 14
#: AWS's longest wait of a FLEX run
SOON_SECONDS = 20 * 60
LATE_SECONDS = 1.0

POLICIES: dict[str, Callable[[Load, Lengths], Policy]] = {
    "greedy": lambda load, lengths: Fixed(0.0),
    "fixed reserve 10 %": lambda load, lengths: Fixed(0.10),
    "fixed reserve 25 %": lambda load, lengths: Fixed(0.25),
    "fixed reserve 50 %": lambda load, lengths: Fixed(0.50),
    "quantile only": lambda load, lengths: Forecast(load, lengths, schedules=False, feedback=False),
    NOTHING_KNOWN: lambda load, lengths: Forecast(load, lengths, schedules=False, feedback=True),
    KNOWN: lambda load, lengths: Forecast(load, lengths, schedules=True, feedback=True),
}


def measure(load: Load, outcome: Outcome, days: int) -> Figures:
    """Look at the last weeks of a replay."""
    begin, end = BEGIN + MEASURED_FROM_DAY * DAY, BEGIN + days * DAY
    late = [
        start.wait > LATE_SECONDS
        for start in outcome.starts
        if start.run.execution_class == STANDARD and start.run.arrives >= begin
    ]
    waits = [
        start.wait
        for start in outcome.starts
        if start.run.execution_class == FLEX and start.run.arrives >= begin
    ]
    waits += [float("inf") for run in outcome.never_started if run.arrives >= begin]
    waits.sort()
    used = sum(
        start.run.dpus * max(0.0, min(end, start.at + start.run.seconds) - max(begin, start.at))
        for start in outcome.starts
    )
    return Figures(
        standard_starts=len(late),
        standard_delayed=sum(late),
        pool_use=used / (load.pool_dpus * (end - begin)),
        flex_soon=sum(wait <= SOON_SECONDS for wait in waits) / len(waits),
        flex_p50=waits[len(waits) // 2],
        flex_p95=waits[int(len(waits) * 0.95)],
    )


def replay(task: tuple[str, int, str]) -> tuple[str, int, str, Figures]:
    """Replay one load under one rule."""
    shape_name, seed, policy_name = task
    shape = SHAPES[shape_name]
    load = shake(make_load(shape, seed), seed)
    lengths = Lengths()
    outcome = Replay(load, POLICIES[policy_name](load, lengths), lengths).run()
    return shape_name, seed, policy_name, measure(load, outcome, shape.days)


def compare(shapes: Sequence[Shape], seeds: Sequence[int], processes: int) -> bool:
    """Replay everything, print a table a load, and tell whether every bar was met."""
    tasks = [(shape.name, seed, name) for shape in shapes for seed in seeds for name in POLICIES]
    found: dict[tuple[str, str], list[Figures]] = {}
    with multiprocessing.Pool(processes) as pool:
        for shape_name, seed, name, figures in pool.imap_unordered(replay, tasks):
            found.setdefault((shape_name, name), []).append(figures)
            print(f"{shape_name} {seed} {name}: {figures}", file=sys.stderr, flush=True)
    met = True
    for shape in shapes:
        rows = {name: found[shape.name, name] for name in POLICIES}
        print_table(shape, seeds, rows)
        met = print_bars(rows) and met
    return met


def decision_costs() -> None:
    """Print what one decision costs in processor time, by how many runs wait."""
    print("\none decision of `plan`, four weeks of demand and 500 known starts, the pool busy")
    for waiting in (100, 1_000, 10_000):
        seconds = sorted(_decide(waiting, number) for number in range(25))
        median, worst = seconds[len(seconds) // 2], seconds[-1]
        print(f"{waiting:>7} waiting: median {median * 1e3:.2f} ms, worst {worst * 1e3:.2f} ms")


_HISTORY: list[SurprisingDemand] = []


def _history() -> SurprisingDemand:
    if not _HISTORY:
        load = make_load(MODERATE, 1)
        history = SurprisingDemand(BEGIN)
        standard = [run for run in load.runs if run.execution_class == STANDARD]
        steps = [(run.arrives, run.dpus) for run in standard]
        steps += [(run.arrives + run.seconds, -run.dpus) for run in standard]
        for at, dpus in sorted(steps):
            history.change(at, dpus, foreseen=False)
        _HISTORY.append(history)
    return _HISTORY[0]


def _decide(waiting: int, number: int) -> float:
    """Return the seconds of one decision; every one is in another slot, so nothing is kept."""
    now = BEGIN + 28 * DAY + 10 * 3600 + number * 300
    held = [
        Held(
            run_id=f"h{n}",
            execution_class=STANDARD if n % 2 else FLEX,
            dpus=2.0,
            memory_mb=10,
            predicted_end=now + 60.0 * n,
            foreseen=n % 4 == 1,
        )
        for n in range(20)
    ]
    known = [
        KnownStart(at=now + 60.0 * n, dpus=2.0, seconds=600, job_name=f"job{n % 50}")
        for n in range(500)
    ]
    demands = [
        Demand(
            run_id=f"w{n}",
            job_name=f"job{n % 400}",
            execution_class=FLEX,
            dpus=float(5 + n % 16),
            memory_mb=10,
            waiting_since=now - waiting + n,
            predicted_seconds=300.0 + n % 7000,
            cautious_seconds=400.0 + n % 9000,
            deadline=now + DAY if n % 10 == 0 else None,
        )
        for n in range(waiting)
    ]
    history = _history()
    history.advance(now)
    reserve = ForecastReserve(history=history, known=known, probability=0.99, largest_dpus=20.0)
    pool = Pool(dpus=60.0, memory_mb=10_000)
    began = time.thread_time()
    plan(pool, held, demands, now=now, reserve=reserve)
    return time.thread_time() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", default="1,2,3", help="numbers, separated by commas")
    parser.add_argument(
        "--loads", default="moderate,heavy,saturated", help="moderate, heavy, saturated"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    shapes = [SHAPES[name] for name in chosen.loads.split(",")]
    decision_costs()
    seeds = [int(seed) for seed in chosen.seeds.split(",")]
    return 0 if compare(shapes, seeds, chosen.processes) else 1


if __name__ == "__main__":
    sys.exit(main())
