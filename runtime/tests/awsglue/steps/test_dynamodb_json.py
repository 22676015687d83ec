"""Exports of DynamoDB, with the schemas of AWS's page and every type that there is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from tests.awsglue.conftest import rows_of, tree_of

_ITEMS = [
    {
        "id": {"S": "1"},
        "outer": {"M": {"inner": {"M": {"title": {"S": "t"}, "at": {"N": "17"}}}}},
        "tags": {"SS": ["x"]},
        "sizes": {"NS": ["1", "2"]},
        "blobs": {"BS": ["eA=="]},
        "flag": {"BOOL": True},
        "gone": {"NULL": True},
        "raw": {"B": "eQ=="},
        "texts": {"L": [{"S": "a"}, {"S": "b"}]},
        "lists": {"L": [{"L": [{"N": "3"}]}]},
        "mixed": {"L": [{"S": "a"}, {"N": "1"}]},
        "maps": {"L": [{"M": {"k": {"S": "v"}}}]},
        "empty": {"L": []},
        "several": {"S": "x"},
        "S": {"S": "named like a type"},
    },
    {"id": {"S": "2"}, "outer": {"M": {"inner": {"NULL": True}}}, "several": {"BOOL": False}},
]
_SAME = [  # what both transforms make of all fields but the map
    "|-- tags: array",
    "|    |-- element: string",
    "|-- sizes: array",
    "|    |-- element: string",
    "|-- blobs: array",
    "|    |-- element: string",
    "|-- flag: boolean",
    "|-- gone: null",
    "|-- raw: string",
    "|-- texts: array",
    "|    |-- element: string",
    "|-- lists: array",
    "|    |-- element: array",
    "|    |    |-- element: string",
    "|-- mixed: array",
    "|    |-- element: struct",
    "|    |    |-- S: string",
    "|    |    |-- N: string",
    "|-- maps: array",
    "|    |-- element: struct",
    "|    |    |-- M: struct",
    "|    |    |    |-- k: struct",
    "|    |    |    |    |-- S: string",
    "|-- empty: array",
    "|    |-- element: null",
    "|-- several: choice",
    "|    |-- boolean",
    "|    |-- string",
    "|-- S: string",
]
_VALUES = {
    "tags": ["x"],
    "sizes": ["1", "2"],
    "blobs": ["eA=="],
    "flag": True,
    "gone": None,
    "raw": "eQ==",
    "texts": ["a", "b"],
    "lists": [["3"]],
    "mixed": [{"S": "a", "N": None}, {"S": None, "N": "1"}],
    "maps": [{"M": {"k": {"S": "v"}}}],
    "empty": [],
    "several": {"boolean": None, "string": "x"},
    "S": "named like a type",
}


@pytest.fixture
def export(glue: GlueContext, folder: Path, uri: str) -> DynamicFrame:
    lines = [json.dumps({"Item": item}) for item in _ITEMS]
    (folder / "export.json").write_text("\n".join(lines))
    return glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "json")


def test_simplify_makes_structs_of_maps(export: DynamicFrame) -> None:
    simple = export.simplify_ddb_json()
    assert tree_of(simple) == [
        "|-- id: string",
        "|-- outer: struct",
        "|    |-- inner: struct",
        "|    |    |-- title: string",
        "|    |    |-- at: string",
        *_SAME,
    ]
    one, two = rows_of(simple)
    assert one == {"id": "1", "outer": {"inner": {"title": "t", "at": "17"}}, **_VALUES}
    assert two["outer"] == {"inner": None}
    assert two["several"] == {"boolean": False, "string": None}


def test_unnest_brings_the_fields_of_maps_to_the_top(export: DynamicFrame) -> None:
    flat = export.unnest_ddb_json()
    names = ["|-- id: string", "|-- outer.inner.title: string", "|-- outer.inner.at: string"]
    assert tree_of(flat) == [*names, *_SAME]
    one, _ = rows_of(flat)
    assert one == {"id": "1", "outer.inner.title": "t", "outer.inner.at": "17", **_VALUES}


def test_what_is_no_export_stays_as_it_is(export: DynamicFrame) -> None:
    simple = export.simplify_ddb_json()
    again = simple.simplify_ddb_json()
    assert tree_of(again) == tree_of(simple)
    assert rows_of(again) == rows_of(simple)
