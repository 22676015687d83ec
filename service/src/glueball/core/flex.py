"""FLEX admission: what of the pool is kept free for STANDARD.

A FLEX run that started is never stopped, so the only protection of STANDARD is not to start too
much FLEX. A FLEX run of `n` DPUs with predicted length `d` starts iff no STANDARD run waits and
`C − S − F − n ≥ R(d)`, or the pool is otherwise empty, or it would miss its deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from glueball.core.pool import Held, Pool

#: seconds after which a waiting FLEX run goes to the front of its queue (job-run-statuses.html
#: tells of a forced start after 15 minutes; ours still keeps the reserve)
DEFAULT_FRONT_AFTER_SECONDS = 15 * 60.0
#: how many FLEX runs behind one that does not fit are looked at for a place before it
DEFAULT_WINDOW = 50
#: seconds between the latest start of a run and the moment at which its deadline is lost: for
#: starting up, and for looking only now and then
DEFAULT_DEADLINE_MARGIN_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class FlexRules:
    """What may be set of how FLEX runs take their turn."""

    #: the age from which on a run is at the front of the queue, and smaller ones may not delay it
    front_after_seconds: float = DEFAULT_FRONT_AFTER_SECONDS
    #: runs behind the first that does not fit, of which the shortest are tried first
    window: int = DEFAULT_WINDOW
    deadline_margin_seconds: float = DEFAULT_DEADLINE_MARGIN_SECONDS


@dataclass(frozen=True, kw_only=True, slots=True)
class ReservedCapacity:
    """What must stay free."""

    dpus: float
    #: epoch seconds at which the reason passes; None where it does not
    until: float | None
    because: str  #: the reason in a few words, for people


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """The pool at the moment of a decision, before any FLEX run is let in."""

    pool: Pool
    held: Sequence[Held]  #: runs that hold capacity, those that were just let in included


#: says what must stay free while a FLEX run of so many seconds goes on; None: nobody can tell how
#: long it will
Foresight = Callable[[float | None], ReservedCapacity]


class Reserve(Protocol):
    """How much of the pool STANDARD runs will need."""

    def foresee(self, now: float, usage: Usage) -> Foresight:
        """Look ahead from one moment.

        Args:
            now: epoch seconds.
            usage: what is held now.

        Returns:
            An answer for each length; it is never less for a longer one.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class FixedReserve:
    """Keeps the same share of the pool at all times."""

    share: float  #: 0 to 1

    def foresee(self, now: float, usage: Usage) -> Foresight:
        reserved = ReservedCapacity(
            dpus=self.share * usage.pool.dpus,
            until=None,
            because=f"{self.share:.0%} of the pool",
        )
        return lambda _seconds: reserved
