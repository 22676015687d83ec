"""In which order the partitions of a table lie, and where those lie that a predicate may choose.

A partition's position begins with the sort texts of its values, each behind a mark that is below
every character in them. So partitions are in the order of their values, key by key, and those
with the same values of the first keys lie side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from glueball.core.partition_predicates import Predicate, values_at
from glueball.core.partition_values import NULL, ValueType, ordering_type
from glueball.core.spans import END, EVERYTHING, Cut, Spans, is_point

_MARK: Final = "\x01"
_BEHIND_MARK: Final = "\x02"
#: the characters that a sort text has no longer: NUL, which databases do not take, and the marks
_ESCAPES = {code: f"\x02{chr(code + 0x30)}" for code in range(3)}
#: stretches that a predicate is divided into; more are not worth their queries
_MOST_STRETCHES: Final = 300

#: positions: behind the first text, and before the second one or without an end (None)
Stretch: TypeAlias = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class PartitionOrder:
    """The order of the partitions of a table.

    Args:
        types: of the table's partition keys.
    """

    types: tuple[ValueType, ...]

    @classmethod
    def of(cls, keys: Sequence[Mapping[str, Any]]) -> PartitionOrder:
        """Return the order that partition keys, AWS's `Column` shapes, give."""
        return cls(tuple(ordering_type(key.get("Type", "string")) for key in keys))

    def sort_texts(self, values: Sequence[str]) -> list[str]:
        """Return the sort text of each key's value.

        A value that is missing, since the table got another key, is null.
        """
        missing = [NULL] * (len(self.types) - len(values))
        pairs = zip(self.types, (*values, *missing), strict=False)
        return [value_type.read(value) for value_type, value in pairs]

    def position(self, values: Sequence[str]) -> str:
        """Return what the position of the partition with these values begins with.

        Values that differ may have one beginning (`7` and `07` of an int): something that tells
        them apart must follow.
        """
        return self.position_of(self.sort_texts(values))

    def position_of(self, sort_texts: Sequence[str]) -> str:
        """Return the same of values whose sort texts are known."""
        return "".join([f"{text.translate(_ESCAPES)}{_MARK}" for text in sort_texts])

    def stretches(self, predicate: Predicate) -> tuple[list[Stretch], int]:
        """Return where the partitions lie that a predicate may choose, in order.

        The second part of the result is the number of keys that the stretches take into account:
        what a predicate says of the others must be looked at partition by partition.
        """
        prefixes, place = [""], 0
        stretches: list[Stretch] = [("", None)]
        while place < len(self.types):
            values = values_at(predicate, place)
            if values == EVERYTHING or len(prefixes) * len(values) > _MOST_STRETCHES:
                break
            place += 1
            stretches = [_stretch(prefix, span) for prefix in prefixes for span in values]
            if not all(is_point(span) for span in values):
                break
            prefixes = [start for start, _ in stretches]
        return stretches, place


def _stretch(prefix: str, span: tuple[Cut, Cut]) -> Stretch:
    start, end = span
    return _position_of(prefix, start), None if end == END and not prefix else _position_of(
        prefix, end
    )


def _position_of(prefix: str, cut: Cut) -> str:
    """Return where a cut lies among the positions that begin with a prefix."""
    if cut == END:
        return f"{prefix[:-1]}{_BEHIND_MARK}"
    _, text, side = cut
    return f"{prefix}{text.translate(_ESCAPES)}{_BEHIND_MARK if side else _MARK}"


def stretches_of(spans: Spans) -> list[Stretch]:
    """Return where the partitions lie whose first value is in a set."""
    return [_stretch("", span) for span in spans]
