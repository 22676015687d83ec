from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from awsglue._errors import ConnectionOptionError
from awsglue._files import sampling
from awsglue.context import GlueContext
from glueball_runtime import bookmarks
from tests.awsglue.catalog_tables import Tables


@pytest.fixture
def lake(folder: Path) -> Path:
    """Three partitions of three files of two records."""
    for partition in range(3):
        directory = folder / f"day={partition}"
        directory.mkdir()
        for file in range(3):
            line = f'{{"id": {partition * 10 + file}}}\n'
            (directory / f"{file}.json").write_text(line * 2)
    return folder


@pytest.mark.parametrize(
    ("num", "given", "files", "count"),
    [
        pytest.param(100, {}, 9, 18, id="all that is there"),
        pytest.param(5, {}, 9, 5, id="the first records"),
        pytest.param(0, {}, 9, 0, id="none"),
        pytest.param(100, {"maxSamplePartitions": 2}, 6, 12, id="of the first partitions"),
        pytest.param(
            100,
            {"maxSamplePartitions": "1", "maxSampleFilesPerPartition": "2"},
            2,
            4,
            id="of their first files, in texts",
        ),
    ],
)
def test_a_sample_reads_few_records_of_few_files(
    glue: GlueContext,
    lake: Path,
    uri: str,
    num: int,
    given: dict[str, Any],
    files: int,
    count: int,
) -> None:
    frame = glue.create_sample_dynamic_frame_from_options(
        "s3", {"paths": [uri], "recurse": True}, num, given, format="json"
    )
    assert frame.count() == count
    if num == 100:
        assert len({row.id for row in frame.toDF().collect()}) == files


def test_a_sample_leaves_the_bookmark_alone(glue: GlueContext, lake: Path, uri: str) -> None:
    class Untouched(bookmarks.Bookmarks):
        def __init__(self) -> None:
            """Knows nothing, and is asked for nothing."""

        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(f"the bookmark was asked for {name}")

    bookmarks.activate(Untouched())
    try:
        source = glue.getSource("s3", transformation_ctx="source", paths=[uri])
        source.setFormat("json")
        assert source.getSampleFrame(3).count() == 3
    finally:
        bookmarks.deactivate()


def test_a_sample_of_a_table(glue: GlueContext, lake: Path, uri: str, tables: Tables) -> None:
    tables.make("sampled", uri, {"classification": "json"}, has="id int", keys="day string")
    for day in range(3):
        tables.add("sampled", [str(day)], f"{uri}/day={day}")
    names = (tables.database, "sampled")
    sample = glue.create_sample_dynamic_frame_from_catalog(*names, 7, push_down_predicate="day > 0")
    assert sample.count() == 7
    few = {"maxSamplePartitions": 1, "maxSampleFilesPerPartition": 1}
    frame = glue.create_sample_dynamic_frame_from_catalog(*names, 100, few)
    assert frame.count() == 2


@pytest.mark.parametrize("num", [None, -1])
def test_a_sample_has_a_size(glue: GlueContext, lake: Path, uri: str, num: int | None) -> None:
    with pytest.raises(ValueError, match=f"num is {num}"):
        glue.create_sample_dynamic_frame_from_options("s3", {"path": uri}, num, format="json")


@pytest.mark.parametrize("value", ["many", 0, -3])
def test_bounds_are_numbers(value: Any) -> None:
    with pytest.raises(ConnectionOptionError, match="must be a number above 0"):
        sampling.options_of({"maxSamplePartitions": value})
