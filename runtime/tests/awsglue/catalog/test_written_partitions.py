from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from awsglue._catalog import written_partitions
from awsglue._catalog.written_partitions import WrittenPartitions


@pytest.mark.parametrize("told", [True, False], ids=["Spark tells", "the files tell"])
def test_the_partitions_of_one_write(
    spark: SparkSession,
    folder: Path,
    uri: str,
    told: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    old = folder / "t/k=old/l=1/part"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    if not told:
        monkeypatch.setattr(written_partitions, "_told", lambda observation: None)
    written = WrittenPartitions(spark, f"{uri}/t/", ["k", "l"])
    rows = [(1, "a/b", 1), (2, "a/b", 1), (3, "é %", None), (4, "", 2)]
    frame = spark.createDataFrame(rows, "n int, k string, l int")
    watched = written.watch(frame)
    written._began_ms = max(written._began_ms, int(old.stat().st_mtime * 1000) + 1)
    watched.write.partitionBy("k", "l").mode("append").json(f"{uri}/t")
    null = "__HIVE_DEFAULT_PARTITION__"
    with caplog.at_level(logging.WARNING):
        found = written.values()
    assert set(found) == {("a/b", "1"), ("é %", null), (null, "2")}
    assert ("they are looked for" in caplog.text) != told


def test_without_keys_there_is_nothing_to_watch(spark: SparkSession) -> None:
    frame = spark.range(1)
    plain = WrittenPartitions(spark, "s3://lake/t", [])
    assert plain.watch(frame) is frame
    assert plain.values() == []


class Late:
    """An observation that is told when nobody waits any more."""

    @property
    def get(self) -> dict[str, str]:
        time.sleep(0.2)
        return {"values": "[]"}


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    late: Any = Late()
    assert written_partitions._told(late) == "[]"
    monkeypatch.setattr(written_partitions, "_PATIENCE_SECONDS", 0.01)
    assert written_partitions._told(late) is None
