"""Numbers, moments and what earlier runs give, without Spark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from awsgluedq._dqdl.model import Check, Operand
from awsgluedq._dqdl.parser import parse
from awsgluedq._evaluation import operands
from awsgluedq._evaluation.operands import Surroundings
from awsgluedq._evaluation.outcome import RuleFailedError
from awsgluedq.history import MemoryHistory, NoHistory

NOW = datetime(2026, 1, 31, 20, 30, tzinfo=UTC)


def check(rule: str) -> Check:
    (found,) = parse(f"Rules=[{rule}]").checks()
    return found


def operand(text: str, rule: str = "RowCount") -> Operand:
    condition = check(f"{rule} > {text}").condition
    assert condition is not None
    return condition.operands[0]


def past(count: int) -> Sequence[float]:
    """Six earlier values, the newest first."""
    return (8.0, 4.0, 4.0, 2.0, 1.0, 5.0)[:count]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3.0),
        ("-3.5", -3.5),
        ("2 + 3 * 4", 14.0),
        ("(2 + 3) * 4", 20.0),
        ("8 / 2 - 1", 3.0),
        ("last()", 8.0),
        ("last(1)", 8.0),
        ("avg(last(3))", 16 / 3),
        ("average(last(2))", 6.0),
        ("median(last(3))", 4.0),
        ("min(last(3)) - 1", 3.0),
        ("max(last(3)) + 1", 9.0),
        ("sum(last(3))", 16.0),
        ("std(last(2))", 2.0),
        ("abs(2 - last())", 6.0),
        ("index(last(3), 0)", 8.0),
        ("index(last(3), 2)", 4.0),
        ("avg(last(99))", 4.0),
        ("avg(last())", 8.0),
        ("0.9 * avg(last(2))", 5.4),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert operands.number(operand(text), past) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("last(5)", "has several values. Reduce them, as in avg(last(5))."),
        ("last(5) + 1", "has several values"),
        ("index(last(3), 3)", "there are 3 earlier values"),
        ("last(0)", "asks for no value"),
        ("avg(last(2), last(3))", "takes one argument, and has 2"),
        ("1 / (last() - 8)", "divides by zero"),
    ],
)
def test_what_is_no_number(text: str, reason: str) -> None:
    with pytest.raises(RuleFailedError) as caught:
        operands.number(operand(text), past)
    assert reason in str(caught.value)


def test_no_earlier_value_counts_as_zero() -> None:
    nothing = Surroundings(now=NOW, context="c", history=NoHistory()).past("Dataset.*.RowCount")
    assert operands.number(operand("last()"), nothing) == 0.0
    assert operands.number(operand("avg(last(9))"), nothing) == 0.0


def test_an_evaluated_rule_has_numbers_in_place_of_earlier_runs() -> None:
    rule = check("RowCount between 0.5 * avg(last(2)) and last() + 10")
    assert str(operands.evaluated(rule, past)) == "RowCount between 3.0 and 18.0"
    static = check("RowCount between 0.5 * 2 and 10")
    assert operands.evaluated(static, past) == static


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ('"2024-01-31"', None, date(2024, 1, 31)),
        ('"2024-01-31 10:20:00"', None, datetime(2024, 1, 31, 10, 20, tzinfo=UTC)),
        ("now()", None, NOW),
        ("(now() - 3 days)", None, datetime(2026, 1, 28, 20, 30, tzinfo=UTC)),
        ("(now() + 15 minutes)", None, datetime(2026, 1, 31, 20, 45, tzinfo=UTC)),
        ("(now() - 1 hour)", None, datetime(2026, 1, 31, 19, 30, tzinfo=UTC)),
        ('"21:45"', None, datetime(2026, 1, 31, 21, 45, tzinfo=UTC)),
        ('"9:30 PM"', None, datetime(2026, 1, 31, 21, 30, tzinfo=UTC)),
        ('"21:45"', "America/New_York", datetime(2026, 2, 1, 2, 45, tzinfo=UTC)),
        # In Tokyo it is tomorrow already.
        ('"05:30"', "Asia/Tokyo", datetime(2026, 1, 31, 20, 30, tzinfo=UTC)),
        ('"soon"', None, None),
    ],
)
def test_moments(text: str, zone: str | None, expected: date | None) -> None:
    assert operands.moment(operand(text, "FileFreshness"), NOW, zone) == expected


def test_an_unknown_time_zone() -> None:
    with pytest.raises(RuleFailedError, match="There is no time zone 'Mars/Base'"):
        operands.moment(operand('"21:45"', "FileFreshness"), NOW, "Mars/Base")


def test_sizes_and_lengths_of_time() -> None:
    assert [operands.size(operand(text, "FileSize")) for text in ("5", "1 KB", "1.5 MB")] == [
        5,
        1024,
        1_572_864,
    ]
    assert operands.seconds(operand("90 minutes", 'DataFreshness "a"')) == 5_400.0


def test_a_history_gives_the_newest_first_and_keeps_contexts_apart() -> None:
    history = MemoryHistory()
    for value in (1.0, 2.0, 3.0):
        history.add("one", {"a": value})
    history.add("other", {"a": 9.0})
    assert list(history.last("one", "a", 2)) == [3.0, 2.0]
    assert list(history.last("one", "b", 2)) == []
    assert list(history.last("other", "a", 5)) == [9.0]
