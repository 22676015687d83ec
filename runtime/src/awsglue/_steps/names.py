"""Names that differ in case only, which Spark takes for one unless it is told otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

from awsglue import gluetypes as glue

_SETTING = "spark.sql.caseSensitive"


@contextmanager
def exact(spark: SparkSession, schema: glue.StructType) -> Iterator[None]:
    """Let Spark tell such names apart while it resolves expressions, if a schema has any."""
    before = str(spark.conf.get(_SETTING)) if has_twins(schema) else "true"
    if before == "true":
        yield
        return
    spark.conf.set(_SETTING, "true")
    try:
        yield
    finally:
        spark.conf.set(_SETTING, before)


def has_twins(data_type: glue.DataType) -> bool:
    """Tell whether names in a type, at any depth, differ in case only."""
    if isinstance(data_type, glue.StructType):
        names = {field.name.lower() for field in data_type}
        return len(names) < len(data_type.fields) or any(
            has_twins(field.dataType) for field in data_type
        )
    if isinstance(data_type, glue.ChoiceType):
        return any(map(has_twins, data_type.choices.values()))
    if isinstance(data_type, glue.ArrayType):
        return has_twins(data_type.elementType)
    return isinstance(data_type, glue.MapType) and has_twins(data_type.valueType)
