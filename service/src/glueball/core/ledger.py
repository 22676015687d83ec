"""What is held of the pool, while the decisions of one round add to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from glueball.core.pool import FLEX, Demand, Held, Pool, number
from glueball.core.state_details import joined


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """The run may start and holds this much until it ends."""

    run_id: str
    dpus: float
    memory_mb: int
    note: str | None  #: what was cut or is special, for the run's StateDetail


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """The run stays where it is."""

    run_id: str
    reason: str  #: a sentence with the numbers, for the run's StateDetail
    #: a STANDARD run that would start now if no FLEX ran
    because_of_flex: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A demand, cut to the pool."""

    demand: Demand
    dpus: float
    memory_mb: int
    note: str | None


def cut(pool: Pool, demand: Demand) -> Request:
    """Cut what asks for more than the pool has to the pool, and say so."""
    if demand.dpus <= pool.dpus and demand.memory_mb <= pool.memory_mb:
        return Request(demand=demand, dpus=demand.dpus, memory_mb=demand.memory_mb, note=None)
    notes = []
    if demand.dpus > pool.dpus:
        asked, there = number(demand.dpus), number(pool.dpus)
        notes.append(f"asked for {asked} DPU, the pool has {there}: runs with {there}")
    if demand.memory_mb > pool.memory_mb:
        notes.append(
            f"asked for {demand.memory_mb} MB of memory, the pool has {pool.memory_mb}: "
            f"runs with {pool.memory_mb}"
        )
    return Request(
        demand=demand,
        dpus=min(demand.dpus, pool.dpus),
        memory_mb=min(demand.memory_mb, pool.memory_mb),
        note=joined(*notes),
    )


class Ledger:
    """Sums of what each class holds."""

    def __init__(self, pool: Pool, held: Iterable[Held], now: float) -> None:
        self.pool = pool
        self.now = now
        self.held: list[Held] = []
        self.standard_dpus = self.flex_dpus = 0.0
        self.standard_memory_mb = self.flex_memory_mb = 0
        for one in held:
            self._take(one)

    def _take(self, held: Held) -> None:
        self.held.append(held)
        if held.execution_class == FLEX:
            self.flex_dpus += held.dpus
            self.flex_memory_mb += held.memory_mb
        else:
            self.standard_dpus += held.dpus
            self.standard_memory_mb += held.memory_mb

    @property
    def used_dpus(self) -> float:
        return self.standard_dpus + self.flex_dpus

    @property
    def used_memory_mb(self) -> int:
        return self.standard_memory_mb + self.flex_memory_mb

    @property
    def spare_dpus(self) -> float:
        return max(0.0, self.pool.dpus - self.used_dpus)

    @property
    def spare_memory_mb(self) -> int:
        return max(0, self.pool.memory_mb - self.used_memory_mb)

    def fits(self, request: Request) -> bool:
        """Tell whether there is room for a request, whatever is reserved."""
        # the sum is compared, not the difference: DPUs are multiples of 1/16, so it is exact
        enough_dpus = self.used_dpus + request.dpus <= self.pool.dpus
        return enough_dpus and request.memory_mb <= self.spare_memory_mb

    def start(self, request: Request, *, note: str | None = None) -> Start:
        """Give a request what it asks for."""
        demand = request.demand
        seconds = demand.careful_seconds
        self._take(
            Held(
                run_id=demand.run_id,
                execution_class=demand.execution_class,
                dpus=request.dpus,
                memory_mb=request.memory_mb,
                predicted_end=None if seconds is None else self.now + seconds,
            )
        )
        return Start(
            run_id=demand.run_id,
            dpus=request.dpus,
            memory_mb=request.memory_mb,
            note=joined(request.note, note),
        )
