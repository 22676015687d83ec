from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession

from awsglue.gluetypes import DynamicRecord
from tests.awsglue.conftest import Make, rows_of, tree_of


def raising(error: type[Exception]) -> Any:
    def function(record: DynamicRecord) -> bool:
        if record["a"] == 2:
            raise error("no")
        return True

    return function


@pytest.mark.parametrize(
    ("error", "errors"),
    [(KeyError, 0), (ValueError, 0), (TypeError, 0), (RuntimeError, 1), (ZeroDivisionError, 1)],
)
def test_what_a_filter_raises(make: Make, error: type[Exception], errors: int) -> None:
    # Three kinds mean "not satisfied"; all others are errors. The record is gone either way.
    frame = make("a int", (1,), (2,)).filter(raising(error), info="my filter")
    assert rows_of(frame) == [{"a": 1}]
    assert (frame.errorsCount(), frame.stageErrorsCount()) == (errors, errors)
    for row in frame.errorsAsDynamicFrame().toDF().collect():
        assert row["error"]["msg"] == "no"
        assert row["error"]["input"] == '{"a": 2}'
        assert row["error"]["callsite"]["info"] == "my filter"
        assert "test_python_steps.py" in row["error"]["callsite"]["site"]


def test_a_predicate_sees_values_as_python_has_them(make: Make) -> None:
    frame = make(
        "i int, d decimal(5,2), t timestamp, day date, s struct<x:int>, "
        "l array<struct<y:timestamp>>, m map<string,int>, n string, b binary",
        (
            1,
            Decimal("1.50"),
            datetime.datetime(2024, 1, 1, 12),  # noqa: DTZ001
            datetime.date(2024, 1, 1),
            (5,),
            [(datetime.datetime(2024, 1, 1, 12),)],  # noqa: DTZ001
            {"k": 7},
            None,
            b"z",
        ),
    )

    def check(r: Any) -> bool:
        noon = datetime.datetime(2024, 1, 1, 12)  # noqa: DTZ001
        return bool(
            (r.i, r["d"], r["t"], r["day"]) == (1, Decimal("1.5"), noon, noon.date())
            and r.s.x == r["s"]["x"] == 5
            and r["l"] == [{"y": noon}]
            and r["m"] == {"k": 7}
            and r["n"] is None
            and r["b"] == b"z"
        )

    assert frame.filter(check).count() == 1


def test_names_with_dots_and_backticks(make: Make) -> None:
    frame = make("`a.b` int, `c``d` struct<`e.f`:int>, a struct<b:int>", (1, (2,), (3,)))
    assert rows_of(frame.filter(lambda r: r["a.b"] + r["c`d"]["e.f"] == 3)) == rows_of(frame)
    assert rows_of(frame.map(lambda r: r)) == rows_of(frame)
    joined = frame.filter(lambda r: True).join("`a.b`", "`x.y`", make("`x.y` int", (1,)))
    assert joined.drop_fields(["`a.b`", "a", "c`d"]).toDF().collect()[0].asDict() == {"x.y": 1}


def test_a_missing_field_does_not_satisfy(make: Make) -> None:
    frame = make("a int", (1,))
    assert frame.filter(lambda r: r["nothing"] > 1).count() == 0
    assert frame.filter(lambda r: r.nothing > 1).errorsCount() == 0


def test_the_example_of_the_guide_for_map(make: Make) -> None:
    def merge_address(rec: Any) -> Any:
        rec["Address"] = {}
        rec["Address"]["Zip.Code"] = rec["Provider Zip Code"]
        rec["Address"]["Array"] = [rec["Provider City"], rec["Provider Zip Code"]]
        del rec["Provider City"]
        del rec["Provider Zip Code"]
        return rec

    frame = make(
        "`Provider City` string, `Provider Zip Code` string, x long", ("DOTHAN", "36301", 5)
    )
    mapped = frame.map(f=merge_address)
    assert tree_of(mapped) == [
        "|-- x: long",  # not changed, so it keeps its type
        "|-- Address: struct",
        "|    |-- Zip.Code: string",
        "|    |-- Array: array",
        "|    |    |-- element: string",
    ]
    assert rows_of(mapped) == [
        {"x": 5, "Address": {"Zip.Code": "36301", "Array": ["DOTHAN", "36301"]}}
    ]


def test_a_map_keeps_every_value_of_every_type(make: Make, spark: SparkSession) -> None:
    returned: list[dict[str, Any]] = [
        {"k": 0, "v": 1, "n": {"a": 1}, "l": [1, "x"]},
        {"k": 1, "v": "text", "n": {"b": None}, "l": []},
        {"k": 2, "v": 2.5, "n": None, "l": None},
        {"k": 3, "v": {"deep": True}, "l": [None]},
        {"k": 4, "v": [1]},
    ]
    mapped = make("k int", *((k,) for k in range(5))).map(lambda r: returned[r["k"]])
    rows = rows_of(mapped)
    assert [row["v"] for row in rows] == [
        {"array": None, "double": None, "int": 1, "string": None, "struct": None},
        {"array": None, "double": None, "int": None, "string": "text", "struct": None},
        {"array": None, "double": 2.5, "int": None, "string": None, "struct": None},
        {"array": None, "double": None, "int": None, "string": None, "struct": {"deep": True}},
        {"array": [1], "double": None, "int": None, "string": None, "struct": None},
    ]
    assert rows[0]["l"] == [{"int": 1, "string": None}, {"int": None, "string": "x"}]
    assert rows[0]["n"] == {"a": 1, "b": None}
    # The next function sees the values again, not how Spark holds them.
    again = mapped.map(lambda r: {"k": r["k"], "kind": type(r["v"]).__name__})
    assert [row["kind"] for row in rows_of(again)] == ["int", "str", "float", "dict", "list"]


def test_what_a_map_cannot_return_is_an_error(make: Make) -> None:
    results: list[Any] = [{"a": 1}, None, {}, 5, {"a": 1j}]
    mapped = make("k int", *((k,) for k in range(5))).map(lambda r: results[r["k"]])
    assert rows_of(mapped) == [{"a": 1}]
    messages = [row["error"]["msg"] for row in mapped.errorsAsDynamicFrame().toDF().collect()]
    assert sorted(messages) == [
        "A record cannot hold a complex.",
        "The function returned a int instead of a record.",
        "User-specified function returned None instead of DynamicRecord",
        "User-specified function returned None instead of DynamicRecord",
    ]
    assert mapped.drop_fields("a").errorsCount() == 4
    assert mapped.drop_fields("a").stageErrorsCount() == 0


def test_a_map_without_results_has_no_fields(make: Make) -> None:
    mapped = make("k int", (1,)).map(lambda r: None)
    assert (tree_of(mapped), mapped.count(), mapped.errorsCount()) == ([], 0, 1)


def test_a_function_is_called_once_for_each_record(make: Make) -> None:
    mapped = make("k int", (1,), (2,)).map(lambda r: {"id": uuid.uuid4().hex})
    assert rows_of(mapped) == rows_of(mapped)
    assert rows_of(mapped.select_fields("id")) == rows_of(mapped)


def test_functions_over_nothing_are_not_called(make: Make) -> None:
    nothing = make("a int").select_fields([])
    assert nothing.filter(lambda r: 1 / 0).map(lambda r: 1 / 0).count() == 0
    assert nothing.map(lambda r: r).errorsCount() == 0
