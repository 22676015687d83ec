"""`GlueContext.getSource`: a source whose format is set before it is read."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from awsglue._files import attaching, formats, grouping, listing, sampling
from awsglue._records import Records

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame

#: What the files are on: both are paths to Hadoop.
FILE_CONNECTIONS = ("s3", "file")
#: options of Spark's readers of Parquet and ORC that are connection options
_OF_SPARK = frozenset({"mergeSchema"})


class DataSource:
    """Files to be read.

    Args:
        glue_context: the context that reads.
        connection_options: see `GlueContext.create_dynamic_frame_from_options`.
        transformation_ctx: the source's name in the job bookmark.
        push_down_predicate: a condition in Spark SQL.
    """

    def __init__(
        self,
        glue_context: GlueContext,
        connection_options: Mapping[str, Any],
        transformation_ctx: str = "",
        push_down_predicate: str = "",
    ) -> None:
        self._glue_context = glue_context
        self._connection_options = connection_options
        self._transformation_ctx = transformation_ctx
        self._predicate = push_down_predicate
        self._format = ""
        self._format_options: Mapping[str, Any] = {}

    def setFormat(self, format: str, **options: Any) -> None:
        """Set the format and its options."""
        self._format = format.lower()
        self._format_options = options

    def getFrame(self, **options: Any) -> DynamicFrame:
        """List the files now and return their records, which are read when needed.

        Args:
            options: `minPartitions` and `targetPartitions` are accepted: Spark plans its own.

        Raises:
            ValueError: no format was set.
            PathNotFoundError: there is nothing at one of the paths.
        """
        from awsglue.dynamicframe import DynamicFrame

        if not self._format:
            raise ValueError('A source of files needs a format, such as format="parquet".')
        spark = self._glue_context.spark_session
        groups = listing.list_groups(spark, self._connection_options, self._transformation_ctx)
        options = self._reading_options()
        lazy = formats.read(spark, self._format, groups, options)
        if groups:
            lazy = attaching.attached(lazy, options)
        files = [file for group in groups for file in group.files]
        lazy = grouping.grouped(lazy, spark, self._connection_options, files)
        if self._predicate and groups:
            predicate = self._predicate
            lazy = lazy.then(lambda records: records.next(frame=records.frame.where(predicate)))
        return DynamicFrame(lazy.then(Records.as_source), self._glue_context)

    def _reading_options(self) -> dict[str, Any]:
        """Return the format options, and Spark's own, which AWS takes among those of the source."""
        of_spark = {
            key: self._connection_options[key]
            for key in _OF_SPARK & self._connection_options.keys()
        }
        return {**of_spark, **self._format_options}

    def getSampleFrame(self, num: int | None, **options: Any) -> DynamicFrame:
        """Return the first records, of few files; the job bookmark does not change.

        Args:
            num: how many records at most.
            options: `maxSamplePartitions` (10), how many directories to look at, and
                `maxSampleFilesPerPartition` (10), how many files in each.

        Raises:
            ValueError: `num` is missing, or negative.
        """
        sample = copy.copy(self)
        sample._transformation_ctx = ""
        sample._connection_options = {
            **self._connection_options,
            **sampling.options_of(options),
        }
        return sampling.first(sample.getFrame(), num)

    def getDataFrame(self) -> DataFrame:
        """Return the records as a DataFrame."""
        return self.getFrame().toDF()
