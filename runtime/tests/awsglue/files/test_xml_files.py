from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from awsglue import gluetypes as glue_types
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from tests.awsglue.files.test_json_files import type_text, values_of


def read(glue: GlueContext, uri: str, **options: Any) -> DynamicFrame:
    given = {"rowTag": "row"} | options
    return glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "xml", given)


def rows(*texts: str) -> str:
    return "<rows>" + "".join(f"<row>{text}</row>" for text in texts) + "</rows>"


#: the elements in each row; the type of the record; the records
CASES: dict[str, tuple[list[str], str, list[Any]]] = {
    "typed text": (
        ["<i>1</i><l>3000000000</l><big>12345678901234567890</big><d>1.5</d><b>true</b><s>x y</s>"],
        "{i:int,l:long,big:decimal(20,0),d:double,b:boolean,s:string}",
        [
            {
                "i": 1,
                "l": 3_000_000_000,
                "big": 12345678901234567890,
                "d": 1.5,
                "b": True,
                "s": "x y",
            }
        ],
    ),
    "text that would change as a number": (
        ["<a>007</a>", "<a>+1</a>", "<a>.5</a>", "<a>1.</a>", "<a>NaN</a>", "<a> 1</a>"],
        "{a:string}",
        [{"a": one} for one in ("007", "+1", ".5", "1.", "NaN", " 1")],
    ),
    "text of several types": (
        ["<a>1</a>", "<a>x</a>", "<a>1.5</a>", "<a>true</a>", ""],
        "{a:boolean|double|int|string}",
        [{"a": 1}, {"a": "x"}, {"a": 1.5}, {"a": True}, {}],
    ),
    "repeated": (
        ["<a>1</a><b>x</b><a>2</a>", "<a>3</a>", "<b>y</b>"],
        "{a:[int],b:string}",
        [{"a": [1, 2], "b": "x"}, {"a": [3]}, {"b": "y"}],
    ),
    "repeated of several types": (
        ["<a>1</a><a>x</a><a><b>2</b></a>"],
        "{a:[int|string|{b:int}]}",
        [{"a": [1, "x", {"b": 2}]}],
    ),
    "nested": (
        ["<p><q><r>1</r><r>2</r></q></p>", "<p><q><r>x</r></q><q/></p>"],
        "{p:{q:[string|{r:[int|string]}]}}",
        [{"p": {"q": [{"r": [1, 2]}]}}, {"p": {"q": [{"r": ["x"]}, ""]}}],
    ),
    "attributes": (
        ['<a id="7">x</a>', '<a id="y"/>', "<a>z</a>", '<a id="1"><c>2</c></a>'],
        "{a:string|{_id:int|string,_VALUE:string,c:int}}",
        [
            {"a": {"_id": 7, "_VALUE": "x"}},
            {"a": {"_id": "y"}},
            {"a": "z"},
            {"a": {"_id": 1, "c": 2}},
        ],
    ),
    "text among elements": (
        ["<a>one<b>1</b>two</a>"],
        "{a:{b:int,_VALUE:string}}",
        [{"a": {"b": 1, "_VALUE": "onetwo"}}],
    ),
    "empty and blank": (
        ["<a/><b></b><c> </c>"],
        "{a:string,b:string,c:string}",
        [{"a": "", "b": "", "c": " "}],
    ),
    "entities and CDATA": (
        ["<a>&lt;&amp;&#233;</a><b><![CDATA[<row>&]]></b><!-- <row> --><?x <row> ?>"],
        "{a:string,b:string}",
        [{"a": "<&é", "b": "<row>&"}],
    ),
    "names with prefixes and dots": (
        ['<n:a x.y="1">2</n:a>'],
        "{n:a:{_x.y:int,_VALUE:int}}",
        [{"n:a": {"_x.y": 1, "_VALUE": 2}}],
    ),
    "a row in a row": (
        ["<a>1</a><row><a>2</a></row>"],
        "{a:int,row:{a:int}}",
        [{"a": 1, "row": {"a": 2}}],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_elements_become_fields(glue: GlueContext, folder: Path, uri: str, name: str) -> None:
    texts, kind, records = CASES[name]
    (folder / "f.xml").write_text(rows(*texts), encoding="utf-8")
    frame = read(glue, uri)
    assert type_text(frame.schema()) == kind
    assert values_of(frame) == records
    assert frame.errorsCount() == 0


ODD = '<row id="1"><a> 5 </a><b/><c>x<d>1</d></c></row><rowing/>'


@pytest.mark.parametrize(
    ("options", "record"),
    [
        ({}, {"_id": 1, "a": " 5 ", "b": "", "c": {"d": 1, "_VALUE": "x"}}),
        (
            {"ignoreSurroundingSpaces": True},
            {"_id": 1, "a": 5, "b": "", "c": {"d": 1, "_VALUE": "x"}},
        ),
        ({"excludeAttribute": "true"}, {"a": " 5 ", "b": "", "c": {"d": 1, "_VALUE": "x"}}),
        ({"treatEmptyValuesAsNulls": True}, {"_id": 1, "a": " 5 ", "c": {"d": 1, "_VALUE": "x"}}),
        ({"attributePrefix": "@"}, {"@id": 1, "a": " 5 ", "b": "", "c": {"d": 1, "_VALUE": "x"}}),
        ({"valueTag": "text"}, {"_id": 1, "a": " 5 ", "b": "", "c": {"d": 1, "text": "x"}}),
        ({"rowTag": "c"}, {"d": 1, "_VALUE": "x"}),
        ({"rowTag": "d"}, {"_VALUE": 1}),
    ],
)
def test_options(
    glue: GlueContext, folder: Path, uri: str, options: Mapping[str, Any], record: dict[str, Any]
) -> None:
    (folder / "f.xml").write_text(ODD)
    assert values_of(read(glue, uri, **options)) == [record]


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        pytest.param("f.xml.gz", gzip.compress("<row><a>é</a></row>".encode()), {}, id="gzip"),
        pytest.param("f.xml.bz2", bz2.compress("<row><a>é</a></row>".encode()), {}, id="bzip2"),
        pytest.param("f.xml", b"<row><a>\xe9</a></row>", {"encoding": "ISO-8859-1"}, id="encoding"),
        pytest.param(
            "f.xml", "<row><a>é</a></row>".encode("utf-16"), {"encoding": "UTF-16"}, id="UTF-16"
        ),
        pytest.param(
            "f.xml",
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<row\n><a>\xc3\xa9</a></row\n>",
            {},
            id="mark, blanks in tags",
        ),
        pytest.param(
            "f.xml",
            "<row><a>é</a></row >".encode(),
            {"rowTag": "<row>"},
            id="brackets around the tag",
        ),
    ],
)
def test_how_files_are_packed_and_encoded(
    glue: GlueContext, folder: Path, uri: str, name: str, content: bytes, options: dict[str, Any]
) -> None:
    (folder / name).write_bytes(content)
    assert values_of(read(glue, uri, **options)) == [{"a": "é"}]


