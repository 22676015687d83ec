from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from glueball.core.costs import Amounts, By, account, amounts_of, total
from glueball.core.pricing import AWS_PRICES, with_own
from glueball.core.runs import RunState
from support.past_runs import past_run

#: 2026-09-30 23:00 UTC
EVENING = 1_790_809_200.0
HOUR = 3600.0


def cost_of(**changes: Any) -> Amounts:
    run = past_run(running=EVENING, **changes)
    return amounts_of(run, EVENING + HOUR, AWS_PRICES, AWS_PRICES)


@pytest.mark.parametrize(
    ("changes", "dpu_hours", "cost", "as_standard"),
    [
        # ten workers for half an hour, as the price list reckons it
        ({"completed": EVENING + 1800}, "5", "2.20", "2.20"),
        ({"completed": EVENING + 1800, "execution_class": "FLEX"}, "5", "1.45", "2.20"),
        # a minute at least
        ({"completed": EVENING + 6}, "0.1667", "0.07", "0.07"),
        # still running: until now
        ({"completed": None}, "10", "4.40", "4.40"),
        # auto-scaled: what was held
        ({"completed": EVENING + 1800, "dpu_seconds": 9000.0}, "2.5", "1.10", "1.10"),
        # R workers and Glue 6.0 have prices of their own
        ({"completed": EVENING + HOUR, "worker_type": "R.1X"}, "10", "5.20", "5.20"),
        (
            {"completed": EVENING + HOUR, "glue_version": "6.0", "execution_class": "FLEX"},
            "10",
            "2.03",
            "3.08",
        ),
        # whatever became of it, it was paid
        ({"completed": EVENING + 1800, "state": RunState.FAILED}, "5", "2.20", "2.20"),
        # clocks were turned back
        ({"completed": EVENING - 5}, "0.1667", "0.07", "0.07"),
    ],
)
def test_what_a_run_costs(
    changes: dict[str, Any], dpu_hours: str, cost: str, as_standard: str
) -> None:
    amounts = cost_of(**changes)
    assert round(amounts.dpu_hours, 4) == Decimal(dpu_hours)
    assert round(amounts.cost, 2) == Decimal(cost)
    assert round(amounts.as_standard, 2) == Decimal(as_standard)
    assert amounts.runs == 1


def test_own_prices_beside_what_aws_would_bill() -> None:
    run = past_run(running=EVENING, completed=EVENING + HOUR, execution_class="FLEX")
    own = with_own(AWS_PRICES, {"standard": Decimal("0.1"), "flex": Decimal("0.05")})
    amounts = amounts_of(run, EVENING + HOUR, own, AWS_PRICES)
    assert (amounts.cost, amounts.as_standard) == (Decimal("0.5"), Decimal(1))
    assert (amounts.at_list, amounts.saved_share) == (Decimal("2.9"), Decimal("0.5"))


def test_what_is_free_saves_nothing() -> None:
    assert Amounts(runs=1).saved_share == 0


@pytest.mark.parametrize(
    ("by", "names"),
    [
        (By.RUN, ["late", "early", "dear"]),  # in order of time
        (By.JOB, ["b", "a"]),  # the dearest first
        (By.DAY, ["2026-09-30", "2026-10-01", "2026-10-02"]),
        (By.MONTH, ["2026-09", "2026-10"]),
    ],
)
def test_lines(by: By, names: list[str]) -> None:
    runs = [
        # before midnight in UTC, and ended behind it: it belongs to the day on which it began
        past_run("late", job_name="a", running=EVENING, completed=EVENING + 2 * HOUR),
        past_run("dear", job_name="b", running=EVENING + 30 * HOUR, completed=EVENING + 40 * HOUR),
        past_run("early", job_name="a", running=EVENING + HOUR, completed=EVENING + 2 * HOUR),
        past_run("waits", job_name="c", running=None),  # costs nothing and has no line
    ]
    lines = account(runs, by, now=EVENING + 99 * HOUR, prices=AWS_PRICES, listed=AWS_PRICES)
    assert [line.name for line in lines] == names
    assert total(lines).runs == 3
    assert round(total(lines).cost, 2) == Decimal("57.20")  # 13 hours of ten DPUs


def test_an_empty_account() -> None:
    lines = account([], By.JOB, now=EVENING, prices=AWS_PRICES, listed=AWS_PRICES)
    assert (lines, total(lines)) == ([], Amounts())
