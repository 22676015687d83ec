"""Which rule types there are, what each takes, and the check that a rule gives it that.

https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types.html
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from awsgluedq._dqdl.model import (
    Amount,
    Binary,
    Call,
    Check,
    Condition,
    Keyword,
    Negative,
    Operand,
    Parenthesised,
    Text,
)
from awsgluedq._errors import RuleNotValidError

MANY = 1_000  #: of parameters

NUMBER, TEXT, DATE, DURATION, SIZE = "a number", "a text", "a date", "a length of time", "a size"

_ORDERED = frozenset({"=", "!=", ">", "<", ">=", "<=", "between", "in"})


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleType:
    """What a rule of one type takes."""

    least: int  #: parameters
    most: int  #: parameters
    kinds: frozenset[str]  #: of values that its condition may name; empty: it has no condition
    operators: frozenset[str] = _ORDERED  #: without `not`
    condition_optional: bool = False
    threshold: bool = False  #: whether `with threshold` is allowed
    analyzer: bool = False  #: whether it may stand in `Analyzers`
    rule: bool = True  #: whether it may stand in `Rules`


def _numeric(least: int, most: int | None = None, *, analyzer: bool = True) -> RuleType:
    most = least if most is None else most
    return RuleType(least=least, most=most, kinds=frozenset({NUMBER}), analyzer=analyzer)


def _plain(least: int, most: int | None = None) -> RuleType:
    return RuleType(least=least, most=least if most is None else most, kinds=frozenset())


RULE_TYPES = {
    "AggregateMatch": _numeric(2, analyzer=False),
    "AllStatistics": RuleType(least=1, most=1, kinds=frozenset(), analyzer=True, rule=False),
    "ColumnCorrelation": _numeric(2),
    "ColumnCount": _numeric(0),
    "ColumnDataType": RuleType(
        least=1,
        most=1,
        kinds=frozenset({TEXT}),
        operators=frozenset({"=", "!="}),
        threshold=True,
    ),
    "ColumnExists": _plain(1),
    "ColumnLength": RuleType(
        least=1, most=1, kinds=frozenset({NUMBER}), threshold=True, analyzer=True
    ),
    "ColumnNamesMatchPattern": _plain(1),
    "ColumnValues": RuleType(
        least=1,
        most=1,
        kinds=frozenset({NUMBER, TEXT, DATE}),
        operators=_ORDERED | {"matches"},
        threshold=True,
        analyzer=True,
    ),
    "Completeness": _numeric(1),
    "CustomSql": RuleType(
        least=1,
        most=1,
        kinds=frozenset({NUMBER}),
        condition_optional=True,
        threshold=True,
        analyzer=True,
    ),
    "DataFreshness": RuleType(least=1, most=1, kinds=frozenset({DURATION}), threshold=True),
    "DatasetMatch": _numeric(2, 3, analyzer=False),
    "DetectAnomalies": _plain(1, 3),
    "DistinctValuesCount": _numeric(1),
    "Distribution": RuleType(least=1, most=1, kinds=frozenset(), analyzer=True, rule=False),
    "Entropy": _numeric(1),
    "FileFreshness": RuleType(least=0, most=1, kinds=frozenset({TEXT, DATE}), threshold=True),
    "FileMatch": RuleType(
        least=0,
        most=2,
        kinds=frozenset({TEXT}),
        operators=frozenset({"in"}),
        condition_optional=True,
    ),
    "FileSize": RuleType(least=0, most=1, kinds=frozenset({NUMBER, SIZE}), threshold=True),
    "FileUniqueness": _numeric(0, 1, analyzer=False),
    "IsComplete": _plain(1),
    "IsPrimaryKey": _plain(1, MANY),
    "IsUnique": _plain(1, MANY),
    "Mean": _numeric(1),
    "ReferentialIntegrity": _numeric(2, analyzer=False),
    # One of AWS's examples gives a column too, which changes nothing.
    "RowCount": _numeric(0, 1),
    "RowCountMatch": _numeric(1, analyzer=False),
    "SchemaMatch": _numeric(1, analyzer=False),
    "StandardDeviation": _numeric(1),
    "Sum": _numeric(1),
    "Uniqueness": _numeric(1, MANY),
    "UniqueValueRatio": _numeric(1),
}

#: AWS's own page writes some names in this way too.
SPELLINGS = {"CustomSQL": "CustomSql"}

#: Rule types whose statistic `DetectAnomalies` watches.
WATCHED = frozenset(
    {
        "RowCount",
        "Completeness",
        "Uniqueness",
        "Mean",
        "Sum",
        "StandardDeviation",
        "Entropy",
        "DistinctValuesCount",
        "UniqueValueRatio",
        "ColumnLength",
        "ColumnValues",
        "ColumnCorrelation",
        "CustomSql",
        "ColumnCount",
    }
)

#: Functions of the values that a statistic had in earlier runs.
REDUCERS = frozenset({"avg", "average", "median", "max", "min", "sum", "std"})
_FUNCTIONS = REDUCERS | {"now", "last", "index", "abs"}


def known_type(check: Check) -> RuleType:
    """Return what the type of a rule takes.

    Raises:
        RuleNotValidError: there is no such type.
    """
    if found := RULE_TYPES.get(check.type):
        return found
    close = difflib.get_close_matches(check.type, RULE_TYPES, n=1)
    close = close or [name for name in RULE_TYPES if name.lower() == check.type.lower()]
    hint = f" Did you mean {close[0]}?" if close else f" There are: {', '.join(RULE_TYPES)}."
    raise _error(check, f"There is no rule type {check.type}.{hint}")


def validate_rule(check: Check) -> None:
    """Compare a rule with what its type takes.

    Raises:
        RuleNotValidError: it does not fit.
    """
    known = known_type(check)
    if not known.rule:
        raise _error(check, f"{check.type} is an analyzer. Write it in Analyzers = [ ].")
    _validate_parameters(check, known)
    _validate_condition(check, known)
    if check.type == "DetectAnomalies":
        _validate_watched(check)


def validate_analyzer(check: Check) -> None:
    """Compare an analyzer with what its type takes.

    Raises:
        RuleNotValidError: it does not fit.
    """
    known = known_type(check)
    if not known.analyzer:
        raise _error(check, f"{check.type} is a rule. Write it in Rules = [ ].")
    _validate_parameters(check, known)


def _validate_parameters(check: Check, known: RuleType) -> None:
    count = len(check.parameters)
    if known.least <= count <= known.most:
        return
    for parameter in check.parameters:
        if parameter.value in RULE_TYPES and not parameter.quoted:
            raise _error(check, f"A comma is missing before {parameter.value}.")
    if known.least == known.most:
        wanted = f"{known.least}"
    elif known.most == MANY:
        wanted = f"at least {known.least}"
    else:
        wanted = f"{known.least} to {known.most}"
    raise _error(check, f"{check.type} takes {wanted} parameter(s), and has {count}.")


def _validate_condition(check: Check, known: RuleType) -> None:
    if check.threshold is not None and not known.threshold:
        raise _error(check, f"{check.type} takes no threshold.")
    if check.threshold is not None:
        _validate_operands(check, check.threshold, frozenset({NUMBER}), _ORDERED)
    if check.condition is None:
        if known.kinds and not known.condition_optional:
            raise _error(check, f"{check.type} needs a condition, as in: {check} > 0.")
        return
    if not known.kinds:
        raise _error(check, f"{check.type} takes no condition; remove '{check.condition}'.")
    _validate_operands(check, check.condition, known.kinds, known.operators)
    if check.type == "CustomSql" and check.threshold is not None:
        raise _error(check, "CustomSql takes a condition or a threshold, not both.")


def _validate_operands(
    check: Check, condition: Condition, kinds: frozenset[str], operators: frozenset[str]
) -> None:
    if condition.kind not in operators:
        raise _error(check, f"{check.type} does not know '{condition.operator}'.")
    for operand in condition.operands:
        if isinstance(operand, Keyword) and check.type != "ColumnValues":
            raise _error(check, f"{operand} is for ColumnValues only.")
        kind = _kind(operand, check)
        if kind is not None and kind not in kinds and not _readable(operand, kinds):
            wanted = " or ".join(sorted(kinds))
            raise _error(check, f"{check.type} is compared with {wanted}; {operand} is {kind}.")


def _readable(operand: Operand, kinds: frozenset[str]) -> bool:
    """Tell whether a text is a number in quotes, as AWS's own example `= "1.0"` has it."""
    if NUMBER not in kinds or not isinstance(operand, Text):
        return False
    return operand.value.strip().lstrip("-").replace(".", "", 1).isdigit()


