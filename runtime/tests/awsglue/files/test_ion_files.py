from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from awsglue._errors import MissingJarError
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from glueball_runtime import scala
from tests.awsglue.conftest import rows_of, tree_of

TEXT = """
$ion_1_0
{id: 1, name: ann, price: 1.5, tags: [a, "b c", 3], when: 2026-11-21T05:07:31.250Z, on: true}
user::{id: 9000000000, price: 12345678901234567890.12, raw: {{aGVsbG8=}}, none: null.int,
       inner: {list: (x y), not: nan, e: 1e3}}
// a comment
{id: 12345678901234567890123, price: 2., 'odd name': "\\u00fc\\n"}
"""
#: the version marker, and a struct of the symbol `name` (4 in the system's table) and the number 5
BINARY = bytes.fromhex("e00100ead3842105")


def read(glue: GlueContext, uri: str) -> DynamicFrame:
    return glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "ion")


def test_values_keep_their_types(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "a.ion").write_text(TEXT)
    frame = read(glue, uri)
    assert tree_of(frame) == [
        "|-- id: choice",
        "|    |-- decimal(23,0)",
        "|    |-- int",
        "|    |-- long",
        "|-- name: string",
        "|-- price: choice",
        "|    |-- double",
        "|    |-- string",
        "|-- tags: array",
        "|    |-- element: choice",
        "|    |    |-- int",
        "|    |    |-- string",
        "|-- when: string",
        "|-- on: boolean",
        "|-- raw: string",
        "|-- none: null",
        "|-- inner: struct",
        "|    |-- list: array",
        "|    |    |-- element: string",
        "|    |-- not: string",
        "|    |-- e: double",
        "|-- odd name: string",
    ]
    rows = {row["name"] or row["odd name"]: row for row in rows_of(frame)}
    first, second, third = rows["ann"], rows[None], rows["ü\n"]
    assert first["id"] == {"decimal": None, "int": 1, "long": None}
    assert first["tags"] == [
        {"int": None, "string": "a"},
        {"int": None, "string": "b c"},
        {"int": 3, "string": None},
    ]
    assert (first["when"], first["on"]) == ("2026-11-21T05:07:31.250Z", True)
    assert second["price"] == {"double": None, "string": "12345678901234567890.12"}
    assert (second["raw"], second["inner"]) == (
        "aGVsbG8=",
        {"list": ["x", "y"], "not": "NaN", "e": 1000.0},
    )
    assert int(third["id"]["decimal"]) == 12345678901234567890123
    assert third["price"] == {"double": 2.0, "string": None}


def test_binary_and_packed_files(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "a.10n").write_bytes(BINARY)
    (folder / "b.ion.gz").write_bytes(gzip.compress(b"{name: 6}{name: 7}"))
    frame = read(glue, uri)
    assert rows_of(frame) == [{"name": 5}, {"name": 6}, {"name": 7}]
    assert frame.errorsCount() == 0


def test_what_follows_a_malformed_value_is_an_error(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    (folder / "a.ion").write_text("{a: 1} 7 {a: 2} {a: ")
    frame = read(glue, uri)
    assert rows_of(frame) == [{"a": 1}, {"a": 2}]
    messages = [row.error.msg for row in frame.errorsAsDynamicFrame().toDF().collect()]
    assert sorted(messages)[0] == "The value is not a JSON object."
    assert sorted(messages)[1].startswith("The value is not valid Ion:")
    assert len(messages) == frame.errorsCount() == 2


def test_without_its_library_ion_says_how_to_get_it(
    glue: GlueContext, folder: Path, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.ion").write_text("{a: 1}")
    monkeypatch.setattr(scala, "reads_ion", lambda: False)
    with pytest.raises(MissingJarError, match="The format ion needs ion-java"):
        read(glue, uri).count()
