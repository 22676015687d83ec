from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.errors import InvalidInput
from glueball.core.partition_expressions import PartitionExpression
from glueball.core.partition_values import NULL

_KEYS = [
    {"Name": "Year", "Type": "string"},
    {"Name": "month", "Type": "int"},
    {"Name": "day", "Type": "date"},
    {"Name": "at", "Type": "timestamp"},
    {"Name": "price", "Type": "decimal(10,2)"},
    {"Name": "weird", "Type": "double"},
    {"Name": "a b", "Type": "varchar(8)"},
    {"Name": "untyped"},
]
_VALUES = ["2024", "7", "2024-07-01", "2024-07-01 10:00:00", "9.50", "1", "x", "u"]


def chosen(expression: str, **changes: str) -> bool:
    values = list(_VALUES)
    for name, value in changes.items():
        values[[key["Name"].lower() for key in _KEYS].index(name)] = value
    return PartitionExpression(expression, _KEYS).matches(values)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("year = '2024'", id="names fold case"),
        pytest.param("YEAR=2024", id="a number is read as the key's type"),
        pytest.param("month = '7'", id="so is a text"),
        pytest.param("month = '007'", id="numbers are compared, not their digits"),
        pytest.param("month < 10", id="7 is below 10, though '7' is not"),
        pytest.param("year > '2'", id="texts are compared letter by letter"),
        pytest.param("month <> 8 and month != 9", id="both ways of unequal"),
        pytest.param("month < > 8 and month > = 7", id="marks may have spaces in them"),
        pytest.param("price = 9.5", id="decimals: 9.50 is 9.5"),
        pytest.param("price > .5e1", id="a number with an exponent"),
        pytest.param("day between '2024-06-30' and date '2024-07-01'", id="both ends included"),
        pytest.param("at < timestamp '2024-07-01 10:00:00.000000001'", id="nanoseconds"),
        pytest.param("at = '2024-07-01 10:00:00.0'", id="a fraction of nothing"),
        pytest.param("year like '20__' and year like '%4'", id="LIKE"),
        pytest.param("year not like '%5'", id="NOT LIKE"),
        pytest.param("month in (1, 7, '9')", id="IN"),
        pytest.param("month not in (1)", id="NOT IN"),
        pytest.param("month not between 8 and 9", id="NOT BETWEEN"),
        pytest.param("not month = 8 and not (month = 9)", id="NOT binds weaker than ="),
        pytest.param("month = 8 and month = 9 or month = 7", id="AND before OR"),
        pytest.param("month = 7 or month = 8 and month = 9", id="AND before OR, behind it"),
        pytest.param("((month = 7))", id="parentheses"),
        pytest.param("\"a b\" = 'x' and `a b` = 'x'", id="names in quotes"),
        pytest.param("untyped = 'u'", id="without a type it is a string"),
        pytest.param("year is not null", id="IS NOT NULL"),
        pytest.param("\n year\t=\n'2024'  ", id="white space"),
        pytest.param(" OR ".join(["month = 1"] * 200 + ["month = 7"]), id="long"),
    ],
)
def test_what_chooses_the_partition(expression: str) -> None:
    assert chosen(expression)
    assert not chosen(f"NOT ({expression})")


