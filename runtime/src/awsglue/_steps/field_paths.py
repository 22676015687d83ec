"""Steps that change which fields records have: drop, select, rename, and dropping null fields."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from awsglue import _paths
from awsglue._records import Records
from awsglue._steps.casts import null
from awsglue._steps.mapping import take
from awsglue._steps.rewrite import Item, Path, Tree, rewrite
from awsglue.gluetypes import (
    ArrayType,
    DataType,
    NullType,
    StringType,
    StructType,
    UnknownType,
)

logger = logging.getLogger(__name__)


def drop(records: Records, paths: Iterable[str]) -> Records:
    """Return records without the fields at these paths; `friends.age` reaches into arrays.

    Names of fields that are not there do no harm.
    """
    gone = {_paths.without_elements(_paths.resolve(path, records.schema)) for path in paths}

    def rule(path: Path, item: Item) -> list[Item] | None:
        return [] if _paths.without_elements(path) in gone else None

    return records.select(rewrite(records.items, rule))


def select(records: Records, paths: Iterable[str]) -> Records:
    """Return records with the fields at these paths only, in this order; structs stay nested."""
    tree = Tree()
    for path in paths:
        found = take(records.schema, path)
        if found is None:
            logger.warning("SelectFields: no record has a field %s.", path)
            continue
        names = _paths.resolve(path, records.schema)
        tree.place(names, Item.of(names[-1], found))
    return records.select(tree.items())


def rename(records: Records, old_name: str, new_name: str) -> Records:
    """Return records with a field under another name, or in another struct.

    Args:
        records: what to change.
        old_name: the path of the field.
        new_name: its new path. A field that is there already is replaced.

    A field that no record has is passed over, with a warning.
    """
    if not records.schema.fields:
        return records
    found = take(records.schema, old_name)
    if found is None:
        logger.warning("RenameField: no record has a field %s.", old_name)
        return records
    old = _paths.resolve(old_name, records.schema)
    new = _paths.parse(new_name)
    if old == new:
        return records
    if old[:-1] == new[:-1]:
        return records.select(_renamed_in_place(records, old, new))
    tree = Tree.of(_without(records, old))
    tree.place(new, Item.of(new[-1], found))
    return records.select(tree.items())


def _without(records: Records, gone: Path) -> list[Item]:
    return rewrite(records.items, lambda path, item: [] if path == gone else None)


def _renamed_in_place(records: Records, old: Path, new: Path) -> list[Item]:
    def rule(path: Path, item: Item) -> list[Item] | None:
        if path == new:
            return []
        return [replace(item, name=new[-1])] if path == old else None

    return rewrite(records.items, rule)


def null_fields(schema: StructType) -> list[str]:
    """Return the paths of the fields that are only ever null, also in arrays of structs."""
    return [path for field in schema for path in _nulls(field.dataType, field.name)]


def _nulls(data_type: DataType, path: str) -> list[str]:
    if isinstance(data_type, NullType):
        return [path]
    if isinstance(data_type, ArrayType) and isinstance(data_type.elementType, StructType):
        return _nulls(data_type.elementType, path)
    if isinstance(data_type, StructType):
        return [inner for one in data_type for inner in _nulls(one.dataType, f"{path}.{one.name}")]
    return []


def drop_nulls(records: Records) -> Records:
    """Return records that Spark can write to Parquet and ORC, as far as nulls are concerned.

    The fields of `null_fields` are left out, and so are structs without fields, and lists of them.
    Lists that are empty in all records stay, as on AWS: their elements become texts, since those of
    the null type can be written nowhere. So do nulls in maps, which no path leads into.
    """

    def rule(path: Path, item: Item) -> list[Item] | None:
        is_field = path[-1] not in (_paths.ELEMENT, _paths.VALUE)
        if isinstance(item.type, (NullType, UnknownType)):
            if is_field and _paths.VALUE not in path:
                return []
            nothing = null(StringType())
            return [Item(item.name, nothing.sql, nothing.type)]
        if item.type == StructType():
            logger.warning("DropNullFields: %s has no fields in any record.", ".".join(path))
            return []
        return None

    return records.select(rewrite(records.items, rule))
