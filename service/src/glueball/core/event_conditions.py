"""What an event pattern may demand of one value: EventBridge's comparison operators.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import ipaddress
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from glueball.core.errors import AwsError
from glueball.core.linear_patterns import ANY_TEXT, AnyPattern, UnreadablePattern, literal

#: tells whether a value of an event, which is no object and no list, is as demanded
Condition = Callable[[Any], bool]

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_IGNORE_CASE = "equals-ignore-case"
WILDCARD: Final = "wildcard"


class InvalidEventPattern(AwsError):
    code = "InvalidEventPatternException"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Event pattern is not valid. Reason: {reason}")


def condition_of(demanded: Any) -> Condition:
    """Return the condition that an element of a pattern's list stands for; `exists` is none.

    Args:
        demanded: a text, number, boolean, None, or an object with one operator.

    Raises:
        InvalidEventPattern: it is none of these.
    """
    if isinstance(demanded, list):
        raise InvalidEventPattern("Match value must be String, number, true, false, or null")
    if not isinstance(demanded, dict):
        return _equal_to(demanded)
    if len(demanded) != 1:
        raise InvalidEventPattern("Only one key allowed in match expression")
    ((name, operand),) = demanded.items()
    make = _OPERATORS.get(name)
    if make is None:
        raise InvalidEventPattern(f"Unrecognized match type {name}")
    return make(operand)


def _equal_to(wanted: Any) -> Condition:
    """Compare as JSON does: true is not 1, and 300 is 300.0."""
    if isinstance(wanted, str):
        return lambda value: bool(value == wanted)  # no number and no null equals a text
    kind = _kind(wanted)
    return lambda value: _kind(value) is kind and bool(value == wanted)


def _kind(value: Any) -> type:
    if isinstance(value, bool):
        return bool
    return float if isinstance(value, int | float) else type(value)


def _prefix(operand: Any) -> Condition:
    if _is_folded(operand):
        folded = _text(operand[_IGNORE_CASE], "prefix").casefold()
        return _of_text(lambda value: value.casefold().startswith(folded))
    wanted = _text(operand, "prefix")
    return _of_text(lambda value: value.startswith(wanted))


def _suffix(operand: Any) -> Condition:
    if _is_folded(operand):
        folded = _text(operand[_IGNORE_CASE], "suffix").casefold()
        return _of_text(lambda value: value.casefold().endswith(folded))
    wanted = _text(operand, "suffix")
    return _of_text(lambda value: value.endswith(wanted))


def _ignoring_case(operand: Any) -> Condition:
    wanted = _text(operand, _IGNORE_CASE).casefold()
    return _of_text(lambda value: value.casefold() == wanted)


def wildcard_expression(operand: Any) -> str:
    """Return RE2's expression of a wildcard: `*` stands for any characters; `\\*` and `\\\\` for
    themselves.

    Raises:
        InvalidEventPattern: it is none.
    """
    pattern = _text(operand, "wildcard")
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == "*":
            if parts[-1:] == [ANY_TEXT]:
                raise InvalidEventPattern("Consecutive wildcard characters are not allowed")
            parts.append(ANY_TEXT)
        elif character == "\\":
            escaped = next(characters, "")
            if escaped not in ("*", "\\"):
                raise InvalidEventPattern("Invalid escape character in a wildcard expression")
            parts.append(literal(escaped))
        else:
            parts.append(literal(character))
    return "".join(parts)


def any_wildcard(operands: Sequence[Any]) -> Condition:
    """Return the condition that a text fits one of several wildcards.

    Raises:
        InvalidEventPattern: one of them is none, or too large.
    """
    try:
        return _of_text(AnyPattern([wildcard_expression(each) for each in operands]).matches)
    except UnreadablePattern as error:
        raise InvalidEventPattern(f"Rule is too complex: {error}") from error


def _wildcard(operand: Any) -> Condition:
    return any_wildcard([operand])


def _numeric(operand: Any) -> Condition:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise InvalidEventPattern("Value of numeric must be an array of operators and numbers")
    parts = [_comparison(*operand[index : index + 2]) for index in range(0, len(operand), 2)]
    if len(operand) == 4:
        _check_range(*operand)
    return lambda value: _kind(value) is float and all(part(value) for part in parts)


def _comparison(name: Any, bound: Any) -> Condition:
    compare = _COMPARISONS.get(name) if isinstance(name, str) else None
    if compare is None:
        raise InvalidEventPattern(f"Unrecognized numeric range operator: {name}")
    if _kind(bound) is not float or bound in (math.inf, -math.inf):
        raise InvalidEventPattern("Value of a numeric range must be a number")
    return lambda value: compare(value, bound)


def _check_range(low: str, bottom: float, high: str, top: float) -> None:
    if not low.startswith(">") or not high.startswith("<"):
        raise InvalidEventPattern("A numeric range begins with > or >= and ends with < or <=")
    if bottom >= top:
        raise InvalidEventPattern("Bottom must be less than top")


def _cidr(operand: Any) -> Condition:
    try:
        network = ipaddress.ip_network(_text(operand, "cidr"), strict=False)
    except ValueError:
        raise InvalidEventPattern(f"Malformed CIDR, {operand} is no block of addresses") from None

    def contains(value: str) -> bool:
        try:
            return ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return _of_text(contains)


def _anything_but(operand: Any) -> Condition:
    """What is not among a list of texts or numbers, or does not fit an operator on texts."""
    excluded = _excluded(operand)
    return lambda value: not any(condition(value) for condition in excluded)


def _excluded(operand: Any) -> list[Condition]:
    if isinstance(operand, dict):
        ((name, texts),) = operand.items() if len(operand) == 1 else (("", None),)
        if name not in _NEGATABLE:
            raise InvalidEventPattern(f"Unsupported anything-but pattern: {name}")
        if name == WILDCARD:
            return [any_wildcard(_listed(texts))]
        make = _NEGATABLE[name]
        return [make(text) for text in _listed(texts)]
    values = _listed(operand)
    kinds = {_kind(value) for value in values}
    if kinds not in ({str}, {float}):
        raise InvalidEventPattern("Inside anything but list, all values must be strings or numbers")
    return [_equal_to(value) for value in values]


def _listed(operand: Any) -> list[Any]:
    values = operand if isinstance(operand, list) else [operand]
    if not values:
        raise InvalidEventPattern("Empty arrays are not allowed")
    return values


def _of_text(condition: Callable[[str], bool]) -> Condition:
    return lambda value: isinstance(value, str) and condition(value)


def _is_folded(operand: Any) -> bool:
    return isinstance(operand, dict) and operand.keys() == {_IGNORE_CASE}


def _text(operand: Any, name: str) -> str:
    if not isinstance(operand, str):
        raise InvalidEventPattern(f"{name} match pattern must be a string")
    return operand


#: what `anything-but` may turn around
_NEGATABLE: Mapping[str, Callable[[Any], Condition]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    _IGNORE_CASE: _ignoring_case,
    WILDCARD: _wildcard,
}
_OPERATORS: Mapping[str, Callable[[Any], Condition]] = {
    **_NEGATABLE,
    "numeric": _numeric,
    "cidr": _cidr,
    "anything-but": _anything_but,
}
#: names that stand for an operator wherever an object says what a value must be
OPERATOR_NAMES = frozenset(_OPERATORS) | {"exists"}
