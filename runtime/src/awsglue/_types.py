"""Types of a DynamicFrame from and to Spark's types, SQL texts and names that people write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyspark.sql import types as spark

from awsglue import gluetypes as glue
from awsglue._paths import quote

_ATOMIC: dict[type[glue.AtomicType], tuple[type[spark.DataType], str]] = {
    glue.BinaryType: (spark.BinaryType, "binary"),
    glue.BooleanType: (spark.BooleanType, "boolean"),
    glue.ByteType: (spark.ByteType, "tinyint"),
    glue.DateType: (spark.DateType, "date"),
    glue.DoubleType: (spark.DoubleType, "double"),
    glue.EnumType: (spark.StringType, "string"),
    glue.FloatType: (spark.FloatType, "float"),
    glue.IntegerType: (spark.IntegerType, "int"),
    glue.LongType: (spark.LongType, "bigint"),
    glue.NullType: (spark.NullType, "void"),
    glue.ShortType: (spark.ShortType, "smallint"),
    glue.StringType: (spark.StringType, "string"),
    glue.TimestampType: (spark.TimestampType, "timestamp"),
    glue.TimestampNTZType: (spark.TimestampNTZType, "timestamp_ntz"),
}
_FROM_SPARK: dict[type[spark.DataType], type[glue.AtomicType]] = {
    spark_type: glue_type
    for glue_type, (spark_type, _) in _ATOMIC.items()
    if glue_type is not glue.EnumType
}
_NAMES: dict[str, type[glue.AtomicType]] = {
    "bigint": glue.LongType,
    "bool": glue.BooleanType,
    "integer": glue.IntegerType,
    "smallint": glue.ShortType,
    "tinyint": glue.ByteType,
    "timestamp_ntz": glue.TimestampNTZType,
    "timestampntz": glue.TimestampNTZType,
    "void": glue.NullType,
    "char": glue.StringType,
    "varchar": glue.StringType,
} | {glue_type.typeName(): glue_type for glue_type in _FROM_SPARK.values()}


#: What the name of a field's mark ends with: a character that separates, and no name has.
_ABSENT = "\x1fabsent"


def mark_of(name: str) -> str:
    """Return the name of the column that is true where a record lacks the field of a name."""
    return name + _ABSENT


def is_mark(name: str) -> bool:
    """Tell whether a column of a name is a mark."""
    return name.endswith(_ABSENT)


def is_marked(field: glue.Field) -> bool:
    """Tell whether a DataFrame needs a mark to tell where a field is missing.

    Else its nulls do: a field that some records lack, and that is null in none, is null where it
    is missing.
    """
    return field.optional and field.nullable


def columns_of(schema: glue.StructType) -> list[glue.Field]:
    """Return what Spark holds of records: their fields, then the marks of those that have one."""
    marks = [glue.Field(mark_of(one.name), glue.BooleanType()) for one in schema if is_marked(one)]
    return [*schema.fields, *marks]


def has_marks(data_type: glue.DataType) -> bool:
    """Tell whether there are marks in a type, at any depth."""
    if isinstance(data_type, glue.StructType):
        return any(is_marked(one) or has_marks(one.dataType) for one in data_type)
    return any(map(has_marks, _parts(data_type)))


def _parts(data_type: glue.DataType) -> list[glue.DataType]:
    if isinstance(data_type, glue.ChoiceType):
        return list(data_type.choices.values())
    if isinstance(data_type, glue.ArrayType):
        return [data_type.elementType]
    return [data_type.valueType] if isinstance(data_type, glue.MapType) else []


def complete(data_type: glue.DataType) -> glue.DataType:
    """Return a type without fields that records may lack: such a field is null instead."""
    if isinstance(data_type, glue.StructType):
        return complete_schema(data_type)
    if isinstance(data_type, glue.ChoiceType):
        return glue.ChoiceType(map(complete, data_type.choices.values()), data_type.properties)
    if isinstance(data_type, glue.ArrayType):
        return type(data_type)(complete(data_type.elementType), data_type.properties)
    if isinstance(data_type, glue.MapType):
        return glue.MapType(complete(data_type.valueType), data_type.properties)
    return data_type


def complete_schema(schema: glue.StructType) -> glue.StructType:
    """Return a schema without fields that records may lack."""
    fields = [
        glue.Field(
            one.name,
            complete(one.dataType),
            one.properties,
            nullable=one.optional or one.nullable,
        )
        for one in schema
    ]
    return glue.StructType(fields, schema.properties)


def members(choice: glue.ChoiceType) -> list[tuple[str, glue.DataType]]:
    """Return the alternatives of a choice by name, in the order of its struct's fields."""
    return sorted(choice.choices.items())


