"""Records that lack a field, which is another thing than a field that is null."""
# ruff: noqa: SIM201 - `not (row["f"] == 0)` is what Studio writes

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from awsglue import gluetypes
from awsglue._types import has_marks, mark_of
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import ApplyMapping, Filter, Map
from tests.awsglue.conftest import rows_of

FOUR = ['{"id": 1, "f": 5}', '{"id": 2}', '{"id": 3, "f": 0}', '{"id": 4, "f": null}']
#: one record for each thing that a nested field can be, in records that have all of it at the top
NESTED = [
    '{"id": 1, "s": {"a": 1, "b": 2}, "l": [{"x": 1}, {"y": "z"}, {"x": null}]}',
    '{"id": 2, "s": {"a": null}, "l": []}',
    '{"id": 3, "s": {"b": 3}, "l": null}',
    '{"id": 4, "s": null}',
    '{"id": 5}',
]


def read(
    glue: GlueContext, folder: Path, lines: Iterable[str], name: str = "records", **options: Any
) -> DynamicFrame:
    (folder / name).write_text("\n".join(lines))
    paths = [f"s3://lake/{folder.name}/{name}"]
    format = options.pop("format", "json")
    return glue.create_dynamic_frame.from_options("s3", {"paths": paths}, format, options)


def ids(frame: DynamicFrame) -> list[int]:
    return sorted(row["id"] for row in frame.toDF().select("id").collect())


def seen(frame: DynamicFrame) -> list[Any]:
    """Return the records as a function sees them, in the order of their ids."""
    looked = frame.map(lambda row: {"id": row["id"], "text": json.dumps(row)})
    return [json.loads(row["text"]) for row in rows_of(looked)]


#: functions, the records of `FOUR` that they take, and why
PREDICATES: list[tuple[Callable[[Any], Any], list[int], str]] = [
    (lambda row: not (row["f"] == 0), [1, 4], "the form of Studio: no key, no record"),
    (lambda row: row["f"] is None, [4], "null, and not absent"),
    (lambda row: row["f"] == 0, [3], "neither null nor absent"),
    (lambda row: "f" in row, [1, 3, 4], "a key of each record that has it"),
    (lambda row: "f" not in row, [2], "no key of the other"),
    (lambda row: row.get("f") is None, [2, 4], "the default is None"),
    (lambda row: row.get("f", 0) == 0, [2, 3], "another default is for absent ones only"),
    (lambda row: row.f != 0, [1, 4], "attributes are keys"),
    (lambda row: "f" not in row or row["f"] != 0, [1, 2, 4], "asked for before it is read"),
    (lambda row: row["id"] > 1 and not row["f"], [3, 4], "KeyError in the second part"),
    (lambda row: bool(row["f"]) or True, [1, 3, 4], "KeyError, whatever comes after"),
]


@pytest.mark.parametrize("called", [False, True], ids=["as a condition", "in Python"])
def test_filter_tells_absent_from_null(glue: GlueContext, folder: Path, called: bool) -> None:
    frame = read(glue, folder, FOUR)
    for function, expected, reason in PREDICATES:
        if not called:
            assert ids(Filter.apply(frame=frame, f=function)) == expected, reason
    functions = [one[0] for one in PREDICATES]

    def holds(function: Callable[[Any], Any], row: Any) -> bool:
        try:
            return bool(function(row))
        except KeyError:
            return False

    if called:
        row = frame.map(lambda row: {"id": row["id"], "of": [holds(one, row) for one in functions]})
        taken = rows_of(row)
        for number, (_, expected, reason) in enumerate(PREDICATES):
            assert [one["id"] for one in taken if one["of"][number]] == expected, reason
        keys = frame.filter(lambda row: len(row) == 2 and not (row["f"] == 0))
        assert ids(keys) == [1, 4]


