"""What an expression says of partitions: a tree that stores translate into queries.

A part is true, false or neither of a partition, as in SQL: a comparison with null is neither, NOT
of neither is neither, AND and OR are decided by what they know. Since partitions are chosen only
where the whole is true, NOT is resolved while a tree is built: it turns a part into one that is
true where the part was false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from glueball.core import spans
from glueball.core.spans import EVERYTHING, Spans


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueIn:
    """Whether the sort text of a value lies in a set."""

    place: int  #: of the key
    true: Spans
    false: Spans  #: where it is false; elsewhere it is neither


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueLike:
    """Whether a text is like a pattern: `%` stands for any text, `_` for any character."""

    place: int  #: of a key whose values are texts
    pattern: str
    negated: bool

    @property
    def prefix(self) -> str:
        """What the pattern begins with, before its first wildcard."""
        return self.pattern.partition("%")[0].partition("_")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class AllOf:
    """Parts joined with AND."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    """Parts joined with OR."""

    parts: tuple[Predicate, ...]


Predicate: TypeAlias = ValueIn | ValueLike | AllOf | AnyOf


def negated(predicate: Predicate) -> Predicate:
    """Return what is true where a predicate is false."""
    match predicate:
        case ValueIn(place=place, true=true, false=false):
            return ValueIn(place=place, true=false, false=true)
        case ValueLike(place=place, pattern=pattern, negated=value):
            return ValueLike(place=place, pattern=pattern, negated=not value)
        case AllOf(parts=parts):
            return any_of([negated(part) for part in parts])
        case AnyOf(parts=parts):
            return all_of([negated(part) for part in parts])


def all_of(parts: Iterable[Predicate]) -> Predicate:
    """Join predicates with AND; what they say of one key becomes one part."""
    flat = [inner for part in parts for inner in (part.parts if type(part) is AllOf else (part,))]
    merged = _merged(flat, spans.intersection, spans.union)
    return merged[0] if len(merged) == 1 else AllOf(parts=merged)


def any_of(parts: Iterable[Predicate]) -> Predicate:
    """Join predicates with OR; what they say of one key becomes one part."""
    flat = [inner for part in parts for inner in (part.parts if type(part) is AnyOf else (part,))]
    merged = _merged(flat, spans.union, spans.intersection)
    return merged[0] if len(merged) == 1 else AnyOf(parts=merged)


def _merged(
    parts: Sequence[Predicate],
    join_true: Callable[[Iterable[Spans]], Spans],
    join_false: Callable[[Iterable[Spans]], Spans],
) -> tuple[Predicate, ...]:
    by_place: dict[int, list[ValueIn]] = {}
    rest: list[Predicate] = []
    for part in parts:
        if isinstance(part, ValueIn):
            by_place.setdefault(part.place, []).append(part)
        else:
            rest.append(part)
    sets = (
        ValueIn(
            place=place,
            true=join_true([part.true for part in some]),
            false=join_false([part.false for part in some]),
        )
        for place, some in by_place.items()
    )
    return (*sets, *rest)


def values_at(predicate: Predicate, place: int) -> Spans:
    """Return a set that holds the value of every chosen partition at a place, and maybe more."""
    match predicate:
        case ValueIn(place=this, true=true):
            return true if this == place else EVERYTHING
        case ValueLike(place=this):
            return like_values(predicate) if this == place else EVERYTHING
        case AllOf(parts=parts):
            return spans.intersection(values_at(part, place) for part in parts)
        case AnyOf(parts=parts):
            return spans.union(values_at(part, place) for part in parts)


def like_values(predicate: ValueLike) -> Spans:
    """Return a set that holds every text that a LIKE chooses, and maybe more."""
    return EVERYTHING if predicate.negated else spans.beginning_with(predicate.prefix)


def is_within(predicate: Predicate, places: int) -> bool:
    """Tell whether `values_at` of the first `places` says all that a predicate says.

    True where it is a conjunction of sets of values of these places.
    """
    parts = predicate.parts if isinstance(predicate, AllOf) else (predicate,)
    return all(isinstance(part, ValueIn) and part.place < places for part in parts)
