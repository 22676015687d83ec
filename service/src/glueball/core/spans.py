"""Sets of texts, as spans of the line on which all texts lie in order.

A span begins and ends at cuts, places between texts: before or behind each text is one. A set is a
tuple of spans that neither touch nor overlap, in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

#: 0 at a text or 1 at the end of the line; the text; 0 before it or 1 behind it
Cut: TypeAlias = tuple[int, str, int]
Span: TypeAlias = tuple[Cut, Cut]
Spans: TypeAlias = tuple[Span, ...]

START: Final[Cut] = (0, "", 0)  # the empty text is the first
END: Final[Cut] = (1, "", 0)
NOTHING: Final[Spans] = ()
EVERYTHING: Final[Spans] = ((START, END),)

_SURROGATES = range(0xD800, 0xE000)
_LAST_CHARACTER = "\U0010ffff"


def before(text: str) -> Cut:
    """Return the cut just before a text."""
    return (0, text, 0)


def behind(text: str) -> Cut:
    """Return the cut just behind a text."""
    return (0, text, 1)


def points(texts: Iterable[str]) -> Spans:
    """Return the set of some texts."""
    return tuple((before(text), behind(text)) for text in sorted(set(texts)))


def beginning_with(prefix: str) -> Spans:
    """Return the set of all texts that begin with `prefix`."""
    end = _successor(prefix)
    return ((before(prefix), END if end is None else before(end)),)


def _successor(prefix: str) -> str | None:
    """Return the first text behind all that begin with `prefix`; None where there is none."""
    stem = prefix.rstrip(_LAST_CHARACTER)
    if not stem:
        return None
    code = ord(stem[-1]) + 1
    return stem[:-1] + chr(_SURROGATES.stop if code in _SURROGATES else code)


def complement(spans: Spans) -> Spans:
    """Return the set of all texts that are not in a set."""
    cuts = [START, *(cut for span in spans for cut in span), END]
    pairs = zip(cuts[::2], cuts[1::2], strict=True)
    return tuple((start, end) for start, end in pairs if start < end)


def union(sets: Iterable[Spans]) -> Spans:
    """Return the set of all texts that are in any of the sets."""
    merged: list[Span] = []
    for start, end in sorted(span for spans in sets for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersection(sets: Iterable[Spans]) -> Spans:
    """Return the set of the texts that are in all of the sets."""
    return complement(union(complement(spans) for spans in sets))


def is_point(span: Span) -> bool:
    """Tell whether a span holds one text alone."""
    (start_rank, start, start_side), (end_rank, end, end_side) = span
    return (start_rank, start_side, end_rank, end_side) == (0, 0, 0, 1) and start == end
