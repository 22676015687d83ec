from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet
import pytest
from pyspark.sql import types as spark_types
from pyspark.sql.types import StructType

from awsglue._errors import TwinColumnsError, UnreadableFileError
from awsglue._files.column_files import alike
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from tests.awsglue.conftest import rows_of, tree_of

WRITERS: dict[str, Any] = {"parquet": pa.parquet.write_table, "orc": pa.orc.write_table}
FORMATS = pytest.mark.parametrize("name", ["parquet", "orc"])


def write(glue: GlueContext, place: str, name: str, *columns: str) -> None:
    """Write one record of these expressions."""
    glue.spark_session.range(1).selectExpr(*columns).coalesce(1).write.format(name).save(place)


def read(glue: GlueContext, uri: str, name: str, **options: Any) -> DynamicFrame:
    connection = {"paths": [uri], "recurse": True}
    return glue.create_dynamic_frame.from_options("s3", connection, name, options)


def jobs(glue: GlueContext) -> int:
    return len(glue.spark_session.sparkContext.statusTracker().getJobIdsForGroup())


@FORMATS
def test_typed_files(glue: GlueContext, uri: str, name: str) -> None:
    data = glue.spark_session.range(3)
    data = data.selectExpr("id", "cast(id as decimal(9,2)) AS paid", "'07' AS month")
    data.write.mode("overwrite").partitionBy("month").format(name).save(uri)
    frame = read(glue, uri, name)
    assert tree_of(frame) == ["|-- id: long", "|-- paid: decimal(9,2)", "|-- month: string"]
    assert rows_of(frame) == [row.asDict() for row in data.collect()]


@FORMATS
def test_a_column_of_several_types_is_a_choice_of_all_its_values(
    glue: GlueContext, uri: str, name: str
) -> None:
    write(glue, f"{uri}/day=1/a", name, "1 AS id", "7 AS a")
    write(glue, f"{uri}/day=1/b", name, "2 AS id", "'x' AS a")
    write(glue, f"{uri}/day=2/c", name, "3 AS id", "cast(5000000000 AS bigint) AS a")
    write(glue, f"{uri}/day=2/d", name, "4 AS id", "cast(0.5 AS double) AS a")
    frame = read(glue, uri, name)
    assert tree_of(frame) == [
        *("|-- id: int", "|-- a: choice", "|    |-- double", "|    |-- int"),
        *("|    |-- long", "|    |-- string", "|-- day: string"),
    ]
    records = frame.resolveChoice([("a", "cast:string")])
    assert [(row["id"], row["a"], row["day"]) for row in rows_of(records)] == [
        *((1, "7", "1"), (2, "x", "1"), (3, "5000000000", "2"), (4, "0.5", "2")),
    ]


@FORMATS
def test_types_may_differ_inside_of_structs_and_arrays(
    glue: GlueContext, uri: str, name: str
) -> None:
    write(glue, f"{uri}/a", name, "named_struct('x', 1, 'y', 'k') AS s", "array(1) AS l")
    write(glue, f"{uri}/b", name, "named_struct('x', 'two') AS s", "array('t', null) AS l")
    frame = read(glue, uri, name)
    assert tree_of(frame) == [
        *("|-- s: struct", "|    |-- x: choice", "|    |    |-- int", "|    |    |-- string"),
        *("|    |-- y: string", "|-- l: array", "|    |-- element: choice"),
        *("|    |    |-- int", "|    |    |-- string"),
    ]
    first, second = rows_of(frame)
    assert first == {
        "s": {"x": {"int": 1, "string": None}, "y": "k"},
        "l": [{"int": 1, "string": None}],
    }
    assert second == {
        "s": {"x": {"int": None, "string": "two"}, "y": None},
        "l": [{"int": None, "string": "t"}, None],
    }


@FORMATS
def test_columns_that_some_files_lack_are_null_there(
    glue: GlueContext, uri: str, name: str
) -> None:
    write(glue, f"{uri}/a", name, "1 AS id", "named_struct('x', 1) AS s")
    write(glue, f"{uri}/b", name, "2 AS id", "named_struct('y', 2) AS s", "true AS late")
    frame = read(glue, uri, name)
    assert rows_of(frame) == [
        {"id": 1, "s": {"x": 1, "y": None}, "late": None},
        {"id": 2, "s": {"x": None, "y": 2}, "late": True},
    ]
    # One scan reads both: no file has another type for a column.
    assert len(frame.toDF().inputFiles()) == 2
    assert "Union" not in frame.toDF()._jdf.queryExecution().toString()


@FORMATS
def test_decimals_take_the_digits_that_all_need(glue: GlueContext, uri: str, name: str) -> None:
    write(glue, f"{uri}/a", name, "cast(1.25 AS decimal(4,2)) AS paid")
    write(glue, f"{uri}/b", name, "cast(99999999.1 AS decimal(9,1)) AS paid")
    frame = read(glue, uri, name)
    assert tree_of(frame) == ["|-- paid: decimal(10,2)"]
    assert [str(row["paid"]) for row in rows_of(frame)] == ["1.25", "99999999.10"]


