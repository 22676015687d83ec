from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from awsglue.transforms import Spigot
from tests.awsglue.conftest import Make


def lines_of(folder: Path) -> list[Any]:
    files = sorted(folder.glob("part-*.json"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@pytest.mark.parametrize(
    ("options", "low", "high"),
    [
        ({"topk": 3}, 3, 3),
        ({"topk": "3"}, 3, 3),
        ({"prob": 0.5}, 200, 800),
        ({"prob": 0}, 0, 0),
        ({"prob": 1.0, "topk": 5}, 5, 5),
        (None, 100, 100),  # no option at all
    ],
)
def test_a_sample_is_written_and_all_records_go_on(
    make: Make, folder: Path, uri: str, options: Any, low: int, high: int
) -> None:
    frame = make("a int, s struct<b:string>", *((n, ("x",)) for n in range(1000)))
    assert Spigot.apply(frame, uri, options).count() == 1000
    lines = lines_of(folder)
    assert low <= len(lines) <= high
    assert all(line["s"] == {"b": "x"} for line in lines)


def test_the_first_records_are_written(make: Make, folder: Path, uri: str) -> None:
    make("a int", *((n,) for n in range(9))).coalesce(1).spigot(uri, {"topk": 2})
    assert lines_of(folder) == [{"a": 0}, {"a": 1}]


@pytest.mark.parametrize(
    "options", [{"topk": -1}, {"prob": 2}, {"prob": "many"}, {"top": 3}]
)  # out of bounds, no number, no option
def test_wrong_options_are_refused(make: Make, uri: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        make("a int", (1,)).spigot(uri, options)
