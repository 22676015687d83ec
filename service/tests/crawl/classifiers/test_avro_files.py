from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawl.memory_objects import one_object, sample_of
from glueball.crawl import hive_types as hive
from glueball.crawl.classifiers import avro_files
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.samples import FARTHEST, MEGABYTE, Sample

SYNC = bytes(range(16))
RECORD = {"type": "record", "name": "r", "fields": [{"name": "Id", "type": "long"}]}


def long(number: int) -> bytes:
    """Encode a number: its sign in the lowest bit, seven bits a byte."""
    rest = number << 1 if number >= 0 else (-number << 1) - 1
    found = bytearray()
    while rest > 0x7F:
        found.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*found, rest])


def text(content: str | bytes) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return long(len(data)) + data


def header(metadata: Mapping[str, str | bytes], *, sized: bool = False) -> bytes:
    """Encode a file's header; `sized` tells how long its map is, as the specification allows."""
    pairs = b"".join(text(key) + text(value) for key, value in metadata.items())
    count = long(-len(metadata)) + long(len(pairs)) if sized else long(len(metadata))
    return b"Obj\x01" + count + pairs + long(0) + SYNC


def block(records: int, content: bytes) -> bytes:
    return long(records) + long(len(content)) + content + SYNC


def file_of(schema: Any, *blocks: bytes) -> bytes:
    return header({"avro.codec": "null", "avro.schema": json.dumps(schema)}) + b"".join(blocks)


def record(name: Any, *fields: tuple[str, Any], **more: Any) -> dict[str, Any]:
    members = [{"name": field, "type": data_type} for field, data_type in fields]
    return {"type": "record", "name": name, "fields": members, **more}


def classified(content: bytes) -> Classified | None:
    return avro_files.recognise(sample_of(content))


def known(content: bytes) -> Classified:
    found = classified(content)
    assert found is not None
    return found


def type_of(avro: Any) -> str:
    """Return the type of a column of such a type."""
    schema = {"type": "record", "name": "r", "fields": [{"name": "v", "type": avro}]}
    [column] = known(file_of(schema)).schema
    return hive.text_of(column.type)


@settings(deadline=None)
@given(st.integers(-(2**63), 2**63 - 1))
def test_numbers_are_read_as_they_are_written(number: int) -> None:
    assert avro_files._Reader(long(number), 0)._long() == number


def test_a_file() -> None:
    content = file_of(RECORD, block(3, b"".join(map(long, (1, 2, 3)))), block(1, long(-1)))
    found = known(content)
    assert found.kind == Kind(classification="avro")
    assert [(one.name, one.spelled, one.type) for one in found.schema] == [
        ("id", "Id", hive.BIGINT)
    ]
    assert found.records == 4
    assert found.record_bytes == (21 + 19) / 4  # two numbers and the mark around each block
    assert json.loads(found.avro_schema) == RECORD
    assert " " not in found.avro_schema


@pytest.mark.parametrize("sized", [True, False])
def test_headers(sized: bool) -> None:
    metadata: dict[str, str | bytes] = {"more": b"\xff\0", "avro.schema": json.dumps(RECORD)}
    assert known(header(metadata, sized=sized)).records == 0


