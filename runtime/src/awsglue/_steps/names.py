"""Names that are alike: those that differ in case only, and those that occur more than once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import DataFrame, SparkSession

from awsglue import gluetypes as glue
from awsglue._paths import quote

logger = logging.getLogger(__name__)

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


def unique(frame: DataFrame) -> DataFrame:
    """Return a DataFrame with one column for each name: a record holds one value for a name.

    Of several columns of a name, as `SELECT *` of a join has them, the values of the last one
    count, in the place of the first, and there is a warning. A record of AWS keeps its fields in a
    map, to which they are added one after the other:
    https://docs.aws.amazon.com/glue/latest/dg/glue-etl-scala-apis-glue-types-objectnode.html
    """
    counts = Counter(frame.columns)
    repeated = [name for name, count in counts.items() if count > 1]
    if not repeated:
        return frame
    for name in repeated:
        logger.warning(
            "The DataFrame has %d columns named %s; the field has the values of the last one.",
            counts[name],
            name,
        )
    last = {name: number for number, name in enumerate(frame.columns)}
    numbered = frame.toDF(*(f"c{number}" for number in range(len(frame.columns))))
    return numbered.selectExpr(*(f"c{last[name]} AS {quote(name)}" for name in counts))


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
