"""Reading Parquet and ORC: each file tells its columns and their types, and files may differ.

AWS leaves these to Spark, which takes the columns of one file for those of all, and stops at a file
that has another type; here such a column is a choice, as in other formats.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-parquet-home.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.types import (
    ArrayType,
    DataType,
    MapType,
    StringType,
    StructField,
    StructType,
)

from awsglue._errors import TwinColumnsError
from awsglue._files.listing import Group
from awsglue._jvm import COMPLETE_FILES, naming_unreadable_files, scala
from awsglue._records import Records
from awsglue._steps.merge import merge_columns

#: how the same name is recognised in another spelling
Key = Callable[[str], str]


def reader(name: str) -> Callable[[SparkSession, Sequence[Group], Mapping[str, Any]], Records]:
    """Return what reads the files of a format.

    Args:
        name: `parquet` or `orc`.
    """

    def read(spark: SparkSession, groups: Sequence[Group], options: Mapping[str, Any]) -> Records:
        return merge_columns([part for group in groups for part in _read_group(spark, name, group)])

    return read


def _read_group(spark: SparkSession, name: str, group: Group) -> Iterator[Records]:
    """Yield the records of the files that can be read together."""
    exact = spark.conf.get("spark.sql.caseSensitive") == "true"
    key: Key = str if exact else str.lower
    found = _footers(spark, name, group)
    parts = alike(found.schemas, key)
    for part in parts:
        paths = group.paths if len(parts) == 1 else found.paths(group, part.members)
        options = group.options() | _completeness(found, part)
        yield _read_alike(spark, name, group, paths, part.schema, key, options)


def _completeness(found: Footers, part: Alike) -> dict[str, str]:
    """Return the option that says that all of these files have all columns, if it is so."""
    if len(part.members) > 1:
        return {}
    return {COMPLETE_FILES: str(found.files.count(*part.members))}


@dataclass(frozen=True, kw_only=True, slots=True)
class Footers:
    """What the files of a group tell of themselves."""

    schemas: tuple[StructType, ...]  #: all that there are
    files: tuple[int, ...]  #: the number of each file's

    def paths(self, group: Group, numbers: Sequence[int]) -> tuple[str, ...]:
        """Return the files that have these schemas."""
        wanted = set(numbers)
        pairs = zip(group.files, self.files, strict=True)
        return tuple(file.path for file, number in pairs if number in wanted)


def _footers(spark: SparkSession, name: str, group: Group) -> Footers:
    """Read the footers of all files.

    Raises:
        UnreadableFileError: a file is not of the format.
    """
    files = json.dumps([[file.path, file.size] for file in group.files])
    with naming_unreadable_files():
        found = json.loads(scala(spark).schemas(spark._jsparkSession, name, files))
    schemas = tuple(StructType.fromJson(schema) for schema in found["schemas"])
    return Footers(schemas=schemas, files=tuple(found["files"]))


def _read_alike(
    spark: SparkSession,
    name: str,
    group: Group,
    paths: tuple[str, ...],
    schema: StructType,
    key: Key,
    options: Mapping[str, str],
) -> Records:
    """Read files of one shape; partition columns are texts, as on AWS, leading zeros and all."""
    partitions = {key(one) for one in group.partitions}
    own = [field for field in schema if key(field.name) not in partitions]
    texts = [StructField(one, StringType()) for one in group.partitions]
    require_apart([field.name for field in own], key)
    based = spark.read.format(name).schema(StructType([*own, *texts])).options(**options)
    return Records.of(based.load(list(paths)))


def require_apart(names: Sequence[str], key: Key) -> None:
    """Refuse columns that Spark takes for one.

    Raises:
        TwinColumnsError: there are some.
    """
    counted = Counter(map(key, names))
    if twins := [name for name in names if counted[key(name)] > 1]:
        raise TwinColumnsError(twins)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """Schemas of files that Spark can read together."""

    schema: StructType  #: with the columns of all
    members: tuple[int, ...]  #: their numbers


def alike(schemas: Sequence[StructType], key: Key) -> list[Alike]:
    """Put schemas together in which no column has two types.

    Args:
        schemas: each with types that may be null everywhere.
        key: a name's spelling by which Spark recognises it. A name has one spelling in all
            schemas: the first.
    """
    spellings: dict[tuple[str, ...], str] = {}
    found: list[Alike] = []
    for number, one in enumerate(schemas):
        schema = _spelled(one, key, spellings, ())
        for place, known in enumerate(found):
            both = _together(known.schema, schema)
            if both is not None:
                found[place] = Alike(schema=both, members=(*known.members, number))
                break
        else:
            found.append(Alike(schema=schema, members=(number,)))
    return found


def _spelled(
    kind: Any, key: Key, spellings: dict[tuple[str, ...], str], path: tuple[str, ...]
) -> Any:
    if isinstance(kind, ArrayType):
        return ArrayType(_spelled(kind.elementType, key, spellings, (*path, "[]")))
    if isinstance(kind, MapType):
        return MapType(kind.keyType, _spelled(kind.valueType, key, spellings, (*path, "{}")))
    if not isinstance(kind, StructType):
        return kind
    own = set(kind.names)
    fields = []
    for field in kind:
        place = (*path, key(field.name))
        name = spellings.setdefault(place, field.name)
        name = field.name if name in own else name  # two spellings in one file stay two
        inner = _spelled(field.dataType, key, spellings, place)
        fields.append(StructField(name, inner))
    return StructType(fields)


def _together(one: StructType, two: StructType) -> StructType | None:
    """Return the fields of both; None if a field has two types."""
    fields = {field.name: field for field in one}
    for field in two:
        known = fields.get(field.name)
        kind = _same(known.dataType, field.dataType) if known else field.dataType
        if kind is None:
            return None
        fields[field.name] = StructField(field.name, kind)
    return StructType(list(fields.values()))


def _same(one: DataType, two: DataType) -> DataType | None:
    """Return the type that holds what both hold, in the same form; None if there is none."""
    if isinstance(one, StructType) and isinstance(two, StructType):
        return _together(one, two)
    if isinstance(one, ArrayType) and isinstance(two, ArrayType):
        element = _same(one.elementType, two.elementType)
        return None if element is None else ArrayType(element)
    if isinstance(one, MapType) and isinstance(two, MapType) and one.keyType == two.keyType:
        value = _same(one.valueType, two.valueType)
        return None if value is None else MapType(one.keyType, value)
    return one if one == two else None
