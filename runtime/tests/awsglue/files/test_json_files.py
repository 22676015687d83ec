from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from awsglue import gluetypes as glue_types
from awsglue._errors import UnreadableFileError
from awsglue._files.json_files import parse_column
from awsglue._records import Records
from awsglue._types import members
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from tests.awsglue.conftest import tree_of


def read(glue: GlueContext, uri: str, **options: Any) -> DynamicFrame:
    return glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "json", options)


def value_of(value: Any, data_type: glue_types.DataType) -> Any:
    """Return a collected value as Python has it: of a choice the value, no fields that are null."""
    if value is None:
        return None
    if isinstance(data_type, glue_types.ChoiceType):
        held = [(one, kind) for one, (_, kind) in zip(value, members(data_type), strict=True)]
        (one,) = [(inner, kind) for inner, kind in held if inner is not None]
        return value_of(*one)
    if isinstance(data_type, glue_types.StructType):
        pairs = zip(data_type.fields, value, strict=True)
        values = {field.name: value_of(inner, field.dataType) for field, inner in pairs}
        return {name: inner for name, inner in values.items() if inner is not None}
    if isinstance(data_type, glue_types.ArrayType):
        return [value_of(one, data_type.elementType) for one in value]
    return int(value) if isinstance(value, Decimal) else value


def values_of(frame: DynamicFrame) -> list[Any]:
    return [value_of(row, frame.schema()) for row in frame.toDF().collect()]


def type_text(data_type: glue_types.DataType) -> str:
    if isinstance(data_type, glue_types.ChoiceType):
        return "|".join(type_text(kind) for _, kind in members(data_type))
    if isinstance(data_type, glue_types.StructType):
        return "{" + ",".join(f"{one.name}:{type_text(one.dataType)}" for one in data_type) + "}"
    if isinstance(data_type, glue_types.ArrayType):
        return f"[{type_text(data_type.elementType)}]"
    if isinstance(data_type, glue_types.DecimalType):
        return f"decimal({data_type.precision},{data_type.scale})"
    return data_type.typeName()


