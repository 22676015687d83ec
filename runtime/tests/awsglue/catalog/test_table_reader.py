from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from awsglue._errors import (
    CatalogUnreachableError,
    EntityNotFoundError,
    NotAvailableError,
    TableError,
)
from awsglue.context import GlueContext
from tests.awsglue.catalog_tables import Tables
from tests.awsglue.conftest import rows_of, tree_of

LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_value_of_csv_that_does_not_fit_makes_a_choice(
    glue: GlueContext, tables: Tables, folder: Path, uri: str
) -> None:
    write(folder / "f.csv", "N,name,d,more\n1,a,2020-01-02,?\nx,b,,?\n,,soon,?\n")
    csv = {"classification": "csv", "skip.header.line.count": "1"}
    has = "n bigint, name string, d date, more array<int>, absent double"
    tables.make("t", uri, csv, has=has)
    frame = glue.create_dynamic_frame.from_catalog(tables.database, "t", transformation_ctx="c")
    assert tree_of(frame) == [
        "|-- n: choice",
        "|    |-- long",
        "|    |-- string",
        "|-- name: string",
        "|-- d: choice",
        "|    |-- date",
        "|    |-- string",
        "|-- more: string",
        "|-- absent: double",
    ]
    rows = frame.resolveChoice(choice="make_cols").toDF().orderBy("name").collect()
    found = [(row.n_long, row.n_string, row.name, str(row.d_date), row.d_string) for row in rows]
    assert found == [
        (None, None, "", "None", "soon"),
        (1, None, "a", "2020-01-02", None),
        (None, "x", "b", "None", None),
    ]
    fitting = glue.create_dynamic_frame.from_catalog(name_space=tables.database, table_name="t")
    mapped = fitting.apply_mapping([("n", "long", "n", "int"), ("d", "string", "d", "string")])
    assert [row["n"] for row in rows_of(mapped)] == [1, None, None]


@pytest.mark.parametrize(
    ("text", "parameters", "serde", "serde_parameters", "expected"),
    [
        pytest.param(
            "1\x01a,b\n", {}, LAZY, {}, {"n": 1, "s": "a,b"}, id="Hive's own separator is Ctrl-A"
        ),
        pytest.param(
            "1|a\n", {}, LAZY, {"field.delim": "|"}, {"n": 1, "s": "a"}, id="a separator of Hive's"
        ),
        pytest.param(
            "1\ta\n",
            {"classification": "csv"},
            LAZY,
            {"field.delim": "\\t"},
            {"n": 1, "s": "a"},
            id="an escaped separator",
        ),
        pytest.param(
            "'1';'a;b'\n",
            {},
            OPEN_CSV,
            {"separatorChar": ";", "quoteChar": "'"},
            {"n": 1, "s": "a;b"},
            id="the quotes of OpenCSVSerde",
        ),
        pytest.param(
            "s,x,n\na,?,1\n",
            {"classification": "csv", "withHeader": "true"},
            "",
            {},
            {"n": 1, "s": "a", "x": "?"},
            id="with a header names count, and more columns than the table's are kept",
        ),
        pytest.param(
            "1,a,b,c\n",
            {"classification": "csv"},
            "",
            {},
            {"n": 1, "s": "a"},
            id="values beyond the table's columns are left out",
        ),
        pytest.param(
            '{"n": 1.5, "deep": {"x": 1}}\n',
            {},
            "org.openx.data.jsonserde.JsonSerDe",
            {},
            {"n": 1.5, "deep": {"x": 1}},
            id="json tells its own types",
        ),
        pytest.param(
            '{"n": 2}\n',
            {},
            "org.apache.hive.hcatalog.data.JsonSerDe",
            {},
            {"n": 2},
            id="Hive's class for json",
        ),
    ],
)
def test_what_the_table_says_of_its_files(
    glue: GlueContext,
    tables: Tables,
    folder: Path,
    uri: str,
    text: str,
    parameters: dict[str, str],
    serde: str,
    serde_parameters: dict[str, str],
    expected: dict[str, Any],
) -> None:
    write(folder / "f", text)
    tables.make("t", f"{uri}/", parameters, has="n int, s string", serde=serde, **serde_parameters)
    assert rows_of(glue.create_dynamic_frame.from_catalog(tables.database, "t")) == [expected]


