"""What a file is, as JSON, from which it can be read back exactly."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from glueball.crawl.hive_types import Array, Field, HiveType, Map, Scalar, Struct, Union
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.schemas import Column, Schema


def document_of(profile: Classified) -> dict[str, Any]:
    """Return a profile as JSON has it."""
    return {
        "kind": asdict(profile.kind),
        "schema": _columns(profile.schema),
        "first_row": _columns(profile.first_row),
        "quoted": profile.quoted,
        "multi_line": profile.multi_line,
        "avro_schema": profile.avro_schema,
        "reason": profile.reason,
    }


def profile_from(document: dict[str, Any]) -> Classified:
    """Read a profile.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    return Classified(
        kind=Kind(**document["kind"]),
        schema=_schema(document["schema"]),
        first_row=_schema(document["first_row"]),
        quoted=document["quoted"],
        multi_line=document["multi_line"],
        avro_schema=document["avro_schema"],
        reason=document["reason"],
    )


def _columns(schema: Schema) -> list[Any]:
    return [[column.name, _type_document(column.type), column.spelled] for column in schema]


def _schema(columns: list[Any]) -> Schema:
    return tuple(
        Column(name=name, type=_type_from(data_type), spelled=spelled)
        for name, data_type, spelled in columns
    )


def _type_document(data_type: HiveType) -> Any:
    match data_type:
        case Scalar():
            return data_type.name
        case Array():
            return ["array", _type_document(data_type.element)]
        case Map():
            return ["map", _type_document(data_type.key), _type_document(data_type.value)]
        case Struct():
            fields = [[field.name, _type_document(field.type)] for field in data_type.fields]
            return ["struct", *fields]
        case Union():
            return ["union", *map(_type_document, data_type.members)]


def _type_from(document: Any) -> HiveType:
    match document:
        case str():
            return Scalar(document)
        case ["array", element]:
            return Array(_type_from(element))
        case ["map", key, value]:
            return Map(_type_from(key), _type_from(value))
        case ["struct", *fields]:
            return Struct(tuple(Field(name, _type_from(inner)) for name, inner in fields))
        case ["union", *members]:
            return Union(tuple(map(_type_from, members)))
    raise ValueError(f"{document!r} is no type")
