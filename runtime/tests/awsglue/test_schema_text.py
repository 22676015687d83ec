from __future__ import annotations

from awsglue import _types
from awsglue._schema_text import tree
from awsglue.gluetypes import (
    ArrayType,
    ChoiceType,
    Field,
    LongType,
    MapType,
    StringType,
    StructType,
)


def test_the_tree_looks_as_on_aws() -> None:
    # The forms of the developer guide: arrays have an element, choices list their types.
    person = StructType([Field("name", StringType()), Field("paid", _types.parse("decimal(8,2)"))])
    schema = StructType(
        [
            Field("id", ChoiceType([LongType(), StringType()])),
            Field("friends", ArrayType(person)),
            Field("tags", MapType(StringType())),
        ]
    )
    assert tree(schema).split("\n") == [
        "root",
        "|-- id: choice",
        "|    |-- long",
        "|    |-- string",
        "|-- friends: array",
        "|    |-- element: struct",
        "|    |    |-- name: string",
        "|    |    |-- paid: decimal(8,2)",
        "|-- tags: map",
        "|    |-- keyType: string",
        "|    |-- valueType: string",
    ]
