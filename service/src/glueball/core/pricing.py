"""What a run costs: AWS's list prices, per DPU-hour, billed by the second.

https://aws.amazon.com/glue/pricing/ (us-east-1): Spark $0.44, Flex $0.29, R workers $0.52 an
M-DPU-hour, Python shell and crawlers $0.44; "billed per second, with a 1-minute minimum", crawlers
with one of ten minutes. Spark jobs of Glue 6.0 cost 30 % less ($0.308, $0.203 and $0.364).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from glueball.core.crawls import CRAWLER
from glueball.core.glue_versions import version_number
from glueball.core.pool import FLEX
from glueball.core.workers import PYTHONSHELL

_SECONDS_PER_HOUR = 3600
_CENT = Decimal("0.01")
_TENTH_OF_A_CENT = Decimal("0.001")
#: the first Glue version with the lower prices
_CHEAPER_SINCE = (6, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceBook:
    """Prices in US dollars a DPU-hour."""

    #: Spark jobs of execution class STANDARD
    standard: Decimal = Decimal("0.44")
    #: Spark jobs of execution class FLEX
    flex: Decimal = Decimal("0.29")
    #: an M-DPU-hour: R workers
    memory_optimized: Decimal = Decimal("0.52")
    #: Python shell jobs
    python_shell: Decimal = Decimal("0.44")
    #: crawlers
    crawler: Decimal = Decimal("0.44")
    #: share (0 to 1) of the Spark prices above that Glue 6.0 and later cost
    glue_6_share: Decimal = Decimal("0.7")
    #: seconds billed for each run, however short it was
    minimum_seconds: Decimal = Decimal(60)
    #: seconds billed for each run of a crawler
    crawler_minimum_seconds: Decimal = Decimal(600)

    def rate(
        self,
        execution_class: str,
        command: str,
        *,
        worker_type: str | None = None,
        glue_version: str | None = None,
    ) -> Decimal:
        """Return the dollars a DPU-hour of this kind of run costs.

        AWS runs Flex on G workers only and so has no Flex price for R workers. Here they run as
        FLEX, too, at the M-DPU's price less the same discount.
        """
        if command == PYTHONSHELL:
            return self.python_shell
        if command == CRAWLER:
            return self.crawler
        is_flex = execution_class == FLEX
        price = self.flex if is_flex else self.standard
        if worker_type is not None and worker_type.startswith("R."):
            price = self.memory_optimized
            if is_flex and self.standard:
                price = price * self.flex / self.standard
        if version_number(glue_version) >= _CHEAPER_SINCE:
            price *= self.glue_6_share
        return price

    def minimum(self, command: str) -> Decimal:
        """Return the seconds billed for each run of a command, however short it was."""
        return self.crawler_minimum_seconds if command == CRAWLER else self.minimum_seconds


#: AWS's own, in us-east-1
AWS_PRICES = PriceBook()

#: where AWS asks another price than $0.44 for a DPU-hour of STANDARD: its price list, as
#: PerfKitBenchmarker has read it (perfkitbenchmarker/providers/aws/aws_dpb_glue_prices.py)
_DEARER_REGIONS: Mapping[str, Decimal] = {
    "af-south-1": Decimal("0.524"),
    "eu-south-1": Decimal("0.52"),
    "me-south-1": Decimal("0.59"),
    "sa-east-1": Decimal("0.69"),
}
#: what a region's level of prices changes
_PRICES = ("standard", "flex", "memory_optimized", "python_shell", "crawler")
PRICE_NAMES = tuple(field.name for field in fields(PriceBook))


def list_prices(region: str) -> PriceBook:
    """Return AWS's list prices of a region.

    Its STANDARD price is a fact; where that is not $0.44, the others are taken to be dearer in the
    same proportion, to a tenth of a cent. A region that is not in the table has those of us-east-1.
    """
    standard = _DEARER_REGIONS.get(region)
    if standard is None:
        return AWS_PRICES
    dearer = {
        name: (getattr(AWS_PRICES, name) * standard / AWS_PRICES.standard).quantize(
            _TENTH_OF_A_CENT
        )
        for name in _PRICES
    }
    return replace(AWS_PRICES, **dearer)


def with_own(book: PriceBook, own: Mapping[str, Decimal]) -> PriceBook:
    """Return the price book with one's own prices in it, by the names of its fields."""
    return replace(book, **own)


def billed_dpu_seconds(
    dpus: float,
    seconds: float,
    *,
    dpu_seconds: float | None = None,
    minimum_seconds: Decimal = AWS_PRICES.minimum_seconds,
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


def price_of(dpu_seconds: Decimal, rate: Decimal) -> Decimal:
    """Return the dollars that DPU-seconds cost at so many dollars a DPU-hour, not rounded."""
    return dpu_seconds * rate / _SECONDS_PER_HOUR


def cost(
    execution_class: str,
    command: str,
    *,
    dpus: float,
    seconds: float,
    dpu_seconds: float | None = None,
    worker_type: str | None = None,
    glue_version: str | None = None,
    prices: PriceBook = AWS_PRICES,
) -> Decimal:
    """Return what a run costs in US dollars, not rounded.

    Ten workers G.1X for half an hour: 10 × 0.5 h × $0.44 = $2.20, and $1.45 as FLEX.

    Args:
        execution_class: STANDARD or FLEX.
        command: `Command.Name`; `crawler` for a crawl.
        dpus: what the run asked for.
        seconds: how long it ran.
        dpu_seconds: what an auto-scaled run really used.
        worker_type: `WorkerType`, if it has one.
        glue_version: `GlueVersion`, if it has one.
        prices: the price book.
    """
    billed = billed_dpu_seconds(
        dpus, seconds, dpu_seconds=dpu_seconds, minimum_seconds=prices.minimum(command)
    )
    rate = prices.rate(execution_class, command, worker_type=worker_type, glue_version=glue_version)
    return price_of(billed, rate)


def in_cents(dollars: Decimal) -> Decimal:
    """Round to whole cents, for people."""
    return dollars.quantize(_CENT)