def partitioned(tables: Tables, format: str, folder: Path, uri: str, spark: SparkSession) -> None:
    """A table of days: two where Spark would write them, two elsewhere, one without files."""
    spark.sql("SELECT 1 AS n").write.format(format).save(f"{uri}/t/day=01/hour=7")
    spark.sql("SELECT 2 AS n").write.format(format).save(f"{uri}/t/day=02/hour=8")
    spark.sql("SELECT 3 AS n").write.format(format).save(f"{uri}/old days/ü")
    spark.sql("SELECT 4 AS n").write.format(format).save(f"{uri}/t/day=99/hour=99")
    tables.make(
        "t", f"{uri}/t", {"classification": format}, has="n int", keys="day string, hour int"
    )
    tables.add("t", ["01", "7"], f"{uri}/t/day=01/hour=7/")
    tables.add("t", ["02", "8"], f"{uri}/t/day=02/hour=8")
    tables.add("t", ["03", "9"], f"{uri}/old days/ü")
    tables.add("t", ["04", "__HIVE_DEFAULT_PARTITION__"], f"{uri}/t/day=99/hour=99")
    tables.add("t", ["05", "10"], f"{uri}/t/nothing")


@pytest.mark.parametrize("format", ["csv", "json", "parquet", "orc"])
def test_partitions_wherever_they_are(
    glue: GlueContext, tables: Tables, folder: Path, uri: str, format: str, spark: SparkSession
) -> None:
    partitioned(tables, format, folder, uri, spark)

    def read(**options: Any) -> list[tuple[Any, ...]]:
        frame = glue.create_dynamic_frame.from_catalog(tables.database, "t", **options)
        return [tuple(row.values()) for row in rows_of(frame)]

    first, second, third = (1, "01", 7), (2, "02", 8), (3, "03", 9)
    assert read() == [first, second, third, (4, "04", None)]
    if format != "parquet":  # what follows is the same for all
        return
    assert read(push_down_predicate="day == '03'") == [third]
    assert read(push_down_predicate="hour between 7 and 8 AND DAY > '01'") == [second]
    assert read(push_down_predicate="hour is null or day = '05'") == [(4, "04", None)]
    server = {"catalogPartitionPredicate": "day < '03'"}
    assert read(additional_options=server) == [first, second]
    assert read(additional_options=server, push_down_predicate="hour = 8") == [second]
    assert read(push_down_predicate="day = '77'") == []


def test_what_is_pruned_is_not_read(
    glue: GlueContext, tables: Tables, folder: Path, uri: str
) -> None:
    write(folder / "t/k=1/f.json", '{"a": 1}\n')
    tables.make("t", f"{uri}/t", {"classification": "json"}, keys="k int")
    tables.add("t", ["1"], f"{uri}/t/k=1")
    tables.add("t", ["2"], "nowhere://at/all")  # to list it would be an error
    frame = glue.create_dynamic_frame.from_catalog(
        tables.database, "t", push_down_predicate="k < 2"
    )
    assert rows_of(frame) == [{"a": 1, "k": 1}]


def test_a_partition_key_hides_a_column_of_its_name(
    glue: GlueContext, tables: Tables, folder: Path, uri: str
) -> None:
    write(folder / "a/f.json", '{"K": "in the file", "n": 1}\n')
    write(folder / "t/k=y/f.json", '{"k": "in the file", "n": 2}\n')
    tables.make("t", f"{uri}/t", {"classification": "json"}, keys="k string")
    tables.add("t", ["x"], f"{uri}/a")
    tables.add("t", ["y"], f"{uri}/t/k=y")
    frame = glue.create_dynamic_frame.from_catalog(tables.database, "t")
    assert rows_of(frame) == [{"n": 1, "k": "x"}, {"n": 2, "k": "y"}]


def test_options_of_the_table_and_of_the_script(
    glue: GlueContext, tables: Tables, folder: Path, uri: str
) -> None:
    for name in ("keep.json", "in/keep.json", "drop.json"):
        write(folder / name, json.dumps({"name": name}) + "\n")
    parameters = {"classification": "json", "exclusions": '["**drop*"]', "compressionType": "none"}
    tables.make("t", uri, parameters)

    def read(**options: Any) -> list[str]:
        frame = glue.create_dynamic_frame.from_catalog(
            tables.database, "t", additional_options=options
        )
        return [row["name"] for row in rows_of(frame)]

    assert read() == ["keep.json"]
    assert read(recurse=True) == ["in/keep.json", "keep.json"]
    assert read(exclusions="[]") == ["drop.json", "keep.json"]
    with pytest.raises(ValueError, match=r"does not end in \.gz"):
        read(compressionType="gzip")


def test_tables_without_records_and_without_files(
    glue: GlueContext, tables: Tables, folder: Path, uri: str
) -> None:
    tables.make("empty", f"{uri}/none", {"classification": "parquet"}, has="a int")
    tables.make("keys", uri, {"classification": "parquet"}, has="a int", keys="k int")
    for name in ("empty", "keys"):
        frame = glue.create_dynamic_frame.from_catalog(tables.database, name)
        assert (frame.count(), tree_of(frame)) == (0, [])


