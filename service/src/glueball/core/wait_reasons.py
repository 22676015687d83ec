"""Why a run waits, in sentences with the numbers of the decision."""

from __future__ import annotations

from datetime import UTC, datetime

from glueball.core.flex import ReservedCapacity
from glueball.core.ledger import Ledger, Request
from glueball.core.pool import Demand, number
from glueball.core.state_details import joined, parts_of

_WILL_MISS = "will miss its deadline"
_DAY_SECONDS = 86_400.0


def needs(ledger: Ledger, request: Request) -> str:
    return f"needs {number(request.dpus)} DPU; {number(ledger.spare_dpus)} spare"


def shortage(ledger: Ledger, request: Request) -> str:
    """Say what there is not enough of."""
    if ledger.used_dpus + request.dpus > ledger.pool.dpus:
        return f"{needs(ledger, request)} of {number(ledger.pool.dpus)}"
    return (
        f"needs {request.memory_mb} MB of memory; {ledger.spare_memory_mb} spare of "
        f"{ledger.pool.memory_mb}"
    )


def behind_standard(ledger: Ledger, request: Request, head: Request, count: int) -> str:
    """Say it of a STANDARD run behind another one."""
    first = "and needs" if count == 1 else "the first of them needs"
    return (
        f"{needs(ledger, request)}; {_runs(count, 'STANDARD')} before it, {first} "
        f"{number(head.dpus)}"
    )


def standard_first(ledger: Ledger, request: Request, count: int) -> str:
    """Say it of a FLEX run while STANDARD runs wait."""
    joined = "but" if ledger.fits(request) else "and"
    return f"{needs(ledger, request)}, {joined} {_runs(count, 'STANDARD')} first"


def reserve(ledger: Ledger, request: Request, reserved: ReservedCapacity) -> str:
    """Say the numbers of the inequality."""
    until = f" until {clock(reserved.until, ledger.now)}" if reserved.until is not None else ""
    return (
        f"{needs(ledger, request)}, {number(reserved.dpus)} reserved for STANDARD{until} "
        f"({reserved.because})"
    )


def kept_for(ledger: Ledger, request: Request, head: Request, why: str) -> str:
    """Say it of a FLEX run that would delay the one in front."""
    return (
        f"{needs(ledger, request)}, kept for the FLEX run {head.demand.run_id}, which {why} and "
        f"needs {number(head.dpus)}"
    )


def far_behind(dpus: float, execution_class: str, window: int) -> str:
    """Say it of a run that many stand before; true for as long as they do."""
    return f"needs {number(dpus)} DPU; more than {window} {execution_class} runs wait before it"


def lost_deadline(demand: Demand, now: float) -> str | None:
    """Say that a deadline cannot be met any more, whatever happens; None where it can."""
    if demand.deadline is None:
        return None
    if now >= demand.deadline:
        return f"has missed its deadline of {clock(demand.deadline, now)} UTC"
    if demand.predicted_seconds is None or now + demand.predicted_seconds <= demand.deadline:
        return None
    return (
        f"{_WILL_MISS} of {clock(demand.deadline, now)} UTC: needs about "
        f"{duration(demand.predicted_seconds)}"
    )


def kept_deadline(
    detail: str | None, deadline: float, ended: float, *, succeeded: bool
) -> str | None:
    """Say of a run that has ended what became of its deadline, in place of what was foreseen.

    Args:
        detail: what was said of it before, in parts.
        deadline: epoch seconds.
        ended: epoch seconds.
    """
    kept = (part for part in parts_of(detail) if not part.startswith(_WILL_MISS))
    due = f"its deadline of {clock(deadline, ended)} UTC"
    became: str | None = None
    if ended > deadline:
        became = f"ended {duration(ended - deadline)} after {due}"
    elif succeeded:
        became = f"done {duration(deadline - ended)} before {due}"
    return joined(*kept, became)


def clock(time: float, now: float) -> str:
    """Write a time in UTC: 14:00, or with its date when it is more than a day away.

    >>> clock(50_400.0, 0.0), clock(1e9, 0.0)
    ('14:00', '2001-09-09 01:46')
    """
    shape = "%H:%M" if abs(time - now) < _DAY_SECONDS else "%Y-%m-%d %H:%M"
    return datetime.fromtimestamp(time, UTC).strftime(shape)


def duration(seconds: float) -> str:
    """Write a length as people do.

    >>> duration(7800), duration(2700), duration(20)
    ('2 h 10 min', '45 min', '1 min')
    """
    minutes = max(1, round(seconds / 60))
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def _runs(count: int, execution_class: str) -> str:
    return f"{count} {execution_class} {'run waits' if count == 1 else 'runs wait'}"
