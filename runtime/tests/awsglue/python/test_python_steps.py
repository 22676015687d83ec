from __future__ import annotations

import datetime
import json
import sys
import uuid
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from awsglue._errors import ErrorThresholdError
from awsglue._python.python_steps import Origin
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
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


def test_functions_are_called_for_records_without_fields(make: Make) -> None:
    bare = make("a int", (1,), (2,)).select_fields([])

    def satisfied(record: DynamicRecord) -> bool:
        return record == {}

    def fail(record: DynamicRecord) -> bool:
        raise RuntimeError("no")

    assert bare.filter(satisfied).count() == bare.filter(satisfied).filter(satisfied).count() == 2
    assert bare.filter(lambda r: r["a"] > 0).count() == 0  # no record has the field
    assert bare.filter(lambda r: len(r) > 0).count() == 0
    failed = bare.filter(fail)
    assert (failed.count(), failed.errorsCount()) == (0, 2)
    errors = failed.errorsAsDynamicFrame().toDF().collect()
    assert {row["error"]["input"] for row in errors} == {"{}"}
    assert rows_of(bare.map(lambda r: {"n": len(r)})) == [{"n": 0}, {"n": 0}]
    assert bare.map(lambda r: r).errorsCount() == 2  # nothing is no record, as on AWS
    counted = bare.coalesce(1).mapPartitions(lambda raw: [{"record": {"n": len(list(raw))}}])
    assert rows_of(counted) == [{"n": 2}]


def test_records_and_lists_without_anything_in_them_are_values(make: Make) -> None:
    results: list[Any] = [
        {"n": 0, "e": {}, "l": [{}], "c": 1},
        {"n": 1, "e": None, "l": [], "c": {}},
        {"n": 2, "e": {}, "l": None, "c": []},
    ]
    mapped = make("n int", (0,), (1,), (2,)).map(lambda r: results[r["n"]])
    assert tree_of(mapped) == [
        *("|-- n: int", "|-- e: struct", "|-- l: array", "|    |-- element: struct"),
        *("|-- c: choice", "|    |-- array", "|    |    |-- element: null"),
        *("|    |-- int", "|    |-- struct"),
    ]
    seen = mapped.map(lambda r: {"n": r["n"], "text": json.dumps(r)})
    assert [json.loads(row["text"]) for row in rows_of(seen)] == results


def test_the_place_of_an_error_begins_at_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    script = "def step():\n    return here('')\n\norigin = step()\n"
    monkeypatch.setattr(sys.modules["__main__"], "__file__", "/run/scripts/job.py", raising=False)
    names: dict[str, Any] = {"here": Origin.here}
    exec(compile(script, "/run/scripts/job.py", "exec"), names)
    assert names["origin"].site.splitlines() == [
        '  File "/run/scripts/job.py", line 4, in <module>',
        '  File "/run/scripts/job.py", line 2, in step',
    ]


class Calls:
    """A function that fails for every fifth number, and how often it was called."""

    def __init__(self, spark: SparkSession) -> None:
        number = self.number = spark.sparkContext.accumulator(0)

        def function(record: Any) -> Any:
            number.add(1)
            if record["a"] % 5 == 0:
                raise RuntimeError(f"no {record['a']}")
            record["b"] = 1  # changes its record: an error record must not show it
            return record

        self.function = function


def numbers(make: Make, last: int) -> DynamicFrame:
    return make("a int", *((one,) for one in range(1, last + 1)))


