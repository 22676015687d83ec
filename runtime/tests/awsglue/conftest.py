"""What tests of awsglue look at: the records and the schema of frames."""

from __future__ import annotations

from typing import Any

from awsglue._schema_text import tree
from awsglue.dynamicframe import DynamicFrame
from tests.glueball_service import catalog, database, glueball_service, tables
from tests.lake import BUCKET, Make
from tests.postgresql import postgresql

__all__ = [
    "BUCKET",
    "Make",
    "catalog",
    "database",
    "glueball_service",
    "postgresql",
    "rows_of",
    "tables",
    "tree_of",
]

Rows = list[dict[str, Any]]


def rows_of(frame: DynamicFrame) -> Rows:
    """Return the records of a frame, in the order of their first values."""
    rows = [row.asDict(recursive=True) for row in frame.toDF().collect()]
    return sorted(rows, key=lambda row: str(next(iter(row.values()), "")))


def tree_of(frame: DynamicFrame) -> list[str]:
    """Return the lines of `printSchema` behind `root`."""
    return tree(frame.schema()).split("\n")[1:]
