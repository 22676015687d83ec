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

A leading dot is like any other character. They are matched by RE2, in time linear in the path.
https://docs.aws.amazon.com/glue/latest/dg/define-crawler-choose-data-sources.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from glueball.core.errors import InvalidInput
from glueball.core.linear_patterns import ANY_TEXT, NOTHING, AnyPattern, UnreadablePattern, literal

_WITHIN_A_NAME: Final = "[^/]"


class Exclusions:
    """The exclude patterns of one target, ready to match.

    Args:
        patterns: as the crawler has them.

    Raises:
        InvalidInput: one of them cannot be read.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        try:
            pattern = AnyPattern([_Reader(pattern).expression() for pattern in patterns])
        except UnreadablePattern as error:
            raise InvalidInput(
                f"The exclude patterns cannot be read: {error}. Shorten the target's Exclusions."
            ) from error
        #: tells whether a path, relative to the include path, is left out
        self.match = pattern.matches


class _Reader:
    """A reader of one pattern."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def expression(self) -> str:
        """Return RE2's expression of the pattern."""
        return self._marks(ends="")

    def _marks(self, ends: str) -> str:
        """Read marks until one of these characters, or the end of the pattern."""
        marks = []
        while self._place < len(self._text) and self._text[self._place] not in ends:
            marks.append(self._mark(grouped=bool(ends)))
        return "".join(marks)

    def _mark(self, *, grouped: bool) -> str:
        mark = self._taken()
        if mark == "*":
            crossing = self._text.startswith("*", self._place)
            self._place += crossing
            return ANY_TEXT if crossing else f"{_WITHIN_A_NAME}*"
        if mark == "{":
            if grouped:
                raise self._refusal("braces cannot nest")
            return self._group()
        if mark == "?":
            return _WITHIN_A_NAME
        if mark == "[":
            return self._bracket()
        return literal(self._taken() if mark == "\\" else mark)

    def _group(self) -> str:
        alternatives = [self._marks(ends=",}")]
        while self._taken(closing="}") == ",":
            alternatives.append(self._marks(ends=",}"))
        return f"(?:{'|'.join(alternatives)})"

    def _bracket(self) -> str:
        negated = self._text.startswith("!", self._place)
        self._place += negated
        ranges: list[tuple[int, int]] = []
        # A hyphen right at the beginning is one, and so is one right before the end.
        while (low := self._taken(closing="]")) != "]" or not ranges:
            high = low
            if self._text.startswith("-", self._place) and self._text[self._place + 1 :][:1] != "]":
                self._place += 1
                high = self._taken(closing="]")
            ranges.append((ord(low), ord(high)))
        if negated:
            return f"[^/{_ranges(ranges)}]"
        slash = ord("/")  # no bracket matches it
        parts = [
            part
            for low, high in ranges
            for part in ((low, min(high, slash - 1)), (max(low, slash + 1), high))
        ]
        inner = _ranges(parts)
        return f"[{inner}]" if inner else NOTHING

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


def _ranges(ranges: Sequence[tuple[int, int]]) -> str:
    return "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges if low <= high)
