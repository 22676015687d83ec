from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from awsglue._errors import (
    EntityNotFoundError,
    FieldNotFoundError,
    NotAvailableError,
    TableError,
)
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from tests.awsglue.catalog_tables import Tables
from tests.awsglue.conftest import Make, rows_of, tree_of


def write(
    glue: GlueContext, frame: DynamicFrame, database: str, path: str, **options: Any
) -> DynamicFrame:
    """Write as Glue Studio's targets do."""
    format = options.pop("format", "json")
    format_options = options.pop("format_options", {})
    table = options.pop("table", "t")
    sink = glue.getSink(
        path=path,
        connection_type="s3",
        transformation_ctx="sink",
        **{
            "enableUpdateCatalog": True,
            "updateBehavior": "UPDATE_IN_DATABASE",
            "partitionKeys": [],
            **options,
        },
    )
    sink.setCatalogInfo(catalogDatabase=database, catalogTableName=table)
    sink.setFormat(format, **format_options)
    return sink.writeFrame(frame)


def read(glue: GlueContext, database: str, **options: Any) -> list[dict[str, Any]]:
    return rows_of(glue.create_dynamic_frame.from_catalog(database, "t", **options))


@pytest.mark.parametrize(
    ("format", "options", "parameters", "serde"),
    [
        ("json", {}, {"classification": "json"}, "org.openx.data.jsonserde.JsonSerDe"),
        (
            "glueparquet",
            {"compression": "gzip"},
            {"classification": "parquet", "useGlueParquetWriter": "true"},
            "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        ),
        (
            "csv",
            {"separator": "|"},
            {"classification": "csv", "separator": "|", "skip.header.line.count": "1"},
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        ),
        (
            "csv",
            {"writeHeader": False, "quoteChar": "'"},
            {"classification": "csv", "separator": ",", "quoteChar": "'"},
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        ),
    ],
)
def test_a_new_table_can_be_read_again(
    glue: GlueContext,
    make: Make,
    tables: Tables,
    uri: str,
    format: str,
    options: dict[str, Any],
    parameters: dict[str, str],
    serde: str,
) -> None:
    frame = make(
        "Id bigint, Name string, Deep struct<X:array<double>>, none void",
        (1, "a|b, c", ([1.5],), None),
    )
    written = write(glue, frame, tables.database, f"{uri}/", format=format, format_options=options)
    assert written.count() == 0
    table = tables.get("t")
    assert (table["TableType"], table["PartitionKeys"]) == ("EXTERNAL_TABLE", [])
    assert table["Parameters"] == parameters
    assert table["StorageDescriptor"]["Location"] == f"{uri}/"
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] == serde
    deep = "string" if format == "csv" else "struct<X:array<double>>"
    assert tables.columns("t") == {"id": "bigint", "name": "string", "deep": deep}
    [row] = read(glue, tables.database)
    expected = '{"X":[1.5]}' if format == "csv" else {"X": [1.5]}
    assert list(row.values()) == [1, "a|b, c", expected]


def test_new_partitions_are_added_and_no_others(
    glue: GlueContext, make: Make, tables: Tables, folder: Path, uri: str
) -> None:
    database = tables.database
    keys = ["day", "Hour"]
    first = make("n int, day string, Hour int", (1, "01", 7), (2, "a b/c", 7), (3, "", None))
    write(glue, first, database, uri, format="glueparquet", partitionKeys=keys)
    null = "__HIVE_DEFAULT_PARTITION__"
    assert [(key["Name"], key["Type"]) for key in tables.get("t")["PartitionKeys"]] == [
        ("day", "string"),
        ("hour", "int"),
    ]
    assert tables.columns("t") == {"n": "int"}
    assert tables.partitions("t") == {
        ("01", "7"): f"{uri}/day=01/Hour=7/",
        ("a b/c", "7"): f"{uri}/day=a b%2Fc/Hour=7/",
        (null, null): f"{uri}/day={null}/Hour={null}/",
    }
    (folder / "day=99/Hour=1").mkdir(parents=True)  # nobody wrote it
    second = make("n int, day string, Hour int", (4, "01", 7), (5, "02", 8))
    write(glue, second, database, uri, format="glueparquet", partitionKeys=keys)
    assert set(tables.partitions("t")) == {("01", "7"), ("a b/c", "7"), (null, null), ("02", "8")}
    frame = glue.create_dynamic_frame.from_catalog(database, "t", push_down_predicate="hour = 7")
    assert tree_of(frame) == ["|-- n: int", "|-- day: string", "|-- hour: int"]
    found = [(row["n"], row["day"]) for row in rows_of(frame)]
    assert found == [(1, "01"), (2, "a b/c"), (4, "01")]
    spark = glue.spark_session.read.parquet(uri)
    assert sorted(row.n for row in spark.collect()) == [1, 2, 3, 4, 5]


