from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.errors import InvalidInput
from glueball.core.name_patterns import NamePattern
from glueball.core.name_prefixes import literal_prefix


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        pytest.param("sales_.*", "sales_", id="a regular expression"),
        pytest.param("sales_*", "sales_", id="Hive's wildcard"),
        pytest.param("Sales", "sales", id="a name"),
        pytest.param("^sales", "sales", id="from the start, as always"),
        pytest.param("sales?", "sale", id="the last letter may be missing"),
        pytest.param("sales{0,1}", "sale", id="or so"),
        pytest.param("sales+", "sales", id="once is certain"),
        pytest.param("sal[ei]s", "sal", id="up to a class"),
        pytest.param("sales_.*|orders", "", id="one or the other"),
        pytest.param("s(a|b)", "", id="somewhere in it"),
        pytest.param(r"\Qsales\E", "", id="escapes are not looked into"),
        pytest.param(".*", "", id="anything"),
        pytest.param("ä.*", "", id="no letter of ASCII"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_matching_names_begin_with(pattern: str, prefix: str) -> None:
    assert literal_prefix(pattern) == prefix


@settings(max_examples=300, deadline=None)
@given(st.text("abAB_.*+?|()[]^$1\\", max_size=8), st.text("ab_1k\u017f", max_size=6))
def test_no_name_that_matches_begins_otherwise(pattern: str, name: str) -> None:
    try:
        matches = NamePattern(pattern).matches(name)
    except InvalidInput:
        return
    assert not matches or name.startswith(literal_prefix(pattern))