def other(frame: DynamicFrame) -> DynamicFrame:
    return DynamicFrame.fromDF(frame.glue_ctx.spark_session.sql("select 1 AS a"), frame.glue_ctx)


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(lambda frame: frame.count(), id="count"),
        pytest.param(lambda frame: frame.toDF().collect(), id="an action on the DataFrame"),
        pytest.param(lambda frame: frame.drop_fields("a").toDF().collect(), id="a later step"),
        pytest.param(lambda frame: frame.coalesce(1).count(), id="partitions brought together"),
        pytest.param(lambda frame: frame.union(other(frame)).count(), id="half of an action"),
        pytest.param(lambda frame: frame.errorsCount(), id="no action before"),
    ],
)
def test_errors_that_an_action_met_are_not_looked_for_again(
    make: Make, spark: SparkSession, action: Any
) -> None:
    calls = Calls(spark)
    frame = numbers(make, 20).filter(calls.function)
    action(frame)
    called = calls.number.value
    assert (frame.errorsCount(), frame.stageErrorsCount()) == (4, 4)
    found = [row["error"] for row in frame.errorsAsDynamicFrame().toDF().collect()]
    assert sorted(error["msg"] for error in found) == ["no 10", "no 15", "no 20", "no 5"]
    assert {error["input"] for error in found} == {f'{{"a": {n}}}' for n in (5, 10, 15, 20)}
    assert calls.number.value == called


def test_what_show_computes_is_not_taken_for_all(make: Make, spark: SparkSession) -> None:
    frame = make("a int", (5,), (6,), (7,), (10,)).filter(Calls(spark).function)
    frame.show(1)  # reads the first partition to its end, and not the second
    assert frame.errorsCount() == 2


def test_two_actions_are_not_added_up(make: Make, spark: SparkSession) -> None:
    frame = numbers(make, 10).filter(Calls(spark).function)
    frame.count()
    frame.toDF().collect()
    assert frame.errorsCount() == 2


def test_errors_behind_a_shuffle(make: Make, spark: SparkSession) -> None:
    frame = numbers(make, 10).repartition(3).filter(Calls(spark).function)
    assert (frame.count(), frame.errorsCount()) == (8, 2)


def test_more_errors_than_are_noted_in_full(make: Make, glue: GlueContext) -> None:
    def fail(record: Any) -> bool:
        raise RuntimeError

    source = DynamicFrame.fromDF(glue.spark_session.range(3000), glue)
    frame = source.filter(fail)
    assert (frame.count(), frame.errorsCount()) == (0, 3000)
    assert frame.errorsAsDynamicFrame().count() == 3000


def test_steps_in_a_row_note_their_own_errors(make: Make, spark: SparkSession) -> None:
    first, second = Calls(spark), Calls(spark)
    filtered = numbers(make, 10).filter(first.function)
    mapped = filtered.map(second.function)
    assert mapped.count() == 8
    assert (mapped.errorsCount(), mapped.stageErrorsCount(), filtered.errorsCount()) == (2, 0, 2)
    assert (first.number.value, second.number.value) == (10, 8)


@pytest.mark.parametrize(
    ("stage", "total", "later_stage", "later_total", "named"),
    [
        (2, 0, 0, 0, None),
        (1, 0, 0, 0, "stageThreshold allows 1"),
        (0, 1, 0, 0, "totalThreshold allows 1"),
        (0, 2, 0, 0, None),
        (0, 0, 1, 0, None),  # the later step has no errors of its own
        (0, 0, 0, 1, "totalThreshold allows 1"),
        (1, 0, 9, 9, "stageThreshold allows 1"),  # a later step forgives nothing
    ],
)
def test_thresholds_stop_a_write_before_anything_is_there(
    make: Make,
    spark: SparkSession,
    folder: Path,
    uri: str,
    stage: int,
    total: int,
    later_stage: int,
    later_total: int,
    named: str | None,
) -> None:
    calls = Calls(spark)
    frame = numbers(make, 10).filter(calls.function, stageThreshold=stage, totalThreshold=total)
    frame = frame.drop_fields([], stageThreshold=later_stage, totalThreshold=later_total)
    write = partial(frame.write, "s3", {"path": uri}, "json")
    if named is None:
        write()
        assert sum(len(file.read_text().splitlines()) for file in folder.glob("*.json")) == 8
    else:
        with pytest.raises(ErrorThresholdError, match=named):
            write()
        assert not list(folder.rglob("*"))
    assert calls.number.value == 10  # for checking and writing together


