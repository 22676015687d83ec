"""What a part of a partition expression says of a partition's values: true, false, or neither.

As in SQL: a comparison with null is neither; NOT of neither is neither; AND and OR are decided by
what they know.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from glueball.core.like_patterns import like_matcher
from glueball.core.partition_values import NULL, Reader, is_text

_Run: TypeAlias = Callable[[Sequence[str]], bool | None]

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Test:
    """A part of an expression, ready to be asked."""

    run: _Run  #: takes one value for each key of the table
    #: texts that values must be for the test to be true, by the places of their keys
    equals: Mapping[int, str] = field(default_factory=dict)


def compared(place: int, reader: Reader, mark: str, literal: Any) -> Test:
    """Compare a value with a literal; `mark` is one of `COMPARISONS`."""
    compare = COMPARISONS[mark]
    exact = mark == "=" and is_text(reader) and literal != NULL
    run = _known(place, reader, lambda value: compare(value, literal))
    return Test(run, {place: literal} if exact else {})


def between(place: int, reader: Reader, low: Any, high: Any) -> Test:
    """Tell whether a value lies from `low` to `high`, both included."""
    return Test(_known(place, reader, lambda value: bool(low <= value <= high)))


def among(place: int, reader: Reader, literals: frozenset[Any]) -> Test:
    """Tell whether a value is one of the literals."""
    return Test(_known(place, reader, lambda value: value in literals))


def like(place: int, reader: Reader, pattern: str) -> Test:
    """Match a text with `%` for any text and `_` for any character."""
    return Test(_known(place, reader, like_matcher(pattern)))


def is_null(place: int, reader: Reader) -> Test:
    """Tell whether a value is Hive's null, or one that its key's type cannot read."""
    return Test(lambda values: values[place] == NULL or reader(values[place]) is None)


def negated(test: Test) -> Test:
    """Turn a test round."""

    def run(values: Sequence[str]) -> bool | None:
        found = test.run(values)
        return None if found is None else not found

    return Test(run)


def all_of(tests: Sequence[Test]) -> Test:
    """Join tests with AND."""
    if len(tests) == 1:
        return tests[0]

    def run(values: Sequence[str]) -> bool | None:
        result: bool | None = True
        for test in tests:
            found = test.run(values)
            if found is False:
                return False
            result = None if found is None else result
        return result

    return Test(run, {place: text for test in tests for place, text in test.equals.items()})


def any_of(tests: Sequence[Test]) -> Test:
    """Join tests with OR."""
    if len(tests) == 1:
        return tests[0]

    def run(values: Sequence[str]) -> bool | None:
        result: bool | None = False
        for test in tests:
            found = test.run(values)
            if found is True:
                return True
            result = None if found is None else result
        return result

    return Test(run)


def _known(place: int, reader: Reader, test: Callable[[Any], bool]) -> _Run:
    def run(values: Sequence[str]) -> bool | None:
        value = reader(values[place])
        return None if value is None else test(value)

    return run
