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
    #: epoch seconds at which it will probably end; None where nobody can tell
    predicted_end: float | None = None


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


def number(dpus: float) -> str:
    """Write DPUs as people do: 10, 0.0625, 1234567.

    >>> number(10.0), number(0.0625)
    ('10', '0.0625')
    """
    return f"{dpus:.4f}".rstrip("0").rstrip(".")
