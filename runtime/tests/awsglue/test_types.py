from __future__ import annotations

import pytest
from pyspark.sql import types as spark

from awsglue import _types
from awsglue import gluetypes as glue


@pytest.mark.parametrize(
    ("name", "data_type"),
    [
        ("String", glue.StringType()),  # case does not matter
        ("bigint", glue.LongType()),  # SQL's names
        ("long", glue.LongType()),  # and Glue's
        ("tinyint", glue.ByteType()),
        ("varchar(20)", glue.StringType()),  # a length is no other type
        ("decimal", glue.DecimalType(10, 2)),  # Glue's own default
        ("decimal(8)", glue.DecimalType(8, 0)),  # SQL's default scale
        ("decimal(12, 4)", glue.DecimalType(12, 4)),
        ("array", glue.ArrayType()),  # any array
        ("array<int>", glue.ArrayType(glue.IntegerType())),
        ("map<string,decimal(9,3)>", glue.MapType(glue.DecimalType(9, 3))),
        (
            "struct<a:int,b:array<string>>",
            glue.StructType(
                [
                    glue.Field("a", glue.IntegerType()),
                    glue.Field("b", glue.ArrayType(glue.StringType())),
                ]
            ),
        ),
    ],
)
def test_the_names_of_types(name: str, data_type: glue.DataType) -> None:
    assert _types.parse(name) == data_type


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="'number' is not the name of a type"):
        _types.parse("number")


def test_spark_types_come_back_as_they_were() -> None:
    schema = spark.StructType(
        [
            spark.StructField("l", spark.LongType()),
            spark.StructField("d", spark.DecimalType(12, 3)),
            spark.StructField("m", spark.MapType(spark.IntegerType(), spark.DateType())),
            spark.StructField("a", spark.ArrayType(spark.TimestampNTZType())),
            spark.StructField("s", spark.StructType([spark.StructField("a b", spark.NullType())])),
            spark.StructField("i", spark.DayTimeIntervalType()),
        ]
    )
    text = _types.schema_ddl(_types.from_spark_schema(schema))
    assert text == (
        "`l` bigint, `d` decimal(12,3), `m` map<int,date>, `a` array<timestamp_ntz>, "
        "`s` struct<`a b`:void>, `i` interval day to second"
    )


def test_a_choice_is_a_struct_to_spark() -> None:
    choice = glue.ChoiceType([glue.StringType(), glue.LongType()])
    assert _types.ddl(choice) == "struct<`long`:bigint,`string`:string>"
