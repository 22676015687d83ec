"""Patterns that match in time linear in the text, whatever the pattern: RE2's.

Python's `re` tries one way after the other and needs time exponential in the text for some
patterns, so it must never see one that a client has written. Each language of patterns has a
module that translates it into RE2's syntax (https://github.com/google/re2/wiki/Syntax); this is
the one place that speaks to the library. It lets other threads run while it matches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import re2

#: bytes that RE2 may use for one pattern, compiled and at work; without them it is slower, not
#: wrong
_MEMORY: Final = 8 * 1024 * 1024
#: instructions of a compiled pattern; the time of a match is at worst their product with the
#: length of the text. A pattern of AWS's models has 1,300 at most
_LARGEST_PROGRAM: Final = 10_000
#: characters from which on a text meets one pattern after the other
_SHORTEST_LONG: Final = 48
#: the expression of any text, line ends and all: any bytes, which cost less than characters and,
#: between whole characters, are the same
ANY_TEXT: Final = r"\C*"
#: the expression that no text has
NOTHING: Final = r"[^\x{0}-\x{10ffff}]"


class UnreadablePattern(ValueError):
    """A text that is not a pattern, or one that cannot be matched in linear time.

    Its argument says why, as the end of a sentence.
    """


class LinearPattern:
    """An expression of RE2, ready to match.

    Args:
        expression: in RE2's syntax.
        ignore_case: whether capital letters and small ones are the same.
        largest: instructions that the compiled expression may have.

    Raises:
        UnreadablePattern: RE2 refuses it, or it is too large.
    """

    def __init__(
        self, expression: str, *, ignore_case: bool = False, largest: int = _LARGEST_PROGRAM
    ) -> None:
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY
        options.never_capture = True
        options.case_sensitive = not ignore_case
        try:
            compiled = re2.compile(_encoded(expression), options)
        except re2.error as error:
            raise UnreadablePattern(_reason(error)) from error
        finally:
            re2.purge()  # the library keeps the last 128 patterns with all their memory
        if compiled.programsize > largest:
            raise UnreadablePattern("it is too large")
        self._match_whole = compiled.fullmatch
        self._find = compiled.search

    def matches(self, text: str) -> bool:
        """Tell whether the whole text is as the pattern says."""
        return self._match_whole(_encoded(text)) is not None

    def occurs_in(self, text: str) -> bool:
        """Tell whether some part of the text is as the pattern says."""
        return self._find(_encoded(text)) is not None


class AnyPattern:
    """Several expressions of RE2, of which one must match.

    Short texts meet all of them in one pass. The states of that pass multiply with the patterns,
    and past its memory RE2 takes steps in proportion to all patterns for each character: so long
    texts, where that counts, meet one pattern after the other.

    Args:
        expressions: in RE2's syntax; with none, no text matches.

    Raises:
        UnreadablePattern: see `LinearPattern`.
    """

    def __init__(self, expressions: Sequence[str]) -> None:
        self._each = [LinearPattern(expression) for expression in expressions]
        together = "|".join(f"(?:{expression})" for expression in expressions) or NOTHING
        self._shortest_long = _SHORTEST_LONG
        try:
            self._together = LinearPattern(together)
        except UnreadablePattern:  # each of them can be read: together they are too large
            self._shortest_long = 0

    def matches(self, text: str) -> bool:
        """Tell whether the whole text is as one of the patterns says."""
        if len(text) < self._shortest_long:
            return self._together.matches(text)
        return any(pattern.matches(text) for pattern in self._each)


def literal(text: str) -> str:
    """Return the expression that stands for a text, character by character."""
    return "".join(
        character if character.isalnum() or character == "_" else f"\\x{{{ord(character):x}}}"
        for character in text
    )


def _encoded(text: str) -> bytes:
    """Encode as RE2 reads texts; half a surrogate pair, which is no character, is a `?` there."""
    return text.encode("utf-8", "replace")


def _reason(error: re2.error) -> str:
    reason = error.args[0] if error.args else "RE2 cannot read it"
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
