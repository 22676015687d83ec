from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from awsglue._files.grouping import AUTOMATIC_FROM, partitions
from awsglue.context import GlueContext

GIVEN = {"groupFiles": "inPartition"}


@pytest.mark.parametrize(
    ("options", "files", "size", "groups", "reason"),
    [
        ({}, AUTOMATIC_FROM - 1, 1, None, "Spark plans by itself"),
        ({}, AUTOMATIC_FROM, 1, 4, "so many files are grouped unasked"),
        ({"groupFiles": "none"}, AUTOMATIC_FROM, 1, None, "switched off"),
        ({"groupSize": "1048576"}, 10, 1, None, "a size alone switches nothing on"),
        (GIVEN, 10, 1, 4, "never fewer than run at once"),
        (GIVEN | {"groupSize": "1048576"}, 10, 10 << 20, 10, "by size"),
        (GIVEN | {"groupSize": 1048576}, 10, (10 << 20) + 1, 11, "the rest needs a group too"),
        ({"groupFiles": "INPARTITION", "groupSize": 10}, 1, 100, 10, "case does not matter"),
    ],
)
def test_how_many_groups(
    options: dict[str, Any], files: int, size: int, groups: int | None, reason: str
) -> None:
    assert partitions(options, files=files, size=size, parallelism=4) == groups, reason


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groupFiles": "always"}, "groupFiles is 'always'"),
        ({"groupSize": "1 MB"}, "groupSize is '1 MB'"),
        (GIVEN | {"groupSize": 0}, "groupSize is 0"),
    ],
)
def test_options_that_mean_nothing(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        partitions(options, files=1, size=1, parallelism=1)


def test_small_files_are_read_by_few_tasks(glue: GlueContext, folder: Path, uri: str) -> None:
    for number in range(100):
        (folder / f"{number}.csv").write_text(f"{number}\n")
    numbers = {}
    for mode in ("none", "inPartition"):
        frame = glue.create_dynamic_frame.from_options(
            "s3", {"paths": [uri], "groupFiles": mode}, "csv"
        )
        assert frame.count() == 100
        numbers[mode] = frame.getNumPartitions()
    assert numbers["inPartition"] == 2 < numbers["none"]
