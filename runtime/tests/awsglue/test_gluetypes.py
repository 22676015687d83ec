from __future__ import annotations

import copy
import json

import pytest

from awsglue import gluetypes as glue
from awsglue.gluetypes import DynamicRecord, mergeDataTypes

INT, LONG, TEXT, NULL = glue.IntegerType(), glue.LongType(), glue.StringType(), glue.NullType()


def struct(**fields: glue.DataType) -> glue.StructType:
    return glue.StructType(glue.Field(name, kind) for name, kind in fields.items())


@pytest.mark.parametrize(
    ("one", "two", "merged"),
    [
        (INT, INT, INT),  # the same stays
        (INT, NULL, INT),  # null gives way
        (glue.UnknownType(), INT, INT),  # so does unknown
        (INT, TEXT, glue.ChoiceType([INT, TEXT])),  # different types are a choice
        (INT, LONG, glue.ChoiceType([INT, LONG])),  # also two widths of integers
        (glue.ChoiceType([INT]), TEXT, glue.ChoiceType([INT, TEXT])),  # a choice grows
        (struct(a=INT), struct(b=TEXT), struct(a=INT, b=TEXT)),  # structs keep all fields
        (struct(a=INT), struct(a=TEXT), struct(a=glue.ChoiceType([INT, TEXT]))),
        (glue.ArrayType(INT), glue.ArrayType(NULL), glue.ArrayType(INT)),
        (glue.MapType(INT), glue.MapType(TEXT), glue.MapType(glue.ChoiceType([INT, TEXT]))),
        # decimals keep all digits of both
        (glue.DecimalType(5, 1), glue.DecimalType(4, 3), glue.DecimalType(7, 3)),
        # two structs in one choice are one struct
        (
            glue.ChoiceType([struct(a=INT), TEXT]),
            struct(b=INT),
            glue.ChoiceType([struct(a=INT, b=INT), TEXT]),
        ),
    ],
)
def test_merging_keeps_every_type(
    one: glue.DataType, two: glue.DataType, merged: glue.DataType
) -> None:
    assert mergeDataTypes(one, two) == merged


def test_a_choice_has_the_same_order_whatever_came_first() -> None:
    assert list(glue.ChoiceType([TEXT, LONG]).choices) == ["long", "string"]
    assert mergeDataTypes(TEXT, LONG) == mergeDataTypes(LONG, TEXT)


EVERY_TYPE = glue.StructType(
    [
        glue.Field("b", glue.BinaryType(), {"note": 1}),
        glue.Field("d", glue.DecimalType(12, 4)),
        glue.Field("e", glue.EnumType(["x", "y"])),
        glue.Field("a", glue.ArrayType(glue.SetType(glue.MapType(glue.TimestampNTZType())))),
        glue.Field("c", glue.ChoiceType([LONG, TEXT])),
        glue.Field("s", struct(inner=glue.UnknownType())),
        glue.Field("t", glue.EntityType("city", TEXT, {"weight": 1.0})),
    ]
)


def test_types_survive_json() -> None:
    text = json.dumps(EVERY_TYPE.jsonValue())
    assert glue._deserialize_json_value(json.loads(text)) == EVERY_TYPE


def test_the_json_form_of_a_field() -> None:
    assert glue.Field("n", INT).jsonValue() == {
        "name": "n",
        "container": {"dataType": "int", "properties": {}},
        "properties": {},
    }


def test_equal_types_have_equal_hashes() -> None:
    assert len({LONG, glue.LongType(), glue.LongType({"a": 1}), TEXT}) == 3
    assert hash(glue.Field("a", INT)) == hash(glue.Field("a", glue.IntegerType()))


def test_a_struct_knows_its_fields() -> None:
    one = struct(a=INT)
    one.add(glue.Field("b", TEXT))
    assert one.hasField("b")
    assert one.getField("b").dataType == TEXT
    with pytest.raises(ValueError, match="already"):
        one.add(glue.Field("a", TEXT))
    with pytest.raises(KeyError):
        one.getField("c")


def test_a_record_has_its_fields_as_attributes() -> None:
    record = DynamicRecord(a=1)
    record.b = 2
    assert (record.a, record["b"]) == (1, 2)
    with pytest.raises(KeyError):
        record.missing  # noqa: B018
    assert not hasattr(record, "missing")
    assert copy.deepcopy(record) == {"a": 1, "b": 2}
