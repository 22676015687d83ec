"""Each transform as scripts call it; what it does is tested with the method behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrameCollection
from awsglue.transforms import (
    ApplyMapping,
    Coalesce,
    DropFields,
    DropNullFields,
    ErrorsAsDynamicFrame,
    Filter,
    FlatMap,
    Join,
    Map,
    MapToCollection,
    RenameField,
    Repartition,
    ResolveChoice,
    SelectFields,
    SelectFromCollection,
    SplitFields,
    SplitRows,
    Union,
)
from tests.awsglue.conftest import Make, rows_of

ROW = {"a": 1, "b": "x"}


@pytest.mark.parametrize(
    ("transform", "arguments", "rows"),
    [
        (ApplyMapping, {"mappings": [("a", "int", "c", "string")]}, [{"c": "1"}]),
        (Coalesce, {"num_partitions": 1}, [ROW]),
        (Repartition, {"num_partitions": 3}, [ROW]),
        (DropFields, {"paths": ["a"]}, [{"b": "x"}]),
        (SelectFields, {"paths": ["b"]}, [{"b": "x"}]),
        (RenameField, {"old_name": "a", "new_name": "c"}, [{"c": 1, "b": "x"}]),
        (Filter, {"f": lambda r: r["a"] > 1}, []),
        (Map, {"f": lambda r: {"n": r["a"] + 1}}, [{"n": 2}]),
        (ResolveChoice, {"specs": [("a", "cast:string")]}, [{"a": "1", "b": "x"}]),
    ],
)
def test_transforms_of_one_frame(
    make: Make, transform: Any, arguments: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    frame = make("a int, b string", (1, "x"))
    assert rows_of(transform.apply(frame, **arguments, transformation_ctx="ctx")) == rows
    assert (
        rows_of(transform()(frame=frame, stageThreshold=5, totalThreshold=5, **arguments)) == rows
    )


@pytest.mark.parametrize("name", ["parquet", "orc"])
def test_after_drop_null_fields_spark_itself_can_write(
    glue: GlueContext, folder: Path, uri: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    line = (
        '{"a":1,"l":[],"n":[null],"d":[[]],"s":{"x":1,"l":[]},"g":[{"x":1,"l":[],"n":null}],'
        '"e":{},"le":[{}],"se":{"x":{},"n":null},"null":null}'
    )
    (folder / "in.json").write_text(line)
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "json")
    clean = DropNullFields.apply(frame)
    clean.toDF().write.format(name).save(f"{uri}/out")
    expected = {"a": 1, "l": [], "n": [None], "d": [[]], "s": {"x": 1, "l": []}}
    expected["g"] = [{"x": 1, "l": []}]
    row = glue.spark_session.read.format(name).load(f"{uri}/out").first()
    assert row is not None
    assert row.asDict(recursive=True) == expected
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        f"DropNullFields: {path} has no fields in any record." for path in ("e", "le.[]", "se.x")
    ]


def test_drop_null_fields_prints_what_it_drops(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = make("a int, n void, t string", (1, None, None))
    assert rows_of(DropNullFields.apply(frame=frame)) == [{"a": 1, "t": None}]
    assert capsys.readouterr().out == "null_fields ['n']\n"


def test_transforms_of_two_frames(make: Make) -> None:
    one, two = make("a int", (1,)), make("b int", (1,))
    assert rows_of(Join.apply(one, two, "a", ["b"], transformation_ctx="j")) == [{"a": 1, "b": 1}]
    assert rows_of(Union.apply(frame1=one, frame2=one)) == [{"a": 1}, {"a": 1}]


def test_transforms_of_collections(make: Make, glue: GlueContext) -> None:
    frame = make("a int, b int", (1, 2), (3, 4))
    fields = SplitFields.apply(frame, ["a"])
    assert set(fields.keys()) == {"made1", "made2"}
    rows = SplitRows.apply(frame, {"a": {">": 1}})
    assert rows_of(SelectFromCollection.apply(dfc=rows, key="frame1")) == [{"a": 3, "b": 4}]
    dropped = FlatMap.apply(rows, DropFields, "frame", paths=["a"])
    assert rows_of(dropped.select("frame2")) == [{"b": 2}]
    mapped = MapToCollection.apply(rows, lambda one, context: one.select_fields("a"))
    assert isinstance(mapped, DynamicFrameCollection)
    assert rows_of(mapped.select("frame2")) == [{"a": 1}]


def test_errors_as_a_frame(make: Make) -> None:
    frame = Map.apply(frame=make("a int", (1,)), f=lambda r: 1 / 0)
    (row,) = rows_of(ErrorsAsDynamicFrame.apply(frame))
    assert row["error"]["msg"] == "division by zero"


def test_transforms_are_values() -> None:
    assert DropFields() == DropFields() != SelectFields()
    assert len({DropFields(), DropFields()}) == 1
    assert repr(DropFields()) == "DropFields"
