"""`GlueContext`: where a job script finds Spark, sources and targets.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, TypeVar

from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession, SQLContext

from awsglue import _jvm
from awsglue._connection_types import sink_of, source_of
from awsglue._context.catalog import CatalogMethods
from awsglue._context.databases import JdbcMethods
from awsglue._context.samples import SampleMethods
from awsglue._context.storage import StorageMethods
from awsglue._context.streams import StreamingMethods
from awsglue.data_sink import DataSink
from awsglue.data_source import DataSource
from awsglue.dataframereader import DataFrameReader
from awsglue.dataframewriter import DataFrameWriter
from awsglue.dynamicframe import (
    DynamicFrame,
    DynamicFrameCollection,
    DynamicFrameReader,
    DynamicFrameWriter,
    ResolveOption,
)
from awsglue.streaming_data_source import STREAMS

Frames = TypeVar("Frames", DynamicFrame, DynamicFrameCollection)


class GlueContext(
    CatalogMethods, StorageMethods, JdbcMethods, StreamingMethods, SampleMethods, SQLContext
):
    """Spark's entry point with Glue's sources and targets.

    Args:
        sparkContext: the Spark context, or the session; without one the running one, or a new one.
        options: `minPartitions` and `targetPartitions` are accepted: Spark plans its own.
    """

    def __init__(
        self, sparkContext: SparkContext | SparkSession | None = None, **options: Any
    ) -> None:
        session = sparkContext
        if not isinstance(session, SparkSession):
            session = SparkSession.builder.getOrCreate()
        # Given a session, SQLContext does not warn that it is deprecated.
        super().__init__(session.sparkContext, sparkSession=session)
        self.spark_session = session
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.create_data_frame = DataFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter(self)
        self.write_data_frame = DataFrameWriter(self)

    def getSource(
        self,
        connection_type: str,
        format: str | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **options: Any,
    ) -> DataSource:
        """Return a source; `setFormat` and `getFrame` follow.

        Raises:
            NotAvailableError: there is no connection of this type; the text says what works.
            ConnectionOptionError: an option of the connection is missing, or cannot be used.
        """
        source = source_of(self, connection_type, options, transformation_ctx, push_down_predicate)
        if format:
            source.setFormat(format)
        return source

    def getSink(
        self,
        connection_type: str,
        format: str | None = None,
        transformation_ctx: str = "",
        **options: Any,
    ) -> DataSink:
        """Return a target; `setFormat` and `writeFrame` follow.

        Raises:
            NotAvailableError: there is no connection of this type; the text says what works.
            ConnectionOptionError: an option of the connection is missing, or cannot be used.
        """
        sink = sink_of(self, connection_type, options)
        if format:
            sink.setFormat(format)
        return sink

    def create_dynamic_frame_from_options(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **kwargs: Any,
    ) -> DynamicFrame:
        """Return a frame of a source.

        Args:
            connection_type: `s3`, or `file` for the local file system; `mysql`, `postgresql`,
                `redshift`, `sqlserver`, `oracle`; `custom.jdbc` and `custom.spark` for a driver or
                data source of one's own, with its `className`.
            connection_options: of files `paths` (a list, or one text), `recurse`, `exclusions` (a
                text that holds a JSON list of globs), `compressionType` (`gzip`, `bzip2`),
                `maxBand` (milliseconds), `groupFiles`, `groupSize` (bytes).
                Of databases `url`, `user` and `password`, or `connectionName`; `dbtable` or
                `query`; to read in parts `hashfield` (a column) or `hashexpression` (SQL for a
                whole number) and `hashpartitions` (7), or Spark's `partitionColumn`, `lowerBound`,
                `upperBound`, `numPartitions`; `sampleQuery`, in parts with
                `enablePartitioningForSampleQuery`; for the job bookmark `jobBookmarkKeys` (the
                primary key) and `jobBookmarkKeysSortOrder` (`asc`, `desc`); for a driver of one's
                own `customJdbcDriverS3Path` and `customJdbcDriverClassName`. Redshift is read
                row by row, not by way of S3: `redshiftTmpDir` is accepted.
            format: `csv`, `json`, `parquet`, `orc`, `avro`, `xml`, `ion` or `grokLog`.
            format_options: for csv `separator`, `quoteChar`, `escaper`, `multiLine`, `withHeader`,
                `skipFirst`, `encoding`; for json `multiline`, `jsonPath`, `encoding`, `withSchema`;
                for xml `rowTag`, `encoding`, `excludeAttribute`, `treatEmptyValuesAsNulls`,
                `attributePrefix`, `valueTag`, `ignoreSurroundingSpaces`, `withSchema`; for grokLog
                `logFormat`, `customPatterns`, `MISSING`, `StrictMode`.
            transformation_ctx: the source's name in the job bookmark. With a bookmark and nothing
                new, the frame has no records, and that of files no fields.
            push_down_predicate: a condition over the partition columns, in Spark SQL.

        Raises:
            NotAvailableError: the connection, format or option is not there yet.
            PathNotFoundError: there is nothing at one of the paths.
            ConnectionOptionError: an option of a database is missing, or cannot be used.
            DatabaseError: a database cannot be reached, or refuses.
            MissingJarError: a database's driver is not there.
        """
        source = self.getSource(
            connection_type,
            transformation_ctx=transformation_ctx,
            push_down_predicate=push_down_predicate,
            **(connection_options or {}),
        )
        if format:
            source.setFormat(format, **(format_options or {}))
        return source.getFrame(**kwargs)

    def create_data_frame_from_options(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **kwargs: Any,
    ) -> DataFrame:
        """Return a DataFrame of a source; see `create_dynamic_frame_from_options`.

        Of `kafka` it is a stream, for `forEachBatch`; see `getStreamingSource`.
        """
        if connection_type.lower() in STREAMS:
            source = self.getStreamingSource(connection_type, **(connection_options or {}))
            if format:
                source.setFormat(format, **(format_options or {}))
            return source.getFrame()
        return self.create_dynamic_frame_from_options(
            connection_type,
            connection_options,
            format,
            format_options,
            transformation_ctx,
            push_down_predicate,
            **kwargs,
        ).toDF()

    def create_dynamic_frame_from_rdd(
        self,
        data: Any,
        name: str,
        schema: Any = None,
        sample_ratio: float | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """Return a frame of an RDD's elements, as `createDataFrame` reads them."""
        frame = self.spark_session.createDataFrame(data, schema, sample_ratio)
        return DynamicFrame.fromDF(frame, self, name)

    def write_dynamic_frame_from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """Write a frame. Files are added to those that are there; no records add none.

        Args:
            frame: what to write.
            connection_type: `s3`, or `file` for the local file system; a database, as for
                `create_dynamic_frame_from_options`.
            connection_options: of files `path`, `partitionKeys` (a list of fields that become
                directories), `compression`; of databases `dbtable`, which is made when it is not
                there, `bulkSize` (how many connections write at once), and for redshift
                `preactions` and `postactions` (SQL, each run in a transaction of its own).
            format: `csv`, `json` (one record in a line), `parquet`, `glueparquet`, `orc` or `avro`.
            format_options: for csv `separator`, `quoteChar`, `escaper`, `writeHeader`; for parquet
                `compression`, `blockSize`, `pageSize` (bytes).
            transformation_ctx: accepted; targets have no state.

        Returns:
            The records that could not be written, which are none.

        Raises:
            NotAvailableError: the connection or format is not there yet.
        """
        return self.write_from_options(
            frame, connection_type, connection_options, format, format_options, transformation_ctx
        )

    def write_from_options(
        self,
        frame_or_dfc: Frames,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        **kwargs: Any,
    ) -> Frames:
        """Write a frame, or all frames of a collection, each below a directory of its name.

        Raises:
            TypeError: it is neither a frame nor a collection.
        """
        sink = self.getSink(
            connection_type,
            transformation_ctx=transformation_ctx,
            **{**(connection_options or {}), **kwargs},
        )
        if format:
            sink.setFormat(format, **(format_options or {}))
        return sink.write(frame_or_dfc)

    def convert_resolve_option(self, path: str, action: str, target: Any) -> ResolveOption:
        """Return a way to treat a choice, as `DynamicFrame.toDF` takes it."""
        return ResolveOption(path, action, target)

    def get_logger(self) -> Any:
        """Return the logger whose lines go to the job's error log: `info`, `warn`, `error`."""
        return _jvm.logger(self.spark_session, "GlueLogger")

    def currentTimeMillis(self) -> int:
        """Return the time, in milliseconds since the epoch."""
        return time.time_ns() // 1_000_000
