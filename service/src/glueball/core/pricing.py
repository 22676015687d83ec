"""What a run costs: AWS's list prices, per DPU-hour, billed by the second.

https://aws.amazon.com/glue/pricing/ (us-east-1): "billed per second, with a 1-minute minimum".
Memory-optimised R workers are counted at the price of a DPU.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from glueball.core.pool import FLEX
from glueball.core.workers import PYTHONSHELL

_SECONDS_PER_HOUR = 3600
_CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceBook:
    """Prices in US dollars a DPU-hour."""

    standard: Decimal = Decimal("0.44")
    flex: Decimal = Decimal("0.29")
    python_shell: Decimal = Decimal("0.44")
    minimum_seconds: int = 60  #: billed for each run, however short it was

    def rate(self, execution_class: str, command: str) -> Decimal:
        """Return the dollars a DPU-hour of this kind of run costs."""
        if command == PYTHONSHELL:
            return self.python_shell
        return self.flex if execution_class == FLEX else self.standard


#: AWS's own
AWS_PRICES = PriceBook()


def billed_dpu_seconds(
    dpus: float,
    seconds: float,
    *,
    dpu_seconds: float | None = None,
    minimum_seconds: int = AWS_PRICES.minimum_seconds,
) -> Decimal:
    """Return the DPU-seconds that a run is billed for.

    Args:
        dpus: what the run asked for.
        seconds: how long it ran; a second begun counts whole.
        dpu_seconds: what an auto-scaled run really used, in the place of dpus × seconds.
        minimum_seconds: of all its DPUs, billed in any case.
    """
    least = Decimal(dpus) * minimum_seconds
    used = Decimal(dpus) * math.ceil(seconds) if dpu_seconds is None else Decimal(dpu_seconds)
    return max(least, used)


def cost(
    execution_class: str,
    command: str,
    *,
    dpus: float,
    seconds: float,
    dpu_seconds: float | None = None,
    prices: PriceBook = AWS_PRICES,
) -> Decimal:
    """Return what a run costs in US dollars, not rounded.

    Ten workers G.1X for half an hour: 10 × 0.5 h × $0.44 = $2.20, and $1.45 as FLEX.

    Args:
        execution_class: STANDARD or FLEX.
        command: `Command.Name`.
        dpus: what the run asked for.
        seconds: how long it ran.
        dpu_seconds: what an auto-scaled run really used.
        prices: the price book.
    """
    billed = billed_dpu_seconds(
        dpus, seconds, dpu_seconds=dpu_seconds, minimum_seconds=prices.minimum_seconds
    )
    return billed * prices.rate(execution_class, command) / _SECONDS_PER_HOUR


def in_cents(dollars: Decimal) -> Decimal:
    """Round to whole cents, for people."""
    return dollars.quantize(_CENT)
