from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from glueball.core.partition_expressions import read_expression
from glueball.core.partition_order import PartitionOrder
from glueball.core.partition_values import NULL
from glueball.stores.catalog import partition_search, partitions, tables
from glueball.stores.catalog.partition_conditions import filter_of
from glueball.stores.catalog.partition_rows import key_of, values_of
from glueball.stores.catalog.partition_search import PartitionSearch, Segment
from glueball.stores.catalog.schema import catalog_metadata
from glueball.stores.catalog.tables import CatalogTable
from glueball.stores.database import Database
from stores.catalog.made import a_database, a_partition
from support.predicates import is_like
from support.queries import plans, watched

# The oracle: Python compares the values as what they are, three-valued as SQL does.

_KEYS = [
    {"Name": "s", "Type": "string"},
    {"Name": "i", "Type": "int"},
    {"Name": "d", "Type": "date"},
    {"Name": "p", "Type": "decimal(20,4)"},
    {"Name": "t", "Type": "timestamp"},
]
_TEXTS = ["a", "ab", "aB", "b", "'", "%", "_", "*", "a[b", "?", "ä", "\U0001f600", "", NULL]
_NUMBERS = ["-1", "-10", "2", "02", "10", "0", "-0", "123456789012345678901", "seven", "1.0", NULL]
_DAYS = ["2024-01-01", "2000-12-31", "2024-02-30", NULL]
_DECIMALS = ["-1.5", "-1.25", "0.05", "1e3", "1000", "10", "9.50", "9.5", "x", NULL]
_TIMES = ["2024-01-01 00:00:00", "2024-01-01 00:00:00.0", "2024-01-01 00:00:00.5", "2024", NULL]
_LITERALS = {
    "s": ["a", "ab", "b", "%", "''", "a[b", "", NULL],
    "i": ["-1", "0", "2", "10", "-11", "123456789012345678900"],
    "d": ["2024-01-01", "2024-01-31", "1999-12-31"],
    "p": ["-1.5", "9.50", "1000.0", "0", "1e-2"],
    "t": ["2024-01-01 00:00:00", "2024-01-01 00:00:00.25"],
}
_ROWS = [
    [text, number, day, _DECIMALS[index % len(_DECIMALS)], _TIMES[index % len(_TIMES)]]
    for index, (text, number, day) in enumerate(product(_TEXTS, _NUMBERS, _DAYS))
]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
#: an expression, and what it says of the values of a partition
Oracle = tuple[str, Callable[[Sequence[Any]], bool | None]]


def value(name: str, text: str) -> Any:
    """Return a value as what it is; None where it cannot be read."""
    try:
        if name == "s":
            return text
        if name == "d":
            return date.fromisoformat(text)
        if name == "t":
            return datetime.fromisoformat(text) if " " in text else None
        return int(text) if name == "i" else Decimal(text) if text != "x" else None
    except (ValueError, ArithmeticError):
        return None


def typed(row: Sequence[str]) -> list[Any]:
    return [value(key["Name"], text) for key, text in zip(_KEYS, row, strict=True)]


_TYPED = [typed(row) for row in _ROWS]


@st.composite
def comparisons(draw: Any) -> Oracle:
    place = draw(st.integers(0, len(_KEYS) - 1))
    name = _KEYS[place]["Name"]
    texts = st.sampled_from(_LITERALS[name])
    kinds = ["compare", "mirrored", "in", "between", "null", *(["like"] * (name == "s"))]
    kind = draw(st.sampled_from(kinds))

    def neither(test: Callable[[Any], bool]) -> Callable[[Sequence[Any]], bool | None]:
        return lambda row: None if row[place] is None else test(row[place])

    def literal(text: str) -> Any:
        return value(name, text.replace("''", "'"))

    if kind in ("compare", "mirrored"):
        mark, text = draw(st.sampled_from(sorted(_COMPARE))), draw(texts)
        written = f"({name}) {mark} '{text}'"
        if kind == "mirrored":
            written = f"'{text}' {_MIRRORED[mark]} {name}"
        return written, neither(lambda this: _COMPARE[mark](this, literal(text)))
    if kind == "in":
        some = draw(st.lists(texts, min_size=1, max_size=3))
        choices = ", ".join(f"('{text}')" for text in some)
        return f"{name} IN ({choices})", neither(lambda this: this in map(literal, some))
    if kind == "between":
        low, high = draw(texts), draw(texts)
        return f"{name} BETWEEN '{low}' AND '{high}'", neither(
            lambda this: literal(low) <= this <= literal(high)
        )
    if kind == "like":
        pattern = draw(st.text("abB%_*[?", max_size=4))
        return f"{name} LIKE '{pattern}'", lambda row: is_like(row[place], pattern)
    return f"{name} IS NULL", lambda row: row[place] in (None, NULL)


def both(left: Oracle, word: str, right: Oracle) -> Oracle:
    decisive = word == "OR"

    def joined(row: Sequence[Any]) -> bool | None:
        values = {left[1](row), right[1](row)}
        return decisive if decisive in values else None if None in values else not decisive

    return f"({left[0]}) {word} {right[0]}", joined