@pytest.mark.parametrize(
    ("avro", "data_type"),
    [
        pytest.param("null", "string", id="null"),
        pytest.param("boolean", "boolean", id="boolean"),
        pytest.param("int", "int", id="int"),
        pytest.param("long", "bigint", id="long"),
        pytest.param("float", "float", id="float"),
        pytest.param("double", "double", id="double"),
        pytest.param("bytes", "binary", id="bytes"),
        pytest.param("string", "string", id="string"),
        pytest.param({"type": "string", "avro.java.string": "String"}, "string", id="properties"),
        pytest.param({"type": {"type": "int"}}, "int", id="a type in a type"),
        pytest.param({"type": "array", "items": "int"}, "array<int>", id="array"),
        pytest.param({"type": "map", "values": "long"}, "map<string,bigint>", id="map"),
        pytest.param({"type": "enum", "name": "e", "symbols": ["A"]}, "string", id="enum"),
        pytest.param({"type": "fixed", "name": "f", "size": 4}, "binary", id="fixed"),
        pytest.param({"type": "error", "name": "e", "fields": []}, "string", id="no fields"),
        pytest.param(["null", "int"], "int", id="may be null"),
        pytest.param(["string", "null"], "string", id="may be null, written the other way round"),
        pytest.param(["null"], "string", id="is null"),
        pytest.param([], "string", id="a union of none"),
        pytest.param(["int", "long"], "bigint", id="two numbers"),
        pytest.param(["null", "int", "double"], "double", id="two numbers or null"),
        pytest.param(["int", "string"], "uniontype<int,string>", id="a union"),
        pytest.param(["int", "string", "null"], "uniontype<int,string>", id="one with null"),
        pytest.param(
            {"type": "record", "name": "n", "fields": [{"name": "a:b", "type": ["null", "int"]}]},
            "struct<a_b:int>",
            id="record",
        ),
        pytest.param({"type": "int", "logicalType": "date"}, "date", id="date"),
        *(
            pytest.param({"type": "long", "logicalType": kind}, "timestamp", id=kind)
            for kind in (
                *("timestamp-millis", "timestamp-micros", "timestamp-nanos"),
                *("local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos"),
            )
        ),
        pytest.param({"type": "int", "logicalType": "time-millis"}, "int", id="a time of day"),
        pytest.param({"type": "long", "logicalType": "time-micros"}, "bigint", id="a longer one"),
        pytest.param({"type": "string", "logicalType": "uuid"}, "string", id="uuid"),
        pytest.param(
            {"type": "fixed", "name": "u", "size": 16, "logicalType": "uuid"},
            "string",
            id="uuid in bytes",
        ),
        pytest.param(
            {"type": "fixed", "name": "d", "size": 12, "logicalType": "duration"},
            "binary",
            id="duration",
        ),
        pytest.param(
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            "decimal(9,2)",
            id="decimal",
        ),
        pytest.param(
            {"type": "fixed", "name": "d", "size": 8, "logicalType": "decimal", "precision": 9},
            "decimal(9,0)",
            id="decimal in fixed bytes",
        ),
        pytest.param(
            {"type": "bytes", "logicalType": "decimal", "precision": 50}, "string", id="too long"
        ),
    ],
)  # fmt: skip
def test_types(avro: Any, data_type: str) -> None:
    assert type_of(avro) == data_type


@pytest.mark.parametrize(
    ("avro", "data_type"),
    [
        pytest.param({"precision": 2, "scale": 3}, "binary", id="a scale beyond the precision"),
        pytest.param({"precision": 0}, "binary", id="no precision"),
        pytest.param({"precision": "9"}, "binary", id="a text as precision"),
        pytest.param({"precision": 9, "scale": "2"}, "binary", id="a text as scale"),
        pytest.param({}, "binary", id="none"),
        pytest.param({"type": "string", "precision": 9}, "string", id="a decimal of letters"),
        pytest.param({"type": "string", "logicalType": "date"}, "string", id="a date of letters"),
        pytest.param({"type": "int", "logicalType": "timestamp-millis"}, "int", id="too short"),
        pytest.param({"logicalType": ["x"]}, "binary", id="a list"),
        pytest.param({"type": "array", "items": "int", "logicalType": "set"}, "array<int>", id="x"),
    ],
)
def test_wrong_logical_types_do_not_count(avro: dict[str, Any], data_type: str) -> None:
    """ "If a logical type is invalid, … use the underlying Avro type" (the specification)."""
    assert type_of({"type": "bytes", "logicalType": "decimal", **avro}) == data_type


@pytest.mark.parametrize(
    ("fields", "types"),
    [
        pytest.param(
            [("a", record("n", ("x", "int"))), ("b", "n")],
            ["struct<x:int>", "struct<x:int>"],
            id="by its name",
        ),
        pytest.param(
            [("a", record("n", ("x", "int"), namespace="s")), ("b", "s.n")],
            ["struct<x:int>", "struct<x:int>"],
            id="by its full name",
        ),
        pytest.param(
            [("a", record("s.n", ("x", record("m", ("y", "int"))))), ("b", "s.m")],
            ["struct<x:struct<y:int>>", "struct<y:int>"],
            id="a namespace is that of what is within",
        ),
        pytest.param(
            [("a", record("n", ("x", "int"), ("next", ["null", "n"])))],
            ["struct<x:int,next:string>"],
            id="one that holds itself",
        ),
        pytest.param(
            [("a", record("n", ("x", {"type": "array", "items": "outer"})))],
            ["struct<x:array<string>>"],
            id="one that holds the whole",
        ),
        pytest.param(
            [("a", {"type": "enum", "name": "e", "symbols": []}), ("b", "e")],
            ["string", "string"],
            id="an enum",
        ),
        pytest.param(
            [("a", record("n", ("X", "int"), ("x", "double")))],
            ["struct<X:double>"],
            id="names in another case",
        ),
    ],
)
def test_named_types(fields: Sequence[tuple[str, Any]], types: list[str]) -> None:
    found = known(file_of(record("outer", *fields)))
    assert [hive.text_of(column.type) for column in found.schema] == types


