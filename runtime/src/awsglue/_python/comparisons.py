"""Comparing a record's value with a constant as Python does it, written in Spark SQL.

A condition has two sides: SQL that is true where Python's expression is true, and SQL that is true
where it is false. Where neither is, Python raises (`None > 3`, `"a" < 1`), and `Filter` drops the
record. A side that is null counts as not true, so nothing here may negate one.
"""

from __future__ import annotations

import datetime
import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from awsglue import gluetypes as glue
from awsglue._types import ddl

TRUE, FALSE = "true", "false"
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_BITS = {glue.ByteType: 7, glue.ShortType: 15, glue.IntegerType: 31, glue.LongType: 63}
_PLAIN_TEXT = frozenset(" ,-./0123456789:@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")


class UnprovenError(Exception):
    """An expression is not provably the same in SQL: Python must evaluate it."""


@dataclass(frozen=True, slots=True)
class Value:
    """A record's value: never of several types, but it may be null, which is None."""

    sql: str
    type: glue.DataType
    needs: tuple[str, ...] = ()  #: SQL of what must be true, or else Python raises


@dataclass(frozen=True, slots=True)
class Condition:
    """A truth: SQL for where it is, and SQL for where it is not."""

    true: str
    false: str
    of: str = "truth"  #: what Python has: a `bool`, a `match` or None, or just some `truth`

    def negated(self) -> Condition:
        """Return what `not` makes of it."""
        return Condition(self.false, self.true, "bool")


def both(*sides: str) -> str:
    """Return where all sides are true."""
    if FALSE in sides:
        return FALSE
    wanted = [side for side in dict.fromkeys(sides) if side != TRUE]
    return f"({' AND '.join(wanted)})" if len(wanted) > 1 else "".join(wanted) or TRUE


def either(*sides: str) -> str:
    """Return where some side is true."""
    if TRUE in sides:
        return TRUE
    wanted = [side for side in dict.fromkeys(sides) if side != FALSE]
    return f"({' OR '.join(wanted)})" if len(wanted) > 1 else "".join(wanted) or FALSE


def guarded(value: Value, condition: Condition) -> Condition:
    """Return the condition as it is where Python can get at the value at all."""
    return replace(
        condition,
        true=both(*value.needs, condition.true),
        false=both(*value.needs, condition.false),
    )


def compare(value: Value, symbol: str, constant: Any) -> Condition:
    """Return the condition of a comparison.

    Args:
        value: the left side.
        symbol: a key of `OPERATORS`.
        constant: the right side.

    Raises:
        UnprovenError: Spark may see it differently.
    """
    if symbol in ("=", "<>"):
        equal = contained(value, [constant])
        return equal if symbol == "=" else equal.negated()
    true, false = _ordered(value, symbol, constant)
    return guarded(value, Condition(true, false, "bool"))


def contained(value: Value, constants: Iterable[Any]) -> Condition:
    """Return the condition that a value is one of several constants.

    Raises:
        UnprovenError: Spark may see it differently.
    """
    constants = list(constants)
    null = f"{value.sql} IS NULL"
    found = [_equal_to(value, one) for one in constants if one is not None]
    literals = list(dict.fromkeys(one for one in found if one is not None))
    sql = _comparable(value)
    if not literals:
        true, false = FALSE, f"{value.sql} IS NOT NULL"
    elif len(literals) == 1:
        true, false = f"{sql} = {literals[0]}", f"{sql} <> {literals[0]}"
    else:
        true, false = (f"{sql} {word} ({', '.join(literals)})" for word in ("IN", "NOT IN"))
    if any(one is None for one in constants):
        true = either(true, null)
    else:
        false = TRUE if not literals else either(false, null)
    return guarded(value, Condition(true, false, "bool"))


def truth(value: Value) -> Condition:
    """Return the condition that Python takes a value for true.

    Raises:
        UnprovenError: Spark may see it differently.
    """
    empty: dict[type[glue.DataType], Any] = {glue.BooleanType: False, glue.StringType: ""}
    if isinstance(value.type, _MOMENTS):
        condition = Condition(f"{value.sql} IS NOT NULL", f"{value.sql} IS NULL")
        return guarded(value, condition)
    falsy = contained(value, [None, empty.get(type(value.type), 0)])
    return Condition(falsy.false, falsy.true)


