from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from awsglue._errors import FieldNotFoundError, NotAvailableError, UnwritableFieldError
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.gluetypes import ChoiceType
from tests.awsglue.conftest import Make, rows_of


def write(
    glue: GlueContext, frame: DynamicFrame, uri: str, name: str, **options: Any
) -> DynamicFrame:
    named: dict[str, Any] = {
        key: options.pop(key) for key in ("partitionKeys", "compression") if key in options
    }
    return glue.write_dynamic_frame.from_options(
        frame=frame,
        connection_type="s3",
        connection_options={"path": uri, **named},
        format=name,
        format_options=options,
    )


def files_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))


def texts_in(folder: Path) -> list[str]:
    return [path.read_text() for path in files_in(folder)]


# Each row: the format options, and the text that the record (1, 'x, "y"', null) becomes.
CSV: list[tuple[dict[str, Any], str]] = [
    ({}, 'a,b,c\n1,"x, ""y""",\n'),
    ({"writeHeader": False}, '1,"x, ""y""",\n'),
    ({"separator": "|"}, 'a|b|c\n1|"x, ""y"""|\n'),
    ({"quoteChar": "'"}, "a,b,c\n1,'x, \"y\"',\n"),
    ({"quoteChar": -1}, 'a,b,c\n1,x, "y",\n'),  # quoting is off: the reader has to cope
    ({"escaper": "\\"}, 'a,b,c\n1,"x, \\"y\\"",\n'),
]


@pytest.mark.parametrize(("options", "text"), CSV)
def test_csv(
    glue: GlueContext, make: Make, folder: Path, uri: str, options: dict[str, Any], text: str
) -> None:
    write(glue, make("a int, b string, c date", (1, 'x, "y"', None)), uri, "csv", **options)
    assert texts_in(folder) == [text]


@pytest.mark.parametrize("text", ["x\ny", "x\r", "\nx", "a\x00b"])
def test_csv_without_quotes_has_no_place_for_line_breaks(
    glue: GlueContext, make: Make, folder: Path, uri: str, text: str
) -> None:
    name = "it's [a] \\ b"
    frame = make(f"n int, `{name}` string, k string", (1, "fine", "y\nz"), (2, text, "k"))
    says = r"csv with quoteChar -1 takes no line breaks: field .*\[a\].*Let a quoteChar be"
    with pytest.raises(UnwritableFieldError, match=says):
        write(glue, frame, uri, "csv", quoteChar=-1, partitionKeys=["k"])
    assert files_in(folder) == []
    write(glue, frame.drop_fields("k").coalesce(1), uri, "csv")
    again = glue.create_dynamic_frame.from_options(
        "s3", {"paths": [uri]}, "csv", {"withHeader": True, "multiLine": True}
    )
    assert [row[name] for row in rows_of(again)] == ["fine", text]


@pytest.mark.parametrize("quote_char", ['"', "-1"])
def test_csv_has_no_place_for_bytes(
    glue: GlueContext, make: Make, folder: Path, uri: str, quote_char: str
) -> None:
    frame = make("n int, b binary", (1, b"\xff\x00"))
    with pytest.raises(UnwritableFieldError, match=r"csv takes no binary values: field 'b'\."):
        write(glue, frame, uri, "csv", quoteChar=quote_char)
    assert files_in(folder) == []


def test_csv_holds_nested_values_as_json(
    glue: GlueContext, make: Make, folder: Path, uri: str
) -> None:
    frame = make("a string, s struct<x:int>, l array<int>", (" a ", (1,), [1, 2]))
    write(glue, frame, uri, "csv", separator="|", quoteChar="-1")
    assert texts_in(folder) == ['a|s|l\n a |{"x":1}|[1,2]\n']


def test_json_lines_leave_nulls_out(glue: GlueContext, make: Make, folder: Path, uri: str) -> None:
    write(glue, make("a int, b string, n void", (1, None, None)), uri, "json")
    assert texts_in(folder) == ['{"a":1}\n']