def from_spark(data_type: spark.DataType) -> glue.DataType:
    """Return Spark's type as ours; one that we do not know keeps its SQL text as a property."""
    if isinstance(data_type, spark.StructType):
        return from_spark_schema(data_type)
    if isinstance(data_type, spark.ArrayType):
        return glue.ArrayType(from_spark(data_type.elementType))
    if isinstance(data_type, spark.MapType):
        key = data_type.keyType.simpleString()
        return glue.MapType(
            from_spark(data_type.valueType), {} if key == "string" else {"keyType": key}
        )
    if isinstance(data_type, spark.DecimalType):
        return glue.DecimalType(data_type.precision, data_type.scale)
    known = _FROM_SPARK.get(type(data_type))
    return known() if known else glue.UnknownType({"sparkType": data_type.simpleString()})


def from_spark_schema(schema: spark.StructType) -> glue.StructType:
    """Return a DataFrame's schema as a DynamicFrame's: every record has all columns."""
    return glue.StructType(
        glue.Field(field.name, from_spark(field.dataType)) for field in schema.fields
    )


def ddl(data_type: glue.DataType) -> str:
    """Return a type as Spark SQL text; a choice is a struct with one field for each type."""
    if isinstance(data_type, glue.ChoiceType):
        fields = [f"{quote(name)}:{ddl(member)}" for name, member in members(data_type)]
        return f"struct<{','.join(fields)}>"
    if isinstance(data_type, glue.StructType):
        columns = columns_of(data_type)
        fields = [f"{quote(column.name)}:{ddl(column.dataType)}" for column in columns]
        return f"struct<{','.join(fields)}>"
    if isinstance(data_type, glue.ArrayType):
        return f"array<{ddl(data_type.elementType)}>"
    if isinstance(data_type, glue.MapType):
        key = data_type.properties.get("keyType", "string")
        return f"map<{key},{ddl(data_type.valueType)}>"
    if isinstance(data_type, glue.DecimalType):
        return f"decimal({data_type.precision},{data_type.scale})"
    if isinstance(data_type, glue.EntityType):
        return ddl(data_type.base_type)
    if isinstance(data_type, glue.UnknownType):
        return str(data_type.properties.get("sparkType", "void"))
    assert isinstance(data_type, glue.AtomicType)
    return _ATOMIC[type(data_type)][1]


def schema_ddl(schema: glue.StructType) -> str:
    """Return a schema as the text that `DataFrame.mapInArrow` and readers take."""
    columns = columns_of(schema)
    return ", ".join(f"{quote(column.name)} {ddl(column.dataType)}" for column in columns)


def parse(name: str) -> glue.DataType:
    """Read the name of a type as people write it in mappings and actions.

    Case does not matter; `bigint` and `long`, `int` and `integer` and so on are the same. A bare
    `array`, `struct` or `map` stands for any of its kind.

    Raises:
        ValueError: there is no such type.
    """
    text = name.strip()
    outer, _, rest = text.partition("<")
    kind = outer.strip().lower()
    inner = rest.rsplit(">", 1)[0] if rest else ""
    if kind in ("array", "list", "set"):
        return glue.ArrayType(parse(inner) if inner else None)
    if kind == "map":
        return glue.MapType(parse(list(split(inner))[1]) if inner else None)
    if kind == "struct":
        return glue.StructType(_parse_field(part) for part in split(inner) if part)
    return _parse_atomic(kind, name)


def _parse_field(text: str) -> glue.Field:
    name, _, data_type = text.partition(":")
    return glue.Field(name.strip().strip("`"), parse(data_type))


def _parse_atomic(kind: str, name: str) -> glue.DataType:
    base, _, digits = kind.partition("(")
    if base.strip() in ("decimal", "numeric"):
        numbers = [int(number) for number in re.findall(r"\d+", digits)]
        # `decimal(8)` has scale 0, as in SQL; a bare `decimal` is Glue's (10,2).
        return (
            glue.DecimalType(numbers[0], numbers[1] if numbers[1:] else 0)
            if numbers
            else (glue.DecimalType())
        )
    known = _NAMES.get(base.strip())
    if known is None:
        raise ValueError(f"{name!r} is not the name of a type.")
    return known()


def split(text: str) -> Iterator[str]:
    """Yield the parts of a text between commas that are not inside brackets."""
    depth, start = 0, 0
    for position, character in enumerate(text):
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            yield text[start:position]
            start = position + 1
    yield text[start:]