def test_what_is_no_record_is_one_column() -> None:
    [column] = known(file_of({"type": "array", "items": "int"})).schema
    assert (column.name, hive.text_of(column.type)) == ("value", "array<int>")


def test_types_that_double_with_each_level_end_somewhere() -> None:
    """Forty levels would be 2^40 fields."""
    inner: Any = record("r0", ("x", "int"))
    for level in range(1, 40):
        inner = record(f"r{level}", ("a", inner), ("b", f"r{level - 1}"))
    found = known(file_of(inner))
    assert [column.name for column in found.schema] == ["a", "b"]
    assert {hive.text_of(column.type) for column in found.schema} <= {"string"}


def test_types_that_lie_deep() -> None:
    inner: Any = "int"
    for _ in range(150):
        inner = {"type": "array", "items": inner}
    assert type_of(inner).count("<") == hive.DEEPEST + 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"Obj\x02" + file_of(RECORD)[4:], id="another version"),
        pytest.param(b"PAR1", id="another format"),
        pytest.param(gzip.compress(file_of(RECORD)), id="packed"),
        pytest.param(b"Obj\x01", id="nothing but the mark"),
        pytest.param(file_of(RECORD)[:-1], id="a header that is cut off"),
        pytest.param(header({"avro.codec": "null"}), id="no schema"),
        pytest.param(header({"avro.schema": "{"}), id="a schema that is no JSON"),
        pytest.param(header({"avro.schema": b"\xff"}), id="a schema that is no text"),
        pytest.param(file_of("other"), id="a type that is not there"),
        pytest.param(file_of({"type": "array"}), id="a member that is missing"),
        pytest.param(file_of({"type": "record", "name": "r", "fields": [1]}), id="no field"),
        pytest.param(file_of(1), id="a number as schema"),
        pytest.param(file_of(record([1], ("x", "int"))), id="a list as name"),
        pytest.param(file_of(record("r", ("x", {"type": "array", "items": None}))), id="null"),
        pytest.param(file_of(json.loads("[" * 900 + "]" * 900)), id="too deep"),
        pytest.param(b"Obj\x01" + b"\xff" * 20, id="a number without end"),
        pytest.param(b"Obj\x01" + long(1) + long(-5), id="a negative length"),
        pytest.param(file_of(RECORD, long(-1) + long(1)), id="a block of less than nothing"),
    ],
)
def test_damaged_and_other_files(content: bytes) -> None:
    assert classified(content) is None


def test_records_are_counted_or_estimated() -> None:
    content = file_of(RECORD, *([block(100, long(1) * 100)] * 20_000))
    assert len(content) > 2 * MEGABYTE
    objects, one = one_object(content)
    found = avro_files.recognise(Sample(objects, one))
    assert found is not None
    assert found.records == pytest.approx(2_000_000, rel=0.001)
    assert objects.bytes_read == MEGABYTE


def test_a_block_that_the_first_megabyte_cuts_counts_as_a_whole() -> None:
    content = file_of(RECORD, *([block(1000, bytes(3 * MEGABYTE))] * 3))
    assert known(content).records == 3000


def test_a_block_whose_head_is_cut_does_not_count() -> None:
    whole = file_of(RECORD, block(2, long(1) * 2))
    assert known(whole + b"\xff").records == 2


def test_a_long_header_is_read_to_its_end() -> None:
    schema = {**RECORD, "doc": "x" * (2 * MEGABYTE)}
    assert known(file_of(schema, block(1, long(1)))).records == 1
    objects, one = one_object(file_of({**RECORD, "doc": "x" * (12 * MEGABYTE)}))
    assert avro_files.recognise(Sample(objects, one)) is None
    assert objects.bytes_read == FARTHEST


@pytest.mark.parametrize("change", [0, 1, 0x7F, 0xFF])
def test_files_with_a_wrong_byte_are_one_or_none(change: int) -> None:
    schema = record("r", ("a", ["null", "int"]), ("b", record("s", ("x", "bytes"))))
    content = file_of(schema, block(3, bytes(9)))
    for place in range(4, len(content)):
        damaged = content[:place] + bytes([change]) + content[place + 1 :]
        for one in (damaged, damaged[: place + 1]):
            found = classified(one)
            assert found is None or found.kind == Kind(classification="avro")