def test_filter_tells_absent_from_null_in_structs(glue: GlueContext, folder: Path) -> None:
    frame = read(glue, folder, NESTED)
    cases: list[tuple[Callable[[Any], Any], list[int]]] = [
        (lambda row: row["s"]["a"] is None, [2]),
        (lambda row: not (row["s"]["b"] == 2), [3]),
        (lambda row: row["s"] is None, [4]),
        (lambda row: len(row) > 1 and row["s"]["a"] is None, [2]),
    ]
    for function, expected in cases:
        assert ids(Filter.apply(frame=frame, f=function)) == expected


def test_a_recognised_function_stays_a_condition(glue: GlueContext, folder: Path) -> None:
    frame = read(glue, folder, FOUR).filter(lambda row: not (row["f"] == 0))
    plan = frame.toDF()._jdf.queryExecution().executedPlan().toString()
    assert "InArrow" not in plan


def test_functions_see_the_records_as_they_were_written(glue: GlueContext, folder: Path) -> None:
    for lines in (FOUR, NESTED):
        frame = read(glue, folder, lines)
        assert seen(frame) == [json.loads(line) for line in lines]
        again = frame.map(lambda row: row)
        assert seen(again) == [json.loads(line) for line in lines], "also behind another function"
    parts = frame.mapPartitions(lambda records: (dict(one) for one in records))
    assert seen(parts) == [json.loads(line) for line in NESTED]


def test_show_prints_the_fields_that_records_have(
    glue: GlueContext, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read(glue, folder, NESTED).show()
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        json.loads(line) for line in NESTED
    ]


def test_todf_has_all_columns_and_fromdf_all_fields(glue: GlueContext, folder: Path) -> None:
    frame = read(glue, folder, [*FOUR, '{"id": 5, "s": [{"x": 1}, {"y": 2}, {"x": null}]}'])
    data = frame.toDF()
    assert data.columns == ["id", "f", "s"]
    assert data.schema["s"].dataType.simpleString() == "array<struct<x:int,y:int>>"
    assert [row["f"] for row in rows_of(frame)] == [5, None, 0, None, None]
    again = DynamicFrame.fromDF(data, glue)
    assert ids(again.filter(lambda row: not (row["f"] == 0))) == [1, 2, 4, 5]
    assert seen(again)[4]["s"] == [{"x": 1, "y": None}, {"x": None, "y": 2}, {"x": None, "y": None}]


def test_a_record_of_map_lacks_what_the_function_did_not_return(
    glue: GlueContext, folder: Path
) -> None:
    def half(row: Any) -> Any:
        if row["id"] % 2:
            row["odd"] = {"yes": True} if row["id"] == 1 else {"no": None}
        return row

    mapped = read(glue, folder, FOUR).map(half)
    expected = [json.loads(line) for line in FOUR]
    expected[0]["odd"], expected[2]["odd"] = {"yes": True}, {"no": None}
    assert seen(mapped) == expected


def test_a_missing_field_makes_an_error_record_of_map(glue: GlueContext, folder: Path) -> None:
    mapped = Map.apply(frame=read(glue, folder, FOUR), f=lambda row: {"g": row["f"]})
    assert (mapped.count(), mapped.errorsCount()) == (3, 1)
    error = mapped.errorsAsDynamicFrame().toDF().first()
    assert error is not None
    assert json.loads(error["error"]["dynamicRecord"]) == {"id": 2}


