"""Bringing records of different types together, by field name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame

from awsglue._paths import quote
from awsglue._records import Records
from awsglue._steps.casts import conform_fields
from awsglue._steps.names import exact
from awsglue._types import complete_schema
from awsglue.gluetypes import DataType, StructType, mergeDataTypes


def merge(parts: Sequence[Records]) -> Records:
    """Return all records of several, by field name. A field of different types is a choice.

    Records lack the fields that only others have.
    """
    return _merged(parts, _schema(parts))


def merge_columns(parts: Sequence[Records]) -> Records:
    """Do what `merge` does, but each record has all fields: those of other parts are null."""
    return _merged(parts, complete_schema(_schema(parts)))


def _schema(parts: Sequence[Records]) -> StructType:
    types: list[DataType] = [part.schema for part in parts]
    schema = reduce(mergeDataTypes, types)
    assert isinstance(schema, StructType)
    return schema


def _merged(parts: Sequence[Records], schema: StructType) -> Records:
    return Records(
        frame=parts[0].frame if len(parts) == 1 else _union(parts, schema),
        schema=schema,
        earlier_errors=tuple(error for part in parts for error in part.errors),
        limits=tuple(limit for part in parts for limit in part.limits),
    )


def _union(parts: Sequence[Records], schema: StructType) -> DataFrame:
    with exact(parts[0].spark, schema):
        frames = [part.frame.selectExpr(*_conforming(part.schema, schema)) for part in parts]
    return reduce(DataFrame.unionAll, frames)


def _conforming(source: StructType, target: StructType) -> list[str]:
    return [f"{sql} AS {quote(name)}" for name, sql in conform_fields("", source, target)]
