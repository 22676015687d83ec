from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from awsglue._errors import NotAvailableError
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import DropNullFields
from tests.awsglue.conftest import rows_of, tree_of


def read(glue: GlueContext, uri: str, name: str, **options: Any) -> DynamicFrame:
    return glue.create_dynamic_frame.from_options(
        "s3", {"paths": [uri], "recurse": True}, name, options
    )


def test_json_lines(glue: GlueContext, folder: Path, uri: str) -> None:
    records = [
        {"name": "Sally", "age": 23, "place": {"state": "WY", "county": "Fremont"}, "friends": []},
        {"name": "Sheila", "age": 63, "friends": [{"name": "Nancy", "age": 22}]},
    ]
    (folder / "f.json").write_text("\n".join(json.dumps(record) for record in records))
    frame = read(glue, uri, "json")
    # Fields have the order of the records, where Spark's own reader sorts them.
    assert tree_of(frame) == [
        "|-- name: string",
        "|-- age: int",
        "|-- place: struct",
        "|    |-- state: string",
        "|    |-- county: string",
        "|-- friends: array",
        "|    |-- element: struct",
        "|    |    |-- name: string",
        "|    |    |-- age: int",
    ]
    assert rows_of(frame) == [
        records[0],
        {**records[1], "place": None},
    ]


def test_conflicting_json_types_are_a_choice_that_keeps_every_value(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    (folder / "f.json").write_text('{"k":1,"a":1}\n{"k":2,"a":"x"}\n{"k":3,"a":{"b":[true]}}\n')
    frame = read(glue, uri, "json")
    assert tree_of(frame)[1:5] == [
        "|-- a: choice",
        "|    |-- int",
        "|    |-- string",
        "|    |-- struct",
    ]
    kept = [{k: v for k, v in row["a"].items() if v is not None} for row in rows_of(frame)]
    assert kept == [{"int": 1}, {"string": "x"}, {"struct": {"b": [True]}}]


@pytest.mark.parametrize("multiline", [False, True])
def test_a_json_field_that_is_always_null_is_of_that_type(
    glue: GlueContext, folder: Path, uri: str, multiline: bool
) -> None:
    (folder / "f.json").write_text(
        '{"a":1,"never":null,"late":null,"s":{"x":1,"no":null},"l":[{"p":1,"q":null}],"m":{"n":null}}\n'
        '{"a":null,"never":null,"late":"x"}\n'
    )
    frame = read(glue, uri, "json", multiline=multiline)
    assert tree_of(frame) == [
        *("|-- a: int", "|-- never: null", "|-- late: string"),
        *("|-- s: struct", "|    |-- x: int", "|    |-- no: null"),
        *("|-- l: array", "|    |-- element: struct"),
        *("|    |    |-- p: int", "|    |    |-- q: null"),
        *("|-- m: struct", "|    |-- n: null"),
    ]
    kept = DropNullFields.apply(frame).filter(lambda record: record["late"] == "x")
    assert [field.name for field in kept.schema()] == ["a", "late", "s", "l"]
    assert frame.filter(lambda record: record["never"] is None).count() == 2
    assert frame.map(lambda record: record).count() == 2


def test_a_malformed_line_is_an_error_record(glue: GlueContext, folder: Path, uri: str) -> None:
    lines = ['{"id": 1, "name": "george"}', '{"id": 2, "name": ', '{"id": 3, "name": "john"}']
    (folder / "f.json").write_text("\n".join(lines))
    frame = read(glue, uri, "json")
    assert [row["id"] for row in rows_of(frame)] == [1, 3]
    assert [field.name for field in frame.schema()] == ["id", "name"]
    assert (frame.count(), frame.errorsCount()) == (2, 1)
    error = frame.errorsAsDynamicFrame().toDF().first()
    assert error is not None
    assert error["error"]["input"] == lines[1]


def test_nothing_but_malformed_lines(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.json").write_text("no json\nat all\n")
    frame = read(glue, uri, "json")
    assert (frame.count(), frame.errorsCount()) == (0, 2)


@pytest.mark.parametrize("text", ['{"a":\n 1}\n{"a": 2}', '[{"a": 1},\n {"a": 2}]'])
def test_json_over_several_lines(glue: GlueContext, folder: Path, uri: str, text: str) -> None:
    (folder / "day=07").mkdir()
    (folder / "day=07" / "f.json").write_text(text)
    rows = rows_of(read(glue, uri, "json", multiline="true"))
    assert rows == [{"a": 1, "day": "07"}, {"a": 2, "day": "07"}]


def test_a_broken_value_among_several_lines(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.json").write_text('{"a": \n1}\n{"a": 2,\n {"a": 3}')
    frame = read(glue, uri, "json", multiline=True)
    assert rows_of(frame) == [{"a": 1}]
    assert frame.errorsCount() == 1  # where the broken value ends, nobody knows


def test_files_with_and_without_partitions_are_read_together(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    (folder / "day=1").mkdir()
    (folder / "day=1" / "f.json").write_text('{"a": 1}\n')
    (folder / "g.json").write_text('{"a": "x"}\n')
    frame = read(glue, uri, "json")
    # The two readers found different types: this is a choice, and nothing is converted.
    assert tree_of(frame)[:3] == ["|-- a: choice", "|    |-- int", "|    |-- string"]
    assert [(row["a"], row["day"]) for row in frame.toDF().orderBy("day").collect()] == [
        ((None, "x"), None),
        ((1, None), "1"),
    ]


def test_types_are_found_only_when_needed(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.json").write_text('{"a": 1}\n')

    def jobs() -> int:
        return len(glue.spark_session.sparkContext.statusTracker().getJobIdsForGroup())

    before = jobs()
    frame = read(glue, uri, "json").drop_fields(["b"]).filter(lambda record: True)
    frame = frame.map(lambda record: record)
    assert jobs() == before
    assert frame.count() == 1
    assert jobs() > before


def test_a_predicate_reads_some_partitions(glue: GlueContext, folder: Path, uri: str) -> None:
    for day in "12":
        (folder / f"day={day}").mkdir()
        (folder / f"day={day}" / "f.csv").write_text(f"{day}\n")
    frame = glue.create_dynamic_frame.from_options(
        "s3", {"paths": uri}, "csv", push_down_predicate="day > 1"
    )
    assert rows_of(frame) == [{"col0": "2", "day": "2"}]


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("excel", {}, "'excel' is not in this release.*csv.*json, orc, parquet"),
    ],
)
def test_what_is_not_there_yet_says_so(
    glue: GlueContext, folder: Path, uri: str, name: str, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(NotAvailableError, match=says):
        read(glue, uri, name, **options)
