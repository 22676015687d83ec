"""`GlueContext.getStreamingSource`: a stream whose format is set before it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pyspark.errors import AnalysisException

from awsglue._errors import ConnectionOptionError, MissingJarError, NotAvailableError
from awsglue._paths import as_list
from awsglue._streaming import payloads, stream_options
from awsglue.data_source import FILE_CONNECTIONS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.readwriter import DataStreamReader

    from awsglue.context import GlueContext

__all__ = ["STREAMS", "StreamingDataSource"]

#: connection types of streams; files are one when they are asked for as one
STREAMS = ("kafka", "kinesis", "rate")
_INSTEAD_OF_KINESIS = (
    "Read Kafka, files (getStreamingSource) or Spark's rate source; for Kinesis itself name a "
    'connector of your own in --extra-jars and use spark.readStream.format("…").'
)


class StreamingDataSource:
    """A stream.

    Args:
        glue_context: the context that reads.
        connection_type: `kafka`, `s3`, `file`, or `rate`, which is Spark's source for trials.
        connection_options: see `GlueContext.getStreamingSource`.

    Raises:
        NotAvailableError: there are no streams of this type.
    """

    def __init__(
        self,
        glue_context: GlueContext,
        connection_type: str,
        connection_options: Mapping[str, Any],
    ) -> None:
        self._glue_context = glue_context
        self._type = connection_type.lower()
        self._options = connection_options
        self._format = ""
        self._format_options: Mapping[str, Any] = {}
        if self._type not in ("kafka", "rate", *FILE_CONNECTIONS):
            raise NotAvailableError(f"A stream of {connection_type!r}", _INSTEAD_OF_KINESIS)

    def setFormat(self, format: str, **options: Any) -> None:
        """Set the format and its options."""
        self._format = format.lower()
        self._format_options = options

    def getFrame(self) -> DataFrame:
        """Return the stream; `GlueContext.forEachBatch` runs it.

        Raises:
            ConnectionOptionError: an option is missing, or cannot be used.
            MissingJarError: Kafka's jars are not there.
        """
        if self._type == "kafka":
            return self._kafka()
        if self._type == "rate":
            return self._stream("rate", self._options).load()
        return self._files()

    def getDataFrame(self) -> DataFrame:
        """Return the stream; see `getFrame`."""
        return self.getFrame()

    def _stream(self, format: str, options: Mapping[str, Any]) -> DataStreamReader:
        reader = self._glue_context.spark_session.readStream.format(format)
        texts = {name: str(value) for name, value in options.items()}
        return reader.options(**texts)

    def _kafka(self) -> DataFrame:
        payload = stream_options.payload(self._options, self._format)
        properties: Mapping[str, str] = {}
        if name := self._options.get("connectionName"):
            from awsglue._catalog.client import Catalog

            properties = Catalog().connection(str(name)).get("ConnectionProperties", {})
        options = stream_options.kafka(self._options, properties)
        try:
            records = self._stream("kafka", options).load()
        except AnalysisException as error:
            if "kafka" not in str(error).lower():
                raise
            raise MissingJarError("A Kafka stream", "spark-sql-kafka-0-10", fetched=True) from error
        return payloads.columns(records, payload)

    def _files(self) -> DataFrame:
        """Read files that come into a directory, each once; their types have to be given."""
        given = dict(self._options)
        [path, *more] = as_list(given.pop("paths", given.pop("path", ""))) or [""]
        schema = given.pop("schema", "") or self._format_options.get("schema", "")
        if not path or more:
            raise ConnectionOptionError("path", "is missing, or there are several: give one.")
        if not self._format:
            raise ConnectionOptionError("format", 'is missing, such as format="json".')
        if not schema and self._format != "text":
            raise ConnectionOptionError("schema", 'is missing, such as "id long, name string".')
        given.pop("recurse", None)
        reader = self._stream(self._format, {**given, **self._format_options})
        return reader.schema(schema or "value string").load(path)
