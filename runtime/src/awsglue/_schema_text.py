"""A schema as `printSchema` shows it."""

from __future__ import annotations

from collections.abc import Iterator

from awsglue import gluetypes as glue
from awsglue._types import members

_INDENT = "|    "


def tree(schema: glue.StructType) -> str:
    """Return a schema as a tree, one line for each field."""
    return "\n".join(["root", *_fields(schema, "")])


def _fields(struct: glue.StructType, indent: str) -> Iterator[str]:
    for field in struct:
        yield from _named(field.name, field.dataType, indent)


def _named(name: str, data_type: glue.DataType, indent: str) -> Iterator[str]:
    yield f"{indent}|-- {name}: {label(data_type)}"
    yield from _inside(data_type, indent + _INDENT)


def _inside(data_type: glue.DataType, indent: str) -> Iterator[str]:
    if isinstance(data_type, glue.StructType):
        yield from _fields(data_type, indent)
    elif isinstance(data_type, glue.ArrayType):
        yield from _named("element", data_type.elementType, indent)
    elif isinstance(data_type, glue.MapType):
        yield f"{indent}|-- keyType: {data_type.properties.get('keyType', 'string')}"
        yield from _named("valueType", data_type.valueType, indent)
    elif isinstance(data_type, glue.ChoiceType):
        for _, alternative in members(data_type):
            yield f"{indent}|-- {label(alternative)}"
            yield from _inside(alternative, indent + _INDENT)


def label(data_type: glue.DataType) -> str:
    """Return the short name of a type."""
    if isinstance(data_type, glue.DecimalType):
        return f"decimal({data_type.precision},{data_type.scale})"
    return data_type.typeName()
