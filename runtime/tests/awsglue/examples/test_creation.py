"""Examples that make frames, write them, and look at their errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pyspark.sql import Row

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import ErrorsAsDynamicFrame
from tests.awsglue.conftest import rows_of, tree_of


def test_options_of_csv_belong_to_the_source(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "a.csv").write_text("n,word\n1,one\n2,two\n")
    frame = glue.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [uri]},
        format="csv",
        format_options={"withHeader": True, "separator": ",", "inferSchema": True},
    )
    assert [row.asDict() for row in frame.toDF().orderBy("n").collect()] == [
        {"n": "1", "word": "one"},
        {"n": "2", "word": "two"},
    ]


def test_malformed_lines_become_error_records(read: Callable[..., DynamicFrame]) -> None:
    frame = read(
        "malformed",
        [
            '{"id": 1, "name": "anna", "surname": "berg", "height": 160}',
            '{"id": 2, "name": "carl", "surname": "dahl",',
            '{"id": 3, "name": "eva", "surname": "fors", "height": 172}',
            '{"id": 4, "name": "georg", "surname": "holm", "height": 181}',
        ],
    )
    assert tree_of(frame) == [
        "|-- id: int",
        "|-- name: string",
        "|-- surname: string",
        "|-- height: int",
    ]
    # Here a line is a record: AWS loses the record of line 3 as well.
    assert [row["id"] for row in rows_of(frame)] == [1, 3, 4]
    assert frame.errorsCount() == 1
    error = frame.errorsAsDynamicFrame().toDF().head()
    assert error is not None
    assert list(error["error"].asDict()) == [
        *("callsite", "msg", "stackTrace", "input", "bytesread", "source", "dynamicRecord")
    ]
    assert list(error["error"]["callsite"].asDict()) == ["site", "info"]
    assert ErrorsAsDynamicFrame.apply(frame).count() == 1
    frame.assertErrorThreshold()


def test_frames_of_python_values(glue: GlueContext) -> None:
    people = [("Ida", "Falk", 51), ("Elio", "Orru", 40)]
    rows = glue.spark_session.sparkContext.parallelize(
        [Row(forename=one[0], surname=one[1], years=one[2]) for one in people]
    )
    frame = DynamicFrame.fromDF(glue.spark_session.createDataFrame(rows), glue, "from_tuples")
    assert tree_of(frame) == ["|-- forename: string", "|-- surname: string", "|-- years: long"]
    dicts = [{"key": 1, "thing": "lamp", "price": 9.75}, {"key": 2, "thing": "desk", "price": 80.5}]
    made = DynamicFrame.fromDF(glue.spark_session.createDataFrame(dicts), glue, "from_dicts")
    assert rows_of(made)[0] == {"key": 1, "price": 9.75, "thing": "lamp"}
    nested = [{"key": 1, "who": {"name": "Mo"}, "orders": [{"sum": 2.5}, {"sum": 3.5}]}]
    deep = DynamicFrame.fromDF(glue.spark_session.createDataFrame(nested), glue, "nested")
    assert (deep.name, deep.count()) == ("nested", 1)


def test_write(glue: GlueContext, singers: DynamicFrame, folder: Path, uri: str) -> None:
    names = singers.select_fields(["surname", "voice"])
    names.write(
        connection_type="s3",
        connection_options={"path": f"{uri}/temp"},
        format="csv",
        format_options={"separator": "|"},
    )
    (file,) = (folder / "temp").glob("part-*")
    assert file.read_text().splitlines() == ["surname|voice", "Falk|alto", "Orru|bass", "Vass|"]
