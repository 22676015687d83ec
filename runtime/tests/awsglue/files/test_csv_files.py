from __future__ import annotations

import bz2
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from awsglue._errors import NotAvailableError, UnreadableFileError
from awsglue._files import csv_files
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from tests.awsglue.conftest import rows_of


def read(glue: GlueContext, uri: str, **options: Any) -> DynamicFrame:
    return glue.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [uri], "recurse": True},
        format="csv",
        format_options=options,
    )


HEADER = {"withHeader": True}

# Each row: the text of a file, the format options, and the records that are in it.
FILES: list[tuple[str, dict[str, Any], Sequence[Mapping[str, str | None]]]] = [
    ("a,b\n1,x\n", HEADER, [{"a": "1", "b": "x"}]),  # everything is text
    ("1,x\n", {}, [{"col0": "1", "col1": "x"}]),  # no header: names by position
    ("made,by,hand\n2,y\n", {"skipFirst": True}, [{"col0": "2", "col1": "y"}]),
    ("a|b\n1|x,y\n", HEADER | {"separator": "|"}, [{"a": "1", "b": "x,y"}]),
    ('a,b\n"1,5","say ""hi"""\n', HEADER, [{"a": "1,5", "b": 'say "hi"'}]),
    ("a,b\n'1,5',x\n", HEADER | {"quoteChar": "'"}, [{"a": "1,5", "b": "x"}]),
    ('a,b\n"1,x"\n', HEADER | {"quoteChar": -1}, [{"a": '"1', "b": 'x"'}]),  # no quoting at all
    ('a,b\n1,"x\\"y"\n', HEADER | {"escaper": "\\"}, [{"a": "1", "b": 'x"y'}]),
    ('a,b\n1,"x\ny"\n', HEADER | {"multiLine": "true"}, [{"a": "1", "b": "x\ny"}]),
    ('"a\nb",c\n1,2\n', HEADER | {"multiline": True}, [{"a\nb": "1", "c": "2"}]),
    ("a,b\n,\n", HEADER, [{"a": "", "b": ""}]),  # an empty field is an empty text, never null
    ("a,b,c\n1\n2,\n", HEADER, [{"a": "1", "b": None, "c": None}, {"a": "2", "b": "", "c": None}]),
    ('a,b\n""\n', HEADER, [{"a": "", "b": None}]),  # what a short row lacks is null
    ("a||b||c\n1||\n", HEADER | {"separator": "||"}, [{"a": "1", "b": "", "c": None}]),
    ("a,b,c\n1,\n", HEADER | {"multiLine": True}, [{"a": "1", "b": "", "c": None}]),
    ("a,b,c\n1,\n", HEADER | {"encoding": "utf-16"}, [{"a": "1", "b": "", "c": None}]),
    ("a\n1,2\n", HEADER, [{"a": "1", "col1": "2"}]),  # a long row
    (
        "1\n1,2,3\n",
        {},
        [{"col0": "1", "col1": None, "col2": None}, {"col0": "1", "col1": "2", "col2": "3"}],
    ),
    ("a,,a,A\n1,2,3,4\n", HEADER, [{"a": "1", "col1": "2", "a2": "3", "A3": "4"}]),
    ("\ufeffa,b\n1,2\n", HEADER, [{"a": "1", "b": "2"}]),  # a byte order mark is no name
    ("a.b,c d\n1,2\n", HEADER, [{"a.b": "1", "c d": "2"}]),
    (" a ,b\n 1 ,2\n", HEADER, [{" a ": " 1 ", "b": "2"}]),  # blanks stay
    ("a||b\n1||2\n", HEADER | {"separator": "||"}, [{"a": "1", "b": "2"}]),
    ('a||b\n1||"x||y"\n', HEADER | {"separator": "||"}, [{"a": "1", "b": "x||y"}]),
    ("a,b\n", HEADER, []),  # a header alone
    ("\n\n", {}, []),  # nothing but ends of lines
    ("\n\n", HEADER, []),
    # Quotes within values, before and behind separators of several characters.
    *(
        (
            'a||b||c\nm||2||he said "hi"\n||"x||y ""z"""||"q"\nz|||||a|b|\n',
            HEADER | {"separator": "||", **more},
            [
                {"a": "", "b": 'x||y "z"', "c": "q"},
                {"a": "m", "b": "2", "c": 'he said "hi"'},
                {"a": "z", "b": "", "c": "|a|b|"},
            ],
        )
        for more in ({}, {"multiLine": True}, {"encoding": "utf-16"})
    ),
    ('1::"x\ny::"\n', {"separator": "::", "multiLine": True}, [{"col0": "1", "col1": "x\ny::"}]),
    ("a#-#b\n1#-#2#-\n", HEADER | {"separator": "#-#"}, [{"a": "1", "b": "2#-"}]),
    ("\ufeffa||b\n1||é\n", HEADER | {"separator": "||"}, [{"a": "1", "b": "é"}]),
    ('a||b\n"1||2"||"\n', HEADER | {"separator": "||", "quoteChar": -1},
     [{"a": '"1', "b": '2"', "col2": '"'}]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "records"), FILES)
