from __future__ import annotations

import json
import re
from typing import Any

import pytest

from glueball.core.crawler_configuration import Configuration, read_configuration
from glueball.core.errors import InvalidInput


def tables(**members: Any) -> dict[str, Any]:
    return {"CrawlerOutput": {"Tables": members}}


def partitions(**members: Any) -> dict[str, Any]:
    return {"CrawlerOutput": {"Partitions": members}}


@pytest.mark.parametrize("text", [None, "", '{"Version": 1.0}', '{"Version":1}'])
def test_what_asks_for_nothing(text: str | None) -> None:
    assert read_configuration(text) == Configuration()


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (tables(AddOrUpdateBehavior="MergeNewColumns"), {"merge_columns": True}),
        (tables(TableThreshold=5), {"most_tables": 5}),
        (partitions(AddOrUpdateBehavior="InheritFromTable"), {"inherit": True}),
        ({"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}, {"combine": True}),
        ({"Grouping": {"TableLevelConfiguration": 2.0}}, {"table_level": 2}),
        ({"CreatePartitionIndex": False}, {"partition_index": False}),
        ({"CreatePartitionIndex": True}, {}),
        ({"Grouping": {}, "CrawlerOutput": {"Tables": {}, "Partitions": {}}}, {}),
    ],
)
def test_what_may_be_asked_for(given: dict[str, Any], asked: dict[str, Any]) -> None:
    assert read_configuration(json.dumps({"Version": 1.0, **given})) == Configuration(**asked)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param(
            partitions(UpdateBehavior="LOG"),
            "CrawlerOutput.Partitions contains unsupported keys: UpdateBehavior. It can have "
            "AddOrUpdateBehavior.",
            id="as AWS says it",
        ),
        pytest.param({"z": 1, "a": 2}, "Configuration contains unsupported keys: a, z. ", id="top"),
        pytest.param(
            {"CrawlerOutput": {"tables": {}}},
            "CrawlerOutput contains unsupported keys: tables. It can have Tables, Partitions.",
            id="case matters",
        ),
        pytest.param({"Grouping": {"Level": 2}}, "Grouping contains unsupported", id="grouping"),
        pytest.param({"x" * 200: 1}, "keys: " + "x" * 100 + "…. ", id="long names are cut"),
        pytest.param({"\ud800": 1}, "keys: \\ud800. ", id="half a character can be sent"),
        pytest.param({"Grouping": None}, "Grouping must be a JSON object", id="null"),
        pytest.param({"CrawlerOutput": []}, "CrawlerOutput must be a JSON object", id="a list"),
        pytest.param(
            {"CrawlerOutput": {"Tables": "MergeNewColumns"}},
            'CrawlerOutput.Tables must be a JSON object with members out of AddOrUpdateBehavior, '
            'TableThreshold; it is "MergeNewColumns".',
            id="a word",
        ),
        pytest.param(
            tables(AddOrUpdateBehavior="InheritFromTable"),
            'CrawlerOutput.Tables.AddOrUpdateBehavior is "InheritFromTable"; it can be '
            "MergeNewColumns, or left out.",
            id="a word of elsewhere",
        ),
        pytest.param(
            {"Grouping": {"TableGroupingPolicy": ["x"]}}, "is a list; it can be", id="no word"
        ),
        pytest.param(tables(TableThreshold={}), "is an object; it must be a whole", id="no number"),
        *(
            pytest.param(
                {"Grouping": {"TableLevelConfiguration": wrong}},
                f"Grouping.TableLevelConfiguration is {json.dumps(wrong)}; it must be a whole "
                "number from 1 on.",
                id=f"level {wrong}",
            )
            for wrong in (0, -1, 1.5, "2", True, None, float("inf"), float("nan"))
        ),
        *(
            pytest.param(
                {"CreatePartitionIndex": wrong}, "it must be true or false", id=f"flag {wrong}"
            )
            for wrong in ("false", 0, None)
        ),
        *(
            pytest.param(
                {"Version": wrong},
                f"Version of Configuration is {json.dumps(wrong)}; it must be 1.0.",
                id=f"version {wrong!r}",
            )
            for wrong in (2, 1.1, "1.0", True, None)
        ),
    ],
)  # fmt: skip
def test_what_means_nothing(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(says)):
        read_configuration(json.dumps({"Version": 1.0, **given}))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("{", "Configuration is not valid JSON: ", id="cut off"),
        pytest.param("[1]", "Configuration must be a JSON object with members", id="a list"),
        pytest.param("1.0", "Configuration must be a JSON object with members", id="a number"),
        pytest.param("null", "Configuration must be a JSON object with members", id="null"),
        pytest.param("[" * 100_000, "nested too deep", id="depth"),
        pytest.param("9" * 5_000, "is not valid JSON", id="digits that Python does not read"),
        pytest.param("{}", 'Configuration lacks Version. Begin it so: {"Version": 1.0', id="{}"),
        pytest.param('{"CreatePartitionIndex": true}', "lacks Version", id="no version"),
    ],
)
def test_what_is_no_configuration(text: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(says)):
        read_configuration(text)
