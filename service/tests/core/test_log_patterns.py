from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

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
        (r'{ $.path = "a\*b" }', '{"path": "a*b"}', True),  # an asterisk that is one
        (r'{ $.path = "a\*b" }', '{"path": "axb"}', False),
        (r'{ $.path = "a\*b*" }', '{"path": "a*bc"}', True),
        (r'{ $.path = "a\\*" }', r'{"path": "a\\b"}', True),  # a backslash, then any text
        ('{ $.text = "a*c" }', '{"text": "a\\nc"}', True),
        ("{ $.path = *.csv }", '{"path": "a.csv"}', True),
        # regular expressions
        ("{ $.status = %4[0-9]{2}% }", '{"status": "x404"}', True),
        ("{ $.status = %^4..$% }", '{"status": "x404"}', False),
        ("{ $.status != %^4..$% }", '{"status": "500"}', True),
        ("{ $.status = %40[34]% }", '{"status": 404}', True),
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
    ("pattern", "message", "found"),
    [
        ("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", True),
        ("%^[hc]at%", "hat", True),
        ("%^[hc]at%", "a hat", False),
        ("%[hc]at$%", "a hat", True),
        ("%colou?r%", "color", True),
        ("%a{3,5}%", "baaab", True),
        ("%a{3,5}%", "baab", False),
        (r"%\d+\.\d+%", "took 1.5 s", True),
        (r"%\[ERROR\]%", "[ERROR] x", True),
        (r"%100\%%", "100%", True),
        (r"%\x41%", "A", True),
        ("%gr[ae]y|black%", "it is black", True),
        ("%error%", "ERROR", False),  # case counts
    ],
)
def test_regular_expressions_match_anywhere(pattern: str, message: str, found: bool) -> None:
    assert compile_pattern(pattern)(message) is found


def test_many_asterisks_take_no_longer_than_few() -> None:
    matches = compile_pattern('{ $.m = "*a*a*a*a*a*a*ab" }')
    began = time.process_time()
    assert not any(matches(json.dumps({"m": "a" * 80})) for _ in range(100))
    assert not matches(json.dumps({"m": "a" * 200_000}))
    assert time.process_time() - began < 1.0


@settings(max_examples=300, deadline=None)
@given(st.text("ab*\\ü", max_size=8), st.text("ab*\\ü\n", max_size=8))
def test_a_text_with_asterisks_matches_as_piece_by_piece(pattern: str, text: str) -> None:
    assume(len(pattern.replace("\\\\", "")) == len(pattern.replace("\\\\", "").rstrip("\\")))
    meant = re.sub(
        r"\\(.)|(\*)|(.)",
        lambda part: ".*" if part[2] else re.escape(part[1] or part[3]),
        pattern,
    )
    matches = compile_pattern(f'{{ $.m = "{pattern}" }}')
    assert matches(json.dumps({"m": text})) is bool(re.fullmatch(meant, text, re.DOTALL))


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("[ip, user, status = 4*]", "Space-delimited patterns are not supported"),
        ("%something!%", "characters that are not supported"),
        ("%(a|b)%", "characters that are not supported"),
        ("%ü%", "characters that are not supported"),
        ("%a% b", "stands between two %, alone"),
        ("%%", "stands between two %, alone"),
        ("%[a%", "cannot be read"),
        ("%a{2,1001}%", "cannot be read"),
        ("{ $.a = %(b)% }", "characters that are not supported"),
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
