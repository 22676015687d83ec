"""The sink of a table that is there already; the connections of tables in databases and streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from awsglue import _connection_types, _connections
from awsglue._catalog import table_formats
from awsglue._catalog.table import Table
from awsglue._errors import NotAvailableError, TableError
from awsglue._jdbc.vendors import VENDORS, vendor_of
from awsglue._options import flag
from awsglue._types import schema_ddl
from awsglue.data_sink import DataSink

if TYPE_CHECKING:
    from awsglue.context import GlueContext

#: what is read from a table of csv, and written to it alike
_CSV_OPTIONS = ("separator", "quoteChar", "escaper")
_TOPICS = frozenset({"topicName", "assign", "subscribePattern"})
#: what the table of a stream says of it, besides names with dots, which are Kafka's own
_STREAM_OPTIONS = _TOPICS | {"connectionName", "classification", "delimiter", "startingOffsets"}


def sink_of(
    glue_context: GlueContext,
    table: Table,
    additional: Mapping[str, Any],
    catalog_id: str | None,
) -> DataSink:
    """Return the sink that adds to a table.

    Raises:
        TableError: the table has no location.
        NotAvailableError: tables of its kind cannot be written yet.
    """
    kind = table_formats.kind_of(table)
    if kind == "jdbc":
        product, options = database_of(table, additional, catalog_id)
        return _connection_types.sink_of(glue_context, product, options)
    if kind == "stream":
        raise NotAvailableError(
            f"Writing to the stream of {table.full_name}", "forEachBatch writes what is streamed."
        )
    if not table.location:
        raise TableError(table.full_name, "it has no location. Set it in the Data Catalog.")
    keys = [key.name for key in table.partition_keys]
    options = {"partitionKeys": keys, **additional, "path": table.location}
    sink = DataSink(glue_context, options)
    format = table_formats.format_of(table, additional)
    sink.setFormat(format.name, **_written(format))
    sink.setCatalogInfo(table.database, table.name, catalog_id or "")
    return sink


def _written(format: table_formats.FileFormat) -> dict[str, Any]:
    """Return the options to write with what is read with the table's."""
    if format.name != "csv":
        return {}
    options = {name: format.options[name] for name in _CSV_OPTIONS if name in format.options}
    header = flag(format.options.get("skipFirst")) or flag(format.options.get("withHeader"))
    return {**options, "writeHeader": header}


def database_of(
    table: Table, additional: Mapping[str, Any], catalog_id: str | None
) -> tuple[str, dict[str, Any]]:
    """Return the connection type and the options of a table that lies in a database.

    A crawler names it by its place, `database.schema.table` or `database.table`.

    Raises:
        TableError: the table names no connection, and no option does.
    """
    connection = additional.get("connectionName") or table.parameters.get("connectionName")
    if not connection:
        raise TableError(
            table.full_name,
            "it lies in a database, and its parameter connectionName is missing. Set it in the "
            "Data Catalog, or in additional_options.",
        )
    place = table.location.split(".")
    options: dict[str, Any] = {"connectionName": connection, "useConnectionProperties": True}
    if len(place) > 2:
        options |= {"database": place[0], "dbtable": ".".join(place[1:])}
    else:
        options["dbtable"] = table.location
    product = table.parameters.get("classification", "").lower()
    if product not in VENDORS:
        vendor = vendor_of(_connections.find(str(connection), catalog_id).url)
        product = vendor.name if vendor else product
    return product, {**options, **additional}


def stream_of(table: Table, additional: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the connection type and the options of a table that is a stream.

    Its columns are the schema of the values; without any they are found in each batch.
    """
    product = table.parameters.get("typeOfData", "").lower() or "kafka"
    given: dict[str, Any] = {
        name: value
        for name, value in table.parameters.items()
        if name in _STREAM_OPTIONS or "." in name
    }
    if not _TOPICS.intersection({*given, *additional}) and table.location:
        given["topicName"] = table.location
    if table.columns:
        given.setdefault("schema", schema_ddl(table.schema))
    return product, {**given, **additional}
