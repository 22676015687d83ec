"""Failed records: counting them, showing them, and failing for too many of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from pyspark.sql import DataFrame

from awsglue._errors import ErrorThresholdError
from awsglue._python.kept import keep
from awsglue._records import Errors, Records

_STRUCT = """struct(
    struct(site, info) AS callsite, msg, stackTrace, input,
    cast(null as bigint) AS bytesread, source, input AS dynamicRecord
) AS error"""


def count(errors: Sequence[Errors]) -> int:
    """Return how many records failed."""
    return sum(error.number() for error in errors)


def as_records(records: Records) -> Records:
    """Return the failed records with one field `error`; `dynamicRecord` is the record as JSON."""
    if not records.errors:
        return Records.none(records.spark)
    rows = reduce(DataFrame.unionAll, (error.rows() for error in records.errors))
    return Records.of(rows.selectExpr(_STRUCT))


def enforce(records: Records) -> Records:
    """Compute the records of steps with thresholds, once, and keep them on disk.

    So the errors are known before any record goes anywhere, and nothing is computed again for the
    action that asked for the records.

    Raises:
        ErrorThresholdError: a threshold is passed.
    """
    if not records.limits:
        return records
    kept = keep(records.frame)
    try:
        kept.count()
        check(records)
    except BaseException:
        kept.unpersist()
        raise
    # A DataFrame of its own: a step over it starts from what was kept.
    return replace(records, frame=kept.select("*"), limits=())


def check(records: Records) -> None:
    """Count the errors as far as there are thresholds.

    Raises:
        ErrorThresholdError: a threshold is passed.
    """
    for limit in records.limits:
        found = count(limit.errors)
        if found > limit.allowed:
            raise ErrorThresholdError(found, limit.allowed, limit.name)