def _kind(operand: Operand, check: Check) -> str | None:
    match operand:
        case Keyword():
            return None
        case Text():
            return TEXT
        case Amount():
            return DURATION if operand.seconds is not None else SIZE
        case Parenthesised():
            return _kind(operand.inner, check)
        case Negative():
            return _kind(operand.of, check)
        case Binary():
            return _binary_kind(operand, check)
        case Call():
            return _call_kind(operand, check)
    return NUMBER


def _binary_kind(operand: Binary, check: Check) -> str:
    kinds = (_kind(operand.left, check), _kind(operand.right, check))
    if kinds == (NUMBER, NUMBER):
        return NUMBER
    if kinds == (DATE, DURATION) and operand.operator in "+-":
        return DATE
    raise _error(check, f"'{operand}' cannot be calculated.")


def _call_kind(call: Call, check: Check) -> str:
    if call.name not in _FUNCTIONS:
        raise _error(check, f"There is no function {call.name}.")
    if call.name == "now":
        if call.arguments:
            raise _error(check, "now() takes nothing.")
        return DATE
    for argument in call.arguments:
        _kind(argument, check)
    return NUMBER


def _validate_watched(check: Check) -> None:
    watched = SPELLINGS.get(check.names[0], check.names[0])
    if watched not in WATCHED:
        raise _error(
            check, f"DetectAnomalies watches one of {', '.join(sorted(WATCHED))}, not {watched!r}."
        )
    known = RULE_TYPES[watched]
    if not known.least <= len(check.parameters) - 1 <= known.most:
        raise _error(check, f"{watched} needs its own parameters behind its name.")


def _error(check: Check, reason: str) -> RuleNotValidError:
    return RuleNotValidError(check.line, check.column, reason)
