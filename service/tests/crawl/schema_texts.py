"""Schemas as tests write them: "a int, b string"."""

from __future__ import annotations

from glueball.crawl.hive_types import text_of
from glueball.crawl.schemas import Schema


def columns(schema: Schema) -> str:
    """Return the names and types of columns."""
    return ", ".join(f"{column.name} {text_of(column.type)}" for column in schema)