def test_who_may_change_the_columns(
    glue: GlueContext, make: Make, tables: Tables, uri: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = tables.database

    def versions() -> int:
        answer = tables.client.get_table_versions(DatabaseName=database, TableName="t")
        return len(answer["TableVersions"])

    def add(schema: str, *row: Any, **options: Any) -> None:
        frame = make(f"{schema}, k string", row)
        write(glue, frame, database, uri, partitionKeys=["k"], **options)

    add("a int, b string", 1, "x", "1", updateBehavior="LOG")  # makes the table too
    assert tables.columns("t") == {"a": "int", "b": "string"}
    add("a int", 1, "2", updateBehavior="LOG")
    assert len(tables.partitions("t")) == 2
    with caplog.at_level(logging.WARNING):
        add("a int, c int", 1, 2, "3", updateBehavior="LOG")
    assert "lacks columns of the frame" in caplog.text
    assert (len(tables.partitions("t")), versions()) == (2, 1)
    add("a int, c int", 1, 2, "4", enableUpdateCatalog=False)
    assert (len(tables.partitions("t")), versions()) == (2, 1)
    add("a int, b void, c int", 1, None, 2, "5")
    assert tables.columns("t") == {"a": "int", "b": "string", "c": "int"}
    assert (len(tables.partitions("t")), versions()) == (3, 2)
    add("a int, b string, c int", 1, "y", 2, "6")
    assert (len(tables.partitions("t")), versions()) == (4, 2)


def test_a_table_whose_files_have_several_types_keeps_every_value(
    glue: GlueContext, make: Make, tables: Tables, uri: str
) -> None:
    for schema, value in (("k int, a int", 7), ("k int, a string", "x"), ("k int, a double", 0.5)):
        frame = make(schema, (1, value))
        write(glue, frame, tables.database, uri, format="glueparquet", partitionKeys=["k"])
    assert tables.columns("t") == {"a": "double"}
    frame = glue.create_dynamic_frame.from_catalog(tables.database, "t")
    assert tree_of(frame)[:4] == [
        "|-- a: choice",
        "|    |-- double",
        "|    |-- int",
        "|    |-- string",
    ]
    kept = rows_of(frame.resolveChoice([("a", "cast:string")]))
    assert [row["a"] for row in kept] == ["0.5", "7", "x"]
    matched = frame.resolveChoice(choice="match_catalog", database=tables.database, table_name="t")
    assert sorted(str(row["a"]) for row in rows_of(matched)) == ["0.5", "7.0", "None"]


def test_nothing_to_write_changes_nothing(
    glue: GlueContext, make: Make, tables: Tables, folder: Path, uri: str
) -> None:
    write(glue, make("k string, n int").drop_fields(["k", "n"]), tables.database, uri)
    assert tables.client.get_tables(DatabaseName=tables.database)["TableList"] == []
    write(glue, make("k string, n int"), tables.database, uri, partitionKeys=["k"])
    assert (tables.columns("t"), tables.partitions("t")) == ({"n": "int"}, {})
    assert list(folder.iterdir()) == []


def test_what_does_not_fit_is_refused_before_anything_is_written(
    glue: GlueContext, make: Make, tables: Tables, folder: Path, uri: str
) -> None:
    database = tables.database
    frame = make("n int, k string, l string", (1, "x", "y"))
    tables.make("t", uri, {"classification": "json"}, has="n int", keys="k string, l string")
    with pytest.raises(TableError, match=r"keys are \['k', 'l'\], and the sink's partitionKeys \["):
        write(glue, frame, database, uri, partitionKeys=["l", "k"])
    with pytest.raises(TableError, match="files are json, and the sink writes csv"):
        write(glue, frame, database, uri, partitionKeys=["k", "l"], format="csv")
    with pytest.raises(EntityNotFoundError, match="Database nowhere not found"):
        write(glue, frame, "nowhere", uri)
    with pytest.raises(NotAvailableError, match="files of orc"):
        write(glue, frame, database, uri, format="orc", table="other")
    with pytest.raises(ValueError, match="neither UPDATE_IN_DATABASE nor LOG"):
        write(glue, frame, database, uri, updateBehavior="MERGE")
    with pytest.raises(FieldNotFoundError, match="no field 'day'"):
        write(glue, frame, database, uri, partitionKeys=["day"], table="other")
    sink = glue.getSink("s3", "json", path=uri, enableUpdateCatalog=True)
    sink.setCatalogInfo(database, "t")
    with pytest.raises(TableError, match="a collection is several tables"):
        sink.write(DynamicFrameCollection({"x": frame}, glue))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_adding_to_a_table(
    glue: GlueContext, make: Make, tables: Tables, folder: Path, uri: str, kind: str
) -> None:
    parameters = {"classification": kind, "separator": ";"}
    tables.make("t", f"{uri}/", parameters, has="n int, s string", keys="k string")
    frame = make("n int, s string, k string", (1, "a;b", "x"))
    glue.write_dynamic_frame.from_catalog(frame, tables.database, "t")
    assert [path.name for path in folder.iterdir()] == ["k=x"]
    assert tables.partitions("t") == {}  # nobody asked for it
    update = {"enableUpdateCatalog": True, "partitionKeys": ["k"]}
    glue.write_data_frame.from_catalog(
        frame.toDF(), name_space=tables.database, table_name="t", additional_options=update
    )
    assert tables.partitions("t") == {("x",): f"{uri}/k=x/"}
    assert read(glue, tables.database) == 2 * [{"n": 1, "s": "a;b", "k": "x"}]
    assert tables.get("t")["Parameters"] == parameters


def test_a_table_that_is_not_there_is_not_made(
    glue: GlueContext, make: Make, tables: Tables
) -> None:
    with pytest.raises(EntityNotFoundError, match="not found"):
        glue.write_dynamic_frame.from_catalog(
            make("a int", (1,)),
            tables.database,
            "t",
            additional_options={"enableUpdateCatalog": True},
        )
