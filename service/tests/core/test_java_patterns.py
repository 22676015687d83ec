"""Java's expressions as RE2's: a table of what differs, and Python's as an oracle for the rest."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.java_patterns import re2_expression
from glueball.core.linear_patterns import LinearPattern, UnreadablePattern


@pytest.mark.parametrize(
    ("java", "matching", "others"),
    [
        pytest.param(r"\Qa.b*\E.*", ["a.b*", "a.b*c"], ["axb*", "a.bb"], id="quoted"),
        pytest.param(r"\Qa.b", ["a.b"], ["axb"], id="quoted to the end"),
        pytest.param(r"\Qab\E+", ["ab", "abb"], ["abab"], id="a repetition repeats one character"),
        pytest.param(r"[\Q]^\E]+", ["]^"], ["a"], id="quoted in a class"),
        pytest.param(r"\u0041\x42\x{43}\0104", ["ABCD"], ["abcd"], id="characters by number"),
        pytest.param(r"\uD83D\uDE00", ["\U0001f600"], ["\ufffd"], id="a surrogate pair"),
        pytest.param(r"[\uD83D\uDE00-\uD83D\uDE02]", ["\U0001f601"], ["a"], id="a range of pairs"),
        pytest.param(r"\cA\t\e", ["\x01\t\x1b"], ["A"], id="control characters"),
        pytest.param(r"\s", [" ", "\x0b", "\f"], ["\xa0", "a"], id="Java's spaces are ASCII"),
        pytest.param(r"\S[\S]", ["ab", "üß"], [" a", "a\x0b"], id="no spaces"),
        pytest.param(r"\h\v\R", ["\xa0\x0b\r\n", " \n\n"], ["a\n\n"], id="blanks and line ends"),
        pytest.param(r"\w\d", ["a1"], ["é1", "a٣"], id="words and digits are ASCII"),
        pytest.param(".", ["a", "\x0b"], ["\n", "\r", "\x85", "\u2028"], id="a dot is no line end"),
        pytest.param("(?s)a.", ["a\n", "ab"], ["a"], id="… but with a flag"),
        pytest.param("(?s:a.)b.", ["a\nbc"], ["a\nb\n"], id="a flag of a group"),
        pytest.param("(?i)ab(?-i)c", ["ABc"], ["ABC"], id="no case, and case again"),
        pytest.param("(?<year>[0-9]+)", ["2024"], ["x"], id="a named group"),
        pytest.param(r"[\w-_]", ["-", "_", "a"], ["."], id="a hyphen behind a class"),
        pytest.param("[a-c-e]", ["b", "-", "e"], ["d"], id="a hyphen behind a range"),
        pytest.param("[]a]", ["]", "a"], ["b"], id="a bracket that comes first"),
        pytest.param("[^^]", ["a", "\n"], ["^"], id="no caret"),
        pytest.param(r"\p{Alpha}[\p{Digit}]\P{Upper}", ["a1b"], ["a1B", "é1b"], id="ASCII classes"),
        pytest.param(r"\p{L}\pN[\p{IsLu}]", ["é1É"], ["é1é"], id="categories"),
        pytest.param("^a$|^b$", ["a", "b"], ["ab", "a\n"], id="anchors of the whole text"),
        pytest.param("a*?b??", ["aab", ""], ["bb"], id="reluctant repetitions"),
        pytest.param("a{2}b{0,1}c{1,}", ["aac", "aabcc"], ["ac"], id="counted repetitions"),
        pytest.param("a-]}", ["a-]}"], ["a"], id="marks that mean nothing there"),
    ],
)
def test_what_an_expression_means(java: str, matching: list[str], others: list[str]) -> None:
    pattern = LinearPattern(re2_expression(java))
    assert [text for text in matching + others if pattern.matches(text)] == matching


@pytest.mark.parametrize(
    ("java", "says"),
    [
        ("*", "'\\*' has nothing to repeat"),
        ("a|*", "nothing to repeat"),
        ("a**", "nothing to repeat"),
        ("a{x}", "no numbers"),
        ("a*+", "without stepping back"),
        ("(?=a)", "looks around"),
        ("(?<!a)", "looks around"),
        ("(?>a)", "looks around"),
        ("(?m)^a", "flag m"),
        (r"(a)\1", "not supported"),
        (r"\k<a>", "not supported"),
        (r"\uD800", "no character"),
        (r"\x{110000}", "no character"),
        (r"\p", "names no class"),
        ("(a", "not closed"),
        ("a)", "closes nothing"),
        ("[a", "'\\[' at character 1 is not closed"),
        ("[", "not closed"),
        ("[z-a]", "runs backward"),
        ("[a[b]]", "class within a class"),
        ("[a&&b]", "'&&'"),
        ("a\\", "ends with a backslash"),
    ],
)
def test_what_cannot_be_matched_in_linear_time_is_refused(java: str, says: str) -> None:
    with pytest.raises(UnreadablePattern, match=says):
        LinearPattern(re2_expression(java))


#: parts that mean the same in Python's expressions, of texts without line ends
_EXPRESSIONS: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(
        ["a", "b", ".", "[ab]", "[^a]", "[a-c]", ".*", "a?", "\\w", "\\d", "\\.", "[.]", "[]a]"]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join).map(lambda text: f"({text})"),
        inner.map(lambda text: f"(?:{text})+"),
        inner.map(lambda text: f"({text}){{0,2}}"),
        inner.map(lambda text: f"({text})*?"),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(_EXPRESSIONS, st.text("ab1.]-", max_size=6))
def test_it_agrees_with_pythons_expressions(java: str, text: str) -> None:
    expected = re.fullmatch(java, text, re.ASCII) is not None
    assert LinearPattern(re2_expression(java)).matches(text) is expected


@settings(max_examples=300, deadline=None)
@given(st.text("ab.*+?|()[]{}\\^$-&,1QEpux<=!:is", max_size=20), st.text("ab", max_size=5))
def test_any_text_is_read_or_refused(java: str, text: str) -> None:
    try:
        LinearPattern(re2_expression(java)).matches(text)
    except UnreadablePattern as error:
        assert str(error)
