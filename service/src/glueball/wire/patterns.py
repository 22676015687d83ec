"""The regular expressions of the service models, which are Java's.

AWS matches the whole value, whether or not the pattern has anchors. RE2 matches them, in time
linear in the value. Half of them are one class of characters, repeated: for these there is an
expression for Python's `re`, which has nothing to step back to there, and with which the decoder of
JSON checks texts without a call for each.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from glueball.core.java_patterns import re2_expression
from glueball.core.linear_patterns import LinearPattern

_CATEGORY = re.compile(r"\\p\{([A-Z][a-z]?)\}")
#: Java takes the hyphen after a class as a hyphen; Python takes it for a broken range
_HYPHEN_AFTER_CLASS = re.compile(r"(\\[wdsp](?:\{[A-Z][a-z]?\})?)-(?!\])")
#: a range over surrogate pairs: UTF-16 for all characters beyond the basic plane
_BEYOND_BASIC_PLANE = r"\uD800\uDC00-\uDBFF\uDFFF"
#: one class in brackets, or one of the letters, repeated or not, in anchors and a group or not
_ONE_CLASS = re.compile(
    r"\^?\(?(?P<members>\[(?:[^\[\]\\]|\\[^\[]|\\\[)+\]|\\[SdDwW])"
    r"(?:[*+]|\{\d+(?:,\d*)?\})?\)?\$?"
)
#: what no linear matcher can do, said otherwise: expressions of Java of which all must match
_REWRITTEN: Final[Mapping[str, tuple[str, ...]]] = {
    # Glue's schema definitions: something that is not white space. As it stands it would refuse
    # the line ends that every printed schema has.
    r".*\S.*": (r"\s*\S[\s\S]*",),
    # a dot, a slash and a backslash nowhere, and not "aws:" at the beginning
    r"^(?!(.*[.\/\\]|aws:)).*$": (
        r"[^./\\\n\r\u0085\u2028\u2029]*",
        r"(?s)a?|aw|aws|[^a].*|a[^w].*|aw[^s].*|aws[^:].*",
    ),
    # a word that no digit begins, and that is not of underscores only
    r"^(?![0-9_])\w+$|^_\w*[a-zA-Z0-9]\w*$": (r"[A-Za-z]\w*|_\w*[a-zA-Z0-9]\w*",),
    # one line of which something is not white space
    r"^(?!\s*$).+": (r".*[^\s\u0085\u2028\u2029].*",),
    # no two hyphens together, and none at an end
    r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$": (
        r"[a-z0-9-]{3,63}",
        r"[a-z0-9]+(-[a-z0-9]+)*",
    ),
}


class ModelPattern:
    """A pattern of a service model, ready to match.

    Args:
        java: the pattern as the model has it.

    Raises:
        UnreadablePattern: it is no expression that can be matched in linear time: such a one needs
            a line in `_REWRITTEN`.
    """

    def __init__(self, java: str) -> None:
        self._all = [LinearPattern(re2_expression(part)) for part in _REWRITTEN.get(java, (java,))]

    def matches(self, text: str) -> bool:
        """Tell whether AWS lets a value pass."""
        return all(pattern.matches(text) for pattern in self._all)


@lru_cache(maxsize=1024)
def compiled(java: str) -> ModelPattern:
    """Return the pattern of a model, compiled once."""
    return ModelPattern(java)


@lru_cache(maxsize=1024)
def class_pattern(java: str) -> str | None:
    """Return an expression for Python's `re` that finds exactly what AWS lets pass, where the
    pattern is one class of characters; None where it is more.
    """
    if not _ONE_CLASS.fullmatch(java):
        return None
    text = java.replace(_BEYOND_BASIC_PLANE, r"\U00010000-\U0010FFFF")
    text = _HYPHEN_AFTER_CLASS.sub(r"\1\\-", text)
    text = _CATEGORY.sub(lambda match: _category(match[1]), text)
    return rf"(?a)\A(?:{text})\Z"


@lru_cache
def _category(name: str) -> str:
    """Return the characters of a Unicode category as ranges, to stand within brackets."""
    ranges: list[list[int]] = []
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(point)).startswith(name):
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1][1] = point
            else:
                ranges.append([point, point])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)
