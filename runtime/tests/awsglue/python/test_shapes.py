from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsglue import _types
from awsglue import gluetypes as glue
from awsglue._python.shapes import Shape, arrow_type, from_arrow, to_arrow

UTC = ZoneInfo("UTC")
NOON = datetime.datetime(2024, 1, 1, 12)  # noqa: DTZ001 - as functions see it


def shape_of(*values: Any) -> Shape:
    shape = Shape()
    for value in values:
        shape.add(value)
    return shape


@pytest.mark.parametrize(
    ("values", "ddl"),
    [
        ([None], "void"),  # only ever null
        ([1, None], "int"),
        ([1, 2**31], "bigint"),  # one does not fit into 32 bits
        ([2**63], "decimal(19,0)"),
        ([10**40, 1], "string"),  # more digits than Spark has
        ([2**63, Decimal("0.5")], "decimal(20,1)"),
        ([1, True], "struct<`boolean`:boolean,`int`:int>"),
        ([1, 0.5], "struct<`double`:double,`int`:int>"),  # as AWS: no value is converted
        (["a", 1], "struct<`int`:int,`string`:string>"),
        ([Decimal("1.25"), Decimal("100")], "decimal(5,2)"),
        ([NOON], "timestamp"),
        ([NOON.date()], "date"),
        ([b"x", bytearray(b"y")], "binary"),
        ([[1], (2,), []], "array<int>"),
        ([{"a": 1}, {"b": [{"c": "x"}]}], "struct<`a`:int,`b`:array<struct<`c`:string>>>"),
        ([{}], "struct<>"),
        ([{}, {"a": 1}], "struct<`a`:int>"),
        ([{}, 1, [{}]], "struct<`array`:array<struct<>>,`int`:int,`struct`:struct<>>"),
        ([np.int64(5), np.str_("x")], "struct<`int`:int,`string`:string>"),  # NumPy's own scalars
        ([[1, "a"]], "array<struct<`int`:int,`string`:string>>"),
    ],
)
def test_values_have_the_least_type_that_holds_them_all(values: list[Any], ddl: str) -> None:
    assert _types.ddl(shape_of(*values).data_type()) == ddl


@pytest.mark.parametrize(
    ("value", "before", "after"),
    [
        (5, glue.LongType(), "bigint"),  # still fits: the field keeps its type
        (300, glue.ByteType(), "int"),  # fits no more
        (Decimal("1.5"), glue.DecimalType(10, 2), "decimal(10,2)"),
        (Decimal("1.555"), glue.DecimalType(10, 2), "decimal(4,3)"),
        (NOON, glue.TimestampNTZType(), "timestamp_ntz"),
        ("x", glue.LongType(), "string"),
    ],
)
def test_a_field_keeps_its_type_while_values_fit(
    value: Any, before: glue.DataType, after: str
) -> None:
    assert _types.ddl(shape_of(value).data_type(before)) == after


def test_a_kind_that_records_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="complex"):
        shape_of({"a": 1j})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.dates(min_value=datetime.date(1, 1, 1))
    | st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-9999, max_value=9999),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(VALUES, min_size=1, max_size=6))
def test_every_value_comes_back_from_arrow(values: list[Any]) -> None:
    data_type = shape_of(*values).data_type()
    convert = to_arrow(data_type, UTC)
    array = pa.array([convert(value) for value in values], arrow_type(data_type))
    back = from_arrow(data_type) or (lambda value: value)
    returned = [back(value) for value in array.to_pylist()]
    assert [without_nulls(value) for value in returned] == [
        without_nulls(value) for value in values
    ]


def without_nulls(value: Any) -> Any:
    """Return a value as records have it: a missing field and a null one are the same."""
    if isinstance(value, dict):
        inner = {name: without_nulls(one) for name, one in value.items()}
        return {name: one for name, one in inner.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def test_numbers_with_too_many_digits_become_text() -> None:
    values = [10**40, {"a": 1}, Decimal("1.5")]
    data_type = shape_of(*values).data_type()
    assert _types.ddl(data_type) == "struct<`string`:string,`struct`:struct<`a`:int>>"
    array = pa.array([to_arrow(data_type, UTC)(one) for one in values], arrow_type(data_type))
    assert [one["string"] for one in array.to_pylist()] == [str(10**40), None, "1.5"]


def test_shapes_of_batches_are_merged() -> None:
    one, two = shape_of({"a": 1, "l": [1]}), shape_of({"a": 2**40, "b": "x", "l": ["x"]})
    one.merge(two)
    assert _types.ddl(one.data_type()) == (
        "struct<`a`:bigint,`l`:array<struct<`int`:int,`string`:string>>,`b`:string>"
    )


def test_times_without_a_zone_are_those_of_the_session() -> None:
    convert = to_arrow(glue.TimestampType(), ZoneInfo("Europe/Berlin"))
    array = pa.array([convert(NOON), convert(NOON.replace(tzinfo=UTC))], pa.timestamp("us", "UTC"))
    assert [value.hour for value in array.to_pylist()] == [11, 12]
