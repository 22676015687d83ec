"""Event patterns: which events a rule is about.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html. A pattern has the
shape of the events that it matches: every field that it names must be there with one of the values
that it lists. In an event a list matches when one of its elements does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from glueball.core.event_conditions import (
    OPERATOR_NAMES,
    WILDCARD,
    Condition,
    InvalidEventPattern,
    any_wildcard,
    condition_of,
)

_OR = "$or"
#: objects within objects; far more than any event has
_DEEPEST = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Values:
    """What a pattern demands of one field."""

    conditions: tuple[Condition, ...]
    may_be_absent: bool = False

    def match(self, value: Any) -> bool:
        """Tell whether a field is as demanded; where it is missing its value is an empty list."""
        if not isinstance(value, list | dict):
            return self._match(value)
        found = list(_leaves(value))
        return any(map(self._match, found)) if found else self.may_be_absent

    def _match(self, leaf: Any) -> bool:
        for condition in self.conditions:  # noqa: SIM110 - every event meets every rule
            if condition(leaf):
                return True
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """What a pattern demands of an object."""

    fields: tuple[tuple[str, Values | Pattern], ...]
    #: of each of these one must match
    alternatives: tuple[tuple[Pattern, ...], ...] = ()

    def match(self, value: Any) -> bool:
        """Tell whether an event, or the object at a field of it, is as demanded."""
        if isinstance(value, dict):
            return self._match(value)
        return any(self._match(found) for found in list(_objects(value)) or [{}])

    def _match(self, value: Mapping[str, Any]) -> bool:
        for name, part in self.fields:
            if not part.match(value.get(name, _ABSENT)):
                return False
        return all(
            any(pattern._match(value) for pattern in patterns) for patterns in self.alternatives
        )


#: an empty list has no values, as if the field were not there
_ABSENT: list[Any] = []


def parse_pattern(text: str) -> Pattern:
    """Read an event pattern.

    Raises:
        InvalidEventPattern: it is none, with EventBridge's reason where that is known.
    """
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidEventPattern("The pattern is not valid JSON") from None
    if not isinstance(document, dict):
        raise InvalidEventPattern("Filter is not an object")
    return _pattern(document, _DEEPEST)


def _pattern(document: Mapping[str, Any], levels: int) -> Pattern:
    if not document:
        raise InvalidEventPattern("Empty objects are not allowed")
    if not levels:
        raise InvalidEventPattern(f"The pattern nests deeper than {_DEEPEST} levels")
    fields: list[tuple[str, Values | Pattern]] = []
    alternatives: list[tuple[Pattern, ...]] = []
    for name, demanded in document.items():
        if name == _OR and _is_choice(demanded):
            alternatives.append(tuple(_pattern(each, levels - 1) for each in demanded))
        elif isinstance(demanded, dict):
            fields.append((name, _pattern(demanded, levels - 1)))
        elif isinstance(demanded, list):
            fields.append((name, _values(demanded)))
        else:
            raise InvalidEventPattern(f'"{name}" must be an object or an array')
    return Pattern(fields=tuple(fields), alternatives=tuple(alternatives))


def _is_choice(demanded: Any) -> bool:
    """Tell `$or` from a field of that name: at least two objects that are no operators."""
    return (
        isinstance(demanded, list)
        and len(demanded) > 1
        and all(isinstance(each, dict) and not each.keys() & OPERATOR_NAMES for each in demanded)
    )


def _values(demanded: list[Any]) -> Values:
    if not demanded:
        raise InvalidEventPattern("Empty arrays are not allowed")
    conditions: list[Condition] = []
    wildcards: list[Any] = []  # of one field: they meet a text together
    may_be_absent = False
    for each in demanded:
        if isinstance(each, dict) and each.keys() == {WILDCARD}:
            wildcards.append(each[WILDCARD])
        elif not isinstance(each, dict) or each.keys() != {"exists"}:
            conditions.append(condition_of(each))
        elif each["exists"] is True:
            conditions.append(lambda _value: True)
        elif each["exists"] is False:
            may_be_absent = True
        else:
            raise InvalidEventPattern("exists match pattern must be either true or false.")
    if wildcards:
        conditions.append(any_wildcard(wildcards))
    return Values(conditions=tuple(conditions), may_be_absent=may_be_absent)


def _leaves(value: Any) -> Iterator[Any]:
    """Yield the values at a field that are no objects, also those in lists within lists."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting.extend(found)
        elif not isinstance(found, dict):
            yield found


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects at a field, also those in lists within lists."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting.extend(found)
        elif isinstance(found, dict):
            yield found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
