"""Exclude patterns: which objects below an include path are left out.

::

    pattern = { mark }
    mark    = "*"                              any characters but /
            | "**"                             any characters
            | "?"                              one character but /
            | "[" ["!"] { one | one "-" one } "]"    one of these (none of these) but /
            | "{" pattern { "," pattern } "}"  one of these; they do not nest
            | "\\" character                   that character
            | character

A leading dot is like any other character. The patterns become one automaton, whose states are made
when an object first needs them: a path takes as long as it has characters, whatever the patterns.
https://docs.aws.amazon.com/glue/latest/dg/define-crawler-choose-data-sources.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from glueball.core.errors import InvalidInput

_Test: TypeAlias = Callable[[str], bool]
#: the states that an automaton may be in
_Places: TypeAlias = frozenset[int]

_END: Final = -1
#: steps that are kept; patterns of many `**` and `?` have too many to keep all
_MOST_STEPS: Final = 100_000


class Exclusions:
    """The exclude patterns of one target, ready to match.

    Args:
        patterns: as the crawler has them.

    Raises:
        InvalidInput: one of them cannot be read.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._automaton = _Automaton()
        starts = [_Pattern(pattern, self._automaton).start for pattern in patterns]
        self._start = self._automaton.closed(starts)
        self._next: dict[tuple[_Places, str], _Places] = {}

    def match(self, path: str) -> bool:
        """Tell whether a path, relative to the include path, is left out."""
        places = self._start
        for character in path:
            if not places:
                return False
            places = self._step(places, character)
        return _END in places

    def _step(self, places: _Places, character: str) -> _Places:
        following = self._next.get((places, character))
        if following is None:
            if len(self._next) >= _MOST_STEPS:
                self._next.clear()
            following = self._automaton.step(places, character)
            self._next[places, character] = following
        return following


class _Automaton:
    """States, and where a character leads from each; `_END` is the state of what matched."""

    def __init__(self) -> None:
        self._steps: list[tuple[_Test, int] | None] = []
        self._free: list[list[int]] = []  # where a state leads without a character

    def state(self, test: _Test | None = None, to: int = _END) -> int:
        """Add a state that a character which passes the test leads on from."""
        self._steps.append(None if test is None else (test, to))
        self._free.append([])
        return len(self._steps) - 1

    def join(self, state: int, to: Iterable[int]) -> None:
        """Let a state lead to others without a character."""
        self._free[state].extend(to)

    def loop(self, test: _Test, to: int) -> int:
        """Add a state that any number of characters which pass the test lead on from."""
        state = self.state()
        self._steps[state] = (test, state)
        self._free[state].append(to)
        return state

    def closed(self, places: Iterable[int]) -> _Places:
        """Return states with all that they lead to without a character."""
        found = set(places)
        waiting = list(found)
        while waiting:
            state = waiting.pop()
            fresh = set() if state == _END else set(self._free[state]) - found
            found |= fresh
            waiting.extend(fresh)
        return frozenset(found)

    def step(self, places: _Places, character: str) -> _Places:
        """Return the states after a character."""
        steps = [self._steps[state] for state in places if state != _END]
        return self.closed([step[1] for step in steps if step and step[0](character)])


class _Pattern:
    """A reader of one pattern, which adds its states from the last mark to the first."""

    def __init__(self, text: str, automaton: _Automaton) -> None:
        self._text = text
        self._place = 0
        self._automaton = automaton
        self.start = self._chain(self._marks(ends=""), _END)

    def _chain(self, marks: list[Callable[[int], int]], to: int) -> int:
        for mark in reversed(marks):
            to = mark(to)
        return to

    def _marks(self, ends: str) -> list[Callable[[int], int]]:
        """Read marks until one of these characters, or the end of the pattern."""
        marks = []
        while self._place < len(self._text) and self._text[self._place] not in ends:
            marks.append(self._mark(grouped=bool(ends)))
        return marks

    def _mark(self, *, grouped: bool) -> Callable[[int], int]:
        """Read one mark; return what adds its states before a given one."""
        mark = self._taken()
        if mark == "*":
            crossing = self._text.startswith("*", self._place)
            self._place += crossing
            test = _anything if crossing else _within_a_name
            return lambda to: self._automaton.loop(test, to)
        if mark == "{":
            if grouped:
                raise self._refusal("braces cannot nest")
            return self._group()
        one = self._one(mark)
        return lambda to: self._automaton.state(one, to)

    def _one(self, mark: str) -> _Test:
        if mark == "?":
            return _within_a_name
        if mark == "[":
            return self._bracket()
        if mark == "\\":
            mark = self._taken()
        return mark.__eq__

    def _group(self) -> Callable[[int], int]:
        alternatives = [self._marks(ends=",}")]
        while self._taken(closing="}") == ",":
            alternatives.append(self._marks(ends=",}"))

        def add(to: int) -> int:
            state = self._automaton.state()
            self._automaton.join(state, [self._chain(marks, to) for marks in alternatives])
            return state

        return add

    def _bracket(self) -> _Test:
        negated = self._text.startswith("!", self._place)
        self._place += negated
        ranges: list[tuple[str, str]] = []
        # A hyphen right at the beginning is one, and so is one right before the end.
        while (low := self._taken(closing="]")) != "]" or not ranges:
            high = low
            if self._text.startswith("-", self._place) and self._text[self._place + 1 :][:1] != "]":
                self._place += 1
                high = self._taken(closing="]")
            ranges.append((low, high))
        return lambda character: (
            character != "/" and any(low <= character <= high for low, high in ranges) != negated
        )

    def _taken(self, closing: str = "") -> str:
        """Return the next character and step over it."""
        if self._place >= len(self._text):
            raise self._refusal(f"'{closing}' is missing" if closing else "it ends with '\\'")
        self._place += 1
        return self._text[self._place - 1]

    def _refusal(self, why: str) -> InvalidInput:
        return InvalidInput(
            f"The exclude pattern '{self._text}' cannot be read: {why}. Correct it among the "
            "target's Exclusions."
        )


def _anything(_character: str) -> bool:
    return True


def _within_a_name(character: str) -> bool:
    return character != "/"
