"""Who everything belongs to, and what of it may run at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What the steps of orchestration need to know beside their transaction."""

    account_id: str
    region: str
    #: gives 64 random hex digits
    new_id: Callable[[], str]
    #: job runs that may be active in the account; None: any number
    max_concurrent_runs: int | None = None
    #: DPUs that active runs may ask for in all; None: any number
    max_dpus: float | None = None
    #: whether connections may have driver options that read files or run code, and link-local hosts
    allow_unsafe_connections: bool = False
