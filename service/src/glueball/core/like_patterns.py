"""SQL's `LIKE`: `%` stands for any text, `_` for any character, all else for itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from glueball.core.errors import InvalidInput
from glueball.core.linear_patterns import ANY_TEXT, LinearPattern, UnreadablePattern, literal

_WILDCARDS = {"%": ANY_TEXT, "_": "(?s:.)"}


@lru_cache(maxsize=128)
def like_matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a whole text is like a pattern.

    Raises:
        InvalidInput: the pattern is too large.
    """
    expression = "".join(_WILDCARDS.get(mark) or literal(mark) for mark in pattern)
    try:
        return LinearPattern(expression).matches
    except UnreadablePattern as error:
        raise InvalidInput(f"The pattern of LIKE cannot be read: {error}.") from error
