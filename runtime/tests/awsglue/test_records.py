from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from awsglue._records import Lazy, Records


def test_a_lazy_value_is_made_once_and_when_needed() -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    lazy = Lazy(make)
    following = lazy.then(lambda value: value + 10)
    assert not made
    assert (following.get(), lazy.get(), lazy.get()) == (11, 1, 1)


def test_a_step_over_a_value_that_is_there_runs_at_once() -> None:
    with pytest.raises(ZeroDivisionError):  # at the line of the script that asked for it
        Lazy.made(0).then(lambda value: 1 // value)


def test_a_failure_is_not_remembered() -> None:
    failures = [ValueError("not yet")]

    def make() -> int:
        if failures:
            raise failures.pop()
        return 5

    lazy = Lazy(make)
    with pytest.raises(ValueError, match="not yet"):
        lazy.get()
    assert lazy.get() == 5


def test_no_records_have_no_fields(spark: SparkSession) -> None:
    none = Records.none(spark)
    assert none.frame.count() == 0
    assert none.frame.columns == []
    assert none.select([]).schema.fields == []
