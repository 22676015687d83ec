from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from awsglue.dataframe_transforms import ApplyMapping


def test_columns_are_mapped_as_those_of_a_dynamic_frame(spark: SparkSession) -> None:
    data = spark.sql("select '7' AS Number, named_struct('x', 1) AS s, true AS left_out")
    mapped = ApplyMapping.apply(
        data, [("number", "string", "out.n", "long"), ("s.x", "int", "x", "string")]
    )
    assert [row.asDict(recursive=True) for row in mapped.collect()] == [{"out": {"n": 7}, "x": "1"}]
    with pytest.raises(TypeError, match="must be a tuple"):
        ApplyMapping.apply(data, [["a", "b"]])
