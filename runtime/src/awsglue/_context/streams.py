"""What `GlueContext` does with streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from pyspark.sql import functions

from awsglue._errors import ConnectionOptionError
from awsglue._streaming import queries, stream_options
from awsglue._streaming.queries import BatchFunction
from awsglue.streaming_data_source import StreamingDataSource

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame

#: the columns of an ingestion time, the coarsest first, as a pattern writes them
_INGESTED = (
    ("ingest_year", "yyyy"),
    ("ingest_month", "MM"),
    ("ingest_day", "dd"),
    ("ingest_hour", "HH"),
    ("ingest_minute", "mm"),
)
_GRANULARITIES = {"day": 3, "hour": 4, "minute": 5}
#: how long a sample watches its stream, and how many records it takes, unless told
_SAMPLE_MS = 10_000
_SAMPLE_RECORDS = 100
_SAMPLE_WINDOW = "1 second"


class StreamingMethods:
    """The methods of `GlueContext` about streams.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
    """

    def getStreamingSource(
        self,
        connection_type: str,
        format: str | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **options: Any,
    ) -> StreamingDataSource:
        """Return a stream; `setFormat` and `getFrame` follow.

        Args:
            connection_type: `kafka`; `s3` or `file` for files that come into a directory; `rate`
                for Spark's own rows with a time and a number.
            format: of files, or of the values in Kafka (`json`, `csv`, `avro`).
            transformation_ctx: accepted; a stream remembers by its checkpoint.
            push_down_predicate: accepted; streams have no partitions to leave out.
            options: for kafka `bootstrap.servers` or `connectionName`, `topicName` (or `assign`,
                `subscribePattern`), `classification`, `schema` or `inferSchema`, and the others of
                https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-kafka-home.html;
                for files `path` and `schema`, and what Spark's reader takes.

        Raises:
            NotAvailableError: there are no streams of this type.
        """
        source = StreamingDataSource(cast("GlueContext", self), connection_type, options)
        if format:
            source.setFormat(format)
        return source

    def forEachBatch(
        self,
        frame: DataFrame,
        batch_function: BatchFunction,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """Call a function with each batch of a stream that has rows, until the run is stopped.

        Args:
            frame: the stream.
            batch_function: takes the batch, a DataFrame, and its number.
            options: `windowSize`, how long a batch collects ("100 seconds"), and
                `checkpointLocation`, a path, have to be given; `batchMaxRetries` (3, at most 100),
                `persistDataFrame` (true), `storageLevel` (MEMORY_AND_DISK).

        Raises:
            ConnectionOptionError: an option is missing, or cannot be used.
            Exception: what the function raised at its last try.
        """
        settings = stream_options.batches(options or {})
        queries.for_each_batch(frame, batch_function, settings)

    def getSampleStreamingDynamicFrame(
        self,
        frame: DataFrame,
        options: Mapping[str, Any] | None = None,
        batch_function: BatchFunction | None = None,
    ) -> DynamicFrame:
        """Watch a stream for a while and return the first records of it.

        https://docs.aws.amazon.com/glue/latest/dg/glue-streaming-interactive-sessions.html

        Args:
            frame: the stream.
            options: `pollingTimeInMs` (10,000), how long to watch; `recordPollingLimit` (100), how
                many records at most; `windowSize` ("1 second"), between two batches.
            batch_function: called with each batch, too.
        """
        from awsglue.dynamicframe import DynamicFrame

        given = options or {}
        rows = queries.sample(
            frame,
            seconds=_number(given, "pollingTimeInMs", _SAMPLE_MS) / 1000,
            limit=_number(given, "recordPollingLimit", _SAMPLE_RECORDS),
            window=stream_options.window(given.get("windowSize") or _SAMPLE_WINDOW),
            function=batch_function,
        )
        return DynamicFrame.fromDF(rows, cast("GlueContext", self), "sample")

    def add_ingestion_time_columns(self, frame: DataFrame, time_granularity: str = "") -> DataFrame:
        """Return a DataFrame with the present time (UTC) in columns, for partitions.

        Args:
            frame: what to add them to.
            time_granularity: `day` adds `ingest_year`, `ingest_month` and `ingest_day`; `hour` adds
                `ingest_hour` too, `minute` also `ingest_minute`. They are texts with leading zeros.

        Raises:
            ValueError: it is none of these.
        """
        count = _GRANULARITIES.get(time_granularity.lower())
        if count is None:
            raise ValueError(f"{time_granularity!r} is none of {', '.join(_GRANULARITIES)}.")
        zone = frame.sparkSession.conf.get("spark.sql.session.timeZone")
        now = functions.to_utc_timestamp(functions.current_timestamp(), str(zone))
        return frame.withColumns(
            {name: functions.date_format(now, pattern) for name, pattern in _INGESTED[:count]}
        )


def _number(options: Mapping[str, Any], name: str, default: int) -> int:
    value = options.get(name)
    if value in (None, ""):
        return default
    if not str(value).isdecimal():
        raise ConnectionOptionError(name, f"is {value!r}; it must be a number.")
    return int(str(value))
