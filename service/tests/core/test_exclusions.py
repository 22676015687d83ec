from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glueball.core.errors import InvalidInput
from glueball.core.exclusions import Exclusions


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        pytest.param("*.csv", "a.csv", True, id="a name"),
        pytest.param("*.csv", "b/a.csv", False, id="one asterisk stays in its folder"),
        pytest.param("*.csv", "a.csv.gz", False, id="the pattern is for the whole path"),
        pytest.param("*.csv", ".csv", True, id="no character, and a leading dot is as any other"),
        pytest.param("*.*", "a.b", True, id="a dot in the name"),
        pytest.param("*.*", "a", False, id="no dot in the name"),
        pytest.param("*.{csv,avro}", "a.avro", True, id="one of two"),
        pytest.param("*.{csv,avro}", "a.json", False, id="none of two"),
        pytest.param("a{,b}c", "ac", True, id="an alternative of nothing"),
        pytest.param("{a*,**/b}", "x/y/b", True, id="marks in braces"),
        pytest.param("{a\\,b,c}", "a,b", True, id="a comma in braces"),
        pytest.param("a,b}", "a,b}", True, id="commas and closing braces outside of braces"),
        pytest.param("foo.?", "foo.a", True, id="one character"),
        pytest.param("foo.?", "foo.", False, id="no character"),
        pytest.param("foo.?", "foo.ab", False, id="two characters"),
        pytest.param("foo?bar", "foo/bar", False, id="a question mark is no slash"),
        pytest.param("myfolder/*", "myfolder/a", True, id="in a folder"),
        pytest.param("myfolder/*", "myfolder/a/b", False, id="in a folder's folder"),
        pytest.param("myfolder/*/*", "myfolder/a/b", True, id="two levels"),
        pytest.param("myfolder/**", "myfolder/a/b", True, id="anywhere in a folder"),
        pytest.param("myfolder/**", "myfolders/a", False, id="not in another folder"),
        pytest.param("myfolder**", "myfolders/a/b", True, id="folders that begin so"),
        pytest.param("**/b", "b", False, id="the slash must be there"),
        pytest.param("Market*", "market1", False, id="case matters"),
        pytest.param("[a-c]", "b", True, id="in a range"),
        pytest.param("[a-c]", "d", False, id="not in a range"),
        pytest.param("[!a-c]", "d", True, id="not one of a range"),
        pytest.param("[!a-c]", "b", False, id="one of a range"),
        pytest.param("a[!b]c", "a/c", False, id="a bracket is no slash"),
        pytest.param("a[+-0]c", "a/c", False, id="not even where a range has it"),
        pytest.param("[-a]", "-", True, id="a hyphen at the beginning"),
        pytest.param("[!-a]", "-", False, id="a hyphen behind the exclamation mark"),
        pytest.param("[a-]", "-", True, id="a hyphen at the end"),
        pytest.param("[*?\\]", "\\", True, id="marks in brackets are characters"),
        pytest.param("[*?\\]", "a", False, id="marks in brackets are no marks"),
        pytest.param("[{,}]", ",", True, id="braces in brackets"),
        pytest.param("\\*", "*", True, id="a character that is no mark"),
        pytest.param("\\*", "a", False, id="an asterisk that is no mark"),
        pytest.param("ü?", "üß", True, id="characters are not bytes"),
        pytest.param("a\nb*", "a\nb\nc", True, id="line ends are characters"),
        pytest.param("", "a", False, id="nothing"),
    ],
)
def test_patterns(pattern: str, path: str, matches: bool) -> None:
    assert Exclusions([pattern]).match(path) is matches


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("a{b", "'}' is missing"),
        ("a{b,c", "'}' is missing"),
        ("{a,{b}}", "braces cannot nest"),
        ("[ab", "']' is missing"),
        ("[a-", "']' is missing"),
        ("[", "']' is missing"),
        ("[!", "']' is missing"),
        ("a\\", "it ends with '\\'"),
    ],
)
def test_patterns_that_cannot_be_read_are_named(pattern: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(says)) as raised:
        Exclusions(["fine", pattern])
    assert f"'{pattern}'" in str(raised.value)


def test_one_of_several_patterns_is_enough() -> None:
    found = Exclusions(["*.tmp", "old/**"])
    assert [found.match(path) for path in ("a.tmp", "old/a", "new/a")] == [True, True, False]


def test_without_patterns_nothing_is_left_out() -> None:
    assert not Exclusions([]).match("a")
    assert not Exclusions([]).match("")


#: a mark, and what it is as a regular expression
Meant = tuple[str, str]

_MARKS: st.SearchStrategy[Meant] = st.one_of(
    st.sampled_from("ab.-! ").map(lambda one: (one, re.escape(one))),
    st.sampled_from(
        [
            ("/", "/"),
            ("*", "[^/]*"),
            ("**", ".*"),
            ("?", "[^/]"),
            ("\\*", "\\*"),
            ("\\{", "\\{"),
            ("[ab]", "[ab]"),
            ("[!a]", "[^a/]"),
            ("[!a-b-]", "[^ab/-]"),
            ("[--/]", "[-.]"),
            ("[]a]", "[]a]"),
        ]
    ),
)


def joined(marks: Sequence[Meant]) -> Meant:
    """Put marks together: asterisks that come together cross folders, however many they are."""
    meant = []
    for asterisks, some in groupby(marks, key=lambda mark: mark[0] in ("*", "**")):
        group = list(some)
        crossing = asterisks and len("".join(mark for mark, _ in group)) > 1
        meant += [".*"] if crossing else [one for _, one in group]
    return "".join(mark for mark, _ in marks), "".join(meant)


def in_braces(parts: Sequence[Meant]) -> Meant:
    marks, meant = zip(*parts, strict=True)
    return f"{{{','.join(marks)}}}", f"(?:{'|'.join(meant)})"


_GROUPS = st.lists(st.lists(_MARKS, max_size=4).map(joined), min_size=1, max_size=3).map(in_braces)
_PATTERNS = st.lists(st.one_of(_MARKS, _GROUPS), max_size=6).map(joined)


@settings(deadline=None)
@given(
    patterns=st.lists(_PATTERNS, max_size=3),
    paths=st.lists(st.text("ab/.-! *{]", max_size=8), min_size=1, max_size=5),
)
@example(patterns=[("***", ".*")], paths=["a/b"])
@example(patterns=[("{*,a}*", "(?:[^/]*|a)[^/]*")], paths=["ab", "a/"])
def test_patterns_match_as_their_regular_expressions(
    patterns: list[Meant], paths: list[str]
) -> None:
    found = Exclusions([mark for mark, _ in patterns])
    meant = [re.compile(text, re.DOTALL) for _, text in patterns]
    for path in paths:
        assert found.match(path) is any(one.fullmatch(path) for one in meant), path


def test_patterns_of_many_asterisks_take_no_longer() -> None:
    """A matcher that tries one way after the other would need 2^60 steps."""
    assert not Exclusions(["**a" * 60 + "b"]).match("a" * 3000)