@pytest.mark.parametrize(
    ("expression", "changes", "expected"),
    [
        pytest.param("year = 'it''s'", {"year": "it's"}, True, id="a quote in a text"),
        pytest.param("year = 'a%'", {"year": "ab"}, False, id="= knows no wildcard"),
        pytest.param("year like 'a.c'", {"year": "abc"}, False, id="a dot is a dot"),
        pytest.param("year like '%b%'", {"year": "abc"}, True, id="inside"),
        pytest.param("year like '%'", {"year": "anything"}, True, id="anything"),
        pytest.param("year like 'A%'", {"year": "abc"}, False, id="case counts"),
        pytest.param("month is null", {"month": NULL}, True, id="Hive's null"),
        pytest.param("year is null", {"year": NULL}, True, id="Hive's null in a string"),
        pytest.param(f"year = '{NULL}'", {"year": NULL}, True, id="Hive's null by its name"),
        pytest.param("month is null", {"month": "seven"}, True, id="unreadable is null"),
        pytest.param("month = 7", {"month": NULL}, False, id="null equals nothing"),
        pytest.param("month <> 7", {"month": NULL}, False, id="nor is it unequal"),
        pytest.param("not (month = 7)", {"month": NULL}, False, id="nor is that false"),
        pytest.param("month = 7 or year = '2024'", {"month": NULL}, True, id="null or true"),
        pytest.param("not (month=7 and year='x')", {"month": NULL}, True, id="null and false"),
        pytest.param("day > '2024-01-01'", {"day": "2024-02-30"}, False, id="no such day"),
        pytest.param("price < 1e400", {"price": "1e399"}, True, id="greater than any float"),
    ],
)
def test_values_as_their_types_read_them(
    expression: str, changes: dict[str, str], expected: bool
) -> None:
    assert chosen(expression, **changes) is expected


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("year", "at its end"),
        ("year =", "at its end"),
        ("year = = '2024'", "near '='"),
        ("year == '2024'", "near '='"),
        ("= '2024'", "near '='"),
        ("'2024' = year", "near ''2024''"),
        ("year = month", "near 'month'"),
        ("year = '2024", "near ''2024'"),
        ("year = '2024' and", "at its end"),
        ("year = '2024' year = '2024'", "near 'year'"),
        ("(year = '2024'", r"where \) should be"),
        ("year = '2024')", r"near '\)'"),
        ("year in ()", r"near '\)'"),
        ("month in (1,)", r"near '\)'"),
        ("month in 1", "near '1'"),
        ("month between 1 or 2", "where AND should be"),
        ("month is 7", "where NULL should be"),
        ("month = date 7", "near '7'"),
        ("lower(year) = 'x'", "'lower' is no partition key"),
        ("; drop table x", "near '; drop table x'"),
        ("none = 1", "'none' is no partition key; there are: year, month"),
        ("month = 'seven'", '"seven" is not an integer'),
        ("month = 7.0", '"7.0" is not an integer'),
        ("month = 7a", "near '7a'"),
        ("price = 'NaN'", '"NaN" is not a decimal'),
        ("price = ٣", "near '٣'"),
        ("day = '2024-02-30'", '"2024-02-30" is not a date'),
        ("at = '2024-07-01'", '"2024-07-01" is not a timestamp'),
        ("at = '2024-07-01 24:00:00'", "is not a timestamp"),
        ("weird = 1", "Unknown type : 'double'"),
        ("month like '7'", "Int data type doesn't support operation 'LIKE'"),
        ("(" * 60 + "month = 7" + ")" * 60, "nests deeper"),
        ("not " * 500 + "month = 7", "nests deeper"),
    ],
)
def test_what_cannot_be_read_is_told(expression: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        PartitionExpression(expression, _KEYS)


@pytest.mark.parametrize(
    ("expression", "beginning"),
    [
        ("s = 'a'", ["a"]),
        ("(s = 'a') and i > 2", ["a"]),
        ("t = 'b' and s = 'a' and i = 7", ["a", "b"]),
        ("t = 'b'", []),
        ("s = 'a' and not t = 'b'", ["a"]),
        ("s = 'a' or t = 'b'", []),
        ("not s = 'a'", []),
        ("s in ('a')", []),
        ("i = 7 and s <> 'a'", []),
        (f"s = '{NULL}'", []),
    ],
)
def test_what_every_partition_that_is_chosen_begins_with(
    expression: str, beginning: list[str]
) -> None:
    keys = [{"Name": "s"}, {"Name": "t"}, {"Name": "i", "Type": "int"}]
    assert PartitionExpression(expression, keys).beginning == beginning


def test_a_table_without_keys_has_nothing_to_compare() -> None:
    with pytest.raises(InvalidInput, match="there are: none"):
        PartitionExpression("year = 1", [])


def test_a_pattern_of_many_wildcards_takes_no_time() -> None:
    pattern = PartitionExpression(f"year like '{'%a' * 900}b'", _KEYS)
    assert not pattern.matches(["a" * 1024, *_VALUES[1:]])


# The oracle: SQLite over the same values. Three keys; in the second, one value is null for both.

_ORACLE_KEYS = [
    {"Name": "s", "Type": "string"},
    {"Name": "i", "Type": "int"},
    {"Name": "d", "Type": "date"},
]
_LITERALS = {
    "s": ["'a'", "'ab'", "'b'", "''''", "'%'"],
    "i": ["-1", "0", "2", "'10'", "11"],
    "d": ["'2024-01-01'", "'2024-01-31'", "'1999-12-31'"],
}
_TEXTS = ["a", "ab", "abc", "b", "'", "%", "ba"]
_ROWS = [
    [text, number, day]
    for text in _TEXTS
    for number in ("-1", "2", "10", NULL)
    for day in ("2024-01-01", "2000-01-01", NULL)
]


@st.composite
def predicates(draw: Any) -> str:
    key = draw(st.sampled_from("sid"))
    literal = st.sampled_from(_LITERALS[key])
    negated = draw(st.sampled_from(["", "NOT "]))
    kind = draw(st.sampled_from(["compare", "in", "between", "null", *(["like"] * (key == "s"))]))
    if kind == "compare":
        mark = draw(st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="]))
        return f"{key} {mark} {draw(literal)}"
    if kind == "in":
        literals = draw(st.lists(literal, min_size=1, max_size=3))
        return f"{key} {negated}IN ({', '.join(literals)})"
    if kind == "between":
        return f"{key} {negated}BETWEEN {draw(literal)} AND {draw(literal)}"
    if kind == "like":
        pattern = draw(st.text("ab%_", max_size=4))
        return f"{key} {negated}LIKE '{pattern}'"
    return f"{key} IS {negated}NULL"


_expressions: st.SearchStrategy[str] = st.recursive(
    predicates(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " OR ", " and ", "\nOr "]), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"NOT {text}"),
    ),
    max_leaves=8,
)


