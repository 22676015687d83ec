from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueball.core.errors import InvalidInput
from glueball.core.partition_expressions import read_expression
from glueball.core.partition_order import PartitionOrder
from glueball.core.partition_predicates import ValueIn, values_at
from glueball.core.partition_values import NULL
from glueball.core.spans import is_point
from support.predicates import is_true

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
    texts = PartitionOrder.of(_KEYS).sort_texts(values)
    return is_true(read_expression(expression, _KEYS), texts)


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
        pytest.param("(year) = '2024'", id="parentheses round a key"),
        pytest.param("((year)) = (('2024'))", id="and round a literal, and again"),
        pytest.param("((month) = (7) and (year) like ('20%'))", id="and round it all"),
        pytest.param("(month) in ((1), (7)) and (month) between (7) and (8)", id="in lists"),
        pytest.param("(month) is not null and not (month) = 8", id="behind NOT"),
        pytest.param("'2024' = year and 7 = month", id="a literal on the left"),
        pytest.param("6 < month and 8 > month", id="turns its mark round"),
        pytest.param("7 <= month and 7 >= month and 8 <> month", id="every mark"),
        pytest.param("(7) = (month)", id="a literal on the left, in parentheses"),
        pytest.param("date '2024-06-30' < day", id="a typed literal on the left"),
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
        ("'2024' = '2024'", "near ''2024''"),
        ("'2024' = month or", "is not an integer|at its end"),
        ("'2024' like year", "near 'like'"),
        ("(year, month) = '2024'", "near ','"),
        ("(year = '2024') = '2024'", "near '='"),
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
        read_expression(expression, _KEYS)


@pytest.mark.parametrize(
    ("expression", "first", "second"),
    [
        ("s = 'a'", ["a"], None),
        ("(s = 'a') and i > 2", ["a"], None),
        ("i = 7 and s = 'a'", ["a"], ["7"]),
        ("s = 'a' or s = 'b'", ["a", "b"], None),
        ("s in ('b', 'a', 'b')", ["a", "b"], None),
        ("s in ('a', 'b') and not s = 'a'", ["b"], None),
        ("s = 'a' and s = 'b'", [], None),
        ("s = 'a' or i = 7", None, None),
        ("(s = 'a' and i = 7) or (s = 'b' and i = 8)", ["a", "b"], ["7", "8"]),
        ("not s = 'a'", None, None),
        ("not (s <> 'a' or i <> 7)", ["a"], ["7"]),
        (f"s = '{NULL}'", [NULL], None),
        ("s is null", [NULL], None),
    ],
)
def test_which_values_a_chosen_partition_may_have(
    expression: str, first: list[str] | None, second: list[str] | None
) -> None:
    keys = [{"Name": "s"}, {"Name": "i", "Type": "int"}]
    predicate = read_expression(expression, keys)
    order = PartitionOrder.of(keys)
    for place, expected in enumerate((first, second)):
        spans = values_at(predicate, place)
        if expected is None:
            assert not spans or not all(is_point(span) for span in spans)
            continue
        texts = [order.sort_texts([value, value])[place] for value in expected]
        assert [start[1] for start, _ in spans] == texts


def test_many_equalities_become_one_set() -> None:
    text = " or ".join(f"month = {number}" for number in range(200))
    assert isinstance(read_expression(text, _KEYS), ValueIn)


def test_a_table_without_keys_has_nothing_to_compare() -> None:
    with pytest.raises(InvalidInput, match="there are: none"):
        read_expression("year = 1", [])


_ANY_KEYS = [
    {"Name": "s", "Type": "string"},
    {"Name": "i", "Type": "int"},
    {"Name": "d", "Type": "date"},
]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(
    st.sampled_from(["s", "i", "=", "'a'", "1", "(", ")", "AND", "NOT", "IN", "LIKE", "IS",
                     "NULL", "BETWEEN", ",", "<", ">", "'", '"', "date"]), max_size=12,
).map(" ".join)))  # fmt: skip
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_expression(text, _ANY_KEYS)
    except InvalidInput as error:
        assert re.search(
            r"cannot be read|no partition key|is not a|support operation", error.message
        )
