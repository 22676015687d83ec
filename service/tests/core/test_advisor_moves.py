from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from glueball.core.advisor_moves import last_move
from glueball.core.past_runs import PastRun
from glueball.core.pricing import AWS_PRICES
from glueball.core.runs import RunState
from support.past_runs import past_run

DAY = 86_400.0


def night(number: int, kind: str, **changes: Any) -> PastRun:
    """Return the run of a night: ten DPUs for half an hour, at once."""
    due = number * DAY
    began = due + changes.pop("wait", 0.0)
    ended = began + changes.pop("seconds", 1800.0)
    values = {"execution_class": kind, "due": due, "running": began, "completed": ended}
    return past_run(f"jr_{number}", **(values | changes))


STANDARD = [night(number, "STANDARD") for number in range(1, 5)]
FLEX = [night(number, "FLEX", wait=60.0 * number, seconds=1860.0) for number in range(5, 9)]


def test_what_a_move_has_brought_is_measured() -> None:
    move = last_move([*FLEX, *STANDARD], AWS_PRICES)
    assert move is not None
    assert (move.at, move.before.runs, move.after.runs) == (5 * DAY, 4, 4)
    assert (move.before.cost, round(move.after.cost, 4)) == (Decimal("2.2"), Decimal("1.4983"))
    assert move.told() == (
        "Since it became FLEX on 1970-01-06 a run costs $1.50 instead of $2.20, half of its runs "
        "take no more than 31 m 00 s instead of 30 m 00 s, and 95 % start within 8 m 00 s instead "
        "of 0.0 s."
    )


@pytest.mark.parametrize(
    "runs",
    [
        [],
        STANDARD,  # it never moved
        [*STANDARD, *FLEX[:2]],  # two may be chance
        [*STANDARD[:2], *FLEX],
        # only what succeeded tells what a run takes
        [*STANDARD, *[night(n, "FLEX", state=RunState.FAILED) for n in range(5, 9)]],
    ],
)
def test_few_runs_show_nothing(runs: list[PastRun]) -> None:
    assert last_move(runs, AWS_PRICES) is None


def test_the_last_move_counts() -> None:
    back = [night(number, "STANDARD", seconds=900.0) for number in range(9, 12)]
    move = last_move([*STANDARD, *FLEX, *back], AWS_PRICES)
    assert move is not None
    assert (move.at, move.before.execution_class, move.after.execution_class) == (
        9 * DAY,
        "FLEX",
        "STANDARD",
    )
