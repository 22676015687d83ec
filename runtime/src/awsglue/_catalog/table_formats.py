"""How the files of a table are read, and what a table says of files that a sink wrote.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from awsglue._catalog.table import Table
from awsglue._errors import NotAvailableError, TableError
from awsglue._files import sampling
from awsglue._files.formats import FORMATS
from awsglue._options import flag

_HIVE = "org.apache.hadoop.hive"
_LAZY = f"{_HIVE}.serde2.lazy.LazySimpleSerDe"
_OPEN_CSV = f"{_HIVE}.serde2.OpenCSVSerde"
_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = f"{_HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat"

#: what a classification is read as
FILE_FORMATS = frozenset(one.name for one in FORMATS.values())
_CLASSIFICATIONS = {name.lower(): name for name in FILE_FORMATS} | {
    **dict.fromkeys(("tsv", "psv", "ssv", "text"), "csv"),
    **dict.fromkeys(("grok", "combinedapache", "apache"), "grokLog"),
    **dict.fromkeys(("glueparquet",), "parquet"),
    **dict.fromkeys(("jsonl", "ndjson"), "json"),
}
#: by what Hive's class is called, in small letters; the first that is found decides
_CLASSES = (
    ("json", "json"),
    ("opencsv", "csv"),
    ("parquet", "parquet"),
    ("orc", "orc"),
    ("avro", "avro"),
    ("ion", "ion"),
    ("grok", "grokLog"),
    ("xml", "xml"),
    ("lazysimple", "csv"),
    ("text", "csv"),
)
#: of databases, as crawlers classify their tables
JDBC_CLASSIFICATIONS = frozenset(
    {"postgresql", "mysql", "mariadb", "sqlserver", "oracle", "redshift", "aurora"}
)
_STREAMS = frozenset({"kinesis", "kafka"})
#: format options that a table or a script may give, by their names in small letters
_FORMAT_OPTIONS = {
    name.lower(): name
    for file_format in reversed(
        FORMATS.values()
    )  # csv's spelling of multiLine counts: json takes both
    for name in (*file_format.options, *file_format.accepted)
}
#: what tables call an option otherwise
_SYNONYMS = {
    "field.delim": "separator",
    "separatorchar": "separator",
    "delimiter": "separator",
    "escapechar": "escaper",
    "escape.delim": "escaper",
    "serialization.encoding": "encoding",
    "grokpattern": "logFormat",
    "input.format": "logFormat",
    "input.grokcustompatterns": "customPatterns",
    "xml.rowtag": "rowTag",
}
#: connection options that a table may give
_CONNECTION_OPTIONS = frozenset(
    {
        *("exclusions", "recurse", "groupFiles", "groupSize", "compressionType", "maxBand"),
        *("maxFilesInBand", "boundedFiles", "boundedSize", "excludeStorageClasses"),
        *("useS3ListImplementation", "isFailFast"),
        *(sampling.PARTITIONS, sampling.FILES_PER_PARTITION),
    }
)
_PACKED = ("gzip", "bzip2")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFormat:
    """How the files of a table are read."""

    name: str
    options: Mapping[str, Any]  #: format options
    connection: Mapping[str, Any]  #: connection options, without paths


def kind_of(table: Table) -> str:
    """Return what a table is: "files", "jdbc" or "stream".

    Raises:
        NotAvailableError: it is a view, or a table of a kind that cannot be read yet.
    """
    classification = table.parameters.get("classification", "").lower()
    if table.kind == "VIRTUAL_VIEW":
        raise NotAvailableError(
            f"Reading the view {table.full_name}", "Read its tables, and join them in the script."
        )
    lake = table.parameters.get("table_type", "").upper()
    if lake in ("ICEBERG", "DELTA", "HUDI"):
        raise NotAvailableError(
            f"Reading {table.full_name}, which is a table of {lake.title()},",
            "spark.read with the jars of that format reads its location.",
        )
    if classification in JDBC_CLASSIFICATIONS or classification == "jdbc":
        return "jdbc"
    if table.parameters.get("typeOfData", "").lower() in _STREAMS or classification in _STREAMS:
        return "stream"
    return "files"


def format_of(table: Table, additional: Mapping[str, Any]) -> FileFormat:
    """Return how the files of a table are read.

    Args:
        table: its parameters may hold format and connection options.
        additional: options of the script, which win.

    Raises:
        TableError: nothing tells the format.
    """
    name = format_name(table)
    given = {**table.serde_parameters, **table.parameters, **additional}
    options = _format_options(given)
    if name == "csv":
        options = _csv_options(table, given, options)
    connection = {
        **{key: value for key, value in table.parameters.items() if key in _CONNECTION_OPTIONS},
        **additional,
    }
    if str(connection.get("compressionType", "")).lower() not in _PACKED:
        connection.pop("compressionType", None)  # "none", or what the format itself does
    return FileFormat(name=name, options=options, connection=connection)


def format_name(table: Table) -> str:
    """Return the format of a table's files.

    Raises:
        TableError: neither the classification nor Hive's classes tell it.
    """
    classification = table.parameters.get("classification", "")
    known = _CLASSIFICATIONS.get(classification.lower())
    if known is not None:
        return known
    for text in (table.serde.rpartition(".")[2], table.input_format.rpartition(".")[2]):
        for part, name in _CLASSES:
            if part in text.lower():
                return name
    if not classification and _is_of_a_database(table):
        raise TableError(
            table.full_name,
            f"it seems to be a table of a database ({_signs(table)}), and has no classification. "
            "Set the table's parameter classification to one of: "
            f"{', '.join(sorted(JDBC_CLASSIFICATIONS))}.",
        )
    raise TableError(
        table.full_name,
        f"its classification {classification!r}, SerDe {table.serde!r} and input format "
        f"{table.input_format!r} name no format that is known. Set the table's parameter "
        f"classification to one of: {', '.join(sorted(FILE_FORMATS))}.",
    )


def _is_of_a_database(table: Table) -> bool:
    """Tell whether a table has what crawlers of databases write: a connection, and no path."""
    if table.serde or table.input_format:
        return False
    return "connectionName" in table.parameters or _names_a_database(table.location)


def _names_a_database(location: str) -> bool:
    """Tell a location such as `shop.public.orders` from a path."""
    return "." in location and "/" not in location


def _signs(table: Table) -> str:
    signs = {"connectionName": table.parameters.get("connectionName"), "location": table.location}
    return ", ".join(f"{name} {value!r}" for name, value in signs.items() if value)


def _format_options(given: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for key, value in given.items():
        small = key.lower()
        name = _SYNONYMS.get(small) or _FORMAT_OPTIONS.get(small)
        if name is not None and value not in (None, ""):
            options[name] = value
    return options


def _csv_options(table: Table, given: Mapping[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Add what the SerDe says of a csv table. Hive's separator is Ctrl-A when none is named."""
    if table.serde == _OPEN_CSV:
        defaults: dict[str, Any] = {"separator": ",", "quoteChar": '"'}
    elif table.serde == _LAZY and "classification" not in table.parameters:
        defaults = {"separator": "\x01"}
    else:
        defaults = {}
    lines = int(given.get("skip.header.line.count") or 0)
    if lines > 1:
        raise NotAvailableError(
            f"Table {table.full_name}: skip.header.line.count of {lines}", "1 works."
        )
    if lines and not flag(options.get("withHeader")):
        options["skipFirst"] = True
    separator = str(options.get("separator") or defaults.get("separator") or ",")
    return {**defaults, **options, "separator": _unescaped(separator)}


