"""The pool of DPUs, and who holds or wants a share of it."""

from __future__ import annotations

from dataclasses import dataclass

#: the execution class that takes what is left; every other one is STANDARD
FLEX = "FLEX"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """What there is to give."""

    dpus: float
    memory_mb: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What a run holds, from STARTING to its end."""

    run_id: str
    execution_class: str
    dpus: float
    memory_mb: int
    #: epoch seconds by which it will have ended, with caution; None where nobody can tell
    predicted_end: float | None = None
    #: it descends from a schedule, so that its like is known beforehand
    foreseen: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """What a waiting run asks for."""

    run_id: str
    job_name: str
    execution_class: str
    dpus: float
    memory_mb: int
    waiting_since: float  #: epoch seconds
    #: how long it will probably run; None where nobody can tell
    predicted_seconds: float | None
    #: how long it will run with caution: what may be built on; None: as long as is probable
    cautious_seconds: float | None = None
    #: epoch seconds by which it must be done; None where any time will do
    deadline: float | None = None

    @property
    def careful_seconds(self) -> float | None:
        """How long the run will hold its share, as far as others are to rely on it."""
        told = [one for one in (self.predicted_seconds, self.cautious_seconds) if one is not None]
        return max(told, default=None)


def number(dpus: float) -> str:
    """Write DPUs as people do: 10, 0.0625, 1234567.

    >>> number(10.0), number(0.0625)
    ('10', '0.0625')
    """
    return f"{dpus:.4f}".rstrip("0").rstrip(".")
