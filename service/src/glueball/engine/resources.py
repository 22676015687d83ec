"""This machine as a pool of DPUs.

Embedded, a DPU is a share of the machine: a run gets cores and heap in proportion to what it asks
for, at least one core and 1 GB, so that a job written for 50 workers runs on a laptop unchanged.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil

from glueball.core.capacity import Demand, Held, Pool
from glueball.core.crawls import CRAWLER
from glueball.core.runs import Run, WaitingRun

#: what is left to the service, the operating system and the page cache
_SHARE_OF_MEMORY = 0.75
_LEAST_SPARK_MB = 1024
#: Python process, JVM metaspace and buffers beside the heap
_BESIDE_HEAP_MB = 512
_SHELL_MB = 256
_WITHOUT_SPARK = frozenset({"pythonshell", CRAWLER})


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """What there is to share."""

    cores: int
    memory_mb: int  #: for all runs together

    @classmethod
    def here(cls, memory_gb: float = 0.0) -> Machine:
        """Measure this machine.

        Args:
            memory_gb: for runs; 0 takes three quarters of what the machine has, which in a
                container is what its host has.
        """
        if hasattr(os, "sched_getaffinity"):
            cores = len(os.sched_getaffinity(0))
        else:
            cores = os.cpu_count() or 1
        memory_mb = int(memory_gb * 1024)
        if not memory_mb:
            memory_mb = int(psutil.virtual_memory().total / 2**20 * _SHARE_OF_MEMORY)
        return cls(cores=cores, memory_mb=memory_mb)


def pool_of(machine: Machine, dpus: float) -> Pool:
    """Return the pool of `dpus` DPUs that this machine is."""
    return Pool(dpus=dpus, memory_mb=machine.memory_mb)


def demand_of(run: WaitingRun, pool: Pool, predicted_seconds: float | None) -> Demand:
    """Say what a waiting run asks of the pool."""
    return Demand(
        run_id=run.id,
        job_name=run.job_name,
        execution_class=run.execution_class,
        dpus=run.dpus,
        memory_mb=_memory_mb(run, pool),
        waiting_since=run.submitted,
        predicted_seconds=predicted_seconds,
        deadline=run.deadline,
    )


def held_by(run: Run) -> Held:
    """Say what a started run holds."""
    return Held(
        run_id=run.id,
        execution_class=run.execution_class,
        dpus=run.held_dpus or 0.0,
        memory_mb=run.held_memory_mb or 0,
    )


def cores_of(run: Run, pool: Pool, machine: Machine) -> int:
    """Return the cores that a started run may use: its share of the pool, at least one."""
    share = (run.held_dpus or 0.0) / pool.dpus
    return max(1, round(machine.cores * share))


def heap_mb(run: Run) -> int:
    """Return the JVM heap of a started Spark run in MB."""
    return max(_LEAST_SPARK_MB, (run.held_memory_mb or 0) - _BESIDE_HEAP_MB)


def _memory_mb(run: WaitingRun, pool: Pool) -> int:
    if run.command in _WITHOUT_SPARK:
        return _SHELL_MB
    share = min(1.0, run.dpus / pool.dpus)
    return max(_LEAST_SPARK_MB + _BESIDE_HEAP_MB, int(pool.memory_mb * share))
