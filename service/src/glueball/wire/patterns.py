"""The regular expressions of the service models, which are Java's, as Python's."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache

_CATEGORY = re.compile(r"\\p\{([A-Z][a-z]?)\}")
#: Java takes the hyphen after a class as a hyphen; Python takes it for a broken range
_HYPHEN_AFTER_CLASS = re.compile(r"(\\[wdsp](?:\{[A-Z][a-z]?\})?)-(?!\])")
#: a range over surrogate pairs: UTF-16 for all characters beyond the basic plane
_BEYOND_BASIC_PLANE = r"\uD800\uDC00-\uDBFF\uDFFF"
#: patterns said otherwise, with the reason
_REWRITTEN = {
    # Glue's schema definitions: something that is not white space. As it stands it would refuse
    # the line ends that every printed schema has, and take time quadratic in the length.
    r".*\S.*": r"\s*\S[\s\S]*",
}


@lru_cache(maxsize=1024)
def python_pattern(java: str) -> str:
    """Return an expression for Python's `re` that finds exactly what AWS lets pass.

    AWS matches the whole value, whether or not the pattern has anchors, and its classes such as
    ``\\w`` hold ASCII only.
    """
    text = _REWRITTEN.get(java, java)
    text = text.replace(_BEYOND_BASIC_PLANE, r"\U00010000-\U0010FFFF")
    text = _HYPHEN_AFTER_CLASS.sub(r"\1\\-", text)
    text = _CATEGORY.sub(lambda match: _category(match[1]), text)
    return rf"(?a)\A(?:{text})\Z"


@lru_cache
def compiled(java: str) -> re.Pattern[str]:
    """Return the compiled form of `python_pattern`."""
    return re.compile(python_pattern(java))


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