#: what a field is in each record, as JSON ("" for missing); its type; its values
CASES: dict[str, tuple[Sequence[str], str, Sequence[Any]]] = {
    "small": (["1", "-2"], "int", [1, -2]),
    "largest int": (["2147483647", "-2147483648"], "int", [2**31 - 1, -(2**31)]),
    "least long": (["2147483648", "-2147483649"], "long", [2**31, -(2**31) - 1]),
    "largest long": (["9223372036854775807"], "long", [2**63 - 1]),
    "beyond 64 bits": (
        ["9223372036854775808", "-1" + "0" * 30],
        "decimal(31,0)",
        [2**63, -(10**30)],
    ),
    "38 digits": (["9" * 38], "decimal(38,0)", [10**38 - 1]),
    "39 digits stay text": (["1" * 39], "string", ["1" * 39]),
    "int and long": (["1", "2147483648"], "int|long", [1, 2**31]),
    "int, long, decimal": (
        ["1", "2147483648", "1" * 20],
        "decimal(20,0)|int|long",
        [1, 2**31, int("1" * 20)],
    ),
    "double": (["1.0", "1E5", "-0.0", "1e-400"], "double", [1.0, 1e5, -0.0, 0.0]),
    "no double holds it": (["1e400"], "string", ["1e400"]),
    "minus zero": (["-0"], "int", [0]),
    "int and double": (["1", "1.5"], "double|int", [1, 1.5]),
    "a number and a text": (["1", '"1"'], "int|string", [1, "1"]),
    "true and a text": (["true", '"true"', "false"], "boolean|string", [True, "true", False]),
    "only null": (["null", "null"], "null", [None, None]),
    "null and a number": (["null", "7"], "int", [None, 7]),
    "null among several": (["1", "null", '"x"'], "int|string", [1, None, "x"]),
    "missing": (["", "1.5"], "double", [None, 1.5]),
    "empty array": (["[]"], "[null]", [[]]),
    "array of null": (["[null]", "[null,null]"], "[null]", [[None], [None, None]]),
    "empty and full arrays": (["[]", "[1]"], "[int]", [[], [1]]),
    "several types in an array": (
        ['[1,"a",null,2.5]'],
        "[double|int|string]",
        [[1, "a", None, 2.5]],
    ),
    "arrays in arrays": (['[[1],["a"],[]]'], "[[int|string]]", [[[1], ["a"], []]]),
    "empty object": (["{}"], "{}", [{}]),
    "objects have all fields": (
        ['{"x":1}', '{"y":"b","x":2}'],
        "{x:int,y:string}",
        [{"x": 1}, {"y": "b", "x": 2}],
    ),
    "a field of several types in objects": (
        ['{"x":1}', '{"x":[2]}'],
        "{x:[int]|int}",
        [{"x": 1}, {"x": [2]}],
    ),
    "object, array and text": (
        ['{"x":1}', '[{"x":"s"}]', '"t"'],
        "[{x:string}]|string|{x:int}",
        [{"x": 1}, [{"x": "s"}], "t"],
    ),
    "objects of several kinds in an array": (
        ['[{"a":1},{"b":[]}]', '[{"a":"x"}]'],
        "[{a:int|string,b:[null]}]",
        [[{"a": 1}, {"b": []}], [{"a": "x"}]],
    ),
    "escapes": (
        ['"\\u00e9\\n\\"\\\\"', '"\\ud83d\\ude00"', '"é😀"'],
        "string",
        ['é\n"\\', "😀", "é😀"],
    ),
    "empty text": (['""'], "string", [""]),
    "with.dots and spaces": (
        ['{"a.b":1,"c d":2,"e`f":3}'],
        "{a.b:int,c d:int,e`f:int}",
        [{"a.b": 1, "c d": 2, "e`f": 3}],
    ),
    "differ in case only": (['{"k":1,"K":"x"}'], "{k:int,K:string}", [{"k": 1, "K": "x"}]),
    "SMALL": (["true"], "boolean", [True]),
    "a key twice": (['{"x":1,"x":2}', '{"x":3,"x":null}'], "{x:int}", [{"x": 2}, {}]),
}


@pytest.fixture(scope="module")
def cases(glue: GlueContext, objects: Path) -> tuple[glue_types.StructType, list[Any]]:
    """All cases, each a field, read at once."""
    folder = objects / "json_cases"
    folder.mkdir()
    records = []
    for number in range(max(len(texts) for texts, _, _ in CASES.values())):
        fields = [
            f"{json.dumps(name)}: {texts[number]}"
            for name, (texts, _, _) in CASES.items()
            if number < len(texts) and texts[number]
        ]
        records.append("{" + ", ".join(fields) + "}")
    (folder / "f.json").write_text("\n".join(records), encoding="utf-8")
    frame = read(glue, f"s3://{objects.name}/json_cases")
    assert frame.errorsCount() == 0
    return frame.schema(), values_of(frame)


@pytest.mark.parametrize("name", CASES)
def test_the_type_and_the_values_of_a_field(
    cases: tuple[glue_types.StructType, list[Any]], name: str
) -> None:
    schema, records = cases
    texts, kind, values = CASES[name]
    assert type_text(schema.getField(name).dataType) == kind
    got = [record.get(name) for record in records[: len(texts)]]
    assert got == list(values)
    assert [type(one) for one in got] == [type(one) for one in values]