def test_asserting_a_threshold_computes_the_records_once(make: Make, spark: SparkSession) -> None:
    calls = Calls(spark)
    frame = numbers(make, 10).filter(calls.function, stageThreshold=2)
    frame.assertErrorThreshold()
    mapped = frame.map(lambda r: {"a": r["a"]})  # starts from what was kept
    assert (frame.count(), mapped.count(), calls.number.value) == (8, 8, 10)


def test_thresholds_of_both_sides_of_a_union_and_a_join(make: Make, spark: SparkSession) -> None:
    good = make("a int", (1,))
    bad = numbers(make, 10).filter(Calls(spark).function, stageThreshold=1)
    for frame in (good.union(bad), good.join("a", "a", bad), good.mergeDynamicFrame(bad, "a")):
        assert frame.errorsCount() == 2
        with pytest.raises(ErrorThresholdError):
            frame.count()


def test_the_structure_of_an_error_record(make: Make, spark: SparkSession) -> None:
    frame = make("a int", (5,)).filter(Calls(spark).function, info="mine").errorsAsDynamicFrame()
    assert tree_of(frame) == [
        "|-- error: struct",
        "|    |-- callsite: struct",
        "|    |    |-- site: string",
        "|    |    |-- info: string",
        "|    |-- msg: string",
        "|    |-- stackTrace: string",
        "|    |-- input: string",
        "|    |-- bytesread: long",
        "|    |-- source: string",
        "|    |-- dynamicRecord: string",
    ]
    ((error,),) = frame.toDF().collect()
    assert "RuntimeError: no 5" in error["stackTrace"]
    assert error["callsite"]["info"] == "mine"


def test_map_results_of_changing_types_over_many_batches(
    glue: GlueContext, spark: SparkSession
) -> None:
    # Batches of one type each must be brought to the types of all of them.
    def f(r: Any) -> Any:
        n = r["id"]
        if n < 2500:
            return {"id": n, "v": n, "l": [n], "s": {"x": None}}
        if n < 5000:
            return {"id": n, "v": str(n), "l": [], "s": {"x": n * 10**9, "y": "y"}}
        return {"id": n, "v": [n, "x"], "l": None, "big": 2**63 if n % 2 else 1}

    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "1000")
    try:
        mapped = DynamicFrame.fromDF(spark.range(0, 7500, 1, 2), glue).map(f)
        assert tree_of(mapped) == [
            "|-- id: long",
            "|-- v: choice",
            "|    |-- array",
            "|    |    |-- element: choice",
            "|    |    |    |-- int",
            "|    |    |    |-- string",
            "|    |-- int",
            "|    |-- string",
            "|-- l: array",
            "|    |-- element: int",
            "|-- s: struct",
            "|    |-- x: long",
            "|    |-- y: string",
            "|-- big: decimal(19,0)",
        ]
        rows = {row["id"]: row for row in mapped.toDF().collect()}
    finally:
        spark.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")
    assert len(rows) == 7500
    for number in (0, 2499, 2500, 4999, 5000, 7499):
        back = mapped_back(rows[number].asDict(recursive=True))
        assert {k: v for k, v in back.items() if v is not None} == {
            k: v for k, v in expected(f({"id": number})).items() if v is not None
        }


def mapped_back(row: dict[str, Any]) -> dict[str, Any]:
    def chosen(value: Any) -> Any:
        return next((one for one in value.values() if one is not None), None)

    held = chosen(row["v"])
    row["v"] = [chosen(one) for one in held] if isinstance(held, list) else held
    return row


def expected(row: dict[str, Any]) -> dict[str, Any]:
    if row.get("s"):
        row["s"] = {"x": None, "y": None} | row["s"]
    if "big" in row:
        row["big"] = Decimal(row["big"])
    return row
