from __future__ import annotations

import datetime
import pickle
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awsglue import gluetypes as glue
from awsglue._python.packing import Unchanged, pack, unpack
from awsglue._python.shapes import Shape
from awsglue._steps.columns import field_values, records_of, values_of
from awsglue._types import complete_schema, schema_ddl

ZONE = "Europe/Berlin"
NOON = datetime.datetime(2024, 7, 1, 12)  # noqa: DTZ001 - as functions see it
NOTHING = Unchanged.unknown(glue.StructType())
Row = dict[str, Any]


def packed_and_back(*batches: list[Row]) -> tuple[str, list[Row], list[str]]:
    """Pack batches alone, unpack them together; return types, records and what failed."""
    shape, contents, failures = Shape(), [], []
    for batch in batches:
        packed = pack(batch, glue.StructType(), ZONE, NOTHING)
        shape.merge(pickle.loads(packed.shape))
        contents.append(packed.content)
        failures += [message for _, message, _ in packed.failures]
    schema = shape.struct()
    column = pa.RecordBatch.from_arrays([pa.array([*contents, None], pa.binary())], ["c0"])
    rows: list[Row] = []
    for batch in unpack(schema, ZONE, [column]):
        columns = field_values(batch.columns, schema)
        rows += records_of(columns, schema, batch.num_rows, dict)
    return schema_ddl(complete_schema(schema)), rows, failures


@pytest.mark.parametrize(
    ("batches", "types"),
    [
        pytest.param([[{"a": 1}], [{"a": 2**40}]], "`a` bigint", id="wider"),
        pytest.param([[{"a": 1}], [{"a": 2**63}]], "`a` decimal(19,0)", id="widest"),
        pytest.param([[{"a": None}], [{"a": "x"}]], "`a` string", id="null first"),
        pytest.param([[{"a": 1}], [{"b": "x"}]], "`a` int, `b` string", id="other fields"),
        pytest.param(
            [[{"a": 1}], [{"a": "x"}, {"a": 0.5}]],
            "`a` struct<`double`:double,`int`:int,`string`:string>",
            id="choice",
        ),
        pytest.param(
            [[{"a": 1}, {"a": "x"}], [{"a": 2**40}]],
            "`a` struct<`long`:bigint,`string`:string>",
            id="choice of a wider number",
        ),
        pytest.param(
            [[{"a": [1]}, {"a": None}, {"a": []}], [{"a": ["x"]}]],
            "`a` array<struct<`int`:int,`string`:string>>",
            id="elements",
        ),
        pytest.param(
            [[{"a": {"x": 1}}, {"a": None}], [{"a": {"y": [{"z": 2**40}]}}]],
            "`a` struct<`x`:int,`y`:array<struct<`z`:bigint>>>",
            id="structs",
        ),
        pytest.param([[{"a": NOON}], [{"a": None}]], "`a` timestamp", id="moments"),
        pytest.param(
            [[{"a": Decimal("1.5")}], [{"a": Decimal("10")}]], "`a` decimal(3,1)", id="dec"
        ),
        pytest.param([[{"a": {}}], [{"a": {}}]], "`a` struct<>", id="records without fields"),
        pytest.param(
            [[{"a": {}}], [{"a": {"b": 1}}], [{"a": {}}, {}]],
            "`a` struct<`b`:int>",
            id="a record without fields, and one with some",
        ),
        pytest.param(
            [[{"a": {}}, {}], [{"a": 1}], [{"a": [{}]}]],
            "`a` struct<`array`:array<struct<>>,`int`:int,`struct`:struct<>>",
            id="a record without fields beside other values",
        ),
    ],
)
def test_batches_are_brought_to_the_types_of_all(batches: list[list[Row]], types: str) -> None:
    found, rows, failures = packed_and_back(*batches)
    assert (found, failures) == (types, [])
    assert rows == [row for batch in batches for row in batch]


def test_records_that_cannot_be_packed_leave_no_trace() -> None:
    rows: list[Row] = [{"a": 1}, {"b": 1j}, {"a": "\ud800"}, {"a": 2, "c": object()}, {"a": 3}]
    types, kept, failures = packed_and_back(rows)
    assert (types, kept) == ("`a` int", [{"a": 1}, {"a": 3}])
    assert len(failures) == 3
    assert failures[0] == "A record cannot hold a complex."


def test_values_of_other_libraries() -> None:
    row: dict[Any, Any] = {
        "i": np.int64(5),
        "t": (1, 2),
        "n": {"f": np.float64(0.5)},
        7: np.str_("x"),
    }
    types, rows, _ = packed_and_back([row])
    assert types == "`i` int, `t` array<int>, `n` struct<`f`:double>, `7` string"
    assert rows == [{"i": 5, "t": [1, 2], "n": {"f": 0.5}, "7": "x"}]


def test_columns_that_a_function_left_alone_are_passed_on() -> None:
    schema = glue.StructType(
        [
            glue.Field("i", glue.LongType()),
            glue.Field("s", glue.StringType()),
            glue.Field("t", glue.TimestampType()),
            glue.Field("gone", glue.StringType()),
        ]
    )
    arrays = [
        pa.array([1, 2, None], pa.int64()),
        pa.array(["a", "b", "c"]),
        pa.array([None, 0, 10**15], pa.timestamp("us", tz=ZONE)),
        pa.array([None, None, None], pa.string()),
    ]
    batch = pa.RecordBatch.from_arrays(arrays, ["c0", "c1", "c2", "c3"])
    given = [values_of(one, kind.dataType) for one, kind in zip(arrays, schema, strict=True)]
    names = [field.name for field in schema]
    rows: list[Row] = [dict(zip(names, row, strict=True)) for row in zip(*given, strict=True)]
    same = Unchanged.of(batch, given, schema).of_rows([0, 2])
    packed = pack([rows[0], rows[2]], schema, ZONE, same)
    shape: Shape = pickle.loads(packed.shape)
    expected = "`i` bigint, `s` string, `t` timestamp, `gone` string"
    assert schema_ddl(shape.struct(schema)) == expected
    column = pa.RecordBatch.from_arrays([pa.array([packed.content])], ["c0"])
    (back,) = unpack(shape.struct(schema), ZONE, [column])
    assert back.column(0).to_pylist() == [1, None]
    assert back.column(1).to_pylist() == ["a", "c"]
    assert back.column(2).equals(arrays[2].take(pa.array([0, 2])))  # not by way of local times


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(st.characters(codec="utf-8"), max_size=3),
    st.binary(max_size=3),
    st.dates(),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=6,
)
batches_of_rows = st.lists(
    st.lists(st.dictionaries(st.sampled_from("abc"), values, min_size=1), min_size=1, max_size=4),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=50)
@given(batches_of_rows)
def test_no_value_is_lost(batches: list[list[Row]]) -> None:
    _, rows, failures = packed_and_back(*batches)
    assert failures == []
    assert list(map(comparable, rows)) == [comparable(row) for batch in batches for row in batch]


def comparable(value: Any) -> Any:
    """Tell `True` from 1 and 0.5 from a decimal, and a decimal from an int by its kind no more."""
    if isinstance(value, dict):
        return {name: comparable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [comparable(one) for one in value]
    if isinstance(value, Decimal):
        return ("int", int(value))
    return (type(value).__name__, value)