_MOMENTS = (glue.DateType, glue.TimestampType, glue.TimestampNTZType)
_FLOATS = (glue.FloatType, glue.DoubleType)


def _comparable(value: Value) -> str:
    return f"CAST({value.sql} AS DOUBLE)" if isinstance(value.type, glue.FloatType) else value.sql


def _kind(data_type: glue.DataType) -> str:
    """Return what Python makes of a type's values: kinds are never equal, nor in any order."""
    if isinstance(data_type, (*_BITS, glue.DecimalType, glue.BooleanType, *_FLOATS)):
        return "number"
    if isinstance(data_type, glue.StringType):
        return "text"
    if isinstance(data_type, glue.DateType):
        return "date"
    if isinstance(data_type, (glue.TimestampType, glue.TimestampNTZType)):
        return "moment"
    raise UnprovenError(f"values of type {data_type.typeName()}")


_CONSTANTS: dict[type, str] = {
    bool: "number",
    int: "number",
    float: "number",
    Decimal: "number",
    str: "text",
    datetime.date: "date",
    datetime.datetime: "moment",
}


def _same_kind(value: Value, constant: Any) -> bool:
    """Tell whether a value can equal a constant; refuse what neither side is sure about."""
    if type(constant) not in _CONSTANTS:
        raise UnprovenError(f"a constant of type {type(constant).__name__}")
    never_number = type(constant) is float and math.isnan(constant)
    unsure = (
        not constant.is_finite() or isinstance(value.type, _FLOATS)
        if isinstance(constant, Decimal)
        else never_number and isinstance(value.type, glue.DecimalType)
    )
    if unsure:  # comparing a decimal with NaN raises what `Filter` takes for an error
        raise UnprovenError("a decimal and a number that may be none")
    if isinstance(constant, datetime.datetime) and constant.tzinfo is not None:
        raise UnprovenError("a moment with a time zone")
    return _kind(value.type) == _CONSTANTS[type(constant)]


def _equal_to(value: Value, constant: Any) -> str | None:
    """Return the literal of a value's type that equals a constant; None when there is none."""
    if not _same_kind(value, constant) or (isinstance(constant, float) and math.isnan(constant)):
        return None
    if isinstance(value.type, glue.BooleanType):
        return next((str(one).lower() for one in (True, False) if one == constant), None)
    if _kind(value.type) == "number" and not isinstance(value.type, _FLOATS):
        if isinstance(constant, float) and math.isinf(constant):
            return None
        steps, exact = _steps(value.type, constant)
        return _step_literal(value.type, steps) if exact and _holds(value.type, steps) else None
    return _literal(value.type, constant)


def _ordered(value: Value, symbol: str, constant: Any) -> tuple[str, str]:
    if constant is None or not _same_kind(value, constant):
        return FALSE, FALSE  # a TypeError
    if isinstance(value.type, glue.BooleanType):
        return _ordered_boolean(value, symbol, constant)
    if isinstance(constant, float) and math.isnan(constant):
        return FALSE, f"{value.sql} IS NOT NULL"
    if isinstance(value.type, _FLOATS):
        return _ordered_float(value, symbol, constant)
    if _kind(value.type) == "number":
        return _ordered_steps(value, symbol, constant)
    literal = _literal(value.type, constant)
    return f"{value.sql} {symbol} {literal}", f"{value.sql} {_OPPOSITE[symbol]} {literal}"


def _ordered_boolean(value: Value, symbol: str, constant: Any) -> tuple[str, str]:
    sides = {one: bool(OPERATORS[symbol](one, constant)) for one in (True, False)}
    names = {True: value.sql, False: f"NOT {value.sql}"}
    return tuple(  # type: ignore[return-value]
        either(*(names[one] for one, holds in sides.items() if holds is wanted))
        for wanted in (True, False)
    )


