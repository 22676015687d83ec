from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from awsglue._errors import (
    BucketNotFoundError,
    FieldNotFoundError,
    GlueError,
    PartitionKeysError,
    UnwritableFieldError,
    UnwritableNameError,
)
from awsglue._files import write_checks
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from tests.awsglue.conftest import Make, rows_of

FORMATS = pytest.mark.parametrize("name", ["avro", "csv", "json", "parquet", "orc"])


@pytest.fixture
def frame(glue: GlueContext, folder: Path, uri: str) -> DynamicFrame:
    (folder / "in").mkdir()
    (folder / "in" / "in.json").write_text('{"id":1,"c":1,"s":{"x":1}}\n{"id":2,"c":"x","l":[1]}\n')
    return glue.create_dynamic_frame.from_options("s3", {"paths": [f"{uri}/in"]}, "json")


def write(glue: GlueContext, frame: DynamicFrame, uri: str, name: str, *keys: str) -> None:
    options = {"path": uri, "partitionKeys": list(keys)}
    glue.write_dynamic_frame.from_options(frame, "s3", options, name)


@FORMATS
@pytest.mark.parametrize(
    ("keys", "error", "says"),
    [
        (["c"], UnwritableFieldError, r"takes no choice: field 'c'.*cast:string"),
        (["s"], UnwritableFieldError, r"takes no struct: field 's'"),
        (["l"], UnwritableFieldError, r"takes no array: field 'l'"),
        (["id", "id"], PartitionKeysError, r"has 'id' twice"),
        ([None], PartitionKeysError, r"has None, which is no name"),
        (["ID"], FieldNotFoundError, r"no field 'ID'"),
    ],
)
def test_partition_keys(
    *,
    glue: GlueContext,
    frame: DynamicFrame,
    folder: Path,
    uri: str,
    name: str,
    keys: list[str],
    error: type[GlueError],
    says: str,
) -> None:
    with pytest.raises(error, match=says):
        write(glue, frame, f"{uri}/out", name, *keys)
    assert not (folder / "out").exists()


@FORMATS
def test_the_keys_are_not_all_that_there_is(
    glue: GlueContext, make: Make, uri: str, name: str
) -> None:
    frame = make("id int, day string, n void", (1, "x", None))
    with pytest.raises(PartitionKeysError, match=r"\['id', 'day'\] has all fields of the frame"):
        write(glue, frame, f"{uri}/out", name, "id", "day")


def test_a_choice_of_one_type_is_a_key(glue: GlueContext, frame: DynamicFrame, uri: str) -> None:
    one = frame.resolveChoice([("c", "cast:string")]).select_fields(["id", "c"])
    write(glue, one, f"{uri}/out", "json", "c")
    again = glue.create_dynamic_frame.from_options("s3", {"paths": [f"{uri}/out"]}, "json")
    assert rows_of(again) == [{"id": 1, "c": "1"}, {"id": 2, "c": "x"}]


@pytest.mark.parametrize(
    ("schema", "named"),
    [("`a.b` int", "a.b"), ("s struct<`1`:int>", "1"), ("l array<struct<`x y`:int>>", "x y")],
)
def test_avro_has_names_of_letters(
    glue: GlueContext, make: Make, folder: Path, uri: str, schema: str, named: str
) -> None:
    value = {"a": 1, "s": (1,), "l": [(1,)]}[schema.lstrip("`")[0]]
    with pytest.raises(UnwritableNameError, match=rf"Avro takes no field named '{named}'.*Rename"):
        write(glue, make(schema, (value,)), f"{uri}/out", "avro")
    assert not (folder / "out").exists()


@pytest.mark.parametrize("name", ["orc", "avro"])
def test_a_name_has_a_character(
    glue: GlueContext, spark: SparkSession, uri: str, name: str
) -> None:
    frame = DynamicFrame.fromDF(spark.createDataFrame([(1, 2)], ["", "b"]), glue, "frame")
    with pytest.raises(UnwritableNameError, match=r"takes no field named ''; its names are"):
        write(glue, frame, f"{uri}/out", name)


@pytest.mark.parametrize("text", ["_", "a1", "Zähler", "_1"])
def test_names_that_avro_takes(glue: GlueContext, make: Make, uri: str, text: str) -> None:
    write(glue, make(f"`{text}` int", (1,)), uri, "avro")
    again = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "avro")
    assert rows_of(again) == [{text: 1}]


@pytest.mark.parametrize("path", ["s3://nosuch/x/", "s3://nosuch", "s3://nosuch/"])
def test_a_bucket_that_is_missing(glue: GlueContext, make: Make, path: str) -> None:
    frame = make("id int, day int", (1, 2))
    says = r"bucket does not exist: nosuch \(s3://nosuch.*`aws s3 mb s3://nosuch`"
    for keys in ([], ["day"]):
        with pytest.raises(BucketNotFoundError, match=says):
            write(glue, frame, path, "json", *keys)
    with pytest.raises(BucketNotFoundError, match=says):
        frame.spigot(path)


def test_other_places_are_made_when_they_are_written_to(
    spark: SparkSession, tmp_path: Path
) -> None:
    write_checks.require_bucket(spark, f"{tmp_path}/none/at/all")
    write_checks.require_bucket(spark, f"file://{tmp_path}/none")
