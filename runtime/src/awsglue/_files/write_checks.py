"""What cannot be written, told before anything is: the field, why, and the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyspark.sql import SparkSession

from awsglue import gluetypes as glue
from awsglue._errors import (
    BucketNotFoundError,
    FieldNotFoundError,
    PartitionKeysError,
    UnwritableFieldError,
    UnwritableNameError,
)
from awsglue._jvm import FileSystem


def require_bucket(spark: SparkSession, path: str) -> None:
    """Make sure that the bucket of a path is there; any other place is made when it is written to.

    Raises:
        BucketNotFoundError: it is not.
    """
    scheme, separator, rest = path.partition("://")
    if not separator or not scheme.startswith("s3"):
        return
    bucket = rest.partition("/")[0]
    if not FileSystem(spark).has_bucket(f"{scheme}://{bucket}"):
        raise BucketNotFoundError(bucket, path)


def require_plain_keys(schema: glue.StructType, keys: Sequence[str]) -> None:
    """Make sure that partition keys are fields whose values can name directories.

    Raises:
        PartitionKeysError: one is no name, or is there twice.
        UnwritableFieldError: one has no plain values.
    """
    for key in keys:
        if not isinstance(key, str):
            raise PartitionKeysError(keys, f"has {key!r}, which is no name of a field.")
    if twice := [key for number, key in enumerate(keys) if key in keys[:number]]:
        raise PartitionKeysError(keys, f"has {twice[0]!r} twice.")
    for key in keys:
        kind = schema.field_map[key].dataType if schema.hasField(key) else None
        if isinstance(kind, glue.ChoiceType):
            remedy = 'Make it one type before: resolveChoice(specs=[(…, "cast:string")]).'
            raise UnwritableFieldError(key, "choice", "partitionKeys", remedy)
        if isinstance(kind, (glue.StructType, glue.ArrayType, glue.MapType)):
            remedy = "Its values name no directories; map what is inside of it to a field."
            raise UnwritableFieldError(key, kind.typeName(), "partitionKeys", remedy)


def require_fields(schema: glue.StructType, keys: Sequence[str]) -> None:
    """Make sure that the partition keys are fields, and that the files have others.

    Raises:
        FieldNotFoundError: a key is no field.
        PartitionKeysError: all fields are keys.
    """
    for key in keys:
        if not schema.hasField(key):
            raise FieldNotFoundError(key, list(schema.field_map))
    if keys and len(keys) == len(schema.fields):
        raise PartitionKeysError(
            keys,
            "has all fields of the frame, and those leave the files. Leave one out, or add a "
            "field that holds a value.",
        )


def require_names(schema: glue.StructType, spark_format: str) -> None:
    """Make sure that a format takes the names of all fields, at any depth.

    Raises:
        UnwritableNameError: one that it does not.
    """
    for name in _names(schema):
        if spark_format == "avro" and not _is_avro_name(name):
            rule = "a letter or _, and then letters, digits and _"
            raise UnwritableNameError(name, "Avro", rule)
        if spark_format == "orc" and not name:
            raise UnwritableNameError(name, "ORC", "at least one character")


def require_texts(schema: glue.StructType) -> None:
    """Make sure that the values of all fields can be written as texts, as csv needs it.

    Raises:
        UnwritableFieldError: one has bytes. Inside of structs and lists they are JSON, which has a
            form for them.
    """
    for field in schema:
        if isinstance(field.dataType, glue.BinaryType):
            remedy = (
                "Make them texts before: base64 of Spark, or ApplyMapping to string if they are."
            )
            raise UnwritableFieldError(field.name, "binary values", "csv", remedy)


def _is_avro_name(name: str) -> bool:
    """https://avro.apache.org/docs/1.11.1/specification/#names, where Java takes any letter."""
    first = name[:1]
    return (first == "_" or first.isalpha()) and name.replace("_", "a").isalnum()


def _names(kind: glue.DataType) -> Iterator[str]:
    """Yield the names of the fields in a type."""
    if isinstance(kind, glue.StructType):
        for field in kind:
            yield field.name
            yield from _names(field.dataType)
    elif isinstance(kind, glue.ChoiceType):
        for member in kind.choices.values():
            yield from _names(member)
    elif isinstance(kind, glue.ArrayType):
        yield from _names(kind.elementType)
    elif isinstance(kind, glue.MapType):
        yield from _names(kind.valueType)
