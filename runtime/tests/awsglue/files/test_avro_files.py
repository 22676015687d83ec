from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from awsglue._errors import UnreadableFileError
from awsglue._files.avro_files import header, schema_of
from awsglue._jvm import FileSystem
from awsglue.context import GlueContext
from tests.awsglue.conftest import Make, rows_of, tree_of

LETTER = {"type": "enum", "name": "Letter", "namespace": "n", "symbols": ["A", "B"]}
POINT = {"type": "record", "name": "Point", "fields": [{"name": "x", "type": "int"}]}
NAMED = {"type": "record", "name": "Named", "fields": [{"name": "name", "type": "string"}]}
SCHEMA = {
    "type": "record",
    "name": "Row",
    "namespace": "n",
    "fields": [
        {"name": "id", "type": "int"},
        {"name": "value", "type": ["null", "int", "string"]},
        {"name": "maybe", "type": ["null", "long"]},
        {"name": "wide", "type": ["int", "long"]},
        {"name": "text", "type": ["string", LETTER]},
        {"name": "list", "type": {"type": "array", "items": ["null", "double", POINT]}},
        {"name": "again", "type": ["null", "Point", "boolean"]},
        {"name": "both", "type": ["null", "Point", NAMED]},
        {"name": "map", "type": {"type": "map", "values": ["n.Letter", "int"]}},
    ],
}
#: the same, as Spark's writer wants the members of unions
ROWS: list[tuple[Any, ...]] = [
    (
        *(1, (7, None), 5, 2**40, ("free", None), [(None, (3,)), (0.5, None), None]),
        *(None, ((4,), None), {"k": ("A", None)}),
    ),
    (
        *(2, (None, "x"), None, 3, (None, "B"), []),
        *(((9,), None), (None, ("ann",)), {"k": (None, 6)}),
    ),
    (3, None, None, 4, ("y", None), [(1.0, None)], (None, True), None, {}),
]


def write(spark: SparkSession, uri: str) -> None:
    empty = spark.read.format("avro").option("avroSchema", json.dumps(SCHEMA))
    kinds = empty.load(write_nothing(spark, uri)).schema
    rows = spark.createDataFrame(ROWS, kinds).coalesce(1)
    rows.write.format("avro").option("avroSchema", json.dumps(SCHEMA)).save(f"{uri}/data")


def write_nothing(spark: SparkSession, uri: str) -> str:
    spark.createDataFrame([(1,)], "id int").write.format("avro").save(f"{uri}/other")
    return f"{uri}/other"


def test_unions_are_choices(glue: GlueContext, spark: SparkSession, uri: str) -> None:
    write(spark, uri)
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [f"{uri}/data"]}, "avro")
    assert tree_of(frame) == [
        "|-- id: int",
        "|-- value: choice",
        "|    |-- int",
        "|    |-- string",
        "|-- maybe: long",
        "|-- wide: long",
        "|-- text: string",
        "|-- list: array",
        "|    |-- element: choice",
        "|    |    |-- double",
        "|    |    |-- struct",
        "|    |    |    |-- x: int",
        "|-- again: choice",
        "|    |-- boolean",
        "|    |-- struct",
        "|    |    |-- x: int",
        "|-- both: struct",
        "|    |-- x: int",
        "|    |-- name: string",
        "|-- map: map",
        "|    |-- keyType: string",
        "|    |-- valueType: choice",
        "|    |    |-- int",
        "|    |    |-- string",
    ]
    one, two, three = rows_of(frame)
    assert one["value"] == {"int": 7, "string": None}
    assert two["value"] == {"int": None, "string": "x"}
    assert (three["value"], three["maybe"], one["wide"]) == (None, None, 2**40)
    assert [row["text"] for row in (one, two, three)] == ["free", "B", "y"]
    assert one["list"] == [
        {"double": None, "struct": {"x": 3}},
        {"double": 0.5, "struct": None},
        None,
    ]
    assert (one["again"], two["again"]["struct"], three["again"]["boolean"]) == (
        *(None, {"x": 9}, True),
    )
    assert one["both"] == {"x": 4, "name": None}
    assert two["both"] == {"x": None, "name": "ann"}
    assert (one["map"], two["map"], three["map"]) == (
        {"k": {"int": None, "string": "A"}},
        {"k": {"int": 6, "string": None}},
        {},
    )


def test_files_of_different_types_come_together(glue: GlueContext, uri: str, make: Make) -> None:
    for day, frame in (("01", make("a int, b string", (1, "x"))), ("02", make("a string", ("2",)))):
        glue.write_dynamic_frame.from_options(frame, "s3", {"path": f"{uri}/day={day}"}, "avro")
    read = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "avro")
    assert tree_of(read) == [
        *("|-- a: choice", "|    |-- int", "|    |-- string", "|-- b: string", "|-- day: string")
    ]
    assert rows_of(read.resolveChoice(choice="cast:int")) == [
        {"a": 1, "b": "x", "day": "01"},
        {"a": 2, "b": None, "day": "02"},
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,b\n1,2\n", "it has no header of an Avro file"),
        (b"Obj\x01", "its header ends too early"),
        (b"Obj\x01\x02\x04ab\x02x\x00", "it has no header of an Avro file"),  # no avro.schema
        (b"Obj\x01\x02\x03", "it has no header of an Avro file"),  # a text of negative length
    ],
)
def test_what_is_no_avro(spark: SparkSession, folder: Path, content: bytes, reason: str) -> None:
    (folder / "a.avro").write_bytes(content)
    with pytest.raises(UnreadableFileError, match=rf"a\.avro cannot be read: {reason}"):
        schema_of(FileSystem(spark), f"s3://lake/{folder.name}/a.avro")


def number(value: int) -> bytes:
    """Write a whole number as Avro does."""
    value = value << 1 ^ value >> 63
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def text(value: bytes) -> bytes:
    return number(len(value)) + value


@pytest.mark.parametrize("negative", [False, True])
def test_headers_may_tell_the_size_of_their_blocks(negative: bool) -> None:
    pairs = {"avro.schema": b'"int"' * 1000, "x": b""}
    block = b"".join(text(name.encode()) + text(value) for name, value in pairs.items())
    count = number(-2) + number(len(block)) if negative else number(2)
    expected: dict[str, Any] = pairs
    assert header(b"Obj\x01" + count + block + number(0)) == expected
