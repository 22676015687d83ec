"""Running a stream: a function over one batch after the other, until the stream ends.

https://docs.aws.amazon.com/glue/latest/dg/glue-streaming-concepts.html
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pyspark import StorageLevel
from pyspark.errors import StreamingQueryException
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from awsglue._python.kept import released
from awsglue._streaming.stream_options import Batches

BatchFunction = Callable[[DataFrame, int], Any]

_logger = logging.getLogger(__name__)

#: seconds before the first, second and any further try of a batch
_PAUSES = (1.0, 2.0, 5.0)
#: how long to wait for the stream before looking whether the run is to end, seconds
_PATIENCE_SECONDS = 1
#: how long to wait before looking whether a sample is complete, seconds
_GLANCE_SECONDS = 0.05
#: what AWS's streams say when their checkpoint is gone; trying again would not help
_HOPELESS = "CheckpointMetadataNotFound"


@dataclass(kw_only=True, slots=True)
class _Work:
    """The function over a stream's batches, and how it went."""

    function: BatchFunction
    settings: Batches
    failures: int = 0  #: of the batch that is tried, one after the other
    error: BaseException | None = None  #: what the function raised last
    batch: int = field(default=-1)

    def __call__(self, batch: DataFrame, number: int) -> None:
        kept = self.settings.persist
        if kept:
            batch.persist(getattr(StorageLevel, self.settings.storage_level))
        try:
            if not batch.isEmpty():
                with released():
                    self.function(batch, number)
            self.failures = 0
        except BaseException as error:
            self.error = error
            raise
        finally:
            if kept:
                batch.unpersist()


def for_each_batch(frame: DataFrame, function: BatchFunction, settings: Batches) -> None:
    """Call a function with each batch that has rows, until the stream is stopped.

    A batch that fails is tried again, as often as the settings allow; one that succeeds resets the
    count. Whatever ends this function stops the stream.

    Raises:
        Exception: what the function raised at last.
        StreamingQueryException: the stream itself failed, at last.
    """
    work = _Work(function=function, settings=settings)
    while True:
        work.error = None
        try:
            _run(
                frame.writeStream.foreachBatch(work)
                .trigger(processingTime=settings.window)
                .option("checkpointLocation", settings.checkpoint)
                .start()
            )
            return
        except StreamingQueryException as error:
            work.failures += 1
            if work.failures > settings.retries or str(error).startswith(_HOPELESS):
                raise (work.error or error) from None
            _logger.warning("A batch failed (%d times): %s", work.failures, work.error or error)
            time.sleep(_PAUSES[min(work.failures, len(_PAUSES)) - 1])


def _run(query: StreamingQuery) -> None:
    """Wait for the end of a stream. Whatever else ends the waiting, a signal say, stops it."""
    try:
        # Not for ever at a time: Python handles signals only between two of its own steps.
        while not query.awaitTermination(_PATIENCE_SECONDS):
            pass
    finally:
        query.stop()


def sample(
    frame: DataFrame, *, seconds: float, limit: int, window: str, function: BatchFunction | None
) -> DataFrame:
    """Return the first records of a stream.

    Args:
        frame: the stream.
        seconds: for how long it is watched; at least one batch is read.
        limit: how many records to return at most.
        window: between the beginnings of two batches.
        function: called with each batch, too.
    """
    spark: SparkSession = frame.sparkSession
    rows: list[Row] = []

    def take(batch: DataFrame, number: int) -> None:
        if function is not None:
            function(batch, number)
        rows.extend(batch.limit(limit - len(rows)).collect())

    query = frame.writeStream.foreachBatch(take).trigger(processingTime=window).start()
    deadline = time.monotonic() + seconds
    try:
        while len(rows) < limit and (time.monotonic() < deadline or not _has_run(query)):
            if not query.isActive:
                query.awaitTermination()  # raises why
                break
            time.sleep(_GLANCE_SECONDS)
    finally:
        query.stop()
    return spark.createDataFrame(rows, frame.schema)


def _has_run(query: StreamingQuery) -> bool:
    return query.lastProgress is not None