@pytest.mark.parametrize("name", ["parquet", "glueparquet"])
def test_parquet_is_packed_with_snappy(
    glue: GlueContext, make: Make, folder: Path, uri: str, name: str
) -> None:
    write(glue, make("a int, s struct<x:int,n:void>, n void", (1, (2, None), None)), uri, name)
    (path,) = files_in(folder)
    metadata = pq.ParquetFile(path).metadata
    assert metadata.row_group(0).column(0).compression == "SNAPPY"
    # Parquet has no column of nulls only, not even inside a struct.
    assert metadata.schema.names == ["a", "x"]


@pytest.mark.parametrize(
    ("where", "codec"), [("compression", "gzip"), ("compression", "GZIP"), ("format", "gzip")]
)
def test_packed_json(
    glue: GlueContext, make: Make, folder: Path, uri: str, where: str, codec: str
) -> None:
    glue.write_dynamic_frame.from_options(
        make("a int", (1,)),
        "s3",
        {"path": uri, **({"compression": codec} if where == "compression" else {})},
        "json",
        {"compression": codec} if where == "format" else {},
    )
    (path,) = files_in(folder)
    assert json.loads(gzip.decompress(path.read_bytes())) == {"a": 1}


def test_partition_keys_become_directories(
    glue: GlueContext, make: Make, folder: Path, uri: str
) -> None:
    frame = make("a int, y string, m int", (1, "2024", 1), (2, "2024", 2))
    write(glue, frame, uri, "json", partitionKeys=["y", "m"])
    found = {str(path.parent.relative_to(folder)): path.read_text() for path in files_in(folder)}
    assert found == {"y=2024/m=1": '{"a":1}\n', "y=2024/m=2": '{"a":2}\n'}


@pytest.mark.parametrize("name", ["csv", "json", "parquet"])
def test_a_partition_key_may_be_null_in_all_records(
    glue: GlueContext, make: Make, folder: Path, uri: str, name: str
) -> None:
    write(glue, make("a int, k void", (1, None)), uri, name, partitionKeys=["k"])
    found = {str(path.parent.relative_to(folder)) for path in files_in(folder)}
    assert found == {"k=__HIVE_DEFAULT_PARTITION__"}


def test_empty_lists_stay_in_json(glue: GlueContext, folder: Path, uri: str) -> None:
    line = '{"a":1,"l":[],"n":[null],"s":{"d":[[]]}}\n'
    (folder / "in.json").write_text(line)
    read = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "json")
    glue.write_dynamic_frame.from_options(read, "s3", {"path": f"{uri}/out"}, "json")
    assert texts_in(folder / "out") == [line]


@pytest.mark.parametrize(
    "lines",
    [
        ['{"a":1,"e":{},"l":[{}],"s":{"x":{}},"m":[[],[{}]]}', '{"a":2,"l":[]}'],
        # the same beside values of other types
        [
            '{"c":1,"l":[1,[],{}],"m":{"x":[]}}',
            '{"c":{},"l":[[1],"x",null]}',
            '{"c":[],"l":[[]],"m":{}}',
            '{"c":[{}],"m":[]}',
        ],
        ['{"n":{"x":[]}}', "{}", '{"n":{}}'],
    ],
    ids=["alone", "in choices", "with records without fields"],
)
def test_records_and_lists_without_anything_in_them_stay_in_json(
    glue: GlueContext, folder: Path, uri: str, lines: list[str]
) -> None:
    (folder / "in.json").write_text("\n".join(lines) + "\n")
    read = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "json")
    write(glue, read.coalesce(1), f"{uri}/out", "json")
    assert texts_in(folder / "out") == ["\n".join(lines) + "\n"]


def test_what_a_map_returned_stays_in_json(
    glue: GlueContext, make: Make, folder: Path, uri: str
) -> None:
    results = [{"a": {}, "l": [{}]}, {"a": {"k": 1}, "l": []}, {"a": None, "c": {}}, {"c": [1]}]
    frame = make("n int", *((n,) for n in range(4))).coalesce(1).map(lambda r: results[r["n"]])
    write(glue, frame, uri, "json")
    lines = ['{"a":{},"l":[{}]}', '{"a":{"k":1},"l":[]}', '{"c":{}}', '{"c":[1]}']
    assert texts_in(folder) == ["\n".join(lines) + "\n"]


