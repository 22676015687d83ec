from __future__ import annotations

import re

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
        pytest.param("[[&|~a]", ["[", "&", "a"], ["b"], id="characters that mean nothing there"),
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
        ("[a", "'\\[' is not closed"),
        ("[z-a]", "no class of characters"),
        ("+a", "nothing to repeat"),
        ("a{2}", "not supported"),
        ("a\\", "ends with a backslash"),
        ("(" * 20 + "a" + ")" * 20, "nest deeper"),
    ],
)
def test_what_cannot_be_read_is_told(pattern: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        NamePattern(pattern)


@pytest.mark.parametrize("pattern", ["((((a*)*)*)*)*b", "(a|a|a)+" * 50 + "b", "*a" * 500 + "b"])
def test_no_pattern_hangs(pattern: str) -> None:
    assert not NamePattern(pattern).matches("a" * 255)


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
