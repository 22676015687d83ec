"""Failed records: counting them, showing them, and failing for too many of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame

from awsglue._errors import ErrorThresholdError
from awsglue._records import Errors, Records, Thresholds

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


def check(records: Records, thresholds: Thresholds) -> None:
    """Count the errors as far as there are limits.

    Raises:
        ErrorThresholdError: a limit is passed.
    """
    limits = (
        ("stageThreshold", thresholds.stage, records.stage_errors),
        ("totalThreshold", thresholds.total, records.errors),
    )
    for name, allowed, errors in limits:
        found = count(errors) if allowed > 0 else 0
        if found > allowed:
            raise ErrorThresholdError(found, allowed, name)
