from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from awsglue._python.kept import keep, released


def test_what_a_batch_kept_is_released_with_it(spark: SparkSession) -> None:
    outside = keep(spark.range(1))
    with pytest.raises(KeyError), released():
        inside = keep(spark.range(2))
        with released():
            inner = keep(spark.range(3))
        assert not inner.is_cached
        assert inside.is_cached
        raise KeyError("the batch failed")
    assert not inside.is_cached
    assert outside.is_cached
    outside.unpersist()