@FORMATS
def test_a_name_in_two_spellings_is_one_column(glue: GlueContext, uri: str, name: str) -> None:
    # Spark knows names in any case: one writer's "Id" is another's "id".
    write(glue, f"{uri}/a", name, "1 AS Id", "named_struct('X', 1) AS s")
    write(glue, f"{uri}/b", name, "2 AS id", "named_struct('x', 'k') AS s")
    frame = read(glue, uri, name)
    assert [field.name for field in frame.schema()] == ["Id", "s"]
    assert [row["Id"] for row in rows_of(frame)] == [1, 2]
    assert frame.resolveChoice([("s.X", "cast:string")]).toDF().where("s.X is null").count() == 0


@FORMATS
def test_no_job_of_spark_finds_the_types(glue: GlueContext, uri: str, name: str) -> None:
    for part in range(3):
        write(glue, f"{uri}/{part}", name, f"{part} AS id")
    before = jobs(glue)
    assert tree_of(read(glue, uri, name)) == ["|-- id: int"]
    assert jobs(glue) == before


@FORMATS
def test_a_partition_wins_over_a_column_of_its_name(glue: GlueContext, uri: str, name: str) -> None:
    write(glue, f"{uri}/day=01", name, "1 AS id", "'in the file' AS Day")
    write(glue, f"{uri}/day=02", name, "'2' AS id", "5 AS day")
    rows = rows_of(read(glue, uri, name).resolveChoice([("id", "cast:int")]))
    assert rows == [{"id": 1, "day": "01"}, {"id": 2, "day": "02"}]


@FORMATS
def test_files_of_other_programs(glue: GlueContext, folder: Path, uri: str, name: str) -> None:
    one = pa.table({"id": pa.array([1, 2], pa.int64()), "tag": ["a", "b"]})
    two = pa.table({"id": pa.array([3], pa.int32()), "tag": pa.array([b"c"], pa.binary())})
    for number, table in enumerate((one, two)):
        WRITERS[name](table, folder / f"{number}.{name}")
    frame = read(glue, uri, name).resolveChoice([("id", "cast:long"), ("tag", "cast:string")])
    assert rows_of(frame) == [{"id": 1, "tag": "a"}, {"id": 2, "tag": "b"}, {"id": 3, "tag": "c"}]


@FORMATS
@pytest.mark.parametrize(
    "content", [b"a,b\n1,2\n" * 100, b"PAR1", b""], ids=["text", "too short", "rest of a file"]
)
def test_a_file_of_another_format_is_named(
    glue: GlueContext, folder: Path, uri: str, name: str, content: bytes
) -> None:
    write(glue, f"{uri}/good", name, "1 AS id")
    if not content:
        [good] = (folder / "good").glob(f"*.{name}")
        content = good.read_bytes()[:-20]
    (folder / "zz.part").write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"zz\.part cannot be read: .*Upload it again"):
        read(glue, uri, name).count()


def lowered(name: str) -> str:
    return name.lower()


def typed(text: str) -> StructType:
    kind = spark_types._parse_datatype_string(text)
    assert isinstance(kind, StructType)
    return kind


@pytest.mark.parametrize(
    ("schemas", "expected"),
    [
        (["a int", "a int"], [("a int", (0, 1))]),
        (["a int", "b int", "a int, b int"], [("a int, b int", (0, 1, 2))]),
        # The third fits the first; the second stays alone.
        (["a int", "a string", "b int"], [("a int, b int", (0, 2)), ("a string", (1,))]),
        (["s struct<x int>", "s struct<y int>"], [("s struct<x int, y int>", (0, 1))]),
        (["m map<string,int>", "m map<int,int>"],
         [("m map<string,int>", (0,)), ("m map<int,int>", (1,))]),
        (["a decimal(4,2)", "a decimal(9,2)"],
         [("a decimal(4,2)", (0,)), ("a decimal(9,2)", (1,))]),
        (["A int", "a int, b int"], [("A int, b int", (0, 1))]),
        (["a int", "a array<struct<x int>>", "a array<struct<y int>>"],
         [("a int", (0,)), ("a array<struct<x int, y int>>", (1, 2))]),
    ],
)  # fmt: skip
def test_schemas_go_together_unless_a_column_has_two_types(
    spark: Any, schemas: list[str], expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    found = alike([typed(one) for one in schemas], lowered)
    assert [(one.schema, one.members) for one in found] == [
        (typed(schema), members) for schema, members in expected
    ]


def test_names_that_one_file_spells_in_two_ways_stay_two(spark: Any) -> None:
    first, second = alike([typed("a int"), typed("A int, a string")], lowered)
    assert (first.schema.names, second.schema.names) == (["a"], ["A", "a"])


@FORMATS
def test_columns_whose_names_differ_in_case_only(
    glue: GlueContext, folder: Path, uri: str, name: str
) -> None:
    table = pa.table({"a": [1], "A": [2], "s": [{"x": 1, "X": 2}]})
    WRITERS[name](table, folder / "f")
    with pytest.raises(TwinColumnsError, match=r"'a', 'A'.*spark\.sql\.caseSensitive=true"):
        read(glue, uri, name).count()
    spark = glue.spark_session
    spark.conf.set("spark.sql.caseSensitive", "true")
    try:
        assert rows_of(read(glue, uri, name)) == [{"a": 1, "A": 2, "s": {"x": 1, "X": 2}}]
    finally:
        spark.conf.unset("spark.sql.caseSensitive")
