"""Types of a table's columns, which are written as Hive writes them, from and to a frame's types.

https://docs.aws.amazon.com/glue/latest/dg/glue-types.html
"""

from __future__ import annotations

import re

from awsglue import _types
from awsglue import gluetypes as glue
from awsglue._types import members

#: what people and crawlers write that has another name here
_SPELLINGS = {
    "double precision": "double",
    "timestamp with local time zone": "timestamp",
    "timestamp with time zone": "timestamp",
    "text": "string",
    "uuid": "string",
    "null": "void",
    "numeric": "decimal(10,0)",
    "decimal": "decimal(10,0)",  # bare, as Hive understands it
}
_COMMENT = re.compile(r"\s+comment\s+('[^']*'|\"[^\"]*\")", re.IGNORECASE)
#: texts that Hive writes differently from Spark
_HIVE = {glue.TimestampNTZType: "timestamp", glue.EnumType: "string", glue.NullType: "string"}


def parse_column(name: str, text: str) -> glue.DataType:
    """Read the type of a column.

    Args:
        name: of the column, for the error.
        text: "bigint", "array<struct<a:int>>", "uniontype<int,string>".

    Raises:
        ValueError: there is no such type.
    """
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(
            f"Column {name!r} has the type {text!r}, which is none of Hive's. Correct it in the "
            "Data Catalog."
        ) from error


def parse(text: str) -> glue.DataType:
    """Read a type as Hive writes it. A union is a choice; the comments of fields are left out.

    Raises:
        ValueError: there is no such type.
    """
    text = _COMMENT.sub("", text.strip())
    kind, _, rest = text.partition("<")
    kind = kind.strip().lower()
    inner = list(_types.split(rest.rsplit(">", 1)[0])) if rest else []
    if not inner:
        return _types.parse(_SPELLINGS.get(kind, text))
    if kind in ("array", "list", "set"):
        return glue.ArrayType(parse(inner[0]))
    if kind == "map" and len(inner) == 2:
        key = inner[0].strip().lower()
        return glue.MapType(parse(inner[1]), {} if key == "string" else {"keyType": key})
    if kind == "struct":
        return glue.StructType(_parse_field(one) for one in inner)
    if kind in ("uniontype", "union", "choice"):
        return glue.ChoiceType([parse(one) for one in inner])
    raise ValueError(f"{text!r} is not the name of a type.")


def _parse_field(text: str) -> glue.Field:
    name, separator, data_type = text.partition(":")
    if not separator:
        raise ValueError(f"{text!r} is not a field of a struct.")
    return glue.Field(name.strip().strip("`"), parse(data_type))


def text_of(data_type: glue.DataType, *, choices: bool = True) -> str:
    """Return a type as Hive writes it.

    Args:
        data_type: the type.
        choices: whether the files have a choice as a struct with one field for each type; if not,
            they have just the value, and it is called a string.
    """
    if isinstance(data_type, glue.ChoiceType):
        if not choices:
            return "string"
        fields = [f"{name}:{text_of(member)}" for name, member in members(data_type)]
        return f"struct<{','.join(fields)}>"
    if isinstance(data_type, glue.StructType):
        fields = [f"{field.name}:{text_of(field.dataType, choices=choices)}" for field in data_type]
        return f"struct<{','.join(fields)}>"
    if isinstance(data_type, (glue.ArrayType, glue.SetType)):
        return f"array<{text_of(data_type.elementType, choices=choices)}>"
    if isinstance(data_type, glue.MapType):
        key = data_type.properties.get("keyType", "string")
        return f"map<{key},{text_of(data_type.valueType, choices=choices)}>"
    return _HIVE.get(type(data_type)) or _types.ddl(data_type)
