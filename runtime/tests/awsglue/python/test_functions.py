from __future__ import annotations

from pyspark.sql import SparkSession
from pyspark.sql.functions import col, lit

from awsglue.functions import explodeWithIndex, namedStruct, replaceArrayElement


def test_an_element_is_replaced(spark: SparkSession) -> None:
    frame = spark.sql("select array(1, 2, 3) AS a")
    assert frame.select(replaceArrayElement(col("a"), lit(9), 1)).collect()[0][0] == [1, 9, 3]


def test_a_struct_of_names_and_values(spark: SparkSession) -> None:
    (row,) = spark.range(1).select(namedStruct(lit("x"), col("id"))).collect()
    assert row[0].asDict() == {"x": 0}


def test_elements_with_their_positions(spark: SparkSession) -> None:
    rows = spark.sql("select array('a', 'b') AS l").select(explodeWithIndex(col("l"))).collect()
    assert [tuple(row) for row in rows] == [(0, "a"), (1, "b")]