def _ordered_float(value: Value, symbol: str, constant: Any) -> tuple[str, str]:
    sql, literal = _comparable(value), _literal(value.type, constant)
    true, false = f"{sql} {symbol} {literal}", f"{sql} {_OPPOSITE[symbol]} {literal}"
    if symbol in (">", ">="):  # to Spark, NaN is greater than any number; to Python it is not
        return both(true, f"NOT isnan({sql})"), either(false, f"isnan({sql})")
    return true, false


def _ordered_steps(value: Value, symbol: str, constant: Any) -> tuple[str, str]:
    """Compare whole numbers and decimals: they are multiples of a step, a constant may not be."""
    present = f"{value.sql} IS NOT NULL"
    if isinstance(constant, float) and math.isinf(constant):
        low, high = constant < 0, constant > 0
    else:
        steps, exact = _steps(value.type, constant)
        # Between two steps, "less" is "not greater than the lower one".
        symbol = symbol if exact else {"<": "<=", ">=": ">"}.get(symbol, symbol)
        low, high = not _holds(value.type, steps) and steps < 0, steps > _most(value.type)
    if low or high:
        return (present, FALSE) if (symbol in ("<", "<=")) is high else (FALSE, present)
    literal = _step_literal(value.type, steps)
    return f"{value.sql} {symbol} {literal}", f"{value.sql} {_OPPOSITE[symbol]} {literal}"


def _scale(data_type: glue.DataType) -> int:
    return data_type.scale if isinstance(data_type, glue.DecimalType) else 0


def _most(data_type: glue.DataType) -> int:
    """Return how many steps from zero the greatest value of a type is."""
    if isinstance(data_type, glue.DecimalType):
        return int(10**data_type.precision - 1)
    return int(2 ** _BITS[type(data_type)] - 1)  # type: ignore[index]


def _holds(data_type: glue.DataType, steps: int) -> bool:
    least = -_most(data_type) - (0 if isinstance(data_type, glue.DecimalType) else 1)
    return least <= steps <= _most(data_type)


def _steps(data_type: glue.DataType, constant: Any) -> tuple[int, bool]:
    """Return the last step not above a constant, and whether it is the constant itself."""
    exact = Fraction(constant) * 10 ** _scale(data_type)
    steps = math.floor(exact)
    return steps, steps == exact


def _step_literal(data_type: glue.DataType, steps: int) -> str:
    digits = str(abs(steps)).rjust(_scale(data_type) + 1, "0")
    point = len(digits) - _scale(data_type)
    text = f"{digits[:point]}.{digits[point:]}".rstrip(".")
    return _cast(f"-{text}" if steps < 0 else text, data_type)


def _cast(text: Any, data_type: glue.DataType) -> str:
    return f"CAST('{text}' AS {ddl(data_type)})"


def _literal(data_type: glue.DataType, constant: Any) -> str:
    if isinstance(data_type, glue.StringType):
        return text_literal(constant)
    if isinstance(data_type, _FLOATS):
        return _float_literal(constant)
    if isinstance(data_type, _MOMENTS):
        return _cast(constant.isoformat(), data_type)
    raise UnprovenError(f"values of type {data_type.typeName()}")


def _float_literal(constant: Any) -> str:
    try:
        number = float(constant)
    except OverflowError as error:
        raise UnprovenError("a number too great for a double") from error
    if number != constant:
        raise UnprovenError("a number that no double equals")
    names = {math.inf: "Infinity", -math.inf: "-Infinity"}
    return f"CAST('{names.get(number, repr(number))}' AS DOUBLE)"


def text_literal(text: str) -> str:
    """Return a text as SQL, whatever Spark's settings for escapes are.

    Raises:
        UnprovenError: no text of Spark's can be this one.
    """
    if _PLAIN_TEXT.issuperset(text):
        return f"'{text}'"
    try:
        return f"CAST(X'{text.encode().hex()}' AS STRING)"
    except UnicodeEncodeError as error:
        raise UnprovenError("a text that is no Unicode") from error