def test_dataframes_of_a_table(glue: GlueContext, tables: Tables, folder: Path, uri: str) -> None:
    write(folder / "t/k=1/f.csv", "n,s\n1,a\n")
    csv = {"classification": "csv", "skip.header.line.count": "1"}
    tables.make("t", f"{uri}/t", csv, has="n bigint, s string", keys="k int")
    tables.add("t", ["1"], f"{uri}/t/k=1")
    read = glue.create_data_frame.from_catalog
    assert read(database=tables.database, table_name="t").collect() == [Row(n=1, s="a", k=1)]
    spark_only = {"useSparkDataSource": True, "header": True}
    data = read(tables.database, "t", additional_options=spark_only)
    assert data.collect() == [Row(n="1", s="a", k=1)]
    typed = {**spark_only, "useCatalogSchema": True}
    data = read(tables.database, "t", additional_options=typed, push_down_predicate="k = 1")
    assert data.collect() == [Row(n=1, s="a", k=1)]
    data = read(tables.database, "t", additional_options=typed, push_down_predicate="k = 2")
    assert (data.count(), data.columns) == (0, ["n", "s", "k"])
    write(folder / "elsewhere/f.csv", "n,s\n2,b\n")
    tables.add("t", ["02"], f"{uri}/elsewhere")
    both = read(tables.database, "t", additional_options=spark_only).orderBy("n")
    assert both.collect() == [Row(n="1", s="a", k=1), Row(n="2", s="b", k=2)]
    both = read(tables.database, "t", additional_options=typed).orderBy("n")
    assert both.collect() == [Row(n=1, s="a", k=1), Row(n=2, s="b", k=2)]
    schema = glue.get_catalog_schema_as_spark_schema(tables.database, "t")
    assert schema.simpleString() == "struct<n:bigint,s:string,k:int>"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"database": "d", "name_space": "d", "table_name": "t"}, "both specified, choose one"),
        ({"table_name": "t"}, "Parameter name_space or database is missing"),
        ({"database": "d"}, "Parameter table_name is missing"),
    ],
)
def test_names_that_are_missing(glue: GlueContext, arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(Exception, match=says):
        glue.create_dynamic_frame.from_catalog(**arguments)


def test_what_cannot_be_read_is_told(
    glue: GlueContext, tables: Tables, catalog: Any, folder: Path, uri: str
) -> None:
    read = glue.create_dynamic_frame.from_catalog
    write(folder / "k=1/f.json", '{"a": 1}\n')
    tables.make("t", uri, {"classification": "json"}, keys="k int")
    tables.make("unknown", uri, {"classification": "UNKNOWN"})
    tables.make("nowhere", "", {"classification": "json"})
    tables.make("lake", uri, {"table_type": "ICEBERG"})
    tables.make("stream", uri, {"classification": "json", "typeOfData": "kinesis"})
    name = tables.database
    with pytest.raises(EntityNotFoundError, match=rf"Table {name}.x .*EntityNotFoundException"):
        read(name, "x")
    with pytest.raises(EntityNotFoundError, match=r"Database nowhere not found"):
        read("nowhere", "x")
    with pytest.raises(TableError, match=r"partition keys: k\. Conditions over other columns"):
        read(name, "t", push_down_predicate="a = 1")
    with pytest.raises(TableError, match="does not understand the condition"):
        read(name, "t", additional_options={"catalogPartitionPredicate": "k = = 1"})
    with pytest.raises(TableError, match=r"'UNKNOWN'.*classification to one of: avro, csv"):
        read(name, "unknown")
    with pytest.raises(TableError, match="no location"):
        read(name, "nowhere")
    with pytest.raises(NotAvailableError, match="table of Iceberg"):
        read(name, "lake")


@pytest.mark.parametrize(
    ("text", "parameters", "expected"),
    [
        (
            "<all><one><n>{}</n></one></all>",
            {"classification": "xml", "rowTag": "one"},
            [{"n": 1, "k": "x y"}, {"n": 2, "k": "z"}],
        ),
        (
            "at {}\n",
            {"classification": "grok", "grokPattern": "at %{NUMBER:n}"},
            [{"n": "1", "k": "x y"}, {"n": "2", "k": "z"}],
        ),
    ],
)
def test_partitions_of_formats_that_spark_does_not_read_itself(
    glue: GlueContext,
    tables: Tables,
    folder: Path,
    uri: str,
    text: str,
    parameters: dict[str, str],
    expected: list[dict[str, Any]],
) -> None:
    write(folder / "one/f", text.format(1))
    write(folder / "two/f", text.format(2))
    tables.make("t", f"{uri}/t", parameters, keys="k string")
    tables.add("t", ["x y"], f"{uri}/one")
    tables.add("t", ["z"], f"{uri}/two/")
    assert rows_of(glue.create_dynamic_frame.from_catalog(tables.database, "t")) == expected


def test_without_a_catalog_the_remedy_is_told(
    glue: GlueContext, catalog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nothing")
    with pytest.raises(CatalogUnreachableError, match=r"must specify a region.*glueball up"):
        glue.create_dynamic_frame.from_catalog("db", "t")
