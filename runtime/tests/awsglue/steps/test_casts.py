from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from awsglue import _types
from awsglue._steps.casts import cast, conform
from awsglue.gluetypes import ChoiceType, IntegerType, StringType, mergeDataTypes

DAY = datetime.date(2024, 2, 29)
NOON = datetime.datetime(2024, 2, 29, 12, 0)  # noqa: DTZ001 - what Spark returns


# Each row: a value in SQL, the type wanted, what becomes of it, and why.
CASTS: list[tuple[str, str, Any]] = [
    ("'12'", "int", 12),
    ("' 12 '", "long", 12),  # blanks around a number do not count
    ("'1.5'", "int", None),  # no integer
    ("''", "double", None),  # an empty csv field
    ("'abc'", "double", None),
    ("'1e3'", "double", 1000.0),
    ("'12.345'", "decimal(10,2)", Decimal("12.35")),
    ("'123456789.1'", "decimal(5,2)", None),  # too many digits
    ("300", "tinyint", None),  # does not fit
    ("2.9D", "int", 2),  # the fraction is cut off
    ("cast('NaN' as double)", "int", None),
    ("5", "string", "5"),
    ("5", "long", 5),
    ("true", "string", "true"),
    ("'yes'", "boolean", True),
    ("'maybe'", "boolean", None),
    ("1", "boolean", True),
    ("'2024-02-29'", "date", DAY),
    ("'2023-02-29'", "date", None),  # no such day
    ("'2024-02-29 12:00:00'", "timestamp", NOON),
    ("date'2024-02-29'", "string", "2024-02-29"),
    ("timestamp'2024-02-29 12:00:00'", "date", DAY),
    ("date'2024-02-29'", "int", None),  # Spark has no such cast, and would refuse the query
    ("5", "date", None),
    ("array(1, 2)", "string", "[1,2]"),  # nested values become JSON
    ("named_struct('a', 1)", "string", '{"a":1}'),
    ("array('1', 'x')", "array<int>", [1, None]),
    ("array('1', 'x')", "array", ["1", "x"]),  # any array will do
    ("'text'", "array", None),
    ("map('k', '7')", "map<string,int>", {"k": 7}),
    ("named_struct('a', '1', 'b', 2)", "struct<a:int,c:int>", {"a": 1, "c": None}),
    ("cast(null as string)", "int", None),
]


@pytest.mark.parametrize("ansi", ["false", "true"])  # Spark 4 has ANSI mode on
def test_casts_give_a_value_or_null(spark: SparkSession, ansi: str) -> None:
    source = spark.range(1).selectExpr(
        *(f"{value} AS c{position}" for position, (value, _, _) in enumerate(CASTS))
    )
    schema = _types.from_spark_schema(source.schema)
    columns = [
        cast(f"c{position}", schema.fields[position].dataType, _types.parse(wanted)).sql
        for position, (_, wanted, _) in enumerate(CASTS)
    ]
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    try:
        result = source.selectExpr(*columns).first()
    finally:
        spark.conf.set("spark.sql.ansi.enabled", "false")
    assert result is not None
    values = [one.asDict() if hasattr(one, "asDict") else one for one in result]
    assert values == [expected for _, _, expected in CASTS]


def test_a_cast_tells_the_type_that_it_gives(spark: SparkSession) -> None:
    for value, wanted, _ in CASTS:
        source = spark.range(1).selectExpr(f"{value} AS c")
        given = _types.from_spark_schema(source.schema).fields[0].dataType
        made = cast("c", given, _types.parse(wanted))
        kind = source.selectExpr(f"{made.sql} AS x").schema["x"].dataType
        assert kind.simpleString().replace("`", "") == _types.ddl(made.type).replace("`", "")


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text("0123456789+-. e", max_size=12), min_size=40, max_size=80))
def test_texts_become_integers_exactly_when_they_are_some(
    spark: SparkSession, texts: list[str]
) -> None:
    frame = spark.createDataFrame([(text,) for text in texts], "c string")
    sql = cast("c", StringType(), IntegerType()).sql
    values = [row[0] for row in frame.selectExpr(f"{sql} AS c").collect()]
    assert values == [_integer(text) for text in texts]


def _integer(text: str) -> int | None:
    if re.fullmatch(r" *[+-]?[0-9]+ *", text) and -(2**31) <= int(text) < 2**31:
        return int(text)
    return None


def test_conforming_to_a_merged_type_keeps_every_value(spark: SparkSession) -> None:
    values = ["1", "'x'", "named_struct('a', 1)", "named_struct('a', 'q', 'b', 2)", "array(1.5D)"]
    frame = spark.range(1).selectExpr(*(f"{v} AS c{n}" for n, v in enumerate(values)))
    types = [field.dataType for field in _types.from_spark_schema(frame.schema)]
    merged = types[0]
    for one in types[1:]:
        merged = mergeDataTypes(merged, one)
    assert isinstance(merged, ChoiceType)
    row = frame.selectExpr(
        *(
            f"to_json({conform(f'c{n}', one, _types.complete(merged))}) AS c{n}"
            for n, one in enumerate(types)
        )
    ).first()
    assert row is not None
    assert list(row) == [
        '{"int":1}',
        '{"string":"x"}',
        '{"struct":{"a":{"int":1}}}',
        '{"struct":{"a":{"string":"q"},"b":2}}',
        '{"array":[1.5]}',
    ]
