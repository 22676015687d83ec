from __future__ import annotations

import pytest

from glueball.core.log_patterns import InvalidPattern, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "message", "found"),
    [
        # nothing asked for
        ("", "anything", True),
        ("   ", "", True),
        # a term anywhere, in its own case
        ("ERROR", "[ERROR 401] no", True),
        ("ERROR", "an error", False),
        # all terms, in any order
        ("ERROR ARGUMENTS", "ARGUMENTS: ERROR", True),
        ("ERROR ARGUMENTS", "ERROR only", False),
        # a phrase word by word
        ('"INTERNAL SERVER ERROR"', "500 INTERNAL SERVER ERROR", True),
        ('"INTERNAL SERVER ERROR"', "INTERNAL ERROR SERVER", False),
        # what would otherwise have a meaning, quoted
        ('"[ERROR]"', "[ERROR] x", True),
        (r'"a \"b\""', 'a "b"', True),
        # any of them
        ("?WARN ?ERROR", "WARN x", True),
        ("?WARN ?ERROR", "INFO x", False),
        ('?"out of memory" ?killed', "was killed", True),
        # not this one
        ("-retry", "ERROR", True),
        ("ERROR -retry", "ERROR retry", False),
        ('ERROR -"will retry"', "ERROR will not retry", True),
        ("?WARN ?ERROR -retry", "ERROR", True),
        # a word may hold the signs
        ("job-run?", "this job-run? yes", True),
    ],
)
def test_terms(pattern: str, message: str, found: bool) -> None:
    assert compile_pattern(pattern)(message) is found


@pytest.mark.parametrize(
    ("pattern", "message", "found"),
    [
        ('{ $.level = "ERROR" }', '{"level": "ERROR"}', True),
        ("{ $.level = ERROR }", '{"level": "ERROR"}', True),
        ('{$.level="ERROR"}', '{"level": "INFO"}', False),
        ('{ $.level != "ERROR" }', '{"level": "INFO"}', True),
        # a member that is not there is neither equal nor unequal
        ('{ $.level != "ERROR" }', "{}", False),
        # deeper
        ('{ $.user.names[1] = "b" }', '{"user": {"names": ["a", "b"]}}', True),
        ('{ $.user.names[7] = "b" }', '{"user": {"names": ["a", "b"]}}', False),
        ('{ $.user.name = "b" }', '{"user": "b"}', False),
        # wildcards
        ('{ $.host = "ip-*" }', '{"host": "ip-10-0-0-1"}', True),
        ('{ $.host = "*.local" }', '{"host": "ip-10-0-0-1"}', False),
        # numbers
        ("{ $.size > 10 }", '{"size": 10.5}', True),
        ("{ $.size <= 10 }", '{"size": 11}', False),
        ("{ $.size = 10 }", '{"size": "10"}', False),
        ("{ $.size = 1 }", '{"size": true}', False),
        ("{ $.done = true }", '{"done": true}', True),
        # messages that are no JSON
        ('{ $.level = "ERROR" }', "ERROR", False),
        ('{ $.level = "ERROR" }', "[" * 100_000, False),
    ],
)
def test_one_comparison_of_json(pattern: str, message: str, found: bool) -> None:
    assert compile_pattern(pattern)(message) is found


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("[ip, user, status = 4*]", "Space-delimited patterns are not supported"),
        ("%ERR.*%", "Regular expressions are not supported"),
        ('{ $.a = "x" && $.b = 1 }', "one comparison"),
        ("{ nonsense }", "one comparison"),
        ('{ $.a > "x" }', "compares numbers only"),
        ('ERROR "not closed', "is not a term"),
        ('"a"b', "is not a term"),
    ],
)
def test_what_is_not_understood_is_refused_and_says_why(pattern: str, says: str) -> None:
    with pytest.raises(InvalidPattern, match=f"Invalid filter pattern: .*{says}") as refused:
        compile_pattern(pattern)
    assert refused.value.code == "InvalidParameterException"
