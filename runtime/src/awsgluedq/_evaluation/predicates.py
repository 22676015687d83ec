"""Conditions over the value in a row, as columns that are true, or false, and never null."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from awsgluedq._dqdl.model import Check, Condition, Keyword, Negative, Number, Operand, Text
from awsgluedq._evaluation import operands
from awsgluedq._evaluation.fields import Field
from awsgluedq._evaluation.operands import Moment, Past
from awsgluedq._evaluation.outcome import RuleFailedError

#: A value of the row and what it is compared with; both, as days are compared with days.
Pair = tuple[Column, Column]

#: Digits of Spark's decimals; longer numbers are compared as doubles.
DIGITS = 38


def column_values(
    field: Field, condition: Condition, past: Past, now: datetime, spark: SparkSession
) -> Column:
    """Return whether a value satisfies the condition of a `ColumnValues` rule.

    Null satisfies `!=` and `not in` only, unless NULL is named.
    https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-ColumnValues.html

    Raises:
        RuleFailedError: the condition does not fit the type of the column.
    """
    if condition.kind == "matches":
        return _matches(field, condition, spark)
    named = [one for one in condition.operands if not isinstance(one, Keyword)]
    pairs = [_pair(field, one, condition, past, now) for one in named]
    keywords = [one.name for one in condition.operands if isinstance(one, Keyword)]
    if keywords and condition.kind not in ("=", "!=", "in"):
        raise RuleFailedError(f"{keywords[0]} can be compared by =, !=, in and not in only.")
    if not keywords:
        return _compared(condition, pairs)
    return _listed(field, pairs, keywords, negated=condition.negated)


def _listed(field: Field, pairs: list[Pair], keywords: list[str], *, negated: bool) -> Column:
    found = F.lit(False)
    for left, right in pairs:
        found = found | F.coalesce(left == right, F.lit(False))
    if "EMPTY" in keywords:
        found = found | F.coalesce(field.text == "", F.lit(False))
    if "WHITESPACES_ONLY" in keywords:
        found = found | F.coalesce(field.text.rlike(r"^\s+$"), F.lit(False))
    if "NULL" in keywords:
        found = found | field.column.isNull()
    return ~found if negated else found


def _compared(condition: Condition, pairs: Sequence[Pair]) -> Column:
    found = compare(condition, pairs)
    # A value of the wrong type is null on the left: it is different from everything.
    return F.coalesce(found, F.lit(condition.operator in ("!=", "not in")))


def compare(condition: Condition, pairs: Sequence[Pair]) -> Column:
    """Return whether the left sides of pairs satisfy a condition about the right ones."""
    (left, right), *_ = pairs
    match condition.kind:
        case "=":
            return left == right
        case "!=":
            return left != right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case "between":
            inside = (left > right) & (pairs[1][0] < pairs[1][1])
            return ~inside if condition.negated else inside
    found = left == right
    for one, other in pairs[1:]:
        found = found | (one == other)
    return ~found if condition.negated else found


def _pair(field: Field, operand: Operand, condition: Condition, past: Past, now: datetime) -> Pair:
    if isinstance(operand, Text) and not field.is_moment:
        return _text_pair(field, operand, condition, now)
    if (point := operands.moment(operand, now)) is not None:
        return moment_pair(field, point)
    if field.is_moment or isinstance(operand, Text):
        raise RuleFailedError(f"Column {field.name} cannot be compared with {operand}.")
    return number_pair(field, operand, past)


def _text_pair(field: Field, operand: Text, condition: Condition, now: datetime) -> Pair:
    if field.is_number and operands.is_number_text(operand):
        return field.column, F.lit(_literal(Number(value=Decimal(operand.value))))
    if condition.kind in ("=", "!=", "in"):
        return field.text, F.lit(operand.value)
    if field.is_text and (point := operands.moment(operand, now)) is not None:
        return moment_pair(field, point)
    raise RuleFailedError(
        f"Column {field.name} cannot be compared with {operand} by '{condition.operator}'. Texts "
        "are compared by =, !=, in and matches; numbers stand without quotes."
    )


def number_pair(field: Field, operand: Operand, past: Past) -> Pair:
    """Return the value as a number and a number, exact where both are."""
    if not (field.is_number or field.is_text):
        found = field.type.simpleString()
        raise RuleFailedError(f"Column {field.name} is of type {found}, and {operand} is a number.")
    value = field.column if field.is_number else field.tried("double")
    if _is_dynamic(operand):
        return value, F.lit(operands.number(operand, past))
    return value, F.lit(_literal(operand))


def _is_dynamic(operand: Operand) -> bool:
    return not isinstance(operand, Number | Negative) or (
        isinstance(operand, Negative) and not isinstance(operand.of, Number)
    )


def _literal(operand: Operand) -> int | float | Decimal:
    exact = -_literal(operand.of) if isinstance(operand, Negative) else None
    if exact is not None:
        return exact
    assert isinstance(operand, Number)
    value = operand.value
    if value == value.to_integral_value() and abs(value) < 2**63:
        return int(value)
    sign = value.as_tuple()
    scale = max(0, -int(sign.exponent))
    fits = scale <= DIGITS and len(sign.digits) + max(0, int(sign.exponent)) <= DIGITS
    return value if fits else float(value)


def moment_pair(field: Field, point: Moment) -> Pair:
    """Return the value and a moment: days are compared with days, times with times."""
    literal = F.lit(point)
    if field.is_date:
        return field.column, F.to_date(literal) if isinstance(point, datetime) else literal
    if not (field.is_text or field.is_moment):
        found = field.type.simpleString()
        raise RuleFailedError(f"Column {field.name} is of type {found}, and holds no dates.")
    if isinstance(point, datetime):
        return field.tried("timestamp"), literal
    return field.tried("date"), literal


def _matches(field: Field, condition: Condition, spark: SparkSession) -> Column:
    (pattern,) = condition.operands
    assert isinstance(pattern, Text)
    whole = f"^(?:{pattern.value})$"
    _require_pattern(whole, pattern.value, spark)
    found = field.text.rlike(whole)
    return F.coalesce(~found if condition.negated else found, F.lit(False))


def _require_pattern(whole: str, pattern: str, spark: SparkSession) -> None:
    try:
        # Over a literal relation Spark evaluates it while it plans, and runs no job.
        spark.sql("values (1)").select(F.lit("").rlike(whole)).collect()
    except Exception as error:  # whatever Java's regular expressions say
        raise RuleFailedError(f"{pattern!r} is no regular expression: {_first(error)}") from error


def _first(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def column_length(field: Field, condition: Condition, past: Past) -> Column:
    """Return whether the length of a value satisfies a condition; null is of length 0.

    https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-ColumnLength.html
    """
    length = length_of(field)
    pairs = [(length, F.lit(operands.number(one, past))) for one in condition.operands]
    return compare(condition, pairs)


def length_of(field: Field) -> Column:
    """Return the length of a value in characters."""
    return F.coalesce(F.length(field.text), F.lit(0))


#: What AWS calls types, and Spark's names for them.
DATA_TYPES = {
    name: name.lower()
    for name in ("BOOLEAN", "DATE", "TIMESTAMP", "INTEGER", "DOUBLE", "FLOAT", "LONG", "STRING")
}

_NUMBERS = frozenset({"integer", "double", "float", "long"})


def data_type(field: Field, check: Check) -> Column:
    """Return whether a value can be cast to a type; null cannot.

    https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-ColumnDataType.html

    Raises:
        RuleFailedError: the type is unknown.
    """
    assert check.condition is not None
    (wanted,) = check.condition.operands
    assert isinstance(wanted, Text)
    pattern = check.tag("format")
    name = _spark_type(wanted.value)
    if isinstance(pattern, str) and name == "date":
        # try_to_timestamp gives null where to_date raises in ANSI mode.
        cast = F.expr(f"try_to_timestamp(cast({field.sql} as string), {_quoted(pattern)})")
    elif field.is_text or (field.is_number and name in _NUMBERS):
        cast = field.tried(name)
    else:
        cast = F.expr(f"try_cast(cast({field.sql} as string) as {name})")
    return cast.isNull() if check.condition.negated else cast.isNotNull()


def _spark_type(name: str) -> str:
    upper = name.strip().upper()
    if upper in DATA_TYPES:
        return DATA_TYPES[upper]
    head, _, tail = upper.partition("(")
    digits = [part.strip() for part in tail.rstrip(")").split(",")]
    if head == "DECIMAL" and len(digits) == 2 and all(part.isdigit() for part in digits):
        return f"decimal({digits[0]},{digits[1]})"
    known = ", ".join(one.capitalize() for one in DATA_TYPES)
    raise RuleFailedError(f"There is no data type {name!r}. There are: {known}, Decimal(p,s).")


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def freshness(field: Field, condition: Condition, now: datetime) -> Column:
    """Return whether the age of a value satisfies a condition; null does not.

    https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-DataFreshness.html
    """
    if not (field.is_moment or field.is_text):
        found = field.type.simpleString()
        raise RuleFailedError(f"Column {field.name} is of type {found}, and holds no dates.")
    age = F.lit(now.timestamp()) - field.tried("timestamp").cast("double")
    pairs = [(age, F.lit(operands.seconds(one))) for one in condition.operands]
    return F.coalesce(compare(condition, pairs), F.lit(False))
