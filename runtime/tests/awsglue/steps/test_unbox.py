from __future__ import annotations

import json
from typing import Any

import pytest

from awsglue import _types
from awsglue._errors import NotAvailableError
from awsglue.transforms import Unbox
from tests.awsglue.conftest import Make, rows_of, tree_of

SCHEMA = _types.parse("struct<x:int,y:string>")
SPARK_SCHEMA = {
    "type": "struct",
    "fields": [
        {"name": "x", "type": "integer", "nullable": True, "metadata": {}},
        {"name": "y", "type": "string", "nullable": True, "metadata": {}},
    ],
}


def test_json_becomes_what_it_says(make: Make) -> None:
    texts = ['{"b": 1, "a": [1, "x"]}', '{"b": "2"}', None, "null", '{"b": ', "  "]
    frame = make("n int, s struct<t:string>, z int", *((n, (text,), n)
                 for n, text in enumerate(texts)))  # fmt: skip
    unboxed = Unbox.apply(frame, "s.t", "json", info="mine")
    assert tree_of(unboxed) == [
        "|-- n: int",
        "|-- s: struct",
        "|    |-- t: struct",
        "|    |    |-- b: choice",
        "|    |    |    |-- int",
        "|    |    |    |-- string",
        "|    |    |-- a: array",
        "|    |    |    |-- element: choice",
        "|    |    |    |    |-- int",
        "|    |    |    |    |-- string",
        "|-- z: int",
    ]
    rows = {row["n"]: row["s"]["t"] for row in rows_of(unboxed)}
    assert rows[0] == {
        "b": {"int": 1, "string": None},
        "a": [{"int": 1, "string": None}, {"int": None, "string": "x"}],
    }
    assert rows[1] == {"b": {"int": None, "string": "2"}, "a": None}
    assert (rows[2], rows[3]) == (None, None)
    assert 4 not in rows  # it is an error record
    assert unboxed.errorsCount() == len(texts) - len(rows)
    errors = [row["error"] for row in rows_of(unboxed.errorsAsDynamicFrame())]
    assert '{"b": ' in [error["input"] for error in errors]
    assert {error["callsite"]["info"] for error in errors} == {"mine"}


@pytest.mark.parametrize(
    "schema", [json.dumps(SCHEMA.jsonValue()), json.dumps(SPARK_SCHEMA)], ids=["glue", "spark"]
)
def test_json_is_read_by_a_schema(make: Make, schema: str) -> None:
    frame = make("t string", ('{"x": 1, "other": 2}',), ('{"y": "b"}',))
    unboxed = frame.unbox("t", "json", withSchema=schema)
    assert tree_of(unboxed) == ["|-- t: struct", "|    |-- x: int", "|    |-- y: string"]
    assert rows_of(unboxed) == [{"t": {"x": 1, "y": None}}, {"t": {"x": None, "y": "b"}}]


def test_malformed_texts_are_errors_with_a_schema_too(make: Make) -> None:
    texts = ['{"x": 1}', '{"x": ', "no", '{"x": "no", "y": "b"}', '{"x": "no"}', None, "null", ""]
    frame = make("n int, s struct<t:string>", *((n, (text,)) for n, text in enumerate(texts)))
    unboxed = frame.unbox("s.t", "json", info="mine", withSchema=json.dumps(SCHEMA.jsonValue()))
    assert tree_of(unboxed)[2:] == [
        "|    |-- t: struct",
        "|    |    |-- x: int",
        "|    |    |-- y: string",
    ]
    assert {row["n"]: row["s"]["t"] for row in rows_of(unboxed)} == {
        0: {"x": 1, "y": None},
        3: {"x": None, "y": "b"},  # a value that does not fit its type is null
        4: {"x": None, "y": None},
        5: None,
        6: None,
    }
    assert unboxed.errorsCount() == unboxed.stageErrorsCount() == 3
    errors = [row["error"] for row in rows_of(unboxed.errorsAsDynamicFrame())]
    assert sorted(error["input"] for error in errors) == ["", "no", '{"x": ']
    assert {error["callsite"]["info"] for error in errors} == {"mine"}


@pytest.mark.parametrize(
    ("options", "text", "value"),
    [
        ({}, "a,1", {"col0": "a", "col1": "1"}),
        ({"separator": "|"}, 'a|"b|c"', {"col0": "a", "col1": "b|c"}),
        ({"escaper": "\\"}, "a\\,b,c", {"col0": "a,b", "col1": "c"}),
        ({"withHeader": True}, "x,y\n1,2", {"x": "1", "y": "2"}),
        ({"skipFirst": True}, "ignored\n1,2", {"col0": "1", "col1": "2"}),
        ({"withHeader": True, "skipFirst": "true"}, "ignored\nx\n1", {"x": "1"}),
        ({"withSchema": json.dumps(SCHEMA.jsonValue())}, "7,b", {"x": 7, "y": "b"}),
        ({"withSchema": json.dumps(SCHEMA.jsonValue())}, "no,b", {"x": None, "y": "b"}),
    ],
)
def test_csv_becomes_a_struct(
    make: Make, options: dict[str, Any], text: str, value: dict[str, Any]
) -> None:
    assert rows_of(make("t string", (text,)).unbox("t", "csv", **options)) == [{"t": value}]


def test_rows_of_csv_may_differ(make: Make) -> None:
    frame = make("n int, t string", (1, "a"), (2, "b,c"), (3, None), (4, "")).unbox("t", "csv")
    assert rows_of(frame) == [
        {"n": 1, "t": {"col0": "a", "col1": None}},
        {"n": 2, "t": {"col0": "b", "col1": "c"}},
        {"n": 3, "t": None},
        {"n": 4, "t": None},
    ]


def test_columns_of_csv_keep_their_order(make: Make) -> None:
    header = [f"name{number}" for number in (3, 1, 12, 7, 0, 5)]
    text = f"{','.join(header)}\n{','.join('abcdef')}"
    unboxed = make("t string", (text,)).unbox("t", "csv", withHeader=True)
    assert unboxed.toDF().select("t.*").columns == header
    assert rows_of(unboxed) == [{"t": dict(zip(header, "abcdef", strict=True))}]


@pytest.mark.parametrize("option", ["separator", "escaper"])
def test_an_option_of_csv_that_is_no_character_is_named(make: Make, option: str) -> None:
    given: dict[str, Any] = {option: "||"}
    with pytest.raises(ValueError, match=f"option {option} must be one character; it is '\\|\\|'"):
        make("t string", ("a||b",)).unbox("t", "csv", **given)


@pytest.mark.parametrize(
    ("path", "format", "error"),
    [
        ("n", "json", ValueError),  # a number is no text
        ("t", "orc", NotAvailableError),
        ("t", "avro", NotAvailableError),
        ("t", "xml", NotAvailableError),
    ],
)
def test_what_cannot_be_unboxed(make: Make, path: str, format: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        make("n int, t string", (1, "x")).unbox(path, format)
    if error is NotAvailableError:
        assert f"unbox with the format '{format}' is not in this release" in str(raised.value)
        assert "These work: json, csv." in str(raised.value)


def test_a_field_that_no_record_has_is_passed_over(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    assert rows_of(make("n int", (1,)).unbox("nothing", "json")) == [{"n": 1}]
    assert "Unbox: no record has a field nothing." in caplog.text


def test_nulls_and_nothing_stay_as_they_are(make: Make) -> None:
    assert rows_of(make("n int, t void", (1, None)).unbox("t", "json")) == [{"n": 1, "t": None}]