def _unescaped(separator: str) -> str:
    """Read a separator as tables write it: `\\t`, `\\u0001`, a number as Hive takes it."""
    if len(separator) > 1 and separator.startswith("\\"):
        return separator.encode("latin-1", "backslashreplace").decode("unicode_escape")
    if separator.isdigit() and len(separator) <= 3:
        return chr(int(separator))
    return separator


@dataclass(frozen=True, kw_only=True, slots=True)
class Storage:
    """How a new table describes the files that a sink writes."""

    input_format: str
    output_format: str
    serde: str
    serde_parameters: Mapping[str, str]
    parameters: Mapping[str, str]  #: of the table
    compressed: bool = False

    def descriptor(self, columns: list[dict[str, str]], location: str) -> dict[str, Any]:
        """Return the `StorageDescriptor`."""
        return {
            "Columns": columns,
            "Location": location,
            "InputFormat": self.input_format,
            "OutputFormat": self.output_format,
            "Compressed": self.compressed,
            "SerdeInfo": {
                "SerializationLibrary": self.serde,
                "Parameters": dict(self.serde_parameters),
            },
        }


#: what a sink can register; AWS's page "Creating tables, updating the schema" has the list
REGISTERED = ("avro", "csv", "glueparquet", "json", "parquet")


def storage_of(format: str, options: Mapping[str, Any]) -> Storage:
    """Return how a table describes files of a format.

    Args:
        format: one of `REGISTERED`.
        options: the format options that they were written with.
    """
    if format in ("parquet", "glueparquet"):
        return Storage(
            input_format=f"{_HIVE}.ql.io.parquet.MapredParquetInputFormat",
            output_format=f"{_HIVE}.ql.io.parquet.MapredParquetOutputFormat",
            serde=f"{_HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
            serde_parameters={"serialization.format": "1"},
            parameters={"classification": "parquet", "useGlueParquetWriter": "true"},
        )
    if format == "avro":
        return Storage(
            input_format=f"{_HIVE}.ql.io.avro.AvroContainerInputFormat",
            output_format=f"{_HIVE}.ql.io.avro.AvroContainerOutputFormat",
            serde=f"{_HIVE}.serde2.avro.AvroSerDe",
            serde_parameters={"serialization.format": "1"},
            parameters={"classification": "avro"},
        )
    if format == "json":
        return Storage(
            input_format=_TEXT_INPUT,
            output_format=_TEXT_OUTPUT,
            serde="org.openx.data.jsonserde.JsonSerDe",
            serde_parameters={"serialization.format": "1"},
            parameters={"classification": "json"},
        )
    return _csv_storage(options)


def _csv_storage(options: Mapping[str, Any]) -> Storage:
    named = {name.lower(): value for name, value in options.items()}
    separator = str(named.get("separator") or ",")
    parameters = {"classification": "csv", "separator": separator}
    for key, name in (("quotechar", "quoteChar"), ("escaper", "escaper")):
        if named.get(key) is not None:
            parameters[name] = str(named[key])
    if flag(named.get("writeheader"), default=True):
        parameters["skip.header.line.count"] = "1"
    return Storage(
        input_format=_TEXT_INPUT,
        output_format=_TEXT_OUTPUT,
        serde=_LAZY,
        serde_parameters={"serialization.format": separator, "field.delim": separator},
        parameters=parameters,
    )