#: steps over `FOUR`, and what a function sees of the record without `f` and of that with null
STEPS: list[tuple[str, Callable[[DynamicFrame], DynamicFrame], Any, Any]] = [
    ("select", lambda one: one.select_fields(["f", "id"]), {"id": 2}, {"f": None, "id": 4}),
    ("rename", lambda one: one.rename_field("f", "g"), {"id": 2}, {"id": 4, "g": None}),
    ("into a struct", lambda one: one.rename_field("f", "s.g"),
     {"id": 2, "s": {}}, {"id": 4, "s": {"g": None}}),
    ("cast", lambda one: ApplyMapping.apply(one, [("id", "int", "id", "int"),
                                                  ("f", "int", "t", "string")]),
     {"id": 2}, {"id": 4, "t": None}),
    ("resolve", lambda one: one.resolveChoice(specs=[("f", "cast:long")]),
     {"id": 2}, {"id": 4, "f": None}),
    ("drop", lambda one: one.drop_fields(["f"]), {"id": 2}, {"id": 4}),
    ("rows", lambda one: one.repartition(2), {"id": 2}, {"id": 4, "f": None}),
    ("split", lambda one: one.split_rows({"id": {">": 1}}, "a", "b")["a"],
     {"id": 2}, {"id": 4, "f": None}),
    ("join", lambda one: one.join("id", "key", one.rename_field("id", "key")),
     {"id": 2, "key": 2}, {"id": 4, "f": None, "key": 4, ".f": None}),
    ("union", lambda one: one.union(one.rename_field("f", "g").filter(lambda row: row["id"] < 2)),
     {"id": 2}, {"id": 4, "f": None}),
    ("merge", lambda one: one.mergeDynamicFrame(one.filter(lambda row: row["id"] == 1), ["id"]),
     {"id": 2}, {"id": 4, "f": None}),
]  # fmt: skip


@pytest.mark.parametrize(("step", "lacking", "null"), [one[1:] for one in STEPS],
                         ids=[one[0] for one in STEPS])  # fmt: skip
def test_steps_keep_absent_apart_from_null(
    glue: GlueContext,
    folder: Path,
    step: Callable[[DynamicFrame], DynamicFrame],
    lacking: Any,
    null: Any,
) -> None:
    records = {row["id"]: row for row in seen(step(read(glue, folder, FOUR)))}
    assert (records[2], records[4]) == (lacking, null)


def test_a_value_that_cannot_be_cast_is_null_and_not_absent(
    glue: GlueContext, folder: Path
) -> None:
    frame = read(glue, folder, ['{"id": 1, "f": "x"}', '{"id": 2}'])
    mapped = frame.resolveChoice(specs=[("f", "cast:int")])
    assert seen(mapped) == [{"id": 1, "f": None}, {"id": 2}]
    assert rows_of(mapped) == [{"id": 1, "f": None}, {"id": 2, "f": None}]


def test_flat_tables_lack_what_the_records_lack(glue: GlueContext, folder: Path, uri: str) -> None:
    frame = read(glue, folder, NESTED)
    flat = [
        {"id": 1, "s.a": 1, "s.b": 2},
        {"id": 2, "s.a": None},
        {"id": 3, "s.b": 3},
        {"id": 4},
        {"id": 5},
    ]
    assert seen(frame.drop_fields(["l"]).unnest()) == flat
    tables = frame.relationalize("root", f"{uri}/staging")
    roots = seen(tables["root"])
    assert ["l" in row for row in roots] == [True, True, True, False, False]
    assert [{k: v for k, v in row.items() if k != "l"} for row in roots] == flat
    elements = tables["root_l"].map(lambda row: {"index": row["index"], "has": json.dumps(row)})
    found = [json.loads(row["has"]) for row in rows_of(elements)]
    for row in found:
        del row["id"], row["index"]
    assert found == [{"l.val.x": 1}, {"l.val.y": "z"}, {"l.val.x": None}]


def test_union_lacks_what_only_the_other_frame_has(glue: GlueContext, folder: Path) -> None:
    one = read(glue, folder, ['{"id": 1, "s": {"a": 1}}'])
    two = read(glue, folder, ['{"id": 2, "g": 1, "s": {"b": 2}}'], "two")
    united = one.union(two)
    assert seen(united) == [{"id": 1, "s": {"a": 1}}, {"id": 2, "g": 1, "s": {"b": 2}}]


