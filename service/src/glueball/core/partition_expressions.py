"""Expressions that choose partitions: GetPartitions' `Expression`.

::

    expression  = all { OR all }
    all         = single { AND single }
    single      = NOT single | "(" expression ")" | key comparison | literal mark key
    comparison  = mark literal
                | [NOT] LIKE literal                    % any text, _ any character
                | [NOT] IN "(" literal { "," literal } ")"
                | [NOT] BETWEEN literal AND literal     both ends included
                | IS [NOT] NULL
    mark        = "=" | "<>" | "!=" | "<" | "<=" | ">" | ">="
    key         = the name of a partition key, may be quoted with "" or `` | "(" key ")"
    literal     = 'text', with '' for a quote | number | DATE 'text' | TIMESTAMP 'text'
                | "(" literal ")"

A literal is read as the type of the key. As in SQL, what compares with null is neither true nor
false. A value is null where it cannot be read as its key's type; the text that Hive writes for
null (`__HIVE_DEFAULT_PARTITION__`) is null for IS NULL, and compares as the text that it is where
the key is a string, since clients ask for it by name.

https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from glueball.core import spans
from glueball.core.errors import InvalidInput
from glueball.core.partition_predicates import (
    Predicate,
    ValueIn,
    ValueLike,
    all_of,
    any_of,
    negated,
)
from glueball.core.partition_values import (
    NULL,
    TEXT,
    UNREADABLE,
    ValueType,
    read_literal,
    value_type,
)
from glueball.core.spans import Spans

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
#: comparisons, and what each of them is with its sides exchanged
_MIRRORED: Mapping[str, str] = {
    "=": "=", "<>": "<>", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip


def read_expression(text: str, keys: Sequence[Mapping[str, Any]]) -> Predicate:
    """Return what an expression says of the partitions of a table.

    Args:
        text: as the client wrote it.
        keys: the table's partition keys, AWS's `Column` shapes.

    Raises:
        InvalidInput: it cannot be read, names no partition key, or compares what cannot be.
    """
    return _Parser(text, keys).whole()


_READABLE: Final = spans.complement(spans.points([UNREADABLE]))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Key:
    place: int
    type_name: str
    type: ValueType

    def value_in(self, true: Spans) -> ValueIn:
        """Return the test of a set: false of every other value that is not null."""
        readable = spans.EVERYTHING if self.type is TEXT else _READABLE
        false = spans.intersection([readable, spans.complement(true)])
        return ValueIn(place=self.place, true=spans.intersection([readable, true]), false=false)

    def is_null(self) -> ValueIn:
        """Return the test of null, which is never neither."""
        null = spans.points([NULL if self.type is TEXT else UNREADABLE])
        return ValueIn(place=self.place, true=null, false=spans.complement(null))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Literal:
    text: str


_TYPED: Final = ("DATE", "TIMESTAMP")


class _Parser:
    def __init__(self, text: str, keys: Sequence[Mapping[str, Any]]) -> None:
        self._text = text
        self._keys = {key["Name"].lower(): place for place, key in enumerate(keys)}
        self._types = [key.get("Type", "string") for key in keys]
        self._tokens = list(self._tokenised())
        self._place = 0

    def whole(self) -> Predicate:
        predicate = self._any(0)
        if self._place < len(self._tokens):
            raise self._refusal()
        return predicate

    def _any(self, depth: int) -> Predicate:
        parts = [self._all(depth)]
        while self._step_over("OR"):
            parts.append(self._all(depth))
        return any_of(parts)

    def _all(self, depth: int) -> Predicate:
        parts = [self._single(depth)]
        while self._step_over("AND"):
            parts.append(self._single(depth))
        return all_of(parts)

    def _single(self, depth: int) -> Predicate:
        if depth > _DEEPEST:
            raise InvalidInput(f"The expression nests deeper than {_DEEPEST} levels.")
        if self._step_over("NOT"):
            return negated(self._single(depth + 1))
        operand = self._operand(depth)
        if operand is not None:
            return self._comparison(operand)
        if not self._step_over("("):
            raise self._refusal()
        predicate = self._any(depth + 1)
        self._expect(")")
        return predicate

    def _operand(self, depth: int, *, is_literal: bool = False) -> _Key | _Literal | None:
        """Step over a key or a literal, however many parentheses are round it; None for others.

        Where only a literal may stand, DATE is never the name of a key.
        """
        start = self._place
        if self._step_over("("):
            deeper = depth + 1
            operand = self._operand(deeper, is_literal=is_literal) if deeper < _DEEPEST else None
            if operand is not None and self._step_over(")"):
                return operand
            self._place = start
            return None
        kind, text = self._peek()
        is_typed = kind == "word" and text.upper() in _TYPED
        if is_typed and (is_literal or self._peek(1)[0] == "text"):
            self._place += 1
            return self._literal("text")
        if kind in ("text", "number"):
            return self._literal("text", "number")
        is_key = kind == "quoted" or (kind == "word" and text.upper() != "NOT")
        return self._key() if is_key and not is_literal else None

    def _comparison(self, operand: _Key | _Literal) -> Predicate:
        kind, mark = self._peek()
        is_comparison = kind == "mark" and mark in _MIRRORED
        if isinstance(operand, _Literal):
            if not is_comparison:
                raise self._refusal()
            self._place += 1
            return self._compared(self._key_at_right(), _MIRRORED[mark], operand.text)
        if is_comparison:
            self._place += 1
            return self._compared(operand, mark, self._literal_at_right())
        if self._step_over("IS"):
            is_negated = self._step_over("NOT")
            self._expect("NULL")
            predicate: Predicate = operand.is_null()
        else:
            is_negated = self._step_over("NOT")
            predicate = self._word_comparison(operand)
        return negated(predicate) if is_negated else predicate

    def _compared(self, key: _Key, mark: str, literal: str) -> Predicate:
        text = read_literal(key.type, literal)
        start, before, behind, end = spans.START, spans.before(text), spans.behind(text), spans.END
        sets: Mapping[str, Spans] = {
            "=": ((before, behind),),
            "<": ((start, before),),
            "<=": ((start, behind),),
            ">": ((behind, end),),
            ">=": ((before, end),),
        }
        if mark in ("<>", "!="):
            return negated(key.value_in(sets["="]))
        return key.value_in(sets[mark])

    def _word_comparison(self, key: _Key) -> Predicate:
        if self._step_over("LIKE"):
            return self._like(key)
        if self._step_over("IN"):
            return key.value_in(spans.points(self._listed(key)))
        if self._step_over("BETWEEN"):
            low = read_literal(key.type, self._literal_at_right())
            self._expect("AND")
            high = read_literal(key.type, self._literal_at_right())
            return key.value_in(((spans.before(low), spans.behind(high)),) if low <= high else ())
        raise self._refusal()

    def _like(self, key: _Key) -> Predicate:
        if key.type is not TEXT:
            name = key.type_name.capitalize()
            raise InvalidInput(f"{name} data type doesn't support operation 'LIKE'")
        return ValueLike(place=key.place, pattern=self._literal_at_right(), negated=False)

    def _listed(self, key: _Key) -> Iterator[str]:
        self._expect("(")
        yield read_literal(key.type, self._literal_at_right())
        while self._step_over(","):
            yield read_literal(key.type, self._literal_at_right())
        self._expect(")")

    def _literal_at_right(self) -> str:
        operand = self._operand(0, is_literal=True)
        if not isinstance(operand, _Literal):
            raise self._refusal()
        return operand.text

    def _key_at_right(self) -> _Key:
        start = self._place
        operand = self._operand(0)
        if not isinstance(operand, _Key):
            self._place = start
            raise self._refusal()
        return operand

    def _key(self) -> _Key:
        kind, text = self._peek()
        self._place += 1
        name = text[1:-1] if kind == "quoted" else text
        place = self._keys.get(name.lower())
        if place is None:
            names = ", ".join(self._keys) or "none"
            raise InvalidInput(
                f"Invalid partition expression! '{name}' is no partition key; there are: {names}."
            )
        type_name = self._types[place]
        return _Key(place=place, type_name=type_name, type=value_type(type_name))

    def _literal(self, *kinds: str) -> _Literal:
        kind, text = self._peek()
        if kind not in kinds:
            raise self._refusal()
        self._place += 1
        return _Literal(text=text[1:-1].replace("''", "'") if kind == "text" else text)

    def _tokenised(self) -> Iterator[tuple[str, str]]:
        place = 0
        end = len(self._text.rstrip())
        while place < end:
            match = _TOKEN.match(self._text, place)
            if match is None:
                raise self._refusal(self._text[place : place + 20].strip())
            place = match.end()
            kind = str(match.lastgroup)
            yield kind, "".join(match[kind].split()) if kind == "mark" else match[kind]

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        if self._place + ahead < len(self._tokens):
            return self._tokens[self._place + ahead]
        return "end", ""

    def _step_over(self, token: str) -> bool:
        """Step over a keyword or mark if it is next."""
        kind, text = self._peek()
        is_next = kind in ("word", "mark") and text.upper() == token
        self._place += is_next
        return is_next

    def _expect(self, token: str) -> None:
        if not self._step_over(token):
            raise self._refusal(expected=token)

    def _refusal(self, near: str | None = None, expected: str = "") -> InvalidInput:
        shown = near if near is not None else self._peek()[1]
        place = f"near '{shown}'" if shown else "at its end"
        return InvalidInput(
            f"Unsupported expression '{self._text}': it cannot be read {place}"
            f"{f', where {expected} should be' if expected else ''}."
        )
