from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.errors import InvalidInput
from glueball.core.name_patterns import NamePattern


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        pytest.param("sales", ["sales"], ["sales_2024", "my_sales"], id="the whole name"),
        pytest.param("sales*", ["sales", "sales_2024"], ["my_sales"], id="Hive's wildcard"),
        pytest.param("*sales", ["my_sales", "sales"], ["sales_1"], id="at the beginning"),
        pytest.param("*al*", ["sales"], ["sl"], id="at both ends"),
        pytest.param("sales.*", ["sales", "sales_1"], ["sale"], id="a regular expression"),
        pytest.param("sales.+", ["sales_1"], ["sales"], id="one or more"),
        pytest.param("s.les", ["sales", "sxles"], ["sles"], id="any character"),
        pytest.param("a|b|c*", ["a", "b", "cd"], ["ab"], id="choices"),
        pytest.param("(a|b)_1", ["a_1", "b_1"], ["a", "_1"], id="a group"),
        pytest.param("(ab)+", ["ab", "abab"], ["aba", ""], id="a repeated group"),
        pytest.param("[a-c]+[^0-9]", ["abz"], ["ab1", "z"], id="classes"),
        pytest.param("[a\\]]", ["a", "]"], ["b"], id="an escaped bracket"),
        pytest.param("[&|~a]", ["|", "&", "a"], ["b"], id="characters that mean nothing there"),
        pytest.param("a{2}", ["aa"], ["a"], id="a counted letter"),
        pytest.param("\\Qa.b\\E*", ["a.b", "a.bb"], ["axb"], id="a quoted text"),
        pytest.param("t\\d?", ["t", "t1"], ["t12"], id="an escape, optional"),
        pytest.param("a\\.b", ["a.b"], ["axb"], id="a dot"),
        pytest.param("^sales$", ["sales"], ["sale"], id="anchors"),
        pytest.param("SALES", ["sales"], [], id="small letters"),
        pytest.param("ta?ble", ["table", "tble"], [], id="an optional letter"),
        pytest.param("", [""], ["a"], id="nothing"),
    ],
)
def test_names_that_match(pattern: str, matching: list[str], others: list[str]) -> None:
    ours = NamePattern(pattern)
    assert [name for name in matching + others if ours.matches(name)] == matching


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(a", "not closed"),
        ("a)", "closes nothing"),
        ("[a", "'\\[' at character 1 is not closed"),
        ("[z-a]", "runs backward"),
        ("+a", "nothing to repeat"),
        ("a{2", "nothing to repeat"),
        ("a\\", "ends with a backslash"),
        ("(?!a)", "looks around"),
        ("(.{30}){30}", "too large"),
    ],
)
def test_what_cannot_be_read_is_told(pattern: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        NamePattern(pattern)


@pytest.mark.parametrize("pattern", ["((((a*)*)*)*)*b", "(a|a|a)+" * 50 + "b", "*a" * 500 + "b"])
def test_no_pattern_hangs(pattern: str) -> None:
    assert not NamePattern(pattern).matches("a" * 255)


def test_nested_repetitions_take_no_longer_than_plain_ones() -> None:
    pattern = NamePattern("(.|(.|(.|.+Z)+Z)+Z)+Z")
    began = time.process_time()
    assert not any(pattern.matches("a" * 254 + "b") for _ in range(100))
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        pytest.param(r"\Qtrino__f\E__.*", ["trino__f__1"], ["trino__g__1"], id="as Trino asks"),
        pytest.param(".*", ["f", ""], [], id="all"),
        pytest.param("f*", ["f", "ff", ""], ["fx"], id="an asterisk repeats a letter"),
        pytest.param("F", ["f"], ["g"], id="small letters"),
    ],
)
def test_names_of_functions_match_javas_expressions(
    pattern: str, matching: list[str], others: list[str]
) -> None:
    ours = NamePattern(pattern, wildcards=False)
    assert [name for name in matching + others if ours.matches(name)] == matching


@pytest.mark.parametrize("pattern", ["*", "*f", "a|*"])
def test_an_asterisk_alone_is_no_pattern_of_functions(pattern: str) -> None:
    with pytest.raises(InvalidInput, match="nothing to repeat"):
        NamePattern(pattern, wildcards=False)


#: parts of Hive's patterns, and what they are as Python's expressions
_WILDCARDS = st.lists(
    st.sampled_from([("*", ".*"), ("a", "a"), ("b", "b"), ("_", "_"), ("\\.", "\\."), ("|", "|")]),
    max_size=8,
).filter(
    lambda parts: (
        not any(first[0] == "\\." for first, second in pairwise(parts) if second[0] == "*")
    )
)


@settings(max_examples=300, deadline=None)
@given(_WILDCARDS, st.text("ab_.", max_size=6))
def test_hives_wildcards_are_any_text(parts: list[tuple[str, str]], name: str) -> None:
    hive, python = ("".join(side) for side in zip(*parts, strict=True)) if parts else ("", "")
    assert NamePattern(hive).matches(name) is bool(re.fullmatch(python, name))


#: parts that mean the same in Python's expressions
_patterns: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", ".*", "a?", "\\w", "\\d", "(a|b)*"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join).map(lambda text: f"({text})"),
        inner.map(lambda text: f"({text})+"),
        inner.map(lambda text: f"({text})?"),
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(_patterns, st.text("ab1", max_size=6))
def test_it_agrees_with_regular_expressions(pattern: str, name: str) -> None:
    assert NamePattern(pattern).matches(name) is bool(re.fullmatch(pattern, name))


@settings(max_examples=300, deadline=None)
@given(st.text("ab.*+?|()[]\\^$-&", max_size=20), st.text("ab", max_size=5))
def test_any_text_is_read_or_refused(pattern: str, name: str) -> None:
    try:
        NamePattern(pattern).matches(name)
    except InvalidInput as error:
        assert "cannot be read" in error.message
