"""Bringing records of different types together, by field name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame

from awsglue._paths import quote
from awsglue._records import Records
from awsglue._steps.casts import conform, null
from awsglue._steps.names import exact
from awsglue._steps.rewrite import Item
from awsglue.gluetypes import DataType, StructType, mergeDataTypes


def merge(parts: Sequence[Records]) -> Records:
    """Return all records of several, by field name. A field of different types is a choice."""
    types: list[DataType] = [part.schema for part in parts]
    schema = reduce(mergeDataTypes, types)
    assert isinstance(schema, StructType)
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
    known = source.field_map
    return [
        Item(
            field.name,
            conform(quote(field.name), known[field.name].dataType, field.dataType)
            if field.name in known
            else null(field.dataType).sql,
            field.dataType,
        ).column
        for field in target
    ]
