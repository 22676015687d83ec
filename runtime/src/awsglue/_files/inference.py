"""Records of files whose types must be found: one pass finds them, a lazy one reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as spark_types

from awsglue import gluetypes as glue
from awsglue._files.listing import Group
from awsglue._jvm import naming_unreadable_files, scala, wrap_dataframe
from awsglue._records import ERROR_SCHEMA, Errors, Records
from awsglue._steps.casts import cast_value, field_at, is_null, null
from awsglue._steps.merge import merge
from awsglue._steps.rewrite import Item
from awsglue._types import complete_schema, from_spark_schema

_ERROR_COLUMNS = ("'' AS site", "'' AS info", "msg", "'' AS stackTrace", "input", "source")


def read_files(
    spark: SparkSession,
    groups: Sequence[Group],
    source: dict[str, Any],
    adapt: Callable[[glue.StructType], glue.StructType] = lambda found: found,
) -> Records:
    """Return the records of files.

    Args:
        spark: the session.
        groups: the files.
        source: their format and its options, as `Sources.parse` of the Scala part reads them.
        adapt: changes the types that were found before the records are read with them.
    """
    return merge([_read_group(spark, group, json.dumps(source), adapt) for group in groups])


def _read_group(
    spark: SparkSession,
    group: Group,
    source: str,
    adapt: Callable[[glue.StructType], glue.StructType],
) -> Records:
    files = json.dumps({"paths": group.paths, "base": group.base, "partitions": group.partitions})
    door, session = scala(spark), spark._jsparkSession
    with naming_unreadable_files():
        found = json.loads(door.types(session, files, source))
    schema = _schema(adapt(glue.StructType.fromJsonValue(found["type"])), group.partitions)
    frame = wrap_dataframe(
        door.records(session, files, source, json.dumps(schema.jsonValue())), spark
    )

    def malformed() -> DataFrame:
        if found["complete"]:
            return _shown(spark, found["samples"])
        return wrap_dataframe(door.errors(session, files, source), spark).selectExpr(
            *_ERROR_COLUMNS
        )

    number = int(found["malformed"])
    errors = (Errors(rows=malformed, count=lambda: number),) if number else ()
    return Records(frame=frame, schema=schema, stage_errors=errors)


def _schema(found: glue.StructType, partitions: Sequence[str]) -> glue.StructType:
    """Return the fields that were found, then the partitions, which win over fields."""
    own = [field for field in found if field.name not in partitions]
    return glue.StructType([*own, *(glue.Field(name, glue.StringType()) for name in partitions)])


def _shown(spark: SparkSession, samples: list[list[str]]) -> DataFrame:
    rows = [("", "", reason, "", text, path) for reason, text, path in samples]
    return spark.createDataFrame(rows, ERROR_SCHEMA)


def with_schema(records: Records, wanted: glue.StructType) -> Records:
    """Bring records to a schema: each value is cast, and becomes null if it cannot be.

    A record that lacks a field still does.
    """
    known = records.schema.field_map
    return records.select([_item(field, known.get(field.name)) for field in wanted])


def _item(field: glue.Field, source: glue.Field | None) -> Item:
    if source is not None:
        return Item.of(field.name, cast_value(field_at("", source), field.dataType))
    nothing = null(field.dataType)
    return Item(field.name, nothing.sql, nothing.type, is_null(nothing.sql), nullable=False)


def parse_schema(wanted: Any) -> glue.StructType | None:
    """Read the option `withSchema`: a `StructType` or the JSON of one; None without it.

    The JSON of Spark's own `StructType` is understood as well.

    Raises:
        ValueError: it is no schema.
    """
    if not wanted or isinstance(wanted, glue.StructType):
        return complete_schema(wanted) if wanted else None
    try:
        value = json.loads(wanted) if isinstance(wanted, str) else wanted
        if "type" in value:
            return from_spark_schema(spark_types.StructType.fromJson(value))
        return complete_schema(glue.StructType.fromJsonValue(value))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            "withSchema must be the JSON of a StructType: json.dumps(schema.jsonValue())."
        ) from error
