from __future__ import annotations

import datetime
import itertools
import linecache
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from awsglue import gluetypes as glue
from awsglue._python.predicates import recognise
from awsglue._types import from_spark_schema
from awsglue.gluetypes import DynamicRecord
from tests.awsglue.conftest import Make, rows_of

SCHEMA = (
    "b boolean, y tinyint, i int, l bigint, f float, d double, m decimal(5,2), s string, "
    "day date, t timestamp, n timestamp_ntz, x struct<i:int,s:string,x:struct<l:bigint>>, "
    "`a b.c` int, u void, z array<int>"
)
NOON = datetime.datetime(2024, 1, 1, 12)  # noqa: DTZ001 - as functions see it
ANY = datetime.date(2024, 1, 1)
VALUES: dict[str, list[Any]] = {
    "b": [True, False],
    "y": [-128, -1, 0, 1, 127],
    "i": [-(2**31), -1, 0, 1, 2, 18, 2**31 - 1],
    "l": [-(2**63), -(2**53) - 1, 0, 1, 2**53, 2**53 + 1, 2**63 - 1],
    "f": [-0.0, 0.0, 0.5, 1.0, math.inf, -math.inf, math.nan, 16777216.0],
    "d": [-0.0, 0.0, 0.1, 0.5, 1.0, 18.0, 2.0**53, math.inf, -math.inf, math.nan, 1e308],
    "m": [
        Decimal(text) for text in ("-999.99", "-0.01", "0.00", "0.50", "1.00", "18.00", "999.99")
    ],
    "s": ["", "a", "A", "ab", "b", "NY", "x\ny", "NY\n", "é", "\U0001f600", "\uffff", "1", "a1"],
    "day": [ANY, ANY + datetime.timedelta(1), datetime.date(1, 1, 1), datetime.date(9999, 12, 31)],
    "t": [NOON, NOON + datetime.timedelta(microseconds=1)],
    "n": [NOON, NOON - datetime.timedelta(microseconds=1)],
    "x": [(1, "NY", (2**53 + 1,)), (None, None, None), (18, "a", (None,)), (0, "", (1,))],
    "a b.c": [0, 1, 18],
    "u": [None],
    "z": [[1], []],
}


def rows() -> list[tuple[Any, ...]]:
    """Every value of every field at least once, among nulls and others."""
    longest = max(map(len, VALUES.values()))
    cycles = [[*values, None] for values in VALUES.values()]
    return [
        tuple(cycle[(row + shift * 7) % len(cycle)] for shift, cycle in enumerate(cycles))
        for row in range(longest * 3)
    ]


def function_of(source: str, **names: Any) -> Callable[..., Any]:
    """Return the function of a source text, as if a script had it."""
    name = f"<script {next(_numbers)}>"
    text = source if source.startswith("def ") else f"f = {source}"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space = {"re": re, "datetime": datetime, "Decimal": Decimal, **names, "__name__": "__main__"}
    exec(compile(text, name, "exec", dont_inherit=True), space)
    function: Callable[..., Any] = space["f"]
    return function


_numbers = itertools.count()


def kept(function: Callable[..., Any], record: dict[str, Any]) -> bool:
    """What `Filter` says of a record when it calls the function."""
    fresh = DynamicRecord(
        {key: DynamicRecord(one) if isinstance(one, dict) else one for key, one in record.items()}
    )
    try:
        return bool(function(fresh))
    except (KeyError, ValueError, TypeError):
        return False


@pytest.fixture(scope="module")
def agrees(spark: SparkSession) -> Callable[[list[str]], list[bool]]:
    """Compares Spark with Python over all records; tells which sources were recognised."""
    frame = spark.createDataFrame(rows(), SCHEMA).coalesce(1).cache()
    schema = from_spark_schema(frame.schema)
    records = [row.asDict(recursive=True) for row in frame.collect()]

    def compare(sources: list[str]) -> list[bool]:
        functions = [function_of(source) for source in sources]
        conditions = [recognise(function, schema, "UTC") for function in functions]
        columns = [f"coalesce({one}, false)" for one in conditions if one is not None]
        results = frame.selectExpr(*columns).collect() if columns else []
        column = 0
        for source, function, condition in zip(sources, functions, conditions, strict=True):
            if condition is None:
                continue
            for record, result in zip(records, results, strict=True):
                wanted = kept(function, record)
                assert result[column] is wanted, (source, condition, record)
            column += 1
        return [condition is not None for condition in conditions]

    return compare


