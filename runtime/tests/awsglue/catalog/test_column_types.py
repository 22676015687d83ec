from __future__ import annotations

import pytest

from awsglue import gluetypes as glue
from awsglue._catalog.column_types import parse, parse_column, text_of

INT, TEXT = glue.IntegerType(), glue.StringType()
STRUCT = glue.StructType([glue.Field("a", INT), glue.Field("b", glue.ArrayType(TEXT))])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("bigint", glue.LongType(), id="Hive's names"),
        pytest.param("INT", INT, id="case does not matter"),
        pytest.param("double precision", glue.DoubleType(), id="two words"),
        pytest.param("varchar(10)", TEXT, id="lengths are not kept"),
        pytest.param("decimal(12,4)", glue.DecimalType(12, 4), id="digits"),
        pytest.param("decimal", glue.DecimalType(10, 0), id="a bare decimal is Hive's"),
        pytest.param("timestamp with local time zone", glue.TimestampType(), id="many words"),
        pytest.param("array<array<int>>", glue.ArrayType(glue.ArrayType(INT)), id="nested"),
        pytest.param("struct<a:int,b:array<string>>", STRUCT, id="a struct"),
        pytest.param(
            "struct<`a`: int COMMENT 'x, y' , b:array<string>>", STRUCT, id="comments, backticks"
        ),
        pytest.param("map<string,int>", glue.MapType(INT), id="a map"),
        pytest.param("map<int,string>", glue.MapType(TEXT, {"keyType": "int"}), id="keys"),
        pytest.param("uniontype<int,string>", glue.ChoiceType([INT, TEXT]), id="a union"),
        pytest.param(
            "array<struct<a:decimal(8,2),m:map<string,struct<x:date>>>>",
            glue.ArrayType(
                glue.StructType(
                    [
                        glue.Field("a", glue.DecimalType(8, 2)),
                        glue.Field(
                            "m",
                            glue.MapType(glue.StructType([glue.Field("x", glue.DateType())])),
                        ),
                    ]
                )
            ),
            id="commas within brackets",
        ),
    ],
)
def test_types_are_read_as_hive_writes_them(text: str, expected: glue.DataType) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize("text", ["int4range", "struct<a>", "map<string>", "array<x>", ""])
def test_what_is_no_type_is_told_with_its_column(text: str) -> None:
    with pytest.raises(ValueError, match=r"Column 'c' has the type .* none of Hive's"):
        parse_column("c", text)


@pytest.mark.parametrize(
    ("data_type", "expected"),
    [
        (glue.LongType(), "bigint"),
        (glue.TimestampNTZType(), "timestamp"),
        (glue.EnumType(["a"]), "string"),
        (glue.DecimalType(5, 1), "decimal(5,1)"),
        (STRUCT, "struct<a:int,b:array<string>>"),
        (glue.SetType(INT), "array<int>"),
        (glue.MapType(STRUCT), "map<string,struct<a:int,b:array<string>>>"),
        (glue.ChoiceType([glue.LongType(), TEXT]), "struct<long:bigint,string:string>"),
    ],
)
def test_types_are_written_as_hive_reads_them(data_type: glue.DataType, expected: str) -> None:
    assert text_of(data_type) == expected


def test_a_choice_that_files_have_as_plain_values_is_a_string() -> None:
    choice = glue.ChoiceType([glue.LongType(), TEXT])
    mixed = glue.ArrayType(glue.StructType([glue.Field("a", choice)]))
    assert text_of(mixed, choices=False) == "array<struct<a:string>>"
    assert text_of(glue.MapType(choice), choices=False) == "map<string,string>"
