"""In which order FLEX runs get what STANDARD leaves.

First those that would otherwise miss their deadlines, then the oldest first. Behind the first run
that does not fit, the shortest of the next few are tried. A run at the front, by age or deadline,
has a reservation: others may start only where that does not delay it (EASY backfilling: Lifka,
The ANL/IBM SP scheduling system, 1995).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from glueball.core import wait_reasons
from glueball.core.flex import FlexRules, Foresight, ReservedCapacity
from glueball.core.ledger import Ledger, Request, Start, Wait, cut
from glueball.core.pool import Demand, Held
from glueball.core.state_details import joined

_UNKNOWN = math.inf


def latest_start(demand: Demand, margin_seconds: float) -> float | None:
    """Return when a run must start at the latest to meet its deadline, in epoch seconds.

    Args:
        margin_seconds: beside its predicted length.

    Returns:
        None where it has no deadline.
    """
    if demand.deadline is None:
        return None
    return demand.deadline - (demand.careful_seconds or 0.0) - margin_seconds


def is_urgent(demand: Demand, now: float, margin_seconds: float) -> bool:
    """Tell whether the latest start of a run has come."""
    latest = latest_start(demand, margin_seconds)
    return latest is not None and latest <= now


class FlexTurns:
    """One round of FLEX runs.

    Args:
        ledger: what is held; those that start add to it.
        foresight: the reserve.
        rules: settings.
    """

    def __init__(self, ledger: Ledger, foresight: Foresight, rules: FlexRules) -> None:
        self._ledger = ledger
        self._foresight = foresight
        self._rules = rules
        self._aged_before = ledger.now - rules.front_after_seconds
        self._reservation: _Reservation | None = None
        self.starts: list[Start] = []
        self.waits: list[Wait] = []

    def take(self, arrived: Iterable[Demand], with_deadline: Iterable[Demand]) -> None:
        """Decide.

        Args:
            arrived: runs in order of arrival; only as many are taken as are looked at.
            with_deadline: those of all waiting runs that have a deadline, in any order.
        """
        decided = self._take_urgent(with_deadline)
        behind: list[Demand] = []
        blocked = False
        for demand in arrived:
            if demand.run_id in decided:
                continue
            if len(behind) >= self._rules.window:
                break
            if not blocked:
                blocked = not self._try(demand)
            else:
                behind.append(demand)
        for demand in sorted(behind, key=self._turn):
            self._try(demand)

    def _turn(self, demand: Demand) -> tuple[float, float, str]:
        """Order runs behind one that does not fit: aged ones by age, then the shortest."""
        if demand.waiting_since <= self._aged_before:
            return (-1.0, demand.waiting_since, demand.run_id)
        seconds = demand.careful_seconds
        return (_UNKNOWN if seconds is None else seconds, demand.waiting_since, demand.run_id)

    def _take_urgent(self, with_deadline: Iterable[Demand]) -> set[str]:
        ledger, margin = self._ledger, self._rules.deadline_margin_seconds
        urgent = [one for one in with_deadline if is_urgent(one, ledger.now, margin)]
        urgent.sort(key=lambda one: (latest_start(one, margin), one.waiting_since, one.run_id))
        for demand in urgent:
            self._try_urgent(demand)
        return {demand.run_id for demand in urgent}

    def _try_urgent(self, demand: Demand) -> None:
        """Start a run whose latest start has come, whatever is reserved."""
        ledger, request = self._ledger, cut(self._ledger.pool, demand)
        assert demand.deadline is not None
        due = f"its deadline of {wait_reasons.clock(demand.deadline, ledger.now)} UTC"
        lost = wait_reasons.lost_deadline(demand, ledger.now)
        in_the_way = self._in_the_way(request)
        if ledger.fits(request) and in_the_way is None:
            reserved = self._foresight(demand.careful_seconds)
            ahead = None if _keeps(ledger, request, reserved) else f"ahead of the reserve for {due}"
            self._start(request, note=joined(lost, ahead))
            return
        reason = in_the_way or wait_reasons.shortage(ledger, request)
        reason = joined(lost, reason, f"goes ahead of the reserve for {due}") or ""
        self.waits.append(Wait(run_id=demand.run_id, reason=reason))
        self._reserve_for(request, 0.0, "must start now for its deadline")

    def _try(self, demand: Demand) -> bool:
        """Start a run if that leaves the reserve whole and delays nobody in front."""
        ledger, request = self._ledger, cut(self._ledger.pool, demand)
        aged = demand.waiting_since <= self._aged_before
        reason: str | None
        if not ledger.fits(request):
            reason = wait_reasons.shortage(ledger, request)
        else:
            reserved = self._foresight(demand.careful_seconds)
            if _keeps(ledger, request, reserved):
                reason = self._in_the_way(request)
            else:
                reason = wait_reasons.reserve(ledger, request, reserved)
        if reason is None:
            self._start(request)
            return True
        self.waits.append(Wait(run_id=demand.run_id, reason=reason))
        if aged and self._reservation is None:
            reserved = self._foresight(demand.careful_seconds)
            self._reserve_for(request, reserved.dpus, "has waited longest")
        return False

    def _start(self, request: Request, note: str | None = None) -> None:
        if self._reservation is not None:
            self._reservation.let_pass(request, self._ledger.now)
        self.starts.append(self._ledger.start(request, note=note))

    def _in_the_way(self, request: Request) -> str | None:
        """Say whom the start of a run would delay."""
        kept = self._reservation
        if kept is None or kept.allows(request, self._ledger.now):
            return None
        return wait_reasons.kept_for(self._ledger, request, kept.request, kept.why)

    def _reserve_for(self, request: Request, reserved_dpus: float, why: str) -> None:
        if self._reservation is None:
            self._reservation = _reservation(self._ledger, request, reserved_dpus, why)


@dataclass(kw_only=True, slots=True)
class _Reservation:
    """When the run in front will start, and what it will leave."""

    request: Request
    at: float  #: epoch seconds
    spare_dpus: float
    spare_memory_mb: float
    why: str

    def allows(self, request: Request, now: float) -> bool:
        return self._ends_before(request, now) or (
            request.dpus <= self.spare_dpus and request.memory_mb <= self.spare_memory_mb
        )

    def let_pass(self, request: Request, now: float) -> None:
        """Count what starts now and will still run then."""
        if not self._ends_before(request, now):
            self.spare_dpus -= request.dpus
            self.spare_memory_mb -= request.memory_mb

    def _ends_before(self, request: Request, now: float) -> bool:
        seconds = request.demand.careful_seconds
        return seconds is not None and now + seconds <= self.at < _UNKNOWN


def _reservation(
    ledger: Ledger, request: Request, reserved_dpus: float, why: str
) -> _Reservation | None:
    """Find the first moment at which there will be room for a run, as far as can be told.

    None where nobody can tell and the end of other FLEX runs would not help it: where STANDARD is
    in the way, they may as well use the time.
    """
    dpus, memory_mb = ledger.used_dpus, ledger.used_memory_mb
    left = len(ledger.held)
    for held in sorted(ledger.held, key=_end):
        dpus, memory_mb, left = dpus - held.dpus, memory_mb - held.memory_mb, left - 1
        spare_dpus = ledger.pool.dpus - dpus - request.dpus - reserved_dpus
        spare_memory_mb = ledger.pool.memory_mb - memory_mb - request.memory_mb
        if left and (spare_dpus < 0 or spare_memory_mb < 0):
            continue
        at = max(_end(held), ledger.now)
        if at == _UNKNOWN and not _flex_is_in_the_way(ledger, request, reserved_dpus):
            return None
        return _Reservation(
            request=request,
            at=at,
            # less than nothing: it needs the pool empty, so nobody may still run then
            spare_dpus=-1.0 if at == _UNKNOWN else spare_dpus,
            spare_memory_mb=spare_memory_mb,
            why=why,
        )
    return None  # an empty pool: nothing but a reservation of somebody else is in the way


def _end(held: Held) -> float:
    return _UNKNOWN if held.predicted_end is None else held.predicted_end


def _keeps(ledger: Ledger, request: Request, reserved: ReservedCapacity) -> bool:
    """Tell whether the reserve stays whole, or the pool is empty: a run that is larger than what
    the reserve leaves would otherwise never start."""
    if not ledger.held:
        return True
    return ledger.used_dpus + request.dpus + reserved.dpus <= ledger.pool.dpus


def _flex_is_in_the_way(ledger: Ledger, request: Request, reserved_dpus: float) -> bool:
    """Tell whether the run could start if no other FLEX ran."""
    dpus = ledger.standard_dpus + request.dpus
    if ledger.standard_dpus > 0:
        dpus += reserved_dpus
    memory_mb = ledger.standard_memory_mb + request.memory_mb
    return dpus <= ledger.pool.dpus and memory_mb <= ledger.pool.memory_mb