RECOGNISED = [
    'lambda row: row["i"] > 18 and row["s"] == "NY"',
    'lambda row: (row["i"] >= 18 and bool(re.match("a", row["s"])))',
    'lambda row: not(row["s"] == "NY")',
    'lambda row: row["s"] in ["NY", "a", None]',
    'lambda row: row["i"] not in (1, 18)',
    'lambda row: row["s"] is None or row["i"] is not None',
    'lambda row: row["u"] is None',
    'lambda row: row["x"]["s"] == "NY"',
    'lambda row: row.x["x"]["l"] == 9007199254740993',
    'lambda row: row["x"]["x"]["l"] is None',
    'lambda row: row["x"]["nothing"] == 1',
    "lambda row: row.i == 18",
    'lambda row: row["nothing"] == 1',
    'lambda row: not row["nothing"]',
    'lambda row: row["i"] == 1 or row["nothing"] == 1',
    'lambda row: 0 < row["i"] <= 18',
    'lambda row: not (5 > row["i"])',
    'lambda row: row["a b.c"] == True',
    'lambda row: row["s"] == 5',
    'lambda row: row["s"] != 5',
    'lambda row: row["s"] < 5 or True',
    'lambda row: row["l"] == 9007199254740992.0',
    'lambda row: row["l"] > 9007199254740992.0',
    'lambda row: row["l"] < 99999999999999999999',
    'lambda row: row["d"] == 0',
    'lambda row: row["d"] > 0.1',
    'lambda row: not (row["d"] > 0.1)',
    'lambda row: not (row["d"] != 1e308)',
    'lambda row: row["f"] >= 0.5',
    'lambda row: row["m"] == 0.5',
    'lambda row: row["m"] < 0.1',
    'lambda row: row["m"] >= Decimal("0.505")',
    'lambda row: row["b"]',
    'lambda row: not row["b"]',
    'lambda row: row["b"] == 1',
    'lambda row: row["b"] < 1',
    'lambda row: row["d"]',
    'lambda row: row["s"] and row["i"]',
    'lambda row: row["day"] >= datetime.date(2024, 1, 2)',
    'lambda row: row["day"] == datetime.datetime(2024, 1, 1)',
    'lambda row: row["t"] > datetime.datetime(2024, 1, 1, 12)',
    'lambda row: row["n"] < datetime.datetime(2024, 1, 1, 12)',
    'lambda row: row["s"] > "a"',
    'lambda row: len(row["s"]) == 1',
    'lambda row: "N" in row["s"]',
    'lambda row: "i" in row and "j" not in row',
    'lambda row: row.get("s") == "NY"',
    'lambda row: re.search("Y$", row["s"]) is not None',
    'lambda row: re.fullmatch("[A-Z]{2}|a.*", row["s"])',
    'lambda row: True if row["b"] else row["i"] == 1',
    'def f(row):\n    """Adults."""\n    return row["i"] >= 18\n',
    'def f(row):\n    if row["i"] is None:\n        return False\n    return row["i"] < 18\n',
    'def f(row, limit=18):\n    if row["i"] == limit:\n        return True\n',
]


def test_functions_as_people_write_them(agrees: Callable[[list[str]], list[bool]]) -> None:
    found = agrees(RECOGNISED)
    assert [one for one, known in zip(RECOGNISED, found, strict=True) if not known] == []