def test_written_files_have_no_marks(glue: GlueContext, folder: Path, uri: str) -> None:
    frame = read(glue, folder, NESTED)
    kinds = {"json": "struct<a:bigint,b:bigint>", "parquet": "struct<a:int,b:int>"}
    for format, wanted in kinds.items():
        glue.write_dynamic_frame.from_options(
            frame, "s3", {"path": f"{uri}/{format}"}, format=format
        )
        data = glue.spark_session.read.format(format).load(f"{uri}/{format}")
        assert data.schema["s"].dataType.simpleString() == wanted, format
        assert set(data.columns) == {"id", "s", "l"}, format


@pytest.mark.parametrize(
    ("format", "lines", "options"),
    [
        ("xml", ["<q><r><id>1</id><f>5</f></r><r><id>2</id></r>",
                 "<r><id>3</id><f>0</f></r><r><id>4</id><f/></r></q>"],
         {"rowTag": "r", "treatEmptyValuesAsNulls": True}),
        ("ion", ["{id: 1, f: 5} {id: 2} {id: 3, f: 0} {id: 4, f: null}"], {}),
        ("json", ["[" + ",".join(FOUR) + "]"], {"multiline": True}),
    ],
)  # fmt: skip
def test_other_formats_of_records_lack_fields(
    glue: GlueContext, folder: Path, format: str, lines: list[str], options: dict[str, Any]
) -> None:
    frame = read(glue, folder, lines, format=format, **options)
    assert seen(frame) == [json.loads(line) for line in FOUR]


def test_csv_has_all_columns(glue: GlueContext, folder: Path) -> None:
    frame = read(glue, folder, ["id,f", "1,5", "2,", "3,0"], format="csv", withHeader=True)
    assert ids(frame.filter(lambda row: "f" in row)) == ["1", "2", "3"]  # type: ignore[comparison-overlap]


def test_parquet_has_all_columns_of_all_files(glue: GlueContext, uri: str) -> None:
    spark = glue.spark_session
    spark.sql("SELECT 1 AS id, 'x' AS f").coalesce(1).write.parquet(f"{uri}/columns")
    spark.sql("SELECT 2 AS id, 5 AS f, 6 AS g").coalesce(1).write.mode("append").parquet(
        f"{uri}/columns"
    )
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [f"{uri}/columns"]}, "parquet")
    assert [one.optional for one in frame.schema()] == [False, False, False]
    assert ids(frame.filter(lambda row: row["g"] is None)) == [1]


def test_a_malformed_record_says_nothing_of_fields(glue: GlueContext, folder: Path) -> None:
    frame = read(glue, folder, ['{"id": 1, "f": 5}', '{"g": null, {broken', '{"id": 2, "f": 6}'])
    assert [(one.name, one.optional, one.nullable) for one in frame.schema()] == [
        ("id", False, False),
        ("f", False, False),
    ]


def test_a_field_that_is_twice_in_a_record_is_one(glue: GlueContext, folder: Path) -> None:
    frame = read(glue, folder, ['{"id": 1, "f": 5}', '{"id": 2, "id": 2}'])
    assert [one.optional for one in frame.schema()] == [False, True]


def test_frames_without_optional_fields_have_the_plans_of_dataframes(
    glue: GlueContext, folder: Path
) -> None:
    whole = read(glue, folder, ['{"id": 1, "f": null}', '{"id": 2, "f": 7}'])
    never_null = read(glue, folder, ['{"id": 1}', '{"id": 2, "f": 7}'], "some")
    for frame in (whole, never_null):
        assert frame._records.frame.columns == ["id", "f"]
        assert frame._records.complete().frame is frame._records.frame
        assert not has_marks(frame.schema())
        mapped = frame.apply_mapping([("id", "int", "id", "long"), ("f", "int", "g", "int")])
        assert mapped._records.frame.columns == ["id", "g"]
        assert _plan(mapped.toDF()) == _plan(
            frame.toDF().selectExpr("cast(id as bigint) AS id", "f AS g")
        )
    marked = read(glue, folder, FOUR, "four")
    assert marked._records.frame.columns == ["id", "f", mark_of("f")]


