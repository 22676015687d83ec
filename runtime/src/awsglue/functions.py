"""Functions over columns that awsglue adds to Spark's."""

from __future__ import annotations

from pyspark.sql import Column, functions


def replaceArrayElement(srcCol: Column, replaceCol: Column, idx: int) -> Column:
    """Return an array with the element at an index, counted from 0, replaced."""
    return functions.transform(
        srcCol,
        lambda element, index: functions.when(index == idx, replaceCol).otherwise(element),
    )


def namedStruct(*cols: Column) -> Column:
    """Return a struct of columns: a name and a value in turn."""
    return functions.named_struct(*cols)


def explodeWithIndex(col: Column) -> Column:
    """Return a row for each element of an array, with the columns `pos` (from 0) and `col`."""
    return functions.posexplode(col)