def test_nothing_outside_a_file_is_read_and_no_entity_expanded(
    glue: GlueContext, folder: Path, uri: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden")
    declared = f"""<!DOCTYPE r [<!ENTITY e SYSTEM "{secret.as_uri()}"><!ENTITY b "bomb">]>"""
    inside = f"<row><!DOCTYPE row [<!ENTITY e SYSTEM '{secret.as_uri()}'>]><a>&e;</a></row>"
    (folder / "f.xml").write_text(
        f"{declared}<r><row><a>&e;</a></row><row><a>&b;</a></row>{inside}<row><a>1</a></row></r>"
    )
    frame = read(glue, uri)
    assert values_of(frame) == [{"a": 1}]
    errors = frame.errorsAsDynamicFrame().toDF().collect()
    assert len(errors) == frame.errorsCount() == 3
    assert "hidden" not in str(errors)


def test_malformed_rows_do_no_harm_to_others(glue: GlueContext, folder: Path, uri: str) -> None:
    deep = "<d>" * 150 + "</d>" * 150
    bad = ["<a>x</b>", "<a>&nbsp;</a>", "<b><c>1</c>", deep, '<a x="1" x="2"/>']
    (folder / "f.xml").write_text(rows("<a>1</a>", *bad, "<a>2</a>") + "<row><a>3</a>")
    frame = read(glue, uri)
    assert type_text(frame.schema()) == "{a:int}"
    assert values_of(frame) == [{"a": 1}, {"a": 2}]
    assert frame.errorsCount() == len(bad) + 1
    errors = [row["error"] for row in frame.errorsAsDynamicFrame().toDF().collect()]
    assert [error["input"] for error in errors] == [
        *(f"<row>{text}</row>" for text in bad),
        "<row><a>3</a>",
    ]
    assert all(error["msg"].startswith("The text is not valid XML: ") for error in errors)
    assert "98 levels" in errors[3]["msg"]


def test_with_schema(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.xml").write_text(rows("<a>1</a><b><c>x</c></b><z>0</z>", "<a>y</a>"))
    schema = glue_types.StructType(
        [
            glue_types.Field(
                "b",
                glue_types.ArrayType(
                    glue_types.StructType([glue_types.Field("c", glue_types.StringType())])
                ),
            ),
            glue_types.Field("a", glue_types.ArrayType(glue_types.IntegerType())),
            glue_types.Field("e", glue_types.StringType()),
        ]
    )
    frame = read(glue, uri, withSchema=json.dumps(schema.jsonValue()))
    assert type_text(frame.schema()) == "{b:[{c:string}],a:[int],e:string}"
    assert values_of(frame) == [{"b": [{"c": "x"}], "a": [1]}, {"a": [None]}]


def test_columns_are_pruned_and_partitions_kept(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "day=01").mkdir()
    (folder / "day=01" / "f.xml").write_text(rows("<a>1</a><b><c>2</c></b>", "<a>3</a>"))
    frame = read(glue, uri).select_fields(["b", "day"])
    assert values_of(frame) == [{"b": {"c": 2}, "day": "01"}, {"day": "01"}]


@pytest.mark.parametrize(
    ("options", "says"),
    [({"rowTag": ""}, 'needs "rowTag"'), ({"encoding": "no such"}, "no encoding 'no such'")],
)
def test_options_without_meaning_are_refused_at_once(
    glue: GlueContext, folder: Path, uri: str, options: dict[str, str], says: str
) -> None:
    (folder / "f.xml").write_text("<row/>")
    with pytest.raises(ValueError, match=says):
        read(glue, uri, **options)


def test_rows_are_read_one_by_one(glue: GlueContext, folder: Path, uri: str) -> None:
    with (folder / "f.xml").open("w") as file:
        file.write("<rows>")
        for number in range(3000):
            file.write(f"<row><n>{number}</n><t>{'x' * 1000}</t></row>\n")
        file.write("</rows>")
    frame = read(glue, uri)
    total = frame.toDF().selectExpr("count(*)", "sum(n)", "max(length(t))").first()
    assert tuple(total or ()) == (3000, 3000 * 2999 // 2, 1000)