def test_fields_have_the_order_of_their_first_occurrence(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    (folder / "a.json").write_text('{"z":1,"y":{"d":1,"c":2}}\n{"x":1,"z":2}\n')
    # The second file is larger, and Spark reads larger files first.
    (folder / "b.json").write_text('{"a":1,"x":1,"y":{"b":1,"c":1}}\n' * 50)
    frame = read(glue, uri)
    assert [line.strip("|- ") for line in tree_of(frame)] == [
        *("z: int", "y: struct", "d: int", "c: int", "b: int", "x: int", "a: int"),
    ]


MALFORMED: dict[str, str] = {
    "no JSON": "hello",
    "cut off": '{"a": 1',
    "a single quote": "{'a': 1}",
    "not a number": '{"a": NaN}',
    "infinite": '{"a": Infinity}',
    "a leading zero": '{"a": 01}',
    "a comment": '{"a": 1} // one',
    "more behind it": '{"a": 1} x',
    "a wrong escape": '{"a": "\\q"}',
    "a line end in a text": '{"a": "\t"}',
    "a scalar": "42",
    "null": "null",
    "a text": '"a"',
    "too deep": '{"a":' * 201 + "1" + "}" * 201,
}


def test_malformed_lines_are_error_records_and_leave_no_types(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    good = '{"a": 1, "b": 2}'
    bad_types = '{"a": "text", "c": {"d": [1]}, "b": [7], '
    lines = [good, bad_types, *MALFORMED.values(), good]
    (folder / "f.json").write_text("\n".join(lines), encoding="utf-8")
    frame = read(glue, uri)
    assert type_text(frame.schema()) == "{a:int,b:int}"
    assert values_of(frame) == [{"a": 1, "b": 2}] * 2
    assert (frame.count(), frame.errorsCount()) == (2, len(MALFORMED) + 1)
    assert frame.stageErrorsCount() == len(MALFORMED) + 1, "reading is the only step"
    errors = [row["error"] for row in frame.errorsAsDynamicFrame().toDF().collect()]
    assert [error["input"] for error in errors] == [
        text.strip('"')
        for text in lines[1:-1]  # of a scalar, the value
    ]
    assert all(error["source"].endswith("/f.json") for error in errors)
    reasons = {error["input"]: error["msg"] for error in errors}
    assert "not a JSON object" in reasons["42"]
    assert "201" not in reasons[MALFORMED["too deep"]]
    assert "more than 200 levels" in reasons[MALFORMED["too deep"]]


def test_many_malformed_lines_are_read_again(glue: GlueContext, folder: Path, uri: str) -> None:
    lines = [f"bad {number}" for number in range(300)] + ['{"a": 1}']
    (folder / "f.json").write_text("\n".join(lines))
    frame = read(glue, uri)
    assert (frame.count(), frame.errorsCount()) == (1, 300)
    errors = frame.errorsAsDynamicFrame().toDF()
    assert {row[0] for row in errors.select("error.input").collect()} == set(lines[:-1])
    assert errors.count() == 300


@pytest.mark.parametrize(
    ("text", "options", "values"),
    [
        pytest.param(b'\xef\xbb\xbf{"a":1}\r\n\r\n{"a":2}\r\n', {}, [1, 2], id="mark and CRLF"),
        pytest.param(b'{"a":1}\n  \n\t{"a":2}  ', {}, [1, 2], id="blanks"),
        pytest.param(b'[{"a":1},{"a":2}]\n{"a":3}', {}, [1, 2, 3], id="an array in a line"),
        pytest.param(b'[\n{"a":1},\n{"a":2}\n]\n', {}, [1, 2], id="an array of lines"),
        pytest.param(b'{"a":1}{"a":2}\n', {}, [1, 2], id="two in a line"),
        pytest.param(b'{"a":"\xe9"}\n', {"encoding": "ISO-8859-1"}, ["é"], id="encoding"),
        pytest.param(
            '{"a":"é"}\n{"a":"ü"}'.encode("utf-16"), {"encoding": "UTF-16"}, ["é", "ü"], id="UTF-16"
        ),
        pytest.param(
            '{"a":\n"é"}'.encode("latin-1"),
            {"encoding": "latin-1", "multiline": True},
            ["é"],
            id="encoded values",
        ),
        pytest.param(b'\xef\xbb\xbf {"a":\n1}\n{"a":2}', {"multiline": True}, [1, 2], id="values"),
        pytest.param(
            b'[{"a":1},\n\n{"a":2}] [{"a":3}]', {"multiline": "true"}, [1, 2, 3], id="arrays"
        ),
        pytest.param(b'[[{"a":1}],[]]', {"multiLine": True}, [1], id="an array in an array"),
        pytest.param(
            b'{"r":[{"a":1},{"a":2}],"s":{"a":9}}', {"jsonPath": "$.r[*]"}, [1, 2], id="path"
        ),
        pytest.param(
            b'{"r":[{"a":1},{"a":2}]}', {"jsonPath": "$.r"}, [1, 2], id="path to an array"
        ),
        pytest.param(
            b'{"r":{"x":{"a":1},"y":{"a":2}}}', {"jsonPath": "$.r.*"}, [1, 2], id="any field"
        ),
        pytest.param(b'{"r":[{"a":1},{"a":2}]}', {"jsonPath": "$['r'][1]"}, [2], id="index"),
        pytest.param(
            b'{"x":{"a":1},\n"y":{"a":2},"z":{"a":3}}',
            {"jsonPath": "$['x','z']", "multiline": True},
            [1, 3],
            id="names",
        ),
        pytest.param(
            b'{"r":{"a":1}}\n{"q":{"a":2}}\n{"r":{"a":3}}',
            {"jsonPath": "$.r", "optimizePerformance": True},
            [1, 3],
            id="a path that some lack",
        ),
    ],
)
def test_where_records_may_stand(
    glue: GlueContext,
    folder: Path,
    uri: str,
    text: bytes,
    options: Mapping[str, Any],
    values: list[Any],
) -> None:
    (folder / "f.json").write_bytes(text)
    frame = read(glue, uri, **options)
    assert [record["a"] for record in values_of(frame)] == values
    assert frame.errorsCount() == 0


def test_a_path_to_what_is_no_record(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.json").write_text('{"id": 7}\n{"id": {"a": 1}}\n{"id": [8, {"a": 2}]}\n')
    frame = read(glue, uri, jsonPath="$.id")
    assert values_of(frame) == [{"a": 1}, {"a": 2}]
    errors = [row["error"]["input"] for row in frame.errorsAsDynamicFrame().toDF().collect()]
    assert errors == ["7", "8"]


@pytest.mark.parametrize("encoding", ["UTF-8", "latin-1"])
def test_after_a_malformed_value_the_rest_of_a_file_is_an_error(
    glue: GlueContext, folder: Path, uri: str, encoding: str
) -> None:
    text = '{"a":\n"é"}\n{"a": 2,\n {"b": 3}'
    (folder / "f.json").write_bytes(text.encode(encoding))
    (folder / "g.json").write_text('{"a": 4}')
    frame = read(glue, uri, multiline=True, encoding=encoding)
    assert sorted(map(str, values_of(frame))) == ["{'a': 'é'}", "{'a': 4}"]
    assert type_text(frame.schema()) == "{a:int|string}"
    assert frame.errorsCount() == 1
    error = frame.errorsAsDynamicFrame().toDF().first()
    assert error is not None
    assert error["error"]["input"] == '{"a": 2,\n {"b": 3}'


def test_with_schema_brings_records_to_it(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.json").write_text('{"a":"1","b":2,"c":3}\n{"a":"x"}\n')
    wanted = glue_types.StructType(
        [
            glue_types.Field("b", glue_types.StringType()),
            glue_types.Field("a", glue_types.LongType()),
            glue_types.Field("z", glue_types.DateType()),
        ]
    )
    text = json.dumps(wanted.jsonValue())
    frame = read(glue, uri, withSchema=text, optimizePerformance=True)
    assert type_text(frame.schema()) == "{b:string,a:long,z:date}"
    assert values_of(frame) == [{"b": "2", "a": 1}, {}]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"jsonPath": "a.b"}, "jsonPath 'a.b' cannot be read"),
        ({"encoding": "klingon"}, "no encoding 'klingon'"),
        ({"withSchema": "{}"}, "withSchema must be the JSON of a StructType"),
        ({"multiline": "perhaps"}, "neither true nor false"),
    ],
)
def test_options_without_meaning_are_refused_at_once(
    glue: GlueContext, folder: Path, uri: str, options: Mapping[str, Any], says: str
) -> None:
    (folder / "f.json").write_text("{}")
    with pytest.raises(ValueError, match=says):
        read(glue, uri, **options)


