"""Expressions that choose partitions: GetPartitions' `Expression`.

::

    expression  = all { OR all }
    all         = single { AND single }
    single      = NOT single | "(" expression ")" | key comparison
    comparison  = ( = | <> | != | < | <= | > | >= ) literal
                | [NOT] LIKE literal                    % any text, _ any character
                | [NOT] IN "(" literal { "," literal } ")"
                | [NOT] BETWEEN literal AND literal     both ends included
                | IS [NOT] NULL
    key         = the name of a partition key, may be quoted with "" or ``
    literal     = 'text', with '' for a quote | number | DATE 'text' | TIMESTAMP 'text'

A literal is read as the type of the key. As in SQL, what compares with null is neither true nor
false. A value is null where it cannot be read as its key's type; the text that Hive writes for
null (`__HIVE_DEFAULT_PARTITION__`) is null for IS NULL, and compares as the text that it is where
the key is a string, since clients ask for it by name.

https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final

from glueball.core import partition_tests as tests
from glueball.core.errors import InvalidInput
from glueball.core.partition_tests import Test
from glueball.core.partition_values import NULL, Reader, is_text, read_literal, reader_of

_DEEPEST: Final = 50
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*')
      | (?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.]))
      | (?P<quoted>"[^"]+"|`[^`]+`)
      | (?P<word>[A-Za-z0-9_.]+)
      | (?P<mark><\s*>|<\s*=|>\s*=|!=|[=<>(),])
    )""",
    re.VERBOSE,
)


class PartitionExpression:
    """An expression over the partition keys of one table.

    Args:
        text: as the client wrote it.
        keys: the table's partition keys, AWS's `Column` shapes.

    Raises:
        InvalidInput: it cannot be read, names no partition key, or compares what cannot be.
    """

    def __init__(self, text: str, keys: Sequence[Mapping[str, Any]]) -> None:
        self._test = _Parser(text, keys).whole()
        self._count = len(keys)

    def matches(self, values: Sequence[str]) -> bool:
        """Tell whether the partition with these values, one for each key, is chosen.

        A value that is missing, since the table got another key, is null.
        """
        missing = self._count - len(values)
        return self._test.run([*values, *[NULL] * missing] if missing > 0 else values) is True

    @property
    def beginning(self) -> list[str]:
        """What the values of every partition that is chosen begin with; often nothing."""
        places = range(self._count)
        equal = takewhile(lambda place: place in self._test.equals, places)
        return [self._test.equals[place] for place in equal]


class _Parser:
    def __init__(self, text: str, keys: Sequence[Mapping[str, Any]]) -> None:
        self._text = text
        self._keys = {key["Name"].lower(): place for place, key in enumerate(keys)}
        self._types = [key.get("Type", "string") for key in keys]
        self._tokens = list(self._tokenised())
        self._place = 0

    def whole(self) -> Test:
        test = self._any(0)
        if self._place < len(self._tokens):
            raise self._refusal()
        return test

    def _any(self, depth: int) -> Test:
        parts = [self._all(depth)]
        while self._taken("OR"):
            parts.append(self._all(depth))
        return tests.any_of(parts)

    def _all(self, depth: int) -> Test:
        parts = [self._single(depth)]
        while self._taken("AND"):
            parts.append(self._single(depth))
        return tests.all_of(parts)

    def _single(self, depth: int) -> Test:
        if depth > _DEEPEST:
            raise InvalidInput(f"The expression nests deeper than {_DEEPEST} levels.")
        if self._taken("NOT"):
            return tests.negated(self._single(depth + 1))
        if self._taken("("):
            test = self._any(depth + 1)
            self._expect(")")
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        place, reader = self._key()
        kind, mark = self._peek()
        if kind == "mark" and mark in tests.COMPARISONS:
            self._place += 1
            return tests.compared(place, reader, mark, self._literal(reader))
        if self._taken("IS"):
            negated = self._taken("NOT")
            self._expect("NULL")
            test = tests.is_null(place, reader)
        else:
            negated = self._taken("NOT")
            test = self._word_comparison(place, reader)
        return tests.negated(test) if negated else test

    def _word_comparison(self, place: int, reader: Reader) -> Test:
        if self._taken("LIKE"):
            return self._like(place, reader)
        if self._taken("IN"):
            return self._in(place, reader)
        if self._taken("BETWEEN"):
            low = self._literal(reader)
            self._expect("AND")
            return tests.between(place, reader, low, self._literal(reader))
        raise self._refusal()

    def _like(self, place: int, reader: Reader) -> Test:
        if not is_text(reader):
            name = self._types[place].capitalize()
            raise InvalidInput(f"{name} data type doesn't support operation 'LIKE'")
        return tests.like(place, reader, self._literal(reader))

    def _in(self, place: int, reader: Reader) -> Test:
        self._expect("(")
        literals = {self._literal(reader)}
        while self._taken(","):
            literals.add(self._literal(reader))
        self._expect(")")
        return tests.among(place, reader, frozenset(literals))

    def _key(self) -> tuple[int, Reader]:
        kind, text = self._peek()
        if kind not in ("word", "quoted"):
            raise self._refusal()
        self._place += 1
        name = text[1:-1] if kind == "quoted" else text
        place = self._keys.get(name.lower())
        if place is None:
            known = ", ".join(self._keys) or "none"
            raise InvalidInput(
                f"Invalid partition expression! '{name}' is no partition key; there are: {known}."
            )
        return place, reader_of(self._types[place])

    def _literal(self, reader: Reader) -> Any:
        typed = self._taken("DATE") or self._taken("TIMESTAMP")
        if typed and self._peek()[0] != "text":
            raise self._refusal()
        kind, text = self._peek()
        if kind not in ("text", "number"):
            raise self._refusal()
        self._place += 1
        return read_literal(reader, text[1:-1].replace("''", "'") if kind == "text" else text)

    def _tokenised(self) -> Any:
        place = 0
        end = len(self._text.rstrip())
        while place < end:
            found = _TOKEN.match(self._text, place)
            if found is None:
                raise self._refusal(self._text[place : place + 20].strip())
            place = found.end()
            kind = str(found.lastgroup)
            yield kind, "".join(found[kind].split()) if kind == "mark" else found[kind]

    def _peek(self) -> tuple[str, str]:
        if self._place < len(self._tokens):
            kind, text = self._tokens[self._place]
            return kind, text
        return "end", ""

    def _taken(self, wanted: str) -> bool:
        """Step over a keyword or mark if it is next."""
        kind, text = self._peek()
        found = kind in ("word", "mark") and text.upper() == wanted
        self._place += found
        return found

    def _expect(self, wanted: str) -> None:
        if not self._taken(wanted):
            raise self._refusal(wanted=wanted)

    def _refusal(self, near: str | None = None, wanted: str = "") -> InvalidInput:
        shown = near if near is not None else self._peek()[1]
        place = f"near '{shown}'" if shown else "at its end"
        return InvalidInput(
            f"Unsupported expression '{self._text}': it cannot be read {place}"
            f"{f', where {wanted} should be' if wanted else ''}."
        )
