"""RE2 behind the one door to it: what matches, what is refused, and that nothing takes long."""

from __future__ import annotations

import re
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.linear_patterns import (
    ANY_TEXT,
    NOTHING,
    AnyPattern,
    LinearPattern,
    UnreadablePattern,
    literal,
)


@pytest.mark.parametrize(
    ("expression", "text", "whole", "part"),
    [
        pytest.param("a+", "aa", True, True, id="the whole text"),
        pytest.param("a+", "baac", False, True, id="some part of it"),
        pytest.param(ANY_TEXT, "ü\n日\0", True, True, id="any text has line ends and nulls"),
        pytest.param(f"a{ANY_TEXT}b", "aü日b", True, True, id="any text between characters"),
        pytest.param(NOTHING, "a", False, False, id="nothing"),
        pytest.param(NOTHING, "", False, False, id="not even an empty text"),
        pytest.param(".", "\udc80", True, True, id="half a surrogate pair is some character"),
    ],
)
def test_what_matches(expression: str, text: str, whole: bool, part: bool) -> None:
    pattern = LinearPattern(expression)
    assert (pattern.matches(text), pattern.occurs_in(text)) == (whole, part)


@pytest.mark.parametrize("expression", ["(", "a**", "(?=a)", "a{1001}", "(a{100}){100}"])
def test_what_is_no_expression_is_refused_with_a_reason(expression: str) -> None:
    with pytest.raises(UnreadablePattern, match=r"[a-z]"):
        LinearPattern(expression)


def test_a_program_has_a_largest_size() -> None:
    LinearPattern("[^a]{50}", largest=2_000)
    with pytest.raises(UnreadablePattern, match="it is too large"):
        LinearPattern("[^a]{500}", largest=2_000)


@given(st.text(max_size=10), st.text(max_size=10))
def test_a_literal_matches_itself_only(text: str, other: str) -> None:
    pattern = LinearPattern(literal(text))
    assert pattern.matches(text)
    assert pattern.matches(other) is (
        text.encode("utf-8", "replace") == other.encode("utf-8", "replace")
    )


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b.*", ".*a", "[ab]c", "(?:ab)+", "a|c"]), max_size=4),
    st.text("abc", max_size=60),
)
def test_one_of_several_patterns_is_enough(expressions: list[str], text: str) -> None:
    expected = any(re.fullmatch(expression, text) for expression in expressions)
    assert AnyPattern(expressions).matches(text) is expected


def test_patterns_that_are_too_large_together_match_one_after_the_other() -> None:
    pattern = AnyPattern([f"{letter}[^0]{{400}}" for letter in "abc"])
    assert pattern.matches("b" + "x" * 400)
    assert not pattern.matches("b0")


def test_other_threads_run_while_it_matches() -> None:
    pattern = LinearPattern("(?:.{0,30}a){0,30}b")
    waits: list[float] = []
    done = threading.Event()

    def wait() -> None:
        while not done.is_set():
            began = time.perf_counter()
            time.sleep(0.001)
            waits.append(time.perf_counter() - began)

    other = threading.Thread(target=wait)
    other.start()
    began = time.perf_counter()
    while time.perf_counter() - began < 1.0:
        pattern.matches("a" * 400_000)
    done.set()
    other.join()
    assert len(waits) > 50