def test_partitions_are_texts_and_win_over_fields(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    (folder / "day=07").mkdir()
    (folder / "day=07" / "f.json").write_text('{"day": 9, "a": 1}\nbad\n')
    frame = read(glue, uri)
    assert type_text(frame.schema()) == "{a:int,day:string}"
    assert values_of(frame) == [{"a": 1, "day": "07"}]
    assert frame.errorsCount() == 1


def test_keys_that_differ_in_case_only(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.json").write_text('{"id":1,"ID":"a","Id":[2]}\n{"ID":"b"}\n')
    frame = read(glue, uri)
    assert type_text(frame.schema()) == "{id:int,ID:string,Id:[int]}"
    assert values_of(frame) == [{"id": 1, "ID": "a", "Id": [2]}, {"ID": "b"}]


def test_keys_that_differ_in_case_only_are_told_apart_by_every_step(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    (folder / "f.json").write_text('{"id":1,"ID":"a","s":{"x":1,"X":true}}\n')
    frame = read(glue, uri).drop_fields(["ID", "s.x"]).rename_field("s.X", "new")
    assert values_of(frame) == [{"id": 1, "new": True}]
    assert glue.spark_session.conf.get("spark.sql.caseSensitive") == "false"


@pytest.mark.parametrize("multiline", [False, True])
def test_a_packed_file_that_is_cut_off_is_named(
    glue: GlueContext, folder: Path, uri: str, multiline: bool
) -> None:
    packed = gzip.compress(b'{"a": 1}\n' * 1000)
    (folder / "whole.json.gz").write_bytes(packed)
    assert read(glue, uri, multiline=multiline).count() == 1000
    (folder / "cut.json.gz").write_bytes(packed[:-20])
    with pytest.raises(UnreadableFileError, match=r"cut\.json\.gz cannot be read"):
        read(glue, uri, multiline=multiline).schema()


def test_records_are_found_across_the_splits_of_a_file(
    glue: GlueContext, spark: SparkSession, folder: Path, uri: str
) -> None:
    lines = [f'{{"n": {n}, "text": "{"x" * (n % 50)}"}}' for n in range(2000)]
    (folder / "f.json").write_text("\n".join(lines))
    spark.conf.set("spark.sql.files.maxPartitionBytes", "3000")
    try:
        frame = read(glue, uri)
        assert frame.getNumPartitions() > 10
        assert [record["n"] for record in values_of(frame)] == list(range(2000))
    finally:
        spark.conf.unset("spark.sql.files.maxPartitionBytes")


def test_wide_records_and_long_lines(glue: GlueContext, folder: Path, uri: str) -> None:
    wide = {f"c{number}": number if number % 2 else str(number) for number in range(5000)}
    (folder / "wide.json").write_text(json.dumps(wide) + "\n")
    (folder / "long.json").write_text(json.dumps({"long": "x" * 30_000_000}) + "\n")
    frame = read(glue, uri)
    assert len(frame.schema().fields) == 5001
    assert frame.schema().fields[0].name == "long"
    kept = frame.select_fields(["c4999", "long"]).toDF().selectExpr("c4999", "length(long)")
    assert sorted(map(tuple, kept.collect()), key=str) == [(4999, None), (None, 30_000_000)]


def test_the_types_are_found_once_and_columns_are_pruned(
    glue: GlueContext, spark: SparkSession, folder: Path, uri: str
) -> None:
    (folder / "f.json").write_text('{"a": 1, "b": {"c": "x"}}\nbad\n')
    frame = read(glue, uri)
    frame.schema()
    tracker = spark.sparkContext.statusTracker()
    before = len(tracker.getJobIdsForGroup())
    assert frame.errorsCount() == 1
    assert len(tracker.getJobIdsForGroup()) == before  # known from the pass for the types
    plan = frame.select_fields(["a"]).toDF()._jdf.queryExecution().toString()
    assert "ReadSchema: struct<a:int>" in plan


def test_only_malformed_text_has_no_fields(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.json").write_text("no json\n")
    frame = read(glue, uri)
    assert (frame.schema().fields, frame.count(), frame.errorsCount()) == ([], 0, 1)


def test_records_without_fields_are_records(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.json").write_text("{}\n{}\n")
    frame = read(glue, uri)
    assert (frame.schema().fields, frame.count(), frame.errorsCount()) == ([], 2, 0)


def test_many_threads_read_at_once(glue: GlueContext, folder: Path, uri: str) -> None:
    (folder / "f.json").write_text('{"a": 1}\n{"a": "x"}\n')
    results: list[Any] = []
    threads = [
        threading.Thread(target=lambda: results.append(values_of(read(glue, uri))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[{"a": 1}, {"a": "x"}]] * 4


def test_a_column_of_json_texts(spark: SparkSession) -> None:
    texts = ['{"a": 1}', '{"a": "x", "b": [1.5]}', "[true]", "bad", None, "7", '{"a": 1} 2', "null"]
    frame = spark.createDataFrame([(text,) for text in texts], "`t.t` string").coalesce(1)
    column = parse_column(Records.of(frame), "`t.t`")
    assert type_text(column.type) == "[boolean]|int|{a:int|string,b:[double]}"
    assert column.malformed == 2
    rows = frame.selectExpr(f"{column.sql} AS v").collect()
    assert [value_of(row["v"], column.type) for row in rows] == [
        *({"a": 1}, {"a": "x", "b": [1.5]}, [True], None, None, 7, None, None),
    ]
    inside = column.sql.replace("`t.t`", "x")
    arrays = frame.selectExpr(f"transform(array(`t.t`), x -> {inside}) AS v").collect()
    assert [row["v"][0] for row in arrays] == [row["v"] for row in rows]


# What Python holds in dictionaries and JSON can tell: no lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**140), 2**140)
    | st.integers(-10, 10)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "A", ""]) | texts, inner, max_size=3)
    ),
    max_leaves=8,
)
records = st.dictionaries(st.sampled_from("abc") | texts, documents, max_size=4)


def expected(value: Any) -> Any:
    """Return a value as it should come back: no null fields, too long whole numbers as texts."""
    if isinstance(value, dict):
        return {name: expected(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [expected(one) for one in value]
    long = isinstance(value, int) and len(str(abs(value))) > 38
    return str(value) if long else value


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(batch=st.lists(records, min_size=1, max_size=40), multiline=st.booleans())
def test_every_value_comes_back(
    glue: GlueContext, objects: Path, batch: list[dict[str, Any]], multiline: bool
) -> None:
    place = objects / "json_property.json"
    lines = [json.dumps(one, indent=1 if multiline else None, ensure_ascii=False) for one in batch]
    place.write_text("\n".join(lines), encoding="utf-8", newline="")
    frame = read(glue, f"s3://{objects.name}/json_property.json", multiline=multiline)
    want = [expected(json.loads(line)) for line in lines]
    got = values_of(frame)
    assert got == want
    assert repr(got) == repr([_ordered(one, like) for one, like in zip(want, got, strict=True)])
    assert frame.errorsCount() == 0


def _ordered(value: Any, like: Any) -> Any:
    """Return a value with its keys in the order of another, so that their texts compare types."""
    if isinstance(value, dict):
        return {name: _ordered(value[name], like[name]) for name in like}
    if isinstance(value, list):
        return [_ordered(one, other) for one, other in zip(value, like, strict=True)]
    return value