def opposite(inner: Oracle) -> Oracle:
    text, test = inner
    return f"NOT ({text})", lambda row: None if (this := test(row)) is None else not this


_expressions: st.SearchStrategy[Oracle] = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.builds(both, inner.map(lambda it: (f"({it[0]})", it[1])), st.just("OR"),
                  inner.map(lambda it: (f"({it[0]})", it[1]))),
        st.builds(both, inner.map(lambda it: (f"({it[0]})", it[1])), st.just("AND"),
                  inner.map(lambda it: (f"({it[0]})", it[1]))),
        inner.map(opposite),
    ),
    max_leaves=8,
)  # fmt: skip


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sa.Connection, CatalogTable]]:
    path: Path = tmp_path_factory.mktemp("search") / "g.db"
    database = Database(path, extra=(catalog_metadata,))
    with database.write() as connection:
        a_database(connection)
        a_table_with(connection, _KEYS)
        filled = tables.get(connection, "db", "t")
        assert filled is not None
        partitions.insert(
            connection, filled.id, filled.partition_order, [a_partition(*row) for row in _ROWS]
        )
    with database.read() as connection:
        yield connection, filled
    database.close()


def a_table_with(connection: sa.Connection, keys: Sequence[Any]) -> CatalogTable:
    table = CatalogTable(
        database="db",
        name="t",
        created=1.0,
        updated=2.0,
        created_by="arn",
        document={"PartitionKeys": keys},
    )
    tables.insert(connection, table)
    stored = tables.get(connection, "db", "t")
    assert stored is not None
    return stored


def chosen(search: PartitionSearch, size: int) -> list[list[str]]:
    """Return the values of the partitions of all pages, none of which but the last may be short."""
    values: list[list[str]] = []
    after = ""
    while page := search.page(after=after, limit=size):
        values += [values_of(position) for position, _ in page]
        after = page[-1][0]
        if len(page) < size:
            assert search.page(after=after, limit=size) == []
            break
    return values


@settings(max_examples=150, deadline=None)
@given(oracle=_expressions, size=st.sampled_from([40, 1000]), few=st.sampled_from([0, 60, 5000]))
def test_the_same_partitions_as_python_chooses(
    rows: tuple[sa.Connection, CatalogTable], oracle: Oracle, size: int, few: int
) -> None:
    connection, table = rows
    text, test = oracle
    expected = [row for row, this in zip(_ROWS, _TYPED, strict=True) if test(this) is True]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partition_search, "_MOST_COLLECTED", few)  # both ways of finding them
        predicate = read_expression(text, _KEYS)
        order = table.partition_order
        values = chosen(PartitionSearch(connection, table.id, order, predicate), size)
    assert sorted(values) == sorted(expected)
    assert values == sorted(values, key=lambda row: (order.sort_texts(row), key_of(row)))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False), min_size=2, max_size=2))
def test_sort_texts_are_in_the_order_of_the_numbers(pair: list[Decimal]) -> None:
    order = PartitionOrder.of([{"Type": "decimal"}])
    (one,), (other,) = (order.sort_texts([str(number)]) for number in pair)
    if "" in (one, other):  # an exponent of more than four digits
        return
    assert (one < other, one == other) == (pair[0] < pair[1], pair[0] == pair[1])


_MANY_KEYS = [
    {"Name": "country", "Type": "string"},
    {"Name": "year", "Type": "int"},
    {"Name": "day", "Type": "date"},
]
_MANY = [
    [country, str(year), f"2024-{month:02}-{day:02}"]
    for country in ("de", "fr", "it")
    for year in range(20)
    for month in range(1, 13)
    for day in range(1, 29)
]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sa.Connection, CatalogTable]]:
    database = Database(tmp_path_factory.mktemp("many") / "g.db", extra=(catalog_metadata,))
    with database.write() as connection:
        a_database(connection)
        table = a_table_with(connection, _MANY_KEYS)
        added = [a_partition(*values) for values in _MANY]
        partitions.insert(connection, table.id, table.partition_order, added)
    with database.read() as connection:
        yield connection, table
    database.close()


_ORDER = "SEARCH catalog_partitions USING PRIMARY KEY (table_id=? AND position>? AND position<?)"