UNRECOGNISED = [
    ('lambda row: row["i"] > row["l"]', "two fields"),
    ('lambda row: row["s"].startswith("a")', "None has no such method: an error record"),
    ('lambda row: row["s"].lower() == "a"', "Unicode's rules differ by version"),
    ('lambda row: int(row["s"]) > 1', "Python reads digits of any script"),
    ('lambda row: re.match("\\\\d", row["s"])', "Python's digits are Unicode's"),
    ('lambda row: re.match("a", row["s"], re.I)', "flags"),
    ('lambda row: re.match("(?i)a", row["s"])', "flags inside"),
    ('lambda row: re.match("(a|b)*", row["s"])', "the JVM's stack"),
    ('lambda row: re.match("(a", row["s"])', "no pattern: an error record"),
    ('lambda row: row["d"] < Decimal("1")', "NaN raises InvalidOperation"),
    ('lambda row: row["m"] < float("nan")', "a call that is not known"),
    ('lambda row: row["d"] == 9007199254740993', "no double equals it"),
    ('lambda row: row["z"] == [1]', "an array"),
    ('lambda row: row["x"]', "a struct"),
    ("lambda row: row.x.s == 1", "a null struct has no attributes: an error record"),
    ('lambda row: print(row["i"]) or row["i"] > 1', "an effect"),
    ('lambda row: row["i"] > unknown', "an unknown name: an error record"),
    ('lambda row: row["i"] / 2 > 1', "arithmetic"),
    ('lambda row: [x for x in row if x == "i"]', "a loop"),
    ('lambda row: row["i"] is 1000', "identity"),
    ('lambda row: row["t"] > datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)', "zone"),
    ("lambda row: row", "the record"),
    ("lambda *rows: rows[0]", "other arguments"),
    ('def f(row):\n    row["i"] = 5\n    return row["i"] == 5\n', "the record is changed"),
    ('def f(row):\n    yield row["i"]\n', "a generator"),
]


@pytest.mark.parametrize(("source", "why"), UNRECOGNISED, ids=[why for _, why in UNRECOGNISED])
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_what_python_must_evaluate(source: str, why: str, spark: SparkSession) -> None:
    schema = from_spark_schema(spark.createDataFrame([], SCHEMA).schema)
    assert recognise(function_of(source), schema, "UTC") is None


def test_moments_are_compared_where_clocks_are_not_changed() -> None:
    schema = glue.StructType([glue.Field("t", glue.TimestampType())])
    function = function_of('lambda row: row["t"] > datetime.datetime(2024, 1, 1)')
    assert recognise(function, schema, "UTC") is not None
    assert recognise(function, schema, "Europe/Berlin") is None


def test_fields_of_several_types_or_alike_names_are_left_to_python() -> None:
    choice = glue.ChoiceType([glue.IntegerType(), glue.StringType()])
    schema = glue.StructType(
        [glue.Field(name, kind) for name, kind in [("c", choice), ("a", choice), ("A", choice)]]
    )
    for source in (
        'lambda row: row["c"] == 1',
        'lambda row: row["c"] is None',
        "lambda r: r['a'] is None",
    ):
        assert recognise(function_of(source), schema, "UTC") is None


INT = glue.StructType([glue.Field("i", glue.IntegerType())])


def test_names_mean_what_a_worker_sees() -> None:
    limit = 18
    closure = lambda row: row["i"] > limit  # noqa: E731
    assert recognise(closure, INT, "UTC") == "`i` > CAST('18' AS int)"
    script = function_of('lambda row: row["i"] in allowed', allowed={5})
    assert recognise(script, INT, "UTC") == "`i` = CAST('5' AS int)"
    # A worker imports a module anew: what a name of it means there is not known here.
    imported = function_of('def f(row):\n    return row["i"] in allowed\n', allowed={5})
    imported.__module__ = "some.module"
    assert recognise(imported, INT, "UTC") is None
    shadowed = function_of('lambda row: len(row["i"]) == 1', len=lambda value: value)
    assert recognise(shadowed, INT, "UTC") is None


def test_two_functions_in_one_line() -> None:
    pair: Any = function_of('[lambda r: r["i"] == 1, lambda r: r["i"] == 2]')
    assert isinstance(pair, list)
    assert [recognise(one, INT, "UTC") for one in pair] == [
        "`i` = CAST('1' AS int)",
        "`i` = CAST('2' AS int)",
    ]


