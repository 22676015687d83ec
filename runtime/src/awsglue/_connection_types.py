"""Which connection types there are, and the source and target of each.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from awsglue._errors import NotAvailableError
from awsglue._jdbc.sink import JdbcSink
from awsglue._jdbc.source import JdbcSource
from awsglue._jdbc.vendors import VENDORS
from awsglue._spark_connector import SparkConnectorSink, SparkConnectorSource
from awsglue.data_sink import DataSink
from awsglue.data_source import FILE_CONNECTIONS, DataSource

if TYPE_CHECKING:
    from awsglue.context import GlueContext

#: connectors that a user brings, as subscribed or as own ones
_OWN_JDBC = ("custom.jdbc", "marketplace.jdbc")
_OWN_SPARK = ("custom.spark", "marketplace.spark")

_BY_JAR = (
    "Name the connector's jar in --extra-jars and use Spark's own interface: "
    'spark.read.format("{format}").'
)
_INSTEAD = {
    "dynamodb": "boto3 reads tables (a scan for each segment, through spark.sparkContext."
    "parallelize), and an export to S3 is read by simplify_ddb_json.",
    "mongodb": _BY_JAR.format(format="mongodb"),
    "documentdb": _BY_JAR.format(format="mongodb"),
    "opensearch": _BY_JAR.format(format="opensearch"),
    "snowflake": _BY_JAR.format(format="snowflake"),
    "bigquery": _BY_JAR.format(format="bigquery"),
    "azurecosmos": _BY_JAR.format(format="cosmos.oltp"),
    "azuresql": 'connection_type="sqlserver" reads it.',
    "teradata": 'connection_type="custom.jdbc" with className, url and dbTable reads it.',
    "saphana": 'connection_type="custom.jdbc" with className, url and dbTable reads it.',
    "vertica": 'connection_type="custom.jdbc" with className, url and dbTable reads it.',
    "kafka": "Streams are read by create_data_frame.from_options and forEachBatch. Spark itself "
    'writes to one: frame.toDF().selectExpr("to_json(struct(*)) AS value").write.format("kafka").',
    "kinesis": "Kinesis is not there; Kafka, files and rates are read by "
    "create_data_frame.from_options and forEachBatch.",
    "custom.athena": "Connectors of Athena run as functions of AWS Lambda; use a connector of "
    'Spark instead: connection_type="custom.spark".',
}


def source_of(
    glue_context: GlueContext,
    connection_type: str,
    options: Mapping[str, Any],
    transformation_ctx: str,
    push_down_predicate: str,
) -> DataSource:
    """Return the source of a connection.

    Raises:
        NotAvailableError: there is none of this type; the text says what works.
        ConnectionOptionError: an option is missing, or cannot be used.
    """
    kind = connection_type.lower()
    if kind in FILE_CONNECTIONS:
        return DataSource(glue_context, options, transformation_ctx, push_down_predicate)
    if kind in VENDORS or kind in _OWN_JDBC:
        return JdbcSource(glue_context, kind, options, transformation_ctx, push_down_predicate)
    if kind in _OWN_SPARK:
        return SparkConnectorSource(glue_context, options, transformation_ctx, push_down_predicate)
    raise _not_there(connection_type)


def sink_of(
    glue_context: GlueContext, connection_type: str, options: Mapping[str, Any]
) -> DataSink:
    """Return the target of a connection.

    Raises:
        NotAvailableError: there is none of this type; the text says what works.
        ConnectionOptionError: an option is missing, or cannot be used.
    """
    kind = connection_type.lower()
    if kind in FILE_CONNECTIONS:
        return DataSink(glue_context, options)
    if kind in VENDORS or kind in _OWN_JDBC:
        return JdbcSink(glue_context, kind, options)
    if kind in _OWN_SPARK:
        return SparkConnectorSink(glue_context, options)
    raise _not_there(connection_type)


def _not_there(connection_type: str) -> NotAvailableError:
    kind = connection_type.lower()
    default = 'connection_type="s3" works, and so does spark.read.'
    if kind.startswith("marketplace."):
        default = _INSTEAD["custom.athena"]
    return NotAvailableError(
        f"The connection type {connection_type!r}", _INSTEAD.get(kind, default)
    )
