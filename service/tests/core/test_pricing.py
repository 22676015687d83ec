from __future__ import annotations

from decimal import Decimal

import pytest

from glueball.core.pricing import PriceBook, billed_dpu_seconds, cost, in_cents

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
    ("execution_class", "command", "dollars"),
    [
        ("STANDARD", "glueetl", "0.44"),
        ("FLEX", "glueetl", "0.29"),
        ("STANDARD", "gluestreaming", "0.44"),
        # there is no Flex price for a Python shell
        ("FLEX", "pythonshell", "0.44"),
    ],
)
def test_price_of_one_dpu_for_one_hour(execution_class: str, command: str, dollars: str) -> None:
    assert cost(execution_class, command, dpus=1, seconds=3600) == Decimal(dollars)


def test_ones_own_prices() -> None:
    prices = PriceBook(flex=Decimal("0.05"), minimum_seconds=0)
    assert cost("FLEX", "glueetl", dpus=2, seconds=1800, prices=prices) == Decimal("0.05")
    assert cost("FLEX", "glueetl", dpus=2, seconds=0, prices=prices) == 0
