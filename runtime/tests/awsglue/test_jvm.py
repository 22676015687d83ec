from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from awsglue._errors import UnreadableFileError
from awsglue._jvm import FileSystem, settled


def test_which_files_are_data(spark: SparkSession, folder: Path, uri: str) -> None:
    data = ["_day=1/b.csv", "a.csv", "sub/c.csv"]  # a partition's name may have an underscore
    others = ["_SUCCESS", "_temporary/0/d.csv", ".a.csv.crc", "sub_$folder$", "e.csv._COPYING_"]
    for name in (*data, *others):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    found = [file.path.removeprefix(f"{uri}/") for file in FileSystem(spark).walk(uri)]
    assert found == data


def test_files_are_seen_through_hadoop(spark: SparkSession, folder: Path, uri: str) -> None:
    files = FileSystem(spark)
    (folder / "sub dir").mkdir()
    (folder / "sub dir" / "f%20{a}.txt").write_text("hello")
    (folder / "g.gz").write_bytes(gzip.compress(b"packed"))
    assert [one.path for one in files.walk(uri)] == [f"{uri}/g.gz", f"{uri}/sub dir/f%20{{a}}.txt"]
    status = files.status(f"{uri}/sub dir/f%20{{a}}.txt")
    assert status is not None
    assert (status.size, status.is_directory) == (5, False)
    assert status.modified_ms == (folder / "sub dir" / "f%20{a}.txt").stat().st_mtime_ns // 10**6
    assert files.head(status.path, 4) == b"hell"
    assert files.head(f"{uri}/g.gz", 100) == b"packed"
    assert files.status(f"{uri}/none") is None
    assert [one.path for one in files.glob(f"{uri}/*.gz")] == [f"{uri}/g.gz"]
    assert files.glob("s3://no-such-bucket/*") == []
    files.delete(f"{uri}/g.gz")
    files.delete(f"{uri}/g.gz")
    assert not (folder / "g.gz").exists()


def test_a_packed_file_that_is_cut_off_is_named(
    spark: SparkSession, folder: Path, uri: str
) -> None:
    (folder / "cut.gz").write_bytes(gzip.compress(bytes(range(256)) * 9)[:-40])
    with pytest.raises(UnreadableFileError, match=r"/cut\.gz cannot be read: Unexpected end"):
        FileSystem(spark).head(f"{uri}/cut.gz", 10_000)


@pytest.mark.parametrize("path", ["", " ", "s3://"])
def test_a_path_must_name_something(spark: SparkSession, path: str) -> None:
    with pytest.raises(ValueError, match="Write s3://bucket/prefix/"):
        FileSystem(spark).status(path)


def leaf_of(frame: DataFrame) -> str:
    """Return the name of the first step of a plan."""
    plan: Any = frame._jdf.queryExecution().sparkPlan()
    return str(plan.collectLeaves().head().nodeName())


def test_settled_rows_are_handed_on_without_a_copy(spark: SparkSession) -> None:
    frame = settled(spark.range(0, 6, 1, 2).selectExpr("id", "array(id, -id) AS l"))
    assert leaf_of(frame) == "Settled"
    flat = frame.selectExpr("id", "explode(l) AS one")
    # Spark reuses the memory of a row: what keeps rows must have copied them.
    assert [tuple(row) for row in flat.orderBy("id", "one").collect()] == [
        (number, one) for number in range(6) for one in sorted((number, -number))
    ]
    assert frame.join(frame.alias("other"), "id").count() == 6  # with itself
    assert frame.union(frame).repartition(3).distinct().count() == 6
    assert [row.id for row in frame.limit(2).collect()] == [0, 1]
    assert frame.cache().where("id > 3").count() == 2
    frame.unpersist()


def test_settled_rows_are_read_though_a_session_forgets_how(spark: SparkSession) -> None:
    session: Any = spark._jsparkSession
    methods = session.sessionState().experimentalMethods()
    set_strategies = getattr(methods, "extraStrategies_$eq")
    frame = settled(spark.range(3).toDF("id"))
    before = methods.extraStrategies()
    set_strategies(before.take(0))
    try:
        copied = frame.where("id > 0")
        assert leaf_of(copied) != "Settled"
        assert copied.count() == 2
    finally:
        set_strategies(before)
    assert leaf_of(frame.where("id > 0")) == "Settled"