def oracle() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA case_sensitive_like = ON")
    connection.execute("CREATE TABLE p (s TEXT, i INTEGER, d TEXT)")
    rows = [[text, None if n == NULL else n, None if d == NULL else d] for text, n, d in _ROWS]
    connection.executemany("INSERT INTO p VALUES (?, ?, ?)", rows)
    return connection


_ORACLE = oracle()


def sorted_rows(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return sorted(list(row) for row in rows)


@settings(max_examples=400, deadline=None)
@given(_expressions)
def test_the_same_partitions_as_a_database_would_choose(expression: str) -> None:
    rows = _ORACLE.execute(f"SELECT s, i, d FROM p WHERE {expression}").fetchall()
    expected = [[NULL if value is None else str(value) for value in row] for row in rows]
    ours = PartitionExpression(expression, _ORACLE_KEYS)
    chosen = [row for row in _ROWS if ours.matches(row)]
    assert sorted_rows(chosen) == sorted_rows(expected)
    assert all(row[: len(ours.beginning)] == ours.beginning for row in chosen)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(
    st.sampled_from(["s", "i", "=", "'a'", "1", "(", ")", "AND", "NOT", "IN", "LIKE", "IS",
                     "NULL", "BETWEEN", ",", "<", ">", "'", '"', "date"]), max_size=12,
).map(" ".join)))  # fmt: skip
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        PartitionExpression(text, _ORACLE_KEYS).matches(["a", "1", "2024-01-01"])
    except InvalidInput as error:
        assert re.search(
            r"cannot be read|no partition key|is not a|support operation", error.message
        )
