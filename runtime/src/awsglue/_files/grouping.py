"""`groupFiles`: many small files are read by few tasks.

https://docs.aws.amazon.com/glue/latest/dg/grouping-input-files.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import SparkSession

from awsglue._jvm import FileStatus
from awsglue._records import Lazy, Records

#: from this number of files on they are grouped unless `groupFiles` is `none`
AUTOMATIC_FROM = 50_000
_GROUP_BYTES = 64 * 1024 * 1024
_MODES = ("inpartition", "none")


def partitions(
    options: Mapping[str, Any], *, files: int, size: int, parallelism: int
) -> int | None:
    """Return in how many groups, at most, files are to be read; None leaves that to Spark.

    Spark itself puts about thirty small files into a task. There are never fewer groups than can
    be read at once.

    Args:
        options: the connection options `groupFiles` and `groupSize` (bytes).
        files: how many there are.
        size: of all of them, bytes.
        parallelism: how many tasks run at once.

    Raises:
        ValueError: an option has no meaning.
    """
    mode = str(options.get("groupFiles") or "").lower()
    if mode and mode not in _MODES:
        raise ValueError(
            f"groupFiles is {options['groupFiles']!r}; it must be 'inPartition' or 'none'."
        )
    group_bytes = _bytes(options.get("groupSize"))
    if mode == "none" or (not mode and files < AUTOMATIC_FROM):
        return None
    return max(parallelism, math.ceil(size / group_bytes))


def grouped(
    lazy: Lazy[Records],
    spark: SparkSession,
    options: Mapping[str, Any],
    files: Sequence[FileStatus],
) -> Lazy[Records]:
    """Return the records of files, read in groups as the connection options ask."""
    number = partitions(
        options,
        files=len(files),
        size=sum(file.size for file in files),
        parallelism=spark.sparkContext.defaultParallelism,
    )
    if number is None or not files:
        return lazy
    return lazy.then(lambda records: records.next(frame=records.frame.coalesce(number)))


def _bytes(value: Any) -> int:
    if value in (None, ""):
        return _GROUP_BYTES
    text = str(value).strip()
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"groupSize is {value!r}; it must be a number of bytes, 1048576 say.")
    return int(text)
