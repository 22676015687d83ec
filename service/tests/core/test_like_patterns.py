from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.errors import InvalidInput
from glueball.core.like_patterns import like_matcher


@settings(max_examples=300, deadline=None)
@given(st.text("ab%_ü.*\\", max_size=8), st.text("ab%_ü.*\\\n", max_size=8))
def test_it_agrees_with_a_matcher_of_wildcards(pattern: str, text: str) -> None:
    meant = "".join({"%": ".*", "_": "."}.get(mark) or re.escape(mark) for mark in pattern)
    assert like_matcher(pattern)(text) is bool(re.fullmatch(meant, text, re.DOTALL))


def test_many_patterns_over_long_values_take_little_time() -> None:
    matchers = [like_matcher("%a" * 30 + f"%b{number}") for number in range(35)]
    values = ["a" * 1_000 + str(number) for number in range(1_000)]
    began = time.process_time()
    assert not any(matches(value) for value in values for matches in matchers)
    assert time.process_time() - began < 3.0


def test_a_pattern_that_is_too_large_is_refused() -> None:
    with pytest.raises(InvalidInput, match="LIKE cannot be read: it is too large"):
        like_matcher("_" * 5_000)