def test_the_records_of_a_file(
    glue: GlueContext,
    folder: Path,
    uri: str,
    text: str,
    options: dict[str, Any],
    records: Sequence[Mapping[str, str | None]],
) -> None:
    (folder / "f.csv").write_bytes(text.encode(options.get("encoding", "utf-8")))
    frame = read(glue, uri, **options)
    assert rows_of(frame) == records
    assert all(field.dataType.typeName() == "string" for field in frame.schema())


@pytest.mark.parametrize("separator", [",", "||"])
def test_what_a_short_row_lacks_is_null_whichever_columns_are_read(
    glue: GlueContext, folder: Path, uri: str, separator: str
) -> None:
    text = "a,b,c,d\n1,,3\n1\n1,2,3,4\n".replace(",", separator)
    (folder / "f.csv").write_text(text)
    frame = read(glue, uri, withHeader=True, separator=separator)
    few = frame.select_fields(["d", "b"]).toDF()
    assert {tuple(row) for row in few.collect()} == {(None, ""), (None, None), ("4", "2")}
    assert few.where("b is null").count() == 1
    assert (frame.count(), frame.errorsCount()) == (3, 0)


def test_columns_are_matched_by_each_files_own_header(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    (folder / "f.csv").write_text("a,b\n1,2\n")
    (folder / "g.csv").write_text("b,a\n4,3\n")  # another order
    (folder / "h.csv").write_text("a,c\n5,6\n")  # another column
    assert rows_of(read(glue, uri, withHeader=True)) == [
        {"a": "1", "b": "2", "c": None},
        {"a": "3", "b": "4", "c": None},
        {"a": "5", "b": None, "c": "6"},
    ]


def test_packed_files_and_partitions(glue: GlueContext, folder: Path, uri: str) -> None:
    for month, pack in (("01", gzip.compress), ("02", bz2.compress)):
        (folder / f"month={month}").mkdir()
        suffix = ".gz" if month == "01" else ".bz2"
        (folder / f"month={month}" / f"f.csv{suffix}").write_bytes(pack(b"a,b\n1,2\n"))
    rows = rows_of(read(glue, uri, withHeader=True))
    assert sorted(row["month"] for row in rows) == ["01", "02"]  # texts: the zero stays
    assert list(rows[0]) == ["a", "b", "month"]


def test_a_column_that_is_also_a_partition_has_the_directorys_value(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    (folder / "a=9").mkdir()
    (folder / "a=9" / "f.csv").write_text("a,b\n1,2\n")
    assert rows_of(read(glue, uri, withHeader=True)) == [{"b": "2", "a": "9"}]


def test_rows_longer_than_any_at_the_beginning_are_errors(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    short = "1,2\n" * 20_000
    (folder / "f.csv").write_text(f"a.x,b`y\n{short}7,8,9\n3\n")
    frame = read(glue, uri, withHeader=True)
    assert frame.count() == 20_002
    assert frame.errorsCount() == 1
    error = frame.errorsAsDynamicFrame().toDF().first()
    assert error is not None
    assert error["error"]["input"] == "7,8,9"
    assert error["error"]["msg"] == "The row has 3 values for 2 columns."


def test_long_rows_with_separators_of_several_characters_are_errors(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    short = '1||"2||2"\n' * 20_000
    (folder / "f.csv").write_text(f'a||b\n{short}7||"8||"||9\n3\n')
    (folder / "day=1").mkdir()
    (folder / "day=1" / "g.csv").write_text("a||b\n4||5\n")
    frame = read(glue, uri, withHeader=True, separator="||")
    assert frame.count() == 20_003
    assert frame.select_fields(["b"]).toDF().where("b = '2||2'").count() == 20_000
    assert frame.errorsCount() == 1
    error = frame.errorsAsDynamicFrame().toDF().first()
    assert error is not None
    assert error["error"]["input"] == '7||"8||"||9'
    assert error["error"]["msg"] == "The row has 3 values for 2 columns."


def test_a_header_longer_than_the_sample_is_read_whole(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    names = [f"column_{number:06}_{'x' * 20}" for number in range(3000)]  # over 64 KB
    values = ",".join(str(number) for number in range(3000))
    (folder / "f.csv").write_text(f"{','.join(names)}\n{values}\n")
    assert [field.name for field in read(glue, uri, withHeader=True).schema()] == names


def test_a_header_and_a_skipped_record_are_refused(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    (folder / "f.csv").write_text("a\n1\n")
    with pytest.raises(NotAvailableError, match="withHeader and skipFirst"):
        read(glue, uri, withHeader=True, skipFirst=True)


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "latin1", "windows-1252", "ISO-8859-15"])
def test_characters_of_one_byte(glue: GlueContext, folder: Path, uri: str, encoding: str) -> None:
    (folder / "in.csv").write_bytes("a,b\n1,é\n".encode(encoding))
    assert rows_of(read(glue, uri, withHeader=True, encoding=encoding)) == [{"a": "1", "b": "é"}]


@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-16LE", "utf-16-be", "UTF-32"])
def test_characters_of_several_bytes(
    glue: GlueContext, folder: Path, uri: str, encoding: str
) -> None:
    (folder / "in.csv").write_bytes("a,b\r\n1,é\r\n2,\u010a\n".encode(encoding))
    frame = read(glue, uri, withHeader=True, encoding=encoding)
    assert rows_of(frame) == [{"a": "1", "b": "é"}, {"a": "2", "b": "\u010a"}]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"encoding": "klingon"}, "no encoding 'klingon'"),
        ({"quoteChar": "ab"}, "option quoteChar must be one character; it is 'ab'"),
        ({"escaper": "ab"}, "option escaper must be one character; it is 'ab'"),
    ],
)
def test_an_option_without_a_meaning_is_named(
    glue: GlueContext, folder: Path, uri: str, options: dict[str, Any], says: str
) -> None:
    (folder / "in.csv").write_text("a\n")
    with pytest.raises(ValueError, match=says):
        read(glue, uri, **options)


def test_names_are_unique_in_any_case() -> None:
    assert csv_files.names(["a", "A", ""], 4) == ("a", "A1", "col2", "col3")


def test_a_packed_file_that_ends_too_early_is_named(
    glue: GlueContext, folder: Path, uri: str
) -> None:
    # Its beginning is whole: that it is damaged shows only when it is read to the end.
    numbers = b"".join(b"%d\n" % (number * 7919 % 100_003) for number in range(200_000))
    (folder / "whole.csv").write_bytes(b"1\n")
    (folder / "cut.csv.gz").write_bytes(gzip.compress(numbers)[:-9])
    frame = glue.create_dynamic_frame.from_options("s3", {"paths": [uri]}, "csv")
    with pytest.raises(UnreadableFileError, match=r"cut\.csv\.gz cannot be read: Unexpected end"):
        frame.count()
