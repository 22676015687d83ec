"""Operands as numbers, moments, lengths of time and sizes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from awsgluedq._dqdl.model import (
    Amount,
    Binary,
    Call,
    Check,
    Condition,
    Negative,
    Number,
    Operand,
    Parenthesised,
    Text,
)
from awsgluedq._dqdl.rule_types import REDUCERS
from awsgluedq._evaluation.outcome import RuleFailedError
from awsgluedq.history import StatisticsHistory

Moment = date | datetime  #: a day, or a point in time with its zone
Past = Callable[[int], Sequence[float]]  #: the last values of the rule's own statistic

_REDUCE: dict[str, Callable[[Sequence[float]], float]] = {
    "avg": statistics.fmean,
    "average": statistics.fmean,
    "median": statistics.median,
    "max": max,
    "min": min,
    "sum": sum,
    "std": statistics.pstdev,
}
assert _REDUCE.keys() == REDUCERS


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What operands depend on besides the ruleset."""

    now: datetime
    context: str  #: under which earlier statistics are kept
    history: StatisticsHistory

    def past(self, statistic: str) -> Past:
        """Return the earlier values of a statistic; 0.0 stands for none, as AWS has it."""
        return lambda count: self.history.last(self.context, statistic, count) or (0.0,)


def number(operand: Operand, past: Past) -> float:
    """Return an operand as a number.

    Args:
        operand: of a condition.
        past: the earlier values of the statistic, for `last`.

    Raises:
        RuleFailedError: it is a list or no number, or an index is beyond what there is.
    """
    value = _calculated(operand, past)
    if isinstance(value, float):
        return value
    raise RuleFailedError(f"{operand} has several values. Reduce them, as in avg({operand}).")


def _calculated(operand: Operand, past: Past) -> float | list[float]:
    match operand:
        case Number():
            return float(operand.value)
        case Text():
            return float(operand.value)
        case Parenthesised():
            return _calculated(operand.inner, past)
        case Negative():
            return -number(operand.of, past)
        case Binary():
            return _combined(operand, past)
        case Call():
            return _called(operand, past)
    raise RuleFailedError(f"{operand} is no number.")


def _combined(operand: Binary, past: Past) -> float:
    left, right = number(operand.left, past), number(operand.right, past)
    match operand.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if right == 0:
        raise RuleFailedError(f"{operand} divides by zero.")
    return left / right


def _called(call: Call, past: Past) -> float | list[float]:
    if call.name == "last":
        return _last(call, past)
    if call.name == "index" and len(call.arguments) == 2:
        values = _list(call.arguments[0], past)
        position = int(number(call.arguments[1], past))
        if not 0 <= position < len(values):
            raise RuleFailedError(f"{call}: there are {len(values)} earlier values.")
        return values[position]
    if len(call.arguments) != 1:
        raise RuleFailedError(f"{call.name} takes one argument, and has {len(call.arguments)}.")
    if call.name == "abs":
        return abs(number(call.arguments[0], past))
    if call.name in _REDUCE:
        return float(_REDUCE[call.name](_list(call.arguments[0], past)))
    raise RuleFailedError(f"{call} is no number.")


def _last(call: Call, past: Past) -> float | list[float]:
    count = int(number(call.arguments[0], past)) if call.arguments else 1
    if count < 1:
        raise RuleFailedError(f"{call} asks for no value. Begin with last(1).")
    values = [float(value) for value in past(count)]
    return values[0] if count == 1 else values


def _list(operand: Operand, past: Past) -> list[float]:
    value = _calculated(operand, past)
    return [value] if isinstance(value, float) else value


def evaluated(check: Check, past: Past) -> Check:
    """Return a rule with numbers in place of what earlier runs give."""
    return replace(
        check,
        condition=check.condition and _fixed(check.condition, past),
        threshold=check.threshold and _fixed(check.threshold, past),
    )


def _fixed(condition: Condition, past: Past) -> Condition:
    operands = tuple(
        Number(value=Decimal(repr(number(one, past)))) if _is_dynamic(one) else one
        for one in condition.operands
    )
    return replace(condition, operands=operands)


