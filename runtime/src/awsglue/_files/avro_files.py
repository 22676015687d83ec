"""Reading Avro: files tell their types, and a union of several types is a choice.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-avro-home.html
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import groupby
from typing import Any, NoReturn, TypeVar

from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from awsglue import gluetypes as glue
from awsglue._errors import MissingJarError, UnreadableFileError
from awsglue._files.listing import Group
from awsglue._jvm import FileSystem
from awsglue._records import Records
from awsglue._steps.casts import Expression, conform, member, struct, unless_null
from awsglue._steps.merge import merge_columns
from awsglue._steps.rewrite import Item
from awsglue._types import complete
from awsglue.gluetypes import mergeDataTypes

T = TypeVar("T")
FORMAT = "avro"
_MAGIC = b"Obj\x01"
_FIRST_BYTES = 16_384
_LARGEST_HEADER_BYTES = 64 * 1024 * 1024
#: unions that Spark reads as one type, which holds every value of both
_WIDENED = ({"int", "long"}, {"float", "double"})


def read(spark: SparkSession, groups: Sequence[Group], options: Mapping[str, Any]) -> Records:
    """Return the records of Avro files, brought together by field name.

    Args:
        spark: the session.
        groups: the files.
        options: accepted; the files tell all there is to know.

    Raises:
        MissingJarError: Spark's reader of Avro is not there.
        UnreadableFileError: a file is no Avro file.
    """
    return merge_columns([part for group in groups for part in _read_group(spark, group)])


def _read_group(spark: SparkSession, group: Group) -> Iterator[Records]:
    """Yield the records of the files that have the same schema."""
    files = FileSystem(spark)
    with ThreadPoolExecutor(max_workers=8) as pool:
        schemas = list(pool.map(lambda file: schema_of(files, file.path), group.files))
    if len(set(schemas)) == 1:
        yield _read_alike(spark, group, group.paths, schemas[0])
        return
    pairs = sorted(zip(schemas, (file.path for file in group.files), strict=True))
    for schema, alike in groupby(pairs, key=lambda pair: pair[0]):
        yield _read_alike(spark, group, tuple(path for _, path in alike), schema)


def _read_alike(spark: SparkSession, group: Group, paths: tuple[str, ...], schema: str) -> Records:
    reader = spark.read.format(FORMAT).options(**group.options())
    # Files need not be named .avro; partition columns are texts on AWS, leading zeros and all.
    reader = reader.options(avroSchema=schema, ignoreExtension="true")
    frame = missing_jar_named(lambda: reader.load(list(paths)))
    if group.partitions:
        own = [field for field in frame.schema if field.name not in group.partitions]
        texts = [StructField(name, StringType()) for name in group.partitions]
        frame = reader.schema(StructType([*own, *texts])).load(list(paths))
    records = Records.of(frame)
    names: dict[str, Any] = {}
    fields = {one["name"]: one["type"] for one in _named(json.loads(schema), names)["fields"]}
    items = [
        Item(item.name, found.sql, found.type)
        for item in records.items
        for found in [_convert(item.sql, item.type, fields.get(item.name), names, 0)]
    ]
    return records.select(items)


def missing_jar_named(load: Callable[[], T]) -> T:
    """Do something with Spark's reader or writer of Avro.

    Raises:
        MissingJarError: Spark has none.
    """
    try:
        return load()
    except AnalysisException as error:
        if "spark-avro" in str(error) or "data source: avro" in str(error):
            raise MissingJarError("The format avro", "spark-avro", fetched=True) from error
        raise


def schema_of(files: FileSystem, path: str) -> str:
    """Return the schema in the header of a file, as JSON.

    Raises:
        UnreadableFileError: the file is no Avro file.
    """
    size = _FIRST_BYTES
    while True:
        head = files.head(path, size)
        try:
            return header(head)["avro.schema"].decode()
        except EOFError as error:
            if len(head) < size or size >= _LARGEST_HEADER_BYTES:
                raise UnreadableFileError(path, "its header ends too early") from error
            size *= 16
        except (ValueError, KeyError) as error:
            raise UnreadableFileError(path, "it has no header of an Avro file") from error


def header(head: bytes) -> dict[str, bytes]:
    """Read the metadata at the beginning of an object container file.

    https://avro.apache.org/docs/1.11.1/specification/#object-container-files

    Raises:
        EOFError: the metadata go on behind these bytes.
        ValueError: these are no such bytes.
    """
    stream = io.BytesIO(head)
    if stream.read(4) != _MAGIC:
        raise ValueError("The bytes do not begin as an Avro file does.")
    found: dict[str, bytes] = {}
    while count := _long(stream):
        if count < 0:  # the size of the block follows, for those who skip it
            _long(stream)
        for _ in range(abs(count)):
            name = _bytes(stream).decode()
            found[name] = _bytes(stream)
    return found


def _long(stream: io.BytesIO) -> int:
    """Read a whole number: seven bits a byte, the lowest first, signs alternating."""
    value = shift = 0
    while True:
        (byte,) = stream.read(1) or _ended()
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7


def _bytes(stream: io.BytesIO) -> bytes:
    size = _long(stream)
    if size < 0:
        raise ValueError("A text of negative length.")
    value = stream.read(size)
    return value if len(value) == size else _ended()


def _ended() -> NoReturn:
    raise EOFError("The header ends too early.")


def _named(schema: Any, names: dict[str, Any], space: str = "") -> Any:
    """Return a schema with every named type in it noted under its full name."""
    if isinstance(schema, list):
        for one in schema:
            _named(one, names, space)
    elif isinstance(schema, dict):
        if "name" in schema:
            space, _, _ = full_name(schema, space).rpartition(".")
            names[full_name(schema, space)] = schema
        for inner in (schema.get(key) for key in ("items", "values", "type")):
            _named(inner, names, space)
        for field in schema.get("fields", ()):
            _named(field["type"], names, space)
    return schema


def full_name(schema: Mapping[str, Any], space: str) -> str:
    """Return the name of a record, enumeration or fixed type with its namespace."""
    name = str(schema["name"])
    space = str(schema.get("namespace", space))
    return name if "." in name or not space else f"{space}.{name}"


def _convert(
    sql: str, kind: glue.DataType, schema: Any, names: Mapping[str, Any], depth: int
) -> Expression:
    """Turn what Spark makes of a union, a struct with a field for each type, into a choice."""
    schema = _resolved(schema, names)
    if isinstance(schema, list):
        return _convert_union(sql, kind, schema, names, depth)
    if not isinstance(schema, dict):
        return Expression(sql, kind)
    if isinstance(kind, glue.StructType) and "fields" in schema:
        return _convert_struct(sql, kind, schema, names, depth)
    if isinstance(kind, glue.ArrayType):
        inner = _convert(f"x{depth}", kind.elementType, schema["items"], names, depth + 1)
        changed = f"transform({sql}, x{depth} -> {inner.sql})"
        array = glue.ArrayType(inner.type)
        return Expression(sql if inner.sql == f"x{depth}" else changed, array)
    if isinstance(kind, glue.MapType):
        inner = _convert(f"x{depth}", kind.valueType, schema["values"], names, depth + 1)
        changed = f"transform_values({sql}, (k{depth}, x{depth}) -> {inner.sql})"
        mapped = glue.MapType(inner.type, kind.properties)
        return Expression(sql if inner.sql == f"x{depth}" else changed, mapped)
    return Expression(sql, kind)


def _resolved(schema: Any, names: Mapping[str, Any]) -> Any:
    """Return the definition behind a name, and the inside of a needless `{"type": …}`."""
    if isinstance(schema, str):
        short = [one for full, one in names.items() if full.rpartition(".")[2] == schema]
        return names.get(schema, short[0] if len(short) == 1 else schema)
    if isinstance(schema, dict) and isinstance(schema.get("type"), (dict, list)):
        return _resolved(schema["type"], names)
    return schema


def _convert_struct(
    sql: str, kind: glue.StructType, schema: Any, names: Mapping[str, Any], depth: int
) -> Expression:
    types = {field["name"]: field["type"] for field in schema["fields"]}
    old = [(field, member(sql, field.name)) for field in kind]
    new = [
        (field.name, _convert(inner, field.dataType, types.get(field.name), names, depth))
        for field, inner in old
    ]
    if [one.sql for _, one in new] == [inner for _, inner in old]:
        return Expression(sql, kind)
    fields = struct([(name, one.sql) for name, one in new])
    return Expression(
        unless_null(sql, fields), glue.StructType(glue.Field(name, one.type) for name, one in new)
    )


def _convert_union(
    sql: str, kind: glue.DataType, union: list[Any], names: Mapping[str, Any], depth: int
) -> Expression:
    branches = [one for one in union if one != "null"]
    if len(branches) == 1:
        return _convert(sql, kind, branches[0], names, depth)
    if set(map(str, branches)) in _WIDENED or not isinstance(kind, glue.StructType):
        return Expression(sql, kind)
    alternatives = [
        _convert(member(sql, field.name), field.dataType, branch, names, depth)
        for field, branch in zip(kind, branches, strict=True)
    ]
    merged = complete(reduce(mergeDataTypes, (one.type for one in alternatives)))
    # Two records become one with the fields of both; a text and an enumeration are both texts.
    values = [
        unless_null(one.sql, conform(one.sql, one.type, merged, depth)) for one in alternatives
    ]
    return Expression(f"coalesce({', '.join(values)})", merged)