@pytest.mark.parametrize(("name", "text"), [("json", '{"a":1,"A":"x"}\n'), ("csv", "a,A\n1,x\n")])
def test_names_that_differ_in_case_only(
    glue: GlueContext, folder: Path, uri: str, name: str, text: str
) -> None:
    (folder / "in.json").write_text('{"a":1,"A":"x"}')
    read = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "json")
    write(glue, read, f"{uri}/out", name)
    assert texts_in(folder / "out") == [text]


def test_a_missing_partition_key_is_named(glue: GlueContext, make: Make, uri: str) -> None:
    with pytest.raises(FieldNotFoundError, match=r"no field 'day'\. Its fields are: a\."):
        write(glue, make("a int", (1,)), uri, "json", partitionKeys=["day"])


def test_writing_adds_and_leaves_no_marker(
    glue: GlueContext, make: Make, folder: Path, uri: str
) -> None:
    for value in (1, 2):
        write(glue, make("a int", (value,)), uri, "json")
    assert sorted(texts_in(folder)) == ['{"a":1}\n', '{"a":2}\n']  # and no _SUCCESS


@pytest.mark.parametrize("name", ["csv", "json", "parquet", "orc"])
@pytest.mark.parametrize("keys", [[], ["b"]])
def test_no_records_add_no_files(
    glue: GlueContext, make: Make, folder: Path, uri: str, name: str, keys: list[str]
) -> None:
    write(glue, make("a int, b int"), uri, name, partitionKeys=keys)
    assert files_in(folder) == []


def test_a_frame_without_fields_writes_nothing(
    glue: GlueContext, make: Make, folder: Path, uri: str
) -> None:
    errors = write(glue, make("a int", (1,)).select_fields([]), uri, "parquet", partitionKeys=["a"])
    assert files_in(folder) == []
    assert (errors.name, errors.count()) == ("made_errors", 0)


def test_what_was_written_is_read_again(glue: GlueContext, make: Make, uri: str) -> None:
    frame = make("a int, s struct<x:string>, l array<double>", (1, ("x",), [1.5]), (2, None, None))
    write(glue, frame, uri, "glueparquet")
    again = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "parquet")
    assert rows_of(again) == rows_of(frame)
    assert again.schema() == frame.schema()


def test_a_choice_becomes_text_in_csv(
    glue: GlueContext, make: Make, folder: Path, uri: str
) -> None:
    frame = make("a int", (1,), (2,)).map(lambda r: {"c": r["a"] if r["a"] == 1 else "two"})
    assert isinstance(frame.schema().getField("c").dataType, ChoiceType)
    write(glue, frame.coalesce(1), uri, "csv")
    assert texts_in(folder) == ["c\n1\ntwo\n"]


def test_a_path_cannot_leave_its_bucket(glue: GlueContext, make: Make) -> None:
    with pytest.raises(ValueError, match=r"must not contain '\.\.'"):
        write(glue, make("a int", (1,)), "s3://lake/../x", "json", partitionKeys=["a"])


def test_an_unknown_format_is_refused(glue: GlueContext, make: Make, uri: str) -> None:
    with pytest.raises(
        NotAvailableError, match=r"'hudi' is not in this release.* can be written: avro, csv,"
    ):
        write(glue, make("a int", (1,)), uri, "hudi")


@pytest.mark.parametrize("name", ["parquet", "orc"])
def test_what_has_no_fields_is_left_out(
    glue: GlueContext, folder: Path, uri: str, name: str
) -> None:
    (folder / "in.json").write_text(
        '{"a":1,"e":{},"l":[],"le":[{}],"s":{"x":{}},"c":1,"d":{"k":2},"n":[]}\n'
        '{"a":2,"c":{},"d":["x"],"n":{}}\n{"a":3,"c":[],"d":{}}\n'
    )
    read = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "json")
    glue.write_dynamic_frame.from_options(read, "s3", {"path": f"{uri}/out"}, name)
    back = glue.create_dynamic_frame.from_options("s3", {"paths": [f"{uri}/out"]}, name)
    assert sorted(field.name for field in back.schema()) == ["a", "c", "d"]
    assert sorted((row["a"], row["c"]) for row in back.toDF().collect() if row["c"]) == [(1, 1)]
