"""Worker types: what one worker is, who may use it, and how many DPUs a job asks for.

Numbers and minimum versions: the `WorkerType` member of
https://docs.aws.amazon.com/glue/latest/webapi/API_CreateJob.html. Sentences of errors: those that
people saw AWS answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from glueball.core.errors import InvalidInput
from glueball.core.glue_versions import version_number

GLUEETL = "glueetl"
GLUESTREAMING = "gluestreaming"
PYTHONSHELL = "pythonshell"
GLUERAY = "glueray"

#: DPUs of a Spark job that says nothing about capacity: ten workers G.1X
DEFAULT_SPARK_DPUS = 10.0
MIN_SPARK_DPUS = 2
#: the only capacities of a Python shell job; the first is the default
PYTHONSHELL_DPUS = (0.0625, 1.0)

_SPARK = frozenset({GLUEETL, GLUESTREAMING})


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerType:
    """One row of AWS's table of workers."""

    name: str
    dpus: float  #: of one worker; memory-optimised R workers count M-DPUs
    vcpus: int
    memory_gb: int
    since: tuple[int, int]  #: the first Glue version that has it
    commands: frozenset[str]  #: `Command.Name`s that may use it
    min_workers: int


def _worker(
    name: str,
    dpus: float,
    vcpus: int,
    memory_gb: int,
    *,
    since: tuple[int, int] = (0, 9),
    commands: frozenset[str] = _SPARK,
    min_workers: int = 2,
) -> WorkerType:
    return WorkerType(
        name=name,
        dpus=dpus,
        vcpus=vcpus,
        memory_gb=memory_gb,
        since=since,
        commands=commands,
        min_workers=min_workers,
    )


#: every worker type by its name
WORKER_TYPES = {
    worker.name: worker
    for worker in (
        # one Standard worker is allowed (terraform-provider-aws #23372); all others need a driver
        # and at least one executor
        _worker("Standard", 1, 4, 16, min_workers=1),
        _worker("G.025X", 0.25, 2, 4, since=(3, 0), commands=frozenset({GLUESTREAMING})),
        _worker("G.1X", 1, 4, 16),
        _worker("G.2X", 2, 8, 32),
        _worker("G.4X", 4, 16, 64, since=(3, 0)),
        _worker("G.8X", 8, 32, 128, since=(3, 0)),
        _worker("G.12X", 12, 48, 192, since=(4, 0)),
        _worker("G.16X", 16, 64, 256, since=(4, 0)),
        _worker("R.1X", 1, 4, 32, since=(4, 0)),
        _worker("R.2X", 2, 8, 64, since=(4, 0)),
        _worker("R.4X", 4, 16, 128, since=(4, 0)),
        _worker("R.8X", 8, 32, 256, since=(4, 0)),
        _worker("Z.2X", 2, 8, 64, since=(4, 0), commands=frozenset({GLUERAY}), min_workers=1),
    )
}


def capacity_of(
    command: str,
    glue_version: str | None,
    worker_type: str | None,
    number_of_workers: int | None,
    max_capacity: float | None,
    allocated_capacity: int | None,
) -> float:
    """Return the DPUs that a job or a run asks for.

    MaxCapacity is accepted for Spark jobs of any Glue version. AWS's pages forbid it from 2.0 on,
    yet clients rely on it (Airflow's operator sends 10 unless it is told otherwise), and it says
    plainly what is wanted. AWS's upper bounds (100 DPUs, 299 workers) are account quotas and have
    no counterpart here: a request larger than the pool is cut to it.

    Args:
        command: `Command.Name`.
        glue_version: "5.1", say; None and "auto" mean the newest, which has every worker type.
        worker_type: a key of WORKER_TYPES, together with number_of_workers.
        number_of_workers: the driver's worker included.
        max_capacity: DPUs; excludes the two before it.
        allocated_capacity: the old name of max_capacity.

    Raises:
        InvalidInput: the members contradict each other or what AWS allows.
    """
    if max_capacity is not None and allocated_capacity is not None:
        raise InvalidInput("Please set only Allocated Capacity or Max Capacity.")
    if worker_type is None and number_of_workers is None:
        asked = allocated_capacity if max_capacity is None else max_capacity
        return _by_dpus(command, asked)
    if command == PYTHONSHELL:
        member = "Number of Workers" if worker_type is None else "Worker Type"
        raise InvalidInput(f"{member} is not supported for Job Command {PYTHONSHELL}")
    _check_alone("Max Capacity", max_capacity)
    _check_alone("Allocated Capacity", allocated_capacity)
    if worker_type is None or number_of_workers is None:
        raise InvalidInput("Please set both Worker Type and Number of Workers.")
    return _by_workers(command, glue_version, worker_type, number_of_workers)


def _check_alone(member: str, value: float | None) -> None:
    if value is not None:
        raise InvalidInput(
            f"Please do not set {member} if using Worker Type and Number of Workers."
        )


def _by_workers(
    command: str, glue_version: str | None, worker_type: str, number_of_workers: int
) -> float:
    worker = WORKER_TYPES.get(worker_type)
    if worker is None:
        raise InvalidInput(
            f"Worker type {worker_type} is not valid; use one of {', '.join(WORKER_TYPES)}."
        )
    if command not in worker.commands:
        raise InvalidInput(f"Worker type {worker_type} is not supported for Job Command {command}")
    if version_number(glue_version) < worker.since:
        raise InvalidInput(
            f"Worker type {worker_type} is not supported for Glue Version {glue_version}"
        )
    if number_of_workers < worker.min_workers:
        raise InvalidInput(
            f"To use Worker Type {worker_type}, minimum allowed value of Number of Workers is "
            f"{worker.min_workers}."
        )
    return worker.dpus * number_of_workers


def _by_dpus(command: str, dpus: float | None) -> float:
    if command == PYTHONSHELL:
        if dpus is None:
            return PYTHONSHELL_DPUS[0]
        if dpus not in PYTHONSHELL_DPUS:
            raise InvalidInput(
                f"Max Capacity for Job Command {PYTHONSHELL} must be 0.0625 or 1; it is {dpus:g}."
            )
        return float(dpus)
    if command == GLUERAY:
        raise InvalidInput("Please set both Worker Type and Number of Workers.")
    if dpus is None:
        return DEFAULT_SPARK_DPUS
    if not (math.isfinite(dpus) and dpus == int(dpus) and dpus >= MIN_SPARK_DPUS):
        raise InvalidInput(
            f"Max Capacity for Job Command {command} must be a whole number of at least "
            f"{MIN_SPARK_DPUS}; it is {dpus:g}."
        )
    return float(dpus)