@pytest.mark.parametrize(
    ("expression", "plan"),
    [
        pytest.param("country = 'de'", _ORDER, id="the first key"),
        pytest.param("country in ('de', 'it') and year = 7", _ORDER, id="the first two, a list"),
        pytest.param("country = 'it' and year between 3 and 5", _ORDER, id="a range behind"),
        pytest.param("country = 'it' and year = 7 and day > '2024-12-01'", _ORDER, id="all"),
        pytest.param("country like 'd%'", _ORDER, id="LIKE with a prefix"),
        pytest.param("country = 'de' and country = 'fr'", None, id="a contradiction"),
        pytest.param("country = 'xx' and day = '2024-05-05'", _ORDER, id="a first key of none"),
        pytest.param(
            "day = '2024-05-05'",
            "catalog_partitions_by_value_2 (table_id=? AND value_2>? AND value_2<?)",
            id="third",
        ),
        pytest.param(
            "day between '2024-05-05' and '2024-05-06'",
            "catalog_partitions_by_value_2 (table_id=? AND value_2>? AND value_2<?)",
            id="a range of the third",
        ),
        pytest.param(
            "day in ('2024-05-05', '2024-05-07') and year <> 3",
            "catalog_partitions_by_value_2 (table_id=? AND value_2>? AND value_2<?)",
            id="a list of the third",
        ),
        pytest.param(
            "day = '2024-05-05' or day = '2024-07-05' or (year = 3 and day = '2024-01-01')",
            "catalog_partitions_by_value_2 (table_id=? AND value_2>? AND value_2<?)",
            id="OR, by an index for each side",
        ),
    ],
)
def test_what_chooses_few_reads_few(
    many: tuple[sa.Connection, CatalogTable], expression: str, plan: str | None
) -> None:
    connection, table = many
    with pytest.MonkeyPatch.context() as patch, watched(connection) as work:
        patch.setattr(partition_search, "_MOST_COLLECTED", 500)
        predicate = read_expression(expression, _MANY_KEYS)
        search = PartitionSearch(connection, table.id, table.partition_order, predicate)
        places = search.page(after="", limit=11)
    assert work.steps < 25_000  # of 20,160 partitions
    lines = plans(connection, work)
    assert not any(line.startswith("SCAN catalog_partitions") for line in lines)
    assert any(plan in line for line in lines) if plan else not places


def test_a_page_costs_the_same_wherever_it_is(many: tuple[sa.Connection, CatalogTable]) -> None:
    connection, table = many
    predicate = read_expression("year >= 0", _MANY_KEYS)
    search = PartitionSearch(connection, table.id, table.partition_order, predicate)
    for country in ("de", "fr", "it"):
        after = table.partition_order.position([country, "7", "2024-05-05"])
        with pytest.MonkeyPatch.context() as patch, watched(connection) as work:
            patch.setattr(partition_search, "_MOST_COLLECTED", 500)
            assert len(search.page(after=after, limit=100)) == 100
        assert work.steps < 20_000


def test_segments_divide_what_one_reader_reads(many: tuple[sa.Connection, CatalogTable]) -> None:
    connection, table = many
    order = table.partition_order
    segments = [
        chosen(PartitionSearch(connection, table.id, order, None, Segment(number=n, total=5)), 1000)
        for n in range(5)
    ]
    assert sorted(row for segment in segments for row in segment) == sorted(_MANY)
    assert all(len(segment) > len(_MANY) / 6 for segment in segments)


@pytest.mark.parametrize("size", [1, 8, 9, 12])
def test_tables_may_have_any_number_of_keys(tmp_path: Path, size: int) -> None:
    database = Database(tmp_path / "g.db", extra=(catalog_metadata,))
    keys = [{"Name": f"k{place}", "Type": "int"} for place in range(size)]
    rows = [[str(number)] * size for number in range(20)]
    with database.write() as connection:
        a_database(connection)
        table = a_table_with(connection, keys)
        added = [a_partition(*row) for row in rows]
        partitions.insert(connection, table.id, table.partition_order, added)
        for key in (keys[-1]["Name"], keys[0]["Name"]):
            for text in (f"{key} in (7, 9, 19)", f"{key} > 6 and not {key} between 10 and 18 "
                         f"and {key} <> 8"):  # fmt: skip
                predicate = read_expression(text, keys)
                search = PartitionSearch(connection, table.id, table.partition_order, predicate)
                assert chosen(search, 2) == [rows[7], rows[9], rows[19]]
    database.close()


def test_conditions_are_what_postgresql_takes() -> None:
    predicate = read_expression("country like 'a[%_' and not year = 7", _MANY_KEYS)
    dialect: Any = postgresql.dialect
    compiled = filter_of(predicate).compile(dialect=dialect())
    text = str(compiled)
    assert "LIKE %(param" in text and "ESCAPE ''" in text and "GLOB" not in text
    assert "a[%_" in compiled.params.values()


def test_hostile_patterns_of_like_take_little_time(tmp_path: Path) -> None:
    database = Database(tmp_path / "g.db", extra=(catalog_metadata,))
    keys = [{"Name": "k"}]
    with database.write() as connection:
        a_database(connection)
        table = a_table_with(connection, keys)
        added = [a_partition("a" * 1000 + str(number)) for number in range(1000)]
        partitions.insert(connection, table.id, table.partition_order, added)
        text = " or ".join([f"k like '{'%a' * 20}b'"] * 35)
        search = PartitionSearch(
            connection, table.id, table.partition_order, read_expression(text, keys)
        )
        began = time.perf_counter()
        assert search.page(after="", limit=10) == []
        assert time.perf_counter() - began < 5
    database.close()
