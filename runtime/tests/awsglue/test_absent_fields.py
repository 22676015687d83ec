"""Records that lack a field, which is another thing than a field that is null."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from awsglue._types import mark_of
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import ApplyMapping, Filter, Join, Map, Relationalize, Union
from tests.awsglue.conftest import rows_of

FOUR = '{"id": 1, "f": 5}\n{"id": 2}\n{"id": 3, "f": 0}\n{"id": 4, "f": null}\n'


def read(glue: GlueContext, folder: Path, uri: str, text: str, format: str = "json") -> DynamicFrame:
    (folder / "records").write_text(text)
    options = {"rowTag": "r", "treatEmptyValuesAsNulls": True} if format == "xml" else {}
    return glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, format, options)


def ids(frame: DynamicFrame) -> list[int]:
    return sorted(row["id"] for row in frame.toDF().select("id").collect())


def seen(frame: DynamicFrame) -> dict[int, Any]:
    """Return the records by their ids, as a function sees them."""

    def look(row: Any) -> dict[str, Any]:
        return {"id": row["id"], "text": json.dumps(dict(row), default=str)}

    return {row["id"]: json.loads(row["text"]) for row in rows_of(frame.map(look))}


#: Functions, the records that they take of the four, and why.
PREDICATES: list[tuple[Callable[[Any], Any], list[int], str]] = [
    (lambda row: not (row["f"] == 0), [1, 4], "KeyError drops the record without it"),
    (lambda row: (not (row["f"] == 0)), [1, 4], "the form that Studio writes"),
    (lambda row: row["f"] != 0, [1, 4], "None is not 0"),
    (lambda row: row["f"] is None, [4], "null, and not absent"),
    (lambda row: row["f"] == 0, [3], "neither null nor absent"),
    (lambda row: "f" in row, [1, 3, 4], "a key of each record that has it"),
    (lambda row: "f" not in row, [2], "no key of the other"),
    (lambda row: row.get("f") is None, [2, 4], "the default is None"),
    (lambda row: row.get("f", 0) == 0, [2, 3], "another default is for absent ones only"),
    (lambda row: row.f != 0, [1, 4], "attributes are keys"),
    (lambda row: "f" not in row or row["f"] != 0, [1, 2, 4], "asked for before it is read"),
    (lambda row: row["id"] > 1 and not row["f"], [3, 4], "KeyError in the second part"),
    (lambda row: bool(row["f"]) or True, [1, 3, 4], "KeyError, whatever comes after"),
]


@pytest.mark.parametrize("called", [False, True], ids=["condition", "python"])
def test_filter_tells_absent_from_null(
    glue: GlueContext, folder: Path, uri: str, called: bool
) -> None:
    frame = read(glue, folder, uri, FOUR)
    for function, expected, reason in PREDICATES:
        f = (lambda row, g=function: g(row)) if called else function
        assert ids(Filter.apply(frame=frame, f=f)) == expected, reason
