"""Who may start now: STANDARD in order of arrival, FLEX in what STANDARD will not need.

Everything comes in as arguments, so the same question always has the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from glueball.core.flex import DEFAULT_FRONT_AFTER_SECONDS, Reserve, ReservedCapacity, Usage
from glueball.core.pool import FLEX, Demand, Held, Pool, number

__all__ = ["Decision", "Demand", "Held", "Pool", "Start", "Wait", "plan"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """The run may start and holds this much until it ends."""

    run_id: str
    dpus: float
    memory_mb: int
    note: str | None  #: what was cut, for the run's StateDetail


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """The run stays where it is."""

    run_id: str
    reason: str  #: a sentence with the numbers, for the run's StateDetail


Decision = Start | Wait


def plan(
    pool: Pool,
    held: Iterable[Held],
    waiting: Iterable[Demand],
    *,
    now: float,
    reserve: Reserve,
    front_after_seconds: float = DEFAULT_FRONT_AFTER_SECONDS,
) -> list[Decision]:
    """Decide for every waiting run whether it starts.

    STANDARD starts in order of arrival; one that does not fit holds back those behind it, so a
    large one is not starved by small ones. FLEX starts only when no STANDARD waits and the reserve
    stays whole, the oldest first; a younger one may pass an older one that does not fit, until the
    older has waited `front_after_seconds`. A request larger than the pool is cut to it.

    Args:
        pool: what there is.
        held: runs that hold capacity.
        waiting: runs that want some, in any order.
        now: epoch seconds.
        reserve: what must stay free for STANDARD.
        front_after_seconds: the age from which on no younger FLEX run passes.

    Returns:
        One decision a waiting run, STANDARD before FLEX, each class in order of arrival.
    """
    ledger = _Ledger(pool, held)
    arrived = sorted(waiting, key=lambda demand: (demand.waiting_since, demand.run_id))
    standard = [_cut(pool, demand) for demand in arrived if demand.execution_class != FLEX]
    flex = [_cut(pool, demand) for demand in arrived if demand.execution_class == FLEX]
    decisions, blocked = _plan_standard(ledger, standard)
    if blocked:
        return decisions + [_behind_standard(ledger, request, blocked) for request in flex]
    aged_before = now - front_after_seconds
    return decisions + _plan_flex(ledger, flex, _Foresight(reserve, now), aged_before)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Request:
    """A demand, cut to the pool."""

    demand: Demand
    dpus: float
    memory_mb: int
    note: str | None


class _Ledger:
    """What is held, while the decisions of one round add to it."""

    def __init__(self, pool: Pool, held: Iterable[Held]) -> None:
        self.pool = pool
        self.held: list[Held] = []
        self.standard_dpus = self.flex_dpus = 0.0
        self.standard_memory_mb = self.flex_memory_mb = 0
        for one in held:
            self.take(one)

    def take(self, held: Held) -> None:
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
    def spare_dpus(self) -> float:
        return max(0.0, self.pool.dpus - self.used_dpus)

    @property
    def spare_memory_mb(self) -> int:
        return max(0, self.pool.memory_mb - self.standard_memory_mb - self.flex_memory_mb)

    def fits(self, request: _Request) -> bool:
        # the sum is compared, not the difference: DPUs are multiples of 1/16, so it is exact
        enough_dpus = self.used_dpus + request.dpus <= self.pool.dpus
        return enough_dpus and request.memory_mb <= self.spare_memory_mb

    def start(self, request: _Request) -> Start:
        demand = request.demand
        self.take(
            Held(
                run_id=demand.run_id,
                execution_class=demand.execution_class,
                dpus=request.dpus,
                memory_mb=request.memory_mb,
            )
        )
        return Start(
            run_id=demand.run_id,
            dpus=request.dpus,
            memory_mb=request.memory_mb,
            note=request.note,
        )


@dataclass(frozen=True, slots=True)
class _Foresight:
    """The reserve, asked at one moment."""

    reserve: Reserve
    now: float

    def ask(self, ledger: _Ledger, request: _Request) -> ReservedCapacity:
        usage = Usage(
            pool=ledger.pool,
            held=ledger.held,
            standard_dpus=ledger.standard_dpus,
            flex_dpus=ledger.flex_dpus,
        )
        return self.reserve.reserve_for(self.now, request.demand.predicted_seconds, usage)


def _cut(pool: Pool, demand: Demand) -> _Request:
    notes = []
    if demand.dpus > pool.dpus:
        asked, there = number(demand.dpus), number(pool.dpus)
        notes.append(f"asked for {asked} DPU, the pool has {there}: runs with {there}")
    if demand.memory_mb > pool.memory_mb:
        notes.append(
            f"asked for {demand.memory_mb} MB of memory, the pool has {pool.memory_mb}: "
            f"runs with {pool.memory_mb}"
        )
    return _Request(
        demand=demand,
        dpus=min(demand.dpus, pool.dpus),
        memory_mb=min(demand.memory_mb, pool.memory_mb),
        note="; ".join(notes) or None,
    )


def _plan_standard(ledger: _Ledger, requests: Sequence[_Request]) -> tuple[list[Decision], int]:
    """Return the decisions, and how many of them are to wait."""
    decisions: list[Decision] = []
    head: _Request | None = None
    blocked = 0
    for request in requests:
        if head is None and ledger.fits(request):
            decisions.append(ledger.start(request))
            continue
        if head is None:
            head = request
            reason = _shortage(ledger, request)
        else:
            reason = (
                f"{_needs(ledger, request)}; {_runs(blocked, 'STANDARD')} before it, the first "
                f"of them needs {number(head.dpus)}"
            )
        decisions.append(Wait(run_id=request.demand.run_id, reason=reason))
        blocked += 1
    return decisions, blocked


def _plan_flex(
    ledger: _Ledger, requests: Sequence[_Request], foresight: _Foresight, aged_before: float
) -> list[Decision]:
    decisions: list[Decision] = []
    head: _Request | None = None
    for request in requests:
        if head is not None:
            reason = (
                f"{_needs(ledger, request)}, kept for the FLEX run {head.demand.run_id}, which "
                f"has waited longest and needs {number(head.dpus)}"
            )
            decisions.append(Wait(run_id=request.demand.run_id, reason=reason))
            continue
        reserved = foresight.ask(ledger, request)
        if ledger.fits(request) and _keeps(ledger, request, reserved):
            decisions.append(ledger.start(request))
            continue
        reason = _flex_reason(ledger, request, reserved)
        decisions.append(Wait(run_id=request.demand.run_id, reason=reason))
        if request.demand.waiting_since <= aged_before and _flex_is_in_the_way(
            ledger, request, reserved
        ):
            head = request
    return decisions


def _keeps(ledger: _Ledger, request: _Request, reserved: ReservedCapacity) -> bool:
    """Tell whether the reserve stays whole, or the pool is empty: a run that is larger than what
    the reserve leaves would otherwise never start."""
    if not ledger.held:
        return True
    return ledger.used_dpus + request.dpus + reserved.dpus <= ledger.pool.dpus


def _flex_is_in_the_way(ledger: _Ledger, request: _Request, reserved: ReservedCapacity) -> bool:
    """Tell whether the run could start if no other FLEX ran.

    Only then does it help to hold younger FLEX runs back; where STANDARD is in the way, they may
    as well use the time.
    """
    dpus = ledger.standard_dpus + request.dpus
    if ledger.standard_dpus > 0:
        dpus += reserved.dpus
    memory_mb = ledger.standard_memory_mb + request.memory_mb
    return dpus <= ledger.pool.dpus and memory_mb <= ledger.pool.memory_mb


def _behind_standard(ledger: _Ledger, request: _Request, blocked: int) -> Wait:
    reason = f"{_needs(ledger, request)}, but {_runs(blocked, 'STANDARD')} first"
    return Wait(run_id=request.demand.run_id, reason=reason)


def _flex_reason(ledger: _Ledger, request: _Request, reserved: ReservedCapacity) -> str:
    if not ledger.fits(request):
        return _shortage(ledger, request)
    until = f" until {_hour(reserved.until)}" if reserved.until is not None else ""
    return (
        f"{_needs(ledger, request)}, {number(reserved.dpus)} reserved for STANDARD{until} "
        f"({reserved.because})"
    )


def _shortage(ledger: _Ledger, request: _Request) -> str:
    if ledger.used_dpus + request.dpus > ledger.pool.dpus:
        return f"{_needs(ledger, request)} of {number(ledger.pool.dpus)}"
    return (
        f"needs {request.memory_mb} MB of memory; {ledger.spare_memory_mb} spare of "
        f"{ledger.pool.memory_mb}"
    )


def _needs(ledger: _Ledger, request: _Request) -> str:
    return f"needs {number(request.dpus)} DPU; {number(ledger.spare_dpus)} spare"


def _runs(count: int, execution_class: str) -> str:
    return f"{count} {execution_class} {'run waits' if count == 1 else 'runs wait'}"


def _hour(time: float) -> str:
    """Write a time as HH:MM in UTC."""
    return datetime.fromtimestamp(time, UTC).strftime("%H:%M")
