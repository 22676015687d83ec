from __future__ import annotations

from typing import Any

import pytest

from awsglue import _types
from awsglue._errors import ErrorThresholdError
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.gluetypes import StructType
from tests.awsglue.conftest import Make, rows_of


def test_a_dataframe_comes_back_as_it_was(glue: GlueContext) -> None:
    data = glue.spark_session.sql("select 1 AS a, array(named_struct('b', 'x')) AS l, null AS n")
    frame = DynamicFrame.fromDF(data, glue, "name")
    assert frame.name == "name"
    assert frame.toDF().schema == data.schema
    assert frame.toDF().collect() == data.collect()
    assert DynamicFrame(data._jdf, glue).toDF().collect() == data.collect()  # as on AWS


def test_of_columns_of_one_name_the_last_counts(
    glue: GlueContext, caplog: pytest.LogCaptureFixture
) -> None:
    spark = glue.spark_session
    spark.createDataFrame([(1, "x"), (2, "y")], "k int, l string").createOrReplaceTempView("l")
    spark.createDataFrame([(1, 5), (1, 6)], "k int, r int").createOrReplaceTempView("r")
    joined = spark.sql("select * from l left join r on l.k = r.k")
    frame = DynamicFrame.fromDF(joined, glue, "name")
    assert [field.name for field in frame.schema()] == ["k", "l", "r"]
    of_r = {(1, "x", 5), (1, "x", 6), (None, "y", None)}
    assert {tuple(row) for row in frame.toDF().collect()} == of_r
    assert frame.count() == 3
    assert "2 columns named k; the field has the values of the last one" in caplog.text


def test_names_that_differ_in_case_only_stay_apart(glue: GlueContext) -> None:
    data = glue.spark_session.sql("select 1 AS a, 2 AS `b.c`, 3 AS a, 4 AS A")
    frame = DynamicFrame.fromDF(data, glue, "name")
    assert [field.name for field in frame.schema()] == ["a", "b.c", "A"]
    assert frame.toDF().collect() == [(3, 2, 4)]


def test_a_dynamic_frame_is_no_dataframe(glue: GlueContext, make: Make) -> None:
    frame: Any = make("a int")
    with pytest.raises(TypeError, match="DynamicFrame already"):
        DynamicFrame.fromDF(frame, glue, "name")


@pytest.mark.parametrize("kind", ["list", "RDD", "NoneType", "DataFrame"])
def test_what_is_no_dataframe_of_spark(glue: GlueContext, kind: str) -> None:
    spark = glue.spark_session
    values: dict[str, Any] = {
        "list": [1],
        "RDD": spark.sparkContext.parallelize([1]),
        "NoneType": None,
        "DataFrame": spark.range(1).toPandas(),
    }
    with pytest.raises(TypeError, match=rf"this is a {kind}\. spark\.createDataFrame"):
        DynamicFrame.fromDF(values[kind], glue, "name")


def test_show_prints_records_as_json(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    frame = make(
        "a int, s struct<b:string>, d date, m map<string,int>", (1, ("é",), None, {"k": 2})
    )
    frame.map(lambda r: {**r, "c": 1 if r["a"] else "x"}).show()
    make("a int", *((n,) for n in range(30))).coalesce(1).show(2)
    make("a int", *((n,) for n in range(30))).show()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == '{"a": 1, "s": {"b": "é"}, "d": null, "m": {"k": 2}, "c": 1}'
    assert lines[1:3] == ['{"a": 0}', '{"a": 1}']
    assert len(lines) == 3 + 20


def test_print_schema(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    make("a int, l array<string>").printSchema()
    assert capsys.readouterr().out == "root\n|-- a: int\n|-- l: array\n|    |-- element: string\n"


def test_partitions(make: Make) -> None:
    frame = make("a int", (1,), (2,))
    assert frame.repartition(5).getNumPartitions() == 5
    assert frame.coalesce(1).getNumPartitions() == 1
    assert frame.coalesce(4, shuffle=True).getNumPartitions() == 4
    assert rows_of(frame.repartition(3)) == rows_of(frame)


@pytest.mark.parametrize("number", [0, "3"])
def test_a_number_of_partitions_is_checked_at_once(make: Make, number: Any) -> None:
    frame = make("a int")
    for wrong in (frame.repartition, frame.coalesce):
        with pytest.raises(ValueError, match=rf"num_partitions is {number!r}; it must be"):
            wrong(number)


def test_fields_are_split(make: Make) -> None:
    both = make("id int, `val.x` string, index int", (1, "a", 0)).split_fields(
        ["id", "index"], "left", "right"
    )
    assert set(both.keys()) == {"left", "right"}
    assert rows_of(both.select("left")) == [{"id": 1, "index": 0}]
    assert rows_of(both.select("right")) == [{"val.x": "a"}]
    assert both.select("left").name == "left"


def test_apply_mapping_by_its_older_name(make: Make) -> None:
    frame = make("a int", (1,))
    mappings = [("a", "int", "b", "string")]
    assert rows_of(frame.applyMapping(mappings)) == [{"b": "1"}]
    assert rows_of(frame.applyMapping(frame, mappings)) == [{"b": "1"}]


def test_a_frame_schema_casts(make: Make) -> None:
    schema = _types.parse("struct<a:long,s:struct<x:string>>")
    assert isinstance(schema, StructType)
    frame = make("a string, b int, s struct<x:int,y:int>", ("1", 2, (3, 4)))
    assert rows_of(frame.with_frame_schema(schema)) == [{"a": 1, "s": {"x": "3"}}]


@pytest.mark.parametrize(
    ("stage", "total", "fails"), [(0, 0, False), (1, 0, True), (2, 2, False), (0, 1, True)]
)
def test_thresholds_of_a_step(make: Make, stage: int, total: int, fails: bool) -> None:
    def fail(record: Any) -> Any:
        raise RuntimeError("no")

    frame = make("a int", (1,), (2,)).filter(fail, stageThreshold=stage, totalThreshold=total)
    if fails:
        with pytest.raises(ErrorThresholdError, match=r"2 records failed, and .* allows 1"):
            frame.count()
    else:
        assert frame.count() == 0


def test_earlier_errors_count_for_the_total_only(make: Make) -> None:
    def fail(record: Any) -> Any:
        raise RuntimeError("no")

    bad = make("a int", (1,), (2,)).filter(fail)
    assert bad.drop_fields([], stageThreshold=1).count() == 0
    with pytest.raises(ErrorThresholdError, match="totalThreshold"):
        bad.drop_fields([], totalThreshold=1).toDF()


def test_a_frame_without_errors_has_an_empty_frame_of_them(make: Make) -> None:
    assert make("a int", (1,)).errorsAsDynamicFrame().count() == 0
