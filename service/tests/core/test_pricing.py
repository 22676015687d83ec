from __future__ import annotations

from decimal import Decimal

import pytest

from glueball.core.pricing import (
    AWS_PRICES,
    PriceBook,
    billed_dpu_seconds,
    cost,
    in_cents,
    list_prices,
    with_own,
)

HALF_AN_HOUR = 1800


def test_the_arithmetic_of_the_seed() -> None:
    """Ten workers G.1X, half an hour, once a day: what the page about Flex promises."""
    standard = cost("STANDARD", "glueetl", dpus=10, seconds=HALF_AN_HOUR)
    flex = cost("FLEX", "glueetl", dpus=10, seconds=HALF_AN_HOUR)
    assert (in_cents(standard), in_cents(flex)) == (Decimal("2.20"), Decimal("1.45"))
    assert (in_cents(standard * 30), in_cents(flex * 30)) == (Decimal("66.00"), Decimal("43.50"))
    assert in_cents((standard - flex) * 30) == Decimal("22.50")
    assert round((1 - flex / standard) * 100) == 34


@pytest.mark.parametrize(
    ("dpus", "seconds", "dpu_seconds", "billed"),
    [
        (10, 1800, None, 18000),
        # one minute at least
        (10, 1, None, 600),
        (10, 0, None, 600),
        # by the second, a second begun counts
        (10, 60.001, None, 610),
        # a Python shell's sixteenth
        (0.0625, 3600, None, 225),
        # auto-scaled: what was used, yet a minute of what was asked for
        (10, 1800, 5000.5, 5000.5),
        (10, 30, 20, 600),
    ],
)
def test_billed_time(dpus: float, seconds: float, dpu_seconds: float | None, billed: float) -> None:
    assert billed_dpu_seconds(dpus, seconds, dpu_seconds=dpu_seconds) == Decimal(billed)


@pytest.mark.parametrize(
    ("execution_class", "command", "worker_type", "glue_version", "dollars"),
    [
        ("STANDARD", "glueetl", None, None, "0.44"),
        ("STANDARD", "glueetl", "G.16X", "5.1", "0.44"),
        ("FLEX", "glueetl", "G.1X", "4.0", "0.29"),
        ("STANDARD", "gluestreaming", "G.025X", "5.1", "0.44"),
        # an M-DPU has twice the memory
        ("STANDARD", "glueetl", "R.2X", "5.1", "0.52"),
        # Glue 6.0 is 30 % cheaper
        ("STANDARD", "glueetl", "G.1X", "6.0", "0.308"),
        ("FLEX", "glueetl", "G.1X", "6.0", "0.203"),
        ("STANDARD", "glueetl", "R.1X", "6.0", "0.364"),
        # there is no Flex price for a Python shell, and no version that is cheaper
        ("FLEX", "pythonshell", None, None, "0.44"),
        ("STANDARD", "pythonshell", None, "6.0", "0.44"),
    ],
)
def test_price_of_one_dpu_for_one_hour(
    execution_class: str,
    command: str,
    worker_type: str | None,
    glue_version: str | None,
    dollars: str,
) -> None:
    paid = cost(
        execution_class,
        command,
        dpus=1,
        seconds=3600,
        worker_type=worker_type,
        glue_version=glue_version,
    )
    assert paid == Decimal(dollars)


def test_memory_optimised_workers_get_the_same_discount_as_flex() -> None:
    paid = cost("FLEX", "glueetl", dpus=1, seconds=3600, worker_type="R.1X", glue_version="5.1")
    assert round(paid, 4) == Decimal("0.3427")  # 0.52 × 0.29 / 0.44


@pytest.mark.parametrize(
    ("seconds", "dollars"),
    [
        (3600, "0.88"),
        # ten minutes at least: 2 × 1/6 h × $0.44
        (20, "0.1467"),
    ],
)
def test_crawlers(seconds: float, dollars: str) -> None:
    assert round(cost("STANDARD", "crawler", dpus=2, seconds=seconds), 4) == Decimal(dollars)


@pytest.mark.parametrize(
    ("region", "standard", "flex"),
    [
        ("us-east-1", "0.44", "0.29"),
        ("eu-west-1", "0.44", "0.29"),
        # nothing is known of it
        ("xx-east-9", "0.44", "0.29"),
        # dearer, and Flex in proportion
        ("sa-east-1", "0.69", "0.455"),
        ("af-south-1", "0.524", "0.345"),
    ],
)
def test_list_prices_of_a_region(region: str, standard: str, flex: str) -> None:
    book = list_prices(region)
    assert (book.standard, book.flex) == (Decimal(standard), Decimal(flex))
    assert book.minimum_seconds == 60


def test_ones_own_prices() -> None:
    prices = with_own(AWS_PRICES, {"flex": Decimal("0.05"), "minimum_seconds": Decimal(0)})
    assert prices == PriceBook(flex=Decimal("0.05"), minimum_seconds=Decimal(0))
    assert cost("FLEX", "glueetl", dpus=2, seconds=1800, prices=prices) == Decimal("0.05")
    assert cost("FLEX", "glueetl", dpus=2, seconds=0, prices=prices) == 0
    # what a machine of one's own costs may be nothing at all
    free = with_own(AWS_PRICES, {"standard": Decimal(0), "flex": Decimal(0)})
    paid = cost("FLEX", "glueetl", dpus=1, seconds=3600, worker_type="R.1X", prices=free)
    assert paid == Decimal("0.52")
