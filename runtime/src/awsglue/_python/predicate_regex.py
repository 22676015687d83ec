"""Python's regular expressions as the JVM's, where both match the very same texts.

What is translated: ASCII characters, sets of them, `.`, anchors, groups, alternatives, and
repetitions of a single character. The dialects agree on these, given the JVM's UNIX_LINES mode.
Classes such as `\\d` differ (Python's are Unicode's); repeated groups can exhaust the JVM's stack.
"""

from __future__ import annotations

import re
from re import _constants as sre
from re import _parser
from typing import Any

_MOST_REPEATS = 1_000


class UntranslatableError(Exception):
    """A pattern holds something on which the dialects may differ."""


def translate(pattern: str, how: str) -> str:
    r"""Return a pattern for Spark's `rlike` that is found where Python's matches.

    Args:
        pattern: Python's, without flags.
        how: `match`, `search` or `fullmatch`.

    Raises:
        UntranslatableError: it has parts on which the dialects may differ.
    """
    try:
        parsed = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise UntranslatableError(pattern) from error
    if parsed.state.flags & ~re.UNICODE:
        raise UntranslatableError(pattern)
    begin = "" if how == "search" else r"\A"
    end = r"\z" if how == "fullmatch" else ""
    return f"(?d){begin}(?:{_sequence(parsed)}){end}"


def _sequence(items: Any) -> str:
    return "".join(_item(operator, argument) for operator, argument in items)


def _item(operator: Any, argument: Any) -> str:
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return _repeat(*argument)
    if operator is sre.BRANCH:
        return "(?:" + "|".join(map(_sequence, argument[1])) + ")"
    if operator is sre.SUBPATTERN and not argument[1] and not argument[2]:
        return f"(?:{_sequence(argument[3])})"
    if operator is sre.AT and argument is sre.AT_BEGINNING:
        return r"\A"
    if operator is sre.AT and argument is sre.AT_END:
        return r"(?:(?=\n\z)|\z)"
    return _single(operator, argument)


def _repeat(low: int, high: Any, items: Any) -> str:
    if len(items) != 1 or low > _MOST_REPEATS:
        raise UntranslatableError
    if high is sre.MAXREPEAT:
        return f"{_single(*items[0])}{{{low},}}"
    if high > _MOST_REPEATS:
        raise UntranslatableError
    return f"{_single(*items[0])}{{{low},{high}}}"


def _single(operator: Any, argument: Any) -> str:
    if operator is sre.ANY:
        return "."
    if operator is sre.LITERAL:
        return _character(argument)
    if operator is sre.NOT_LITERAL:
        return f"[^{_character(argument)}]"
    if operator is sre.IN:
        return "[" + "".join(_member(*one) for one in argument) + "]"
    raise UntranslatableError


def _member(operator: Any, argument: Any) -> str:
    if operator is sre.NEGATE:
        return "^"
    if operator is sre.LITERAL:
        return _character(argument)
    if operator is sre.RANGE:
        return f"{_character(argument[0])}-{_character(argument[1])}"
    raise UntranslatableError


def _character(code: int) -> str:
    if not 0 < code < 128:
        raise UntranslatableError
    return f"\\x{code:02x}"
