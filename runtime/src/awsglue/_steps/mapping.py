"""`ApplyMapping`: choosing, renaming, nesting and casting fields in one step.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ApplyMapping.html
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from awsglue import _paths, _types
from awsglue._records import Records
from awsglue._steps.casts import Expression, cast_value, field_at, lifted, member, null
from awsglue._steps.rewrite import Item, Tree
from awsglue.gluetypes import ChoiceType, DataType, MapType, StructType

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mapping:
    """One field of the result."""

    source: str  #: the path to take the value from
    target: str  #: the path to put it at
    type: DataType | None  #: what to cast it to; None keeps its type


def parse(mappings: Any) -> list[Mapping]:
    """Read mappings as scripts write them: a tuple, or an iterable of tuples.

    A tuple is (source, source type, target, target type), (source, target, target type) or
    (source, target). The source type is a note to the reader: values are cast from what they are.

    Raises:
        TypeError: a mapping is not a tuple.
        ValueError: it has another length, or names an unknown type.
    """
    single = isinstance(mappings, tuple) and bool(mappings) and isinstance(mappings[0], str)
    return [_parse_one(one) for one in ([mappings] if single else mappings)]


def _parse_one(mapping: Any) -> Mapping:
    if not isinstance(mapping, tuple):
        raise TypeError(f"A mapping must be a tuple, and {mapping!r} is not.")
    if not 2 <= len(mapping) <= 4:
        raise ValueError(f"A mapping has 2, 3 or 4 parts, and {mapping!r} has {len(mapping)}.")
    source, *rest = mapping
    target, *types = rest[1:] if len(mapping) == 4 else rest
    return Mapping(source=source, target=target, type=_types.parse(types[0]) if types else None)


def apply(records: Records, mappings: Iterable[Mapping], case_sensitive: bool) -> Records:
    """Return records with the mapped fields only, in the order of the mappings.

    A field that no record has is left out, with a warning; a record that lacks a field has none at
    the target either. Records without any field at all (a
    source whose bookmark found nothing new) get the mapped fields, so that what follows can name
    them.

    Args:
        records: what to map.
        mappings: the fields wanted.
        case_sensitive: whether source names must match in case.
    """
    tree = Tree()
    for mapping in mappings:
        found = _value(records, mapping, case_sensitive)
        if found is None:
            logger.warning("ApplyMapping: no record has a field %s.", mapping.source)
            continue
        target = _paths.parse(mapping.target)
        tree.place(target, Item.of(target[-1], found))
    return records.select(tree.items())


def _value(records: Records, mapping: Mapping, case_sensitive: bool) -> Expression | None:
    if not records.schema.fields:
        return null(mapping.type or _types.parse("string"))
    found = take(records.schema, mapping.source, case_sensitive)
    if found is None or mapping.type is None:
        return found
    return cast_value(found, mapping.type)


def take(schema: StructType, path: str, case_sensitive: bool = True) -> Expression | None:
    """Return how to get the field at a path; None when there is none. Arrays are not entered."""
    first, *rest = _paths.resolve(path, schema)
    field = _paths.find(schema, first, case_sensitive)
    if field is None:
        return None
    found = field_at("", field)
    for name in rest:
        inside = _inside(found, name, case_sensitive)
        if inside is None:
            return None
        found = inside
    return found


def _inside(outer: Expression, name: str, case_sensitive: bool) -> Expression | None:
    if isinstance(outer.type, MapType) and not outer.type.properties:
        literal = name.replace("\\", "\\\\").replace("'", "\\'")
        return Expression(f"{outer.sql}['{literal}']", outer.type.valueType)
    if isinstance(outer.type, ChoiceType) and "struct" in outer.type.choices:
        struct = Expression(member(outer.sql, "struct"), outer.type.choices["struct"], outer.absent)
        return _inside(struct, name, case_sensitive)
    if not isinstance(outer.type, StructType):
        return None
    field = _paths.find(outer.type, name, case_sensitive)
    if field is None:
        return None
    return lifted(outer, field)
