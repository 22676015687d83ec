from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.awsglue.conftest import Make, rows_of, tree_of

Raw = dict[str, Any]


def test_a_function_sees_and_gives_raw_records(make: Make) -> None:
    def change(records: Iterator[Raw]) -> Iterator[Raw]:
        for raw in records:
            assert (raw["isError"], raw["errorMessage"]) == (False, "")
            number = raw["record"]["a"]
            if number == 2:
                yield {"record": raw["record"], "isError": True, "errorMessage": "two is bad"}
            else:
                yield {**raw, "record": {"n": number, "v": number if number < 2 else [number]}}

    frame = make("a int", (1,), (2,), (3,)).mapPartitions(change, info="mine")
    assert tree_of(frame)[:2] == ["|-- n: int", "|-- v: choice"]
    assert [row["n"] for row in rows_of(frame)] == [1, 3]
    assert frame.errorsCount() == frame.stageErrorsCount() == 1
    (error,) = rows_of(frame.errorsAsDynamicFrame())
    assert error["error"]["msg"] == "two is bad"
    assert error["error"]["input"] == '{"a": 2}'
    assert error["error"]["callsite"]["info"] == "mine"


def test_a_partition_can_give_more_or_fewer_records(make: Make) -> None:
    def count(index: int, records: Iterator[Raw]) -> list[Raw]:
        record = {"index": index, "records": sum(1 for _ in records)}
        return [{"record": record, "isError": False, "errorMessage": ""}] * 5000

    frame = make("a int", *((n,) for n in range(7))).coalesce(1).mapPartitionsWithIndex(count)
    assert frame.count() == 5000  # more than are packed at once
    assert frame.toDF().distinct().collect() == [(0, 7)]


def test_an_exception_ends_the_job(make: Make) -> None:
    def fail(records: Iterator[Raw]) -> list[Raw]:
        raise RuntimeError("no partition for me")

    with pytest.raises(Exception, match="no partition for me"):
        make("a int", (1,)).mapPartitions(fail).count()