def test_a_source_that_is_not_the_functions_is_not_believed() -> None:
    function = function_of('lambda row: row["i"] == 1')
    name = function.__code__.co_filename
    assert recognise(function, INT, "UTC") is not None
    changed = ['f = lambda row: row["i"] == 2\n']
    linecache.cache[name] = (len(changed[0]), None, changed, name)
    assert recognise(function, INT, "UTC") is None
    del linecache.cache[name]
    assert recognise(function, INT, "UTC") is None


def test_a_recognised_filter_is_spark_alone(make: Make) -> None:
    frame = make("i int, s string", (20, "NY"), (20, None), (None, "NY"), (1, "NY"))
    filtered = frame.filter(lambda row: row["i"] > 18 and row["s"] == "NY")
    assert rows_of(filtered) == [{"i": 20, "s": "NY"}]
    assert filtered.errorsCount() == 0
    plan = filtered.toDF()._jdf.queryExecution().toString()
    assert "Python" not in plan
    assert "Arrow" not in plan


LITERALS = [
    *("0", "1", "-1", "18", "127", "128", "-129", "2**31", "True", "False", "None"),
    *("9007199254740993", "-9223372036854775809", "9223372036854775807", "99999999999999999999"),
    *("0.5", "0.1", "-0.0", "1.0", "18.0", "1e308", "9007199254740992.0", "-1.5", "127.5"),
    *('""', '"a"', '"NY"', '"NY\\n"', '"\\U0001f600"', '"\\uffff"', '"1"', '"e\'\\\\"'),
    *('Decimal("0.5")', 'Decimal("0.505")', 'Decimal("-1000")', 'Decimal("1")'),
    *("datetime.date(2024, 1, 1)", "datetime.date(2024, 1, 2)", "datetime.date(9999, 12, 31)"),
    *("datetime.datetime(2024, 1, 1, 12)", "datetime.datetime(2024, 1, 1, 12, 0, 0, 1)"),
]
FIELDS = [
    *(f'row["{name}"]' for name in VALUES),
    *('row["x"]["i"]', 'row["x"]["x"]["l"]', 'row["nothing"]', "row.i", 'row.get("l")'),
    *('len(row["s"])', 'row["x"]["nothing"]', 'row.get("nothing", 1)'),
]
PATTERNS = ["a", "^N", "Y$", ".", ".*Y", "[^a]", "[A-Z]+$", "a?1", "NY|a", "x.y", "", "^$", ".{2}"]

fields, literals = st.sampled_from(FIELDS), st.sampled_from(LITERALS)
symbols = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
atoms = st.one_of(
    fields,
    literals,
    st.tuples(fields, symbols, literals).map(" ".join),
    st.tuples(literals, symbols, fields).map(" ".join),
    st.tuples(literals, symbols, fields, symbols, literals).map(" ".join),
    st.tuples(fields, st.sampled_from(["is", "is not", "==", "!="]), st.just("None")).map(" ".join),
    st.tuples(
        fields, st.sampled_from(["in", "not in"]), st.lists(literals, max_size=4).map(", ".join)
    ).map(lambda parts: f"{parts[0]} {parts[1]} [{parts[2]}]"),
    st.tuples(
        st.sampled_from(["match", "search", "fullmatch"]), st.sampled_from(PATTERNS), fields
    ).map(lambda parts: f're.{parts[0]}("{parts[1]}", {parts[2]})'),
    st.tuples(st.sampled_from(['"N"', '"a"', '""']), st.sampled_from(['row["s"]', "row"])).map(
        lambda parts: f"{parts[0]} in {parts[1]}"
    ),
)
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({' '.join(p)})"),
        inner.map(lambda one: f"(not {one})"),
        inner.map(lambda one: f"bool({one})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
    ),
    max_leaves=5,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],  # a failure names its predicate: a shorter list says no more
)
@given(st.lists(expressions, min_size=150, max_size=150, unique=True))
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_spark_and_python_agree(
    agrees: Callable[[list[str]], list[bool]], expressions: list[str]
) -> None:
    # Each example is one Spark job over a hundred and fifty predicates and all records.
    found = agrees([f"lambda row: {one}" for one in expressions])
    assert sum(found) > len(found) // 5