def _is_dynamic(operand: Operand) -> bool:
    match operand:
        case Call():
            return operand.name != "now"
        case Parenthesised():
            return _is_dynamic(operand.inner)
        case Negative():
            return _is_dynamic(operand.of)
        case Binary():
            return _is_dynamic(operand.left) or _is_dynamic(operand.right)
    return False


def holds(value: float, condition: Condition, past: Past) -> bool:
    """Tell whether a number satisfies a condition. The ends of a range are outside of it."""
    numbers = [number(one, past) for one in condition.operands]
    match condition.kind:
        case "=":
            return value == numbers[0]
        case "!=":
            return value != numbers[0]
        case ">":
            return value > numbers[0]
        case ">=":
            return value >= numbers[0]
        case "<":
            return value < numbers[0]
        case "<=":
            return value <= numbers[0]
        case "between":
            return (numbers[0] < value < numbers[1]) is not condition.negated
    return (value in numbers) is not condition.negated


def seconds(operand: Operand) -> float:
    """Return a length of time.

    Raises:
        RuleFailedError: it is none.
    """
    if isinstance(operand, Parenthesised):
        return seconds(operand.inner)
    if isinstance(operand, Amount) and operand.seconds is not None:
        return operand.seconds
    raise RuleFailedError(f"{operand} is no length of time. Write 24 hours.")


def size(operand: Operand) -> int:
    """Return a size in bytes; a bare number is one too.

    Raises:
        RuleFailedError: it is none.
    """
    if isinstance(operand, Number):
        return int(operand.value)
    if isinstance(operand, Amount) and operand.bytes is not None:
        return operand.bytes
    raise RuleFailedError(f"{operand} is no size. Write 2 MB.")


def moment(operand: Operand, now: datetime, zone: str | None = None) -> Moment | None:
    """Return the day or the point in time that an operand names; None when it names none.

    Args:
        operand: `"2024-01-31"`, `"21:45"`, `"9:30 PM"`, `now()` or `(now() - 3 days)`.
        now: the current time.
        zone: where a time of day is meant; UTC without it.

    Raises:
        RuleFailedError: there is no such zone.
    """
    match operand:
        case Parenthesised():
            return moment(operand.inner, now, zone)
        case Call(name="now"):
            return now
        case Binary():
            start = moment(operand.left, now, zone)
            if not isinstance(start, datetime):
                return None
            shift = timedelta(seconds=seconds(operand.right))
            return start + shift if operand.operator == "+" else start - shift
        case Text():
            return _day(operand.value) or _time_of_day(operand.value, now, zone)
    return None


def _day(text: str) -> Moment | None:
    """Return a day, or a point in time: of no zone it is in UTC."""
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            found = read(text)
        except ValueError:
            continue
        if isinstance(found, datetime) and found.tzinfo is None:
            return found.replace(tzinfo=UTC)
        return found
    return None


def _time_of_day(text: str, now: datetime, zone: str | None) -> datetime | None:
    for form in ("%H:%M", "%I:%M %p"):
        try:
            clock = datetime.strptime(text, form).time()  # noqa: DTZ007 - only the time is used
        except ValueError:
            continue
        return _today_at(clock, now, zone)
    return None


def _today_at(clock: time, now: datetime, zone: str | None) -> datetime:
    try:
        where = ZoneInfo(zone) if zone else UTC
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RuleFailedError(f"There is no time zone {zone!r}.") from error
    return datetime.combine(now.astimezone(where).date(), clock, where)


def is_numeric(operand: Operand) -> bool:
    """Tell whether an operand is calculated to a number."""
    match operand:
        case Number():
            return True
        case Call():
            return operand.name != "now"
        case Parenthesised():
            return is_numeric(operand.inner)
        case Negative():
            return is_numeric(operand.of)
        case Binary():
            return is_numeric(operand.left)
    return False


def is_number_text(operand: Operand) -> bool:
    """Tell whether an operand is a text that is a number: `"10"`."""
    if not isinstance(operand, Text):
        return False
    try:
        Decimal(operand.value)
    except ArithmeticError:
        return False
    return True
