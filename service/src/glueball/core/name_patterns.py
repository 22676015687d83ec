"""Patterns for names of tables: GetTables' `Expression`.

AWS calls it a regular expression and takes Hive's wildcards, too: in ``sales_*`` the asterisk
stands for any text, in ``sales_.*`` it repeats the dot. Here an asterisk repeats what is before it
after ``.``, ``]``, ``)`` or an escape, and stands for any text otherwise. There are also ``|``,
groups, classes in brackets, ``+``, ``?``, ``^`` and ``$``. The whole name must match; capital
letters match small ones, since names are in lower case.

Each part maps the set of places it may begin at to the set it may end at, so the time is bounded
by the lengths alone: no pattern can hang the service, as those of `re` can.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from typing import TypeAlias

from glueball.core.errors import InvalidInput

#: a part of a pattern: the places in a text at which it may end, from those at which it may begin
_Part: TypeAlias = Callable[[str, Set[int]], Set[int]]

_DEEPEST = 8
_CLASS = re.compile(r"(\[\^?)(\]?(?:[^\]\\]|\\.)*\])")
#: in a class: what is escaped, and what Python may one day read as an operation on sets
_OPERATIONS = re.compile(r"(\\.)|(--|[\[&~|])")


class NamePattern:
    """A pattern, ready to match.

    Args:
        expression: as the client wrote it.

    Raises:
        InvalidInput: it cannot be read.
    """

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._place = 0
        self._part = self._alternatives(0)
        if self._place < len(expression):
            raise self._refusal(f"')' at character {self._place + 1} closes nothing")

    def matches(self, name: str) -> bool:
        """Tell whether the whole name matches."""
        return len(name) in self._part(name, frozenset({0}))

    def _alternatives(self, depth: int) -> _Part:
        if depth > _DEEPEST:
            raise self._refusal(f"groups nest deeper than {_DEEPEST}")
        parts = [self._sequence(depth)]
        while self._next() == "|":
            self._place += 1
            parts.append(self._sequence(depth))
        return parts[0] if len(parts) == 1 else _either(parts)

    def _sequence(self, depth: int) -> _Part:
        parts: list[_Part] = []
        repeatable = False
        while (mark := self._next()) not in ("", "|", ")"):
            if mark in "*+?" and repeatable:
                self._place += 1
                parts[-1] = _repeated(parts[-1], mark)
                repeatable = False
            elif mark == "*":
                self._place += 1
                parts.append(_repeated(_one(_anything), "*"))
            elif mark in "+?" and parts:
                self._place += 1
                parts[-1] = _repeated(parts[-1], mark)
            else:
                repeatable = mark in ".[(\\"
                parts.append(self._atom(mark, depth))
        return _in_a_row(parts)

    def _atom(self, mark: str, depth: int) -> _Part:
        if mark == "[":
            return self._class()
        self._place += 1
        if mark == "(":
            inner = self._alternatives(depth + 1)
            if self._next() != ")":
                raise self._refusal("a group is not closed")
            self._place += 1
            return inner
        if mark == "\\":
            return self._escaped()
        if mark in "+?{}":
            raise self._refusal(f"'{mark}' has nothing to repeat, or is not supported")
        if mark in "^$":
            return _start if mark == "^" else _end
        return _one(_anything) if mark == "." else _one(mark.lower().__eq__)

    def _escaped(self) -> _Part:
        character = self._next()
        if not character:
            raise self._refusal("it ends with a backslash")
        self._place += 1
        return _one(_members(f"\\{character}" if character in "dwsDWS" else re.escape(character)))

    def _class(self) -> _Part:
        found = _CLASS.match(self._expression, self._place)
        if found is None:
            raise self._refusal("'[' is not closed")
        self._place = found.end()
        try:
            inner = _OPERATIONS.sub(lambda part: part[1] or re.escape(part[2]), found[2])
            return _one(_members(found[1] + inner))
        except re.error as error:
            raise self._refusal(f"{found[0]} is no class of characters ({error})") from error

    def _next(self) -> str:
        return self._expression[self._place : self._place + 1]

    def _refusal(self, why: str) -> InvalidInput:
        return InvalidInput(f"The expression '{self._expression}' cannot be read: {why}.")


def _anything(_character: str) -> bool:
    return True


def _members(text: str) -> Callable[[str], bool]:
    """Return the test of a class that matches one character."""
    compiled = re.compile(text, re.ASCII | re.IGNORECASE)
    return lambda character: compiled.fullmatch(character) is not None


def _one(test: Callable[[str], bool]) -> _Part:
    return lambda text, places: {
        place + 1 for place in places if place < len(text) and test(text[place])
    }


def _start(_text: str, places: Set[int]) -> Set[int]:
    return places & {0}


def _end(text: str, places: Set[int]) -> Set[int]:
    return places & {len(text)}


def _in_a_row(parts: list[_Part]) -> _Part:
    def part(text: str, places: Set[int]) -> Set[int]:
        for inner in parts:
            places = inner(text, places)
        return places

    return part


def _either(parts: list[_Part]) -> _Part:
    return lambda text, places: set[int]().union(*(inner(text, places) for inner in parts))


def _repeated(inner: _Part, mark: str) -> _Part:
    if mark == "?":
        return lambda text, places: places | inner(text, places)

    def part(text: str, places: Set[int]) -> Set[int]:
        reached = set[int]() if mark == "+" else set(places)
        fresh = places
        while fresh:
            fresh = inner(text, fresh) - reached
            reached |= fresh
        return reached

    return part
