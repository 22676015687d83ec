"""Finding the partitions that a write makes, without reading anything twice."""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Sequence
from urllib.parse import unquote

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as sql

from awsglue._catalog.table import NULL_VALUE
from awsglue._jvm import FileSystem
from awsglue._paths import quote

_logger = logging.getLogger(__name__)

#: how long Spark may take to tell, after a write, what it saw
_PATIENCE_SECONDS = 60.0


class WrittenPartitions:
    """Looks at the rows as they are written.

    Args:
        spark: the session that writes.
        path: where it writes to.
        keys: the fields that become directories.
    """

    def __init__(self, spark: SparkSession, path: str, keys: Sequence[str]) -> None:
        self._spark = spark
        self._path = path
        self._keys = keys
        self._observation: Observation | None = None
        self._began_ms = 0

    def watch(self, frame: DataFrame) -> DataFrame:
        """Return the DataFrame to write, with the same rows."""
        if not self._keys:
            return frame
        self._observation = Observation()
        self._began_ms = time.time_ns() // 1_000_000
        texts = [
            sql.coalesce(
                sql.nullif(sql.col(quote(key)).cast("string"), sql.lit("")), sql.lit(NULL_VALUE)
            )
            for key in self._keys
        ]
        # As one text: PySpark gives no arrays of an observation.
        found = sql.to_json(sql.collect_set(sql.array(*texts)))
        return frame.observe(self._observation, found.alias("values"))

    def values(self) -> list[tuple[str, ...]]:
        """Return the values of the partitions, once they are written.

        Spark tells what it saw by an event, and drops events when it has too many of them. Then the
        files tell: those that are not older than the write.
        """
        if self._observation is None:
            return []
        told = _told(self._observation)
        if told is None:
            _logger.warning("Spark does not tell which partitions it wrote: they are looked for.")
            return self._listed()
        return sorted(tuple(one) for one in json.loads(told))

    def _listed(self) -> list[tuple[str, ...]]:
        base = self._path.rstrip("/")
        found = set()
        for file in FileSystem(self._spark).walk(base):
            names = [one.partition("=") for one in file.path[len(base) :].strip("/").split("/")]
            directories = names[: len(self._keys)]
            if file.modified_ms >= self._began_ms and len(names) > len(self._keys):
                found.add(tuple(unquote(value) for _, _, value in directories))
        return sorted(found)


def _told(observation: Observation) -> str | None:
    """Return what an observation saw; None when it does not say so in time."""
    answers: queue.Queue[str] = queue.Queue()
    # A thread that waits in vain must not keep the process alive.
    waiting = threading.Thread(
        target=lambda: answers.put(str(observation.get["values"])), daemon=True
    )
    waiting.start()
    try:
        return answers.get(timeout=_PATIENCE_SECONDS)
    except queue.Empty:
        return None
