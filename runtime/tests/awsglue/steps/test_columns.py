from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from awsglue import gluetypes as glue
from awsglue._steps.columns import values_of
from awsglue.gluetypes import DynamicRecord

ZONE = "Europe/Berlin"
NOON = datetime.datetime(2024, 7, 1, 12, 0, 0, 5)  # noqa: DTZ001 - as functions see it
UTC = NOON.replace(hour=10, tzinfo=datetime.UTC)
POINT = glue.StructType([glue.Field("x", glue.IntegerType()), glue.Field("y", glue.StringType())])
POINT_ARROW = pa.struct([("x", pa.int32()), ("y", pa.string())])
CHOICE = glue.ChoiceType([glue.LongType(), glue.StringType(), POINT])
CHOICE_ARROW = pa.struct([("long", pa.int64()), ("string", pa.string()), ("struct", POINT_ARROW)])

COLUMNS: dict[str, tuple[glue.DataType, pa.DataType, list[Any], list[Any]]] = {
    "long": (glue.LongType(), pa.int64(), [2**62 + 1, None, -1], [2**62 + 1, None, -1]),
    "byte": (glue.ByteType(), pa.int8(), [1, 2, 3], [1, 2, 3]),
    "float": (glue.FloatType(), pa.float32(), [0.5, None, 1.5], [0.5, None, 1.5]),
    "boolean": (glue.BooleanType(), pa.bool_(), [True, None, False], [True, None, False]),
    "string": (glue.StringType(), pa.string(), ["", None, "\U0001f600"], ["", None, "\U0001f600"]),
    "binary": (glue.BinaryType(), pa.binary(), [b"x", None, b""], [b"x", None, b""]),
    "date": (glue.DateType(), pa.date32(), [NOON.date(), None], [NOON.date(), None]),
    "decimal": (
        glue.DecimalType(5, 2),
        pa.decimal128(5, 2),
        [Decimal("1.50"), None],
        [Decimal("1.50"), None],
    ),
    "a moment loses its zone": (
        glue.TimestampType(),
        pa.timestamp("us", tz=ZONE),
        [UTC, None],
        [NOON, None],
    ),
    "a moment without a zone": (
        glue.TimestampNTZType(),
        pa.timestamp("us"),
        [NOON, None],
        [NOON, None],
    ),
    "null": (glue.NullType(), pa.null(), [None, None], [None, None]),
    "struct": (POINT, POINT_ARROW, [{"x": 1, "y": None}, None], [{"x": 1, "y": None}, None]),
    "array": (
        glue.ArrayType(glue.TimestampType()),
        pa.list_(pa.timestamp("us", tz=ZONE)),
        [[UTC, None], None, [], [UTC]],
        [[NOON, None], None, [], [NOON]],
    ),
    "map": (
        glue.MapType(glue.LongType()),
        pa.map_(pa.string(), pa.int64()),
        [[("a", 1), ("b", None)], None, [], [("c", 3)]],
        [{"a": 1, "b": None}, None, {}, {"c": 3}],
    ),
    "choice": (
        CHOICE,
        CHOICE_ARROW,
        [{"long": 5}, {"string": "x"}, None, {"struct": {"x": 1}}, {}],
        [5, "x", None, {"x": 1, "y": None}, None],
    ),
    "array of choices": (
        glue.ArrayType(CHOICE),
        pa.list_(CHOICE_ARROW),
        [[{"string": "x"}, {"long": 1}], [], [{"long": 2}]],
        [["x", 1], [], [2]],
    ),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_values_of_a_column(name: str) -> None:
    data_type, arrow, held, wanted = COLUMNS[name]
    column = pa.array(held, arrow)
    assert values_of(column, data_type) == wanted
    # A part of a column shares its buffers with the whole.
    assert values_of(column.slice(1), data_type) == wanted[1:]
    assert values_of(column.slice(0, 1), data_type) == wanted[:1]
    assert values_of(column.slice(1, 0), data_type) == []
    kinds = [type(value) for value in wanted]
    assert [type(value) for value in values_of(column, data_type)] == kinds


def test_only_records_at_the_first_level_have_attributes() -> None:
    data_type = glue.StructType([glue.Field("inner", POINT)])
    column = pa.array([{"inner": {"x": 1, "y": ""}}], pa.struct([("inner", POINT_ARROW)]))
    (found,) = values_of(column, data_type, DynamicRecord)
    assert (type(found), type(found["inner"])) == (DynamicRecord, dict)
