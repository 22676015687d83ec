"""What predicates say of partitions, by the rules and not by SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence

from glueball.core.partition_predicates import AllOf, AnyOf, Predicate, ValueIn, ValueLike
from glueball.core.spans import before, behind


def is_true(predicate: Predicate, texts: Sequence[str]) -> bool:
    """Tell whether a predicate is true of a partition with these sort texts."""
    match predicate:
        case ValueIn(place=place, true=spans):
            text = texts[place]
            return any(start <= before(text) and behind(text) <= end for start, end in spans)
        case ValueLike(place=place, pattern=pattern, negated=is_negated):
            return is_like(texts[place], pattern) != is_negated
        case AllOf(parts=parts):
            return all(is_true(part, texts) for part in parts)
        case AnyOf(parts=parts):
            return any(is_true(part, texts) for part in parts)


def is_like(text: str, pattern: str) -> bool:
    """Match a short text with `%` for any text and `_` for any character."""
    marks = {"%": "(?s:.*)", "_": "(?s:.)"}
    return bool(re.fullmatch("".join(marks.get(mark, re.escape(mark)) for mark in pattern), text))