def _plan(frame: Any) -> str:
    plan = str(frame._jdf.queryExecution().optimizedPlan().canonicalized().toString())
    return plan


def test_customers_who_consented(glue: GlueContext, folder: Path) -> None:
    """The shape of a public exercise: consent is a moment, and no key where there is none."""

    def customer(number: int) -> str:
        record: dict[str, Any] = {
            "serialNumber": f"s{number}",
            "birthDay": "1949-01-01",
            "shareWithPublicAsOfDate": 1655564444103 if number % 3 else None,
        }
        if number % 2:
            record["shareWithResearchAsOfDate"] = 1655564444103
        return json.dumps({name: one for name, one in record.items() if one is not None})

    customers = read(glue, folder, map(customer, range(100)))
    trusted = Filter.apply(
        frame=customers, f=lambda row: not (row["shareWithResearchAsOfDate"] == 0)
    )
    assert (customers.count(), trusted.count()) == (100, 50)
    both = Filter.apply(frame=trusted, f=lambda row: not (row["shareWithPublicAsOfDate"] == 0))
    assert both.count() == 33


#: columns that a function leaves alone, as SQL
UNTOUCHED = [
    "cast(null as int) AS nothing",
    "map('a', cast(1 as short)) AS m",
    "array(map('k', array(cast(1 as int)))) AS maps",
    "cast(array() as array<int>) AS empty",
    "named_struct('x', cast(null as date), 'y', array(cast(1 as byte))) AS s",
    "cast(1 as decimal(20,4)) AS d",
    "cast(1.5 as float) AS f",
    "cast(1 as short) AS h",
    "date'2024-01-01' AS day",
    "timestamp_ntz'2024-01-01 10:00:00' AS local",
    "array(timestamp'2024-03-31 02:30:00') AS moments",
]


def _types(frame: DynamicFrame) -> dict[str, str]:
    return dict(frame.toDF().dtypes)


def test_columns_that_functions_leave_alone_keep_types_and_values(glue: GlueContext) -> None:
    source = glue.spark_session.range(3).coalesce(1).selectExpr("id", *UNTOUCHED)
    frame = DynamicFrame.fromDF(source, glue)

    def number(row: Any) -> Any:
        row["id"] = row["id"] + 1
        return row

    mapped = frame.map(number)
    assert _types(mapped) == dict(source.dtypes)
    assert [row[1:] for row in mapped.toDF().collect()] == [row[1:] for row in source.collect()]


def test_columns_that_functions_over_partitions_leave_alone_keep_types(glue: GlueContext) -> None:
    source = glue.spark_session.range(3).coalesce(1).selectExpr("id", *UNTOUCHED)
    parts = DynamicFrame.fromDF(source, glue).mapPartitions(lambda records: records)
    assert _types(parts) == dict(source.dtypes)
    assert parts.toDF().collect() == source.collect()


def test_values_that_a_function_changes_in_their_place_are_changed(glue: GlueContext) -> None:
    source = glue.spark_session.range(2).coalesce(1)
    frame = DynamicFrame.fromDF(source.selectExpr("id", "array(1) AS l", "map('a', 1) AS m"), glue)

    def change(row: Any) -> Any:
        row["l"].append(2)
        row["m"]["b"] = row["id"]
        return row

    changed = frame.map(change)
    assert _types(changed) == {"id": "bigint", "l": "array<int>", "m": "map<string,int>"}
    assert rows_of(changed)[1] == {"id": 1, "l": [1, 2], "m": {"a": 1, "b": 1}}


def test_a_frame_without_records_keeps_its_fields(glue: GlueContext) -> None:
    source = glue.spark_session.range(0).selectExpr("id", *UNTOUCHED)
    frame = DynamicFrame.fromDF(source, glue)
    for mapped in (frame.map(lambda row: row), frame.mapPartitions(lambda records: records)):
        assert mapped.schema() == frame.schema()
        assert mapped.toDF().collect() == []
        assert isinstance(mapped.schema().getField("m").dataType, gluetypes.MapType)
