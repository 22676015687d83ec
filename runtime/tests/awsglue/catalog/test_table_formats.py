from __future__ import annotations

from typing import Any

import pytest

from awsglue._catalog.table import Table
from awsglue._catalog.table_formats import REGISTERED, format_of, kind_of, storage_of
from awsglue._errors import NotAvailableError, TableError


def table(
    parameters: dict[str, str] | None = None,
    *,
    serde: str = "",
    serde_parameters: dict[str, str] | None = None,
    input_format: str = "",
    kind: str = "EXTERNAL_TABLE",
    location: str = "s3://b/t",
) -> Table:
    storage: dict[str, Any] = {
        "Location": location,
        "InputFormat": input_format,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": serde_parameters or {}},
    }
    return Table.of(
        {
            "DatabaseName": "db",
            "Name": "t",
            "TableType": kind,
            "Parameters": parameters or {},
            "StorageDescriptor": storage,
        }
    )


HIVE = "org.apache.hadoop.hive"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"parameters": {"classification": "JSON"}}, "json"),
        ({"parameters": {"classification": "glueparquet"}}, "parquet"),
        ({"parameters": {"classification": "grok"}}, "grokLog"),
        ({"serde": "org.openx.data.jsonserde.JsonSerDe"}, "json"),
        ({"serde": f"{HIVE}.hive.serde2.JsonSerDe"}, "json"),
        ({"serde": f"{HIVE}.serde2.OpenCSVSerde"}, "csv"),
        ({"serde": f"{HIVE}.serde2.lazy.LazySimpleSerDe"}, "csv"),
        ({"serde": f"{HIVE}.ql.io.parquet.serde.ParquetHiveSerDe"}, "parquet"),
        ({"serde": f"{HIVE}.ql.io.orc.OrcSerde"}, "orc"),
        ({"serde": f"{HIVE}.serde2.avro.AvroSerDe"}, "avro"),
        ({"serde": "com.amazon.ionhiveserde.IonHiveSerDe"}, "ion"),
        ({"serde": "com.amazonaws.glue.serde.GrokSerDe"}, "grokLog"),
        ({"serde": "com.ibm.spss.hive.serde2.xml.XmlSerDe"}, "xml"),
        ({"input_format": f"{HIVE}.ql.io.parquet.MapredParquetInputFormat"}, "parquet"),
        ({"input_format": "org.apache.hadoop.mapred.TextInputFormat"}, "csv"),
        (
            {"parameters": {"classification": "avro"}, "serde": f"{HIVE}.ql.io.orc.OrcSerde"},
            "avro",
        ),
    ],
)
def test_the_format_of_a_table(given: dict[str, Any], expected: str) -> None:
    assert format_of(table(**given), {}).name == expected


def test_a_format_that_nobody_knows() -> None:
    with pytest.raises(TableError, match=r"^Table db\.t: its classification 'x'.*Set the table's"):
        format_of(table({"classification": "x"}), {})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"location": "shop.public.orders"}, r"\(location 'shop\.public\.orders'\)"),
        ({"parameters": {"connectionName": "shop"}}, "connectionName 'shop'"),
    ],
)
def test_a_table_of_a_database_without_a_classification_says_so(
    given: dict[str, Any], says: str
) -> None:
    match = rf"seems to be a table of a database .*{says}.*no classification.*mysql, oracle"
    with pytest.raises(TableError, match=match):
        format_of(table(**given), {})


@pytest.mark.parametrize(
    ("parameters", "serde_parameters", "additional", "options"),
    [
        ({}, {}, {}, {"separator": ","}),
        ({"delimiter": "|"}, {}, {}, {"separator": "|"}),
        ({"delimiter": "|"}, {"field.delim": ";"}, {}, {"separator": "|"}),
        ({"separator": ";"}, {}, {"separator": ":"}, {"separator": ":"}),
        ({}, {"field.delim": "\\u0001"}, {}, {"separator": "\x01"}),
        ({}, {"field.delim": "9"}, {}, {"separator": "\t"}),
        ({"skip.header.line.count": "1"}, {}, {}, {"separator": ",", "skipFirst": True}),
        ({"skip.header.line.count": "0"}, {}, {}, {"separator": ","}),
        (
            {"skip.header.line.count": "1", "withHeader": "true"},
            {},
            {},
            {"separator": ",", "withHeader": "true"},
        ),
        (
            {},
            {"quoteChar": "'", "escapeChar": "\\", "serialization.encoding": "latin1"},
            {"MULTILINE": True},
            {
                "separator": ",",
                "quoteChar": "'",
                "escaper": "\\",
                "encoding": "latin1",
                "multiLine": True,
            },
        ),
    ],
)
def test_csv_options(
    parameters: dict[str, str],
    serde_parameters: dict[str, str],
    additional: dict[str, Any],
    options: dict[str, Any],
) -> None:
    given = table({"classification": "csv", **parameters}, serde_parameters=serde_parameters)
    assert format_of(given, additional).options == options


def test_options_of_other_formats_and_of_the_connection() -> None:
    logs = table(
        {"classification": "grok", "grokPattern": "%{WORD:a}", "exclusions": "[]"},
        serde_parameters={"input.grokCustomPatterns": "A x", "serialization.format": "1"},
    )
    found = format_of(logs, {"recurse": True, "maxBand": 5, "compressionType": "gzip"})
    assert found.options == {"logFormat": "%{WORD:a}", "customPatterns": "A x"}
    assert found.connection == {
        "exclusions": "[]",
        "recurse": True,
        "maxBand": 5,
        "compressionType": "gzip",
    }
    snappy = table({"classification": "parquet", "compressionType": "snappy"})
    assert format_of(snappy, {}).connection == {}
    with pytest.raises(NotAvailableError, match=r"skip\.header\.line\.count of 2"):
        format_of(table({"classification": "csv", "skip.header.line.count": "2"}), {})


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"classification": "json"}, "files"),
        ({"classification": "postgresql", "connectionName": "c"}, "jdbc"),
        ({"classification": "json", "typeOfData": "kafka"}, "stream"),
        ({"classification": "json", "typeOfData": "file"}, "files"),
    ],
)
def test_what_a_table_is(parameters: dict[str, str], expected: str) -> None:
    assert kind_of(table(parameters)) == expected


def test_what_cannot_be_read() -> None:
    with pytest.raises(NotAvailableError, match=r"the view db\.t"):
        kind_of(table(kind="VIRTUAL_VIEW"))
    with pytest.raises(NotAvailableError, match="table of Iceberg"):
        kind_of(table({"table_type": "ICEBERG"}))


@pytest.mark.parametrize("format", REGISTERED)
def test_a_registered_format_is_read_as_what_it_is(format: str) -> None:
    storage = storage_of(format, {"separator": "|"})
    made = table(
        dict(storage.parameters),
        serde=storage.serde,
        serde_parameters=dict(storage.serde_parameters),
        input_format=storage.input_format,
    )
    by_class = table(serde=storage.serde, serde_parameters=dict(storage.serde_parameters))
    expected = format.removeprefix("glue")
    assert format_of(made, {}).name == format_of(by_class, {}).name == expected
    if expected == "csv":
        assert format_of(made, {}).options == {"separator": "|", "skipFirst": True}
