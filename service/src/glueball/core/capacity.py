"""Who may start now: STANDARD in order of arrival, FLEX in what STANDARD will not need.

Everything comes in as arguments, so the same question always has the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from glueball.core import wait_reasons
from glueball.core.flex import FlexRules, Reserve, Usage
from glueball.core.flex_turns import FlexTurns
from glueball.core.ledger import Ledger, Request, Start, Wait, cut
from glueball.core.pool import FLEX, Demand, Held, Pool
from glueball.core.state_details import joined

__all__ = ["Demand", "Held", "Plan", "Pool", "Queues", "Start", "Wait", "plan", "plan_queues"]

_arrival = attrgetter("waiting_since", "run_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What follows for the waiting runs.

    Those far behind in a queue are in neither list: they wait, and nothing was to be decided
    (`wait_reasons.far_behind` says it of them).
    """

    starts: list[Start]  #: in the order in which they were let in
    waits: list[Wait]


@dataclass(frozen=True, kw_only=True, slots=True)
class Queues:
    """Waiting runs, each class in order of arrival. They are read only as far as is needed."""

    standard: Iterable[Demand]
    flex: Iterable[Demand]
    #: the FLEX runs that have a deadline, wherever they stand; they are in `flex`, too
    flex_with_deadline: Iterable[Demand] = ()


def plan(
    pool: Pool,
    held: Iterable[Held],
    waiting: Iterable[Demand],
    *,
    now: float,
    reserve: Reserve,
    rules: FlexRules | None = None,
) -> Plan:
    """Decide which waiting runs start.

    STANDARD starts in order of arrival; one that does not fit holds back those behind it, so a
    large one is not starved by small ones. FLEX starts only when no STANDARD waits, in the turns
    of `flex_turns.py`. A request larger than the pool is cut to it.

    Args:
        pool: what there is.
        held: runs that hold capacity.
        waiting: runs that want some, in any order.
        now: epoch seconds.
        reserve: what must stay free for STANDARD.
        rules: how FLEX runs take their turn.
    """
    arrived = sorted(waiting, key=_arrival)
    flex = [demand for demand in arrived if demand.execution_class == FLEX]
    queues = Queues(
        standard=[demand for demand in arrived if demand.execution_class != FLEX],
        flex=flex,
        flex_with_deadline=[demand for demand in flex if demand.deadline is not None],
    )
    return plan_queues(pool, held, queues, now=now, reserve=reserve, rules=rules)


def plan_queues(
    pool: Pool,
    held: Iterable[Held],
    queues: Queues,
    *,
    now: float,
    reserve: Reserve,
    rules: FlexRules | None = None,
) -> Plan:
    """Decide as `plan` does, for runs that are in order already."""
    rules = rules or FlexRules()
    ledger = Ledger(pool, held, now)
    result = Plan(starts=[], waits=[])
    blocked = _plan_standard(ledger, queues.standard, rules.window, result)
    flex = iter(queues.flex)
    if blocked:
        _hold_back(ledger, flex, rules.window, blocked, result)
        return result
    first = next(flex, None)
    if first is not None:  # else there is no need to look ahead
        foresight = reserve.foresee(now, Usage(pool=pool, held=tuple(ledger.held)))
        turns = FlexTurns(ledger, foresight, rules)
        turns.take(_again(first, flex), queues.flex_with_deadline)
        result.starts.extend(turns.starts)
        result.waits.extend(turns.waits)
    return result


def _plan_standard(ledger: Ledger, demands: Iterable[Demand], window: int, result: Plan) -> int:
    """Return how many are to wait, as far as they were looked at."""
    head: Request | None = None
    blocked = 0
    without_flex = _WithoutFlex(ledger)
    for demand in demands:
        if blocked > window:
            break
        request = cut(ledger.pool, demand)
        if head is None and ledger.fits(request):
            result.starts.append(ledger.start(request))
            continue
        if head is None:
            head = request
            reason = wait_reasons.shortage(ledger, request)
        else:
            reason = wait_reasons.behind_standard(ledger, request, head, blocked)
        by_flex = without_flex.fits(request)
        result.waits.append(Wait(run_id=demand.run_id, reason=reason, because_of_flex=by_flex))
        blocked += 1
    return blocked


class _WithoutFlex:
    """The pool as it would be if no FLEX ran: waiting STANDARD runs fill it in their order."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._dpus = 0.0
        self._memory_mb = 0

    def fits(self, request: Request) -> bool:
        """Tell whether a run would have its share now, those before it theirs."""
        ledger = self._ledger
        self._dpus += request.dpus
        self._memory_mb += request.memory_mb
        return (
            ledger.standard_dpus + self._dpus <= ledger.pool.dpus
            and ledger.standard_memory_mb + self._memory_mb <= ledger.pool.memory_mb
        )


def _hold_back(
    ledger: Ledger, flex: Iterator[Demand], window: int, blocked: int, result: Plan
) -> None:
    """FLEX does not start while STANDARD waits."""
    for _, demand in zip(range(window + 1), flex, strict=False):
        reason = wait_reasons.standard_first(ledger, cut(ledger.pool, demand), blocked)
        lost = wait_reasons.lost_deadline(demand, ledger.now)
        result.waits.append(Wait(run_id=demand.run_id, reason=joined(lost, reason) or ""))


def _again(first: Demand, others: Iterator[Demand]) -> Iterator[Demand]:
    yield first
    yield from others
