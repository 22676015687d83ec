"""Filter patterns of CloudWatch Logs: terms, phrases, regular expressions and simple comparisons
of JSON members.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html and, for
regular expressions, …/regex-expressions.html
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from glueball.core.errors import AwsError
from glueball.core.linear_patterns import ANY_TEXT, LinearPattern, UnreadablePattern, literal

Matcher = Callable[[str], bool]

_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)')
_ESCAPE = re.compile(r"\\(.)")
_COMPARISON = re.compile(
    r"""\{\s* \$((?:\.[\w-]+|\[\d+\])+) \s*(=|!=|<=|>=|<|>)\s*
        (?: "((?:[^"\\]|\\.)*)" | (-?\d+(?:\.\d+)?) | (\*?[\w./:-]+\*?)
          | %((?:[^%\\]|\\.)+)% ) \s*\}""",
    re.VERBOSE,
)
_EXPRESSION = re.compile(r"%((?:[^%\\]|\\.)+)%")
#: what a regular expression may be made of: letters, digits, some symbols, operators without
#: groups, and escapes
_SUPPORTED = re.compile(
    r"(?:[A-Za-z0-9:_#=@/;,^$?\[\]{}|*+.-]|\\(?:x[0-9A-Fa-f]{2}|[dDsSwW]|[^\w\s]))*"
)
#: of a phrase: an escaped character, an asterisk that stands for any text, or plain text
_PIECE = re.compile(r"\\(.)|(\*)|([^\\*]+)", re.DOTALL)
_STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]")
_NUMERIC: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MISSING = object()


class InvalidPattern(AwsError):
    """The filter pattern cannot be understood, or is of a kind that is not there yet."""

    code = "InvalidParameterException"


def compile_pattern(pattern: str) -> Matcher:
    """Turn a filter pattern into a test of messages.

    Terms must all be there, in any order; `"a phrase"` must be there word by word; of the terms
    with a question mark one must be there; a term with a minus sign must not. Case counts.
    `%4[0-9]{2}%` is a regular expression that matches anywhere. `{ $.level = "ERROR" }` compares
    one member of messages that are JSON objects, also with an expression between `%`; an asterisk
    in its text stands for any text, `\\*` for itself.

    >>> compile_pattern('?WARN ?ERROR -retry')("ERROR no such table")
    True

    Raises:
        InvalidPattern: it is none of these.
    """
    text = pattern.strip()
    if text.startswith("{"):
        return _json_matcher(text)
    if text.startswith("["):
        raise InvalidPattern(
            "Invalid filter pattern: Space-delimited patterns are not supported by Glueball; "
            'search for terms, or put a text in double quotes, as in "[ERROR]".'
        )
    if text.startswith("%"):
        expression = _EXPRESSION.fullmatch(text)
        if expression is None:
            raise InvalidPattern(
                "Invalid filter pattern: a regular expression stands between two %, alone."
            )
        return _regular_expression(expression[1]).occurs_in
    return _term_matcher(text)


def _regular_expression(text: str) -> LinearPattern:
    if not _SUPPORTED.fullmatch(text):
        raise InvalidPattern(
            f"Invalid filter pattern: the regular expression {text!r} has characters that are not "
            "supported; there are letters, digits, :_#=@/;,- and ^$?[]{}|\\*+. and escapes of "
            "other symbols."
        )
    return _linear(text)


def _linear(expression: str) -> LinearPattern:
    try:
        return LinearPattern(expression)
    except UnreadablePattern as error:
        raise InvalidPattern(f"Invalid filter pattern: it cannot be read: {error}.") from error


def _term_matcher(text: str) -> Matcher:
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            raise InvalidPattern(f"Invalid filter pattern: {text[position:]!r} is not a term.")
        sign, phrase, word = found.groups()
        terms[sign].append(word if phrase is None else _ESCAPE.sub(r"\1", phrase))
        position = found.end()
        while position < len(text) and text[position].isspace():
            position += 1
    wanted, optional, unwanted = terms[""], terms["?"], terms["-"]

    def matches(message: str) -> bool:
        return (
            all(term in message for term in wanted)
            and (not optional or any(term in message for term in optional))
            and not any(term in message for term in unwanted)
        )

    return matches


def _json_matcher(text: str) -> Matcher:
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise InvalidPattern(
            "Invalid filter pattern: of JSON patterns Glueball knows one comparison, as in "
            '{ $.level = "ERROR" } or { $.size > 10 }.'
        )
    path, sign, phrase, digits, word, expression = found.groups()
    steps = [name or int(index) for name, index in _STEP.findall(path)]
    if digits is not None:
        compare = _number_test(sign, float(digits))
    elif sign in ("=", "!=") and expression is not None:
        compare = _text_test(sign == "=", _regular_expression(expression).occurs_in)
    elif sign in ("=", "!="):
        compare = _text_test(sign == "=", _phrase(word if phrase is None else phrase).matches)
    else:
        raise InvalidPattern(f"Invalid filter pattern: {sign} compares numbers only.")

    def matches(message: str) -> bool:
        value = _member(message, steps)
        return value is not _MISSING and compare(value)

    return matches


def _number_test(sign: str, wanted: float) -> Callable[[Any], bool]:
    holds = _NUMERIC[sign]

    def test(value: Any) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return holds(value, wanted) if is_number else sign == "!="

    return test


def _phrase(text: str) -> LinearPattern:
    """Return the pattern of a text in which an asterisk stands for any text."""
    return _linear(
        "".join(
            ANY_TEXT if asterisk else literal(escaped or plain)
            for escaped, asterisk, plain in _PIECE.findall(text)
        )
    )


def _text_test(equal: bool, fits: Callable[[str], bool]) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        return fits(value if isinstance(value, str) else json.dumps(value)) == equal

    return test


def _member(message: str, steps: list[str | int]) -> Any:
    try:
        value = json.loads(message)
    except (ValueError, RecursionError):
        return _MISSING
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return value
