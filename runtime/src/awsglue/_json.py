"""Reading JSON: records in lines, or values anywhere in files.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-json-home.html

Types are those that Spark finds. It never loses a value: a field of several types keeps each one's
JSON text, and one of whole and broken numbers has doubles. A field that is null in all records is
of the type null, as on AWS: `DropNullFields` drops it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, Row, SparkSession, functions
from pyspark.sql.types import ArrayType, DataType, NullType, StringType, StructField, StructType

from awsglue._functions import ERROR_ARROW, error_row
from awsglue._jvm import FileSystem
from awsglue._listing import Group
from awsglue._merge import merge
from awsglue._options import flag
from awsglue._paths import quote
from awsglue._records import ERROR_SCHEMA, Errors, Records, map_in_arrow

_CORRUPT = "__glueball_corrupt"
_SAMPLE_BYTES = 65_536
_BETWEEN = " \t\r\n,[]\ufeff"  # what may stand between the values of a file
_MODE = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": _CORRUPT}


def read(spark: SparkSession, groups: Sequence[Group], options: Mapping[str, Any]) -> Records:
    """Return the records of JSON files; text that is no JSON becomes error records.

    Args:
        spark: the session.
        groups: the files.
        options: the format options. Without `multiline` a record is a line; with it a file holds
            any number of records, one after the other or in an array.
    """
    whole = flag(options.get("multiline", options.get("multiLine")))
    read_group = _read_values if whole else _read_lines
    return merge([read_group(spark, group) for group in groups])


def _read_lines(spark: SparkSession, group: Group) -> Records:
    paths = list(group.paths)
    schema = _schema(
        spark, group, lambda **more: spark.read.options(**_MODE, **more).json(paths).schema
    )
    if schema is None:
        lines = spark.read.text(paths).where("trim(value) not in ('', '{}')")
        return _only_errors(spark, lines)
    frame = spark.read.options(**_MODE, **group.options()).schema(schema).json(paths)
    return _without_malformed(frame)


def _read_values(spark: SparkSession, group: Group) -> Records:
    """Spark itself would read no more than the first value of a file."""
    partitions = [quote(name) for name in group.partitions]
    schema = ", ".join(f"{name} string" for name in ("value", *partitions))
    files = spark.read.options(**group.options()).schema(schema)
    values = map_in_arrow(files.text(list(group.paths), wholetext=True), _split, schema)
    texts = values.rdd.map(_first)
    typed = _schema(
        spark, group, lambda **more: spark.read.options(**_MODE, **more).json(texts).schema
    )
    if typed is None:
        return _only_errors(spark, values.select("value"))
    record = StructType([field for field in typed if field.name not in group.partitions])
    parsed = functions.from_json("value", record, _MODE).alias("record")
    return _without_malformed(values.select(parsed, *partitions).select("record.*", *partitions))


def _first(row: Row) -> str:
    text: str = row[0]
    return text


def _split(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give each value of each file a row of its own."""
    for batch in batches:
        for row in batch.to_pylist():
            rows = [{**row, "c0": text} for text in values_in(row["c0"])]
            yield pa.RecordBatch.from_pylist(rows, batch.schema)


def values_in(text: str) -> Iterator[str]:
    """Yield the JSON values of a text; from the first that is malformed, all the rest as one."""
    decoder = json.JSONDecoder()
    position = _skip(text, 0)
    while position < len(text):
        try:
            _, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError:
            end = len(text)
        yield text[position:end]
        position = _skip(text, end)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _BETWEEN:
        position += 1
    return position


def _schema(
    spark: SparkSession, group: Group, infer: Callable[..., StructType]
) -> StructType | None:
    """Return the types to read, partitions as texts; None when no record was found.

    Args:
        spark: the session.
        group: the files.
        infer: lets Spark find the types of all records, with more options of its reader.
    """
    sample = _sample(FileSystem(spark), group.files[0].path)
    inferred = infer()
    own = [one for one in inferred if one.name not in (_CORRUPT, *group.partitions)]
    if not own:
        return None
    data = StructType(_in_order(own, sample))
    if _has_nulls(data, sample):
        # Of a field that is null in all records Spark makes a text; that other records have none
        # either takes a second look at all of them.
        data = _nulled(data, sample, infer(dropFieldIfAllNull="true"))
    broken = [one for one in inferred if one.name == _CORRUPT]
    return StructType([*data, *broken, *(StructField(n, StringType()) for n in group.partitions)])


def _has_nulls(data_type: DataType, values: list[Any]) -> bool:
    """Tell whether a field is in the values, and always null there."""
    if isinstance(data_type, StructType):
        records = [value for value in values if isinstance(value, dict)]
        return any(
            _has_nulls(field.dataType, [one[field.name] for one in records if field.name in one])
            for field in data_type
        )
    if isinstance(data_type, ArrayType):
        return _has_nulls(data_type.elementType, _elements(values))
    return bool(values) and all(value is None for value in values)


def _nulled(data_type: DataType, values: list[Any], known: DataType | None) -> Any:
    """Return a type with its texts that are never anything but null as nulls.

    Args:
        data_type: what Spark found.
        values: some of its values.
        known: what Spark found without the fields that are null in all records.
    """
    if isinstance(data_type, StructType):
        records = [value for value in values if isinstance(value, dict)]
        others = {one.name: one.dataType for one in known} if isinstance(known, StructType) else {}
        return StructType(
            [
                StructField(
                    field.name,
                    _nulled(
                        field.dataType,
                        [one[field.name] for one in records if field.name in one],
                        others.get(field.name),
                    ),
                )
                for field in data_type
            ]
        )
    if isinstance(data_type, ArrayType):
        inner = known.elementType if isinstance(known, ArrayType) else None
        return ArrayType(_nulled(data_type.elementType, _elements(values), inner))
    return NullType() if known is None and _has_nulls(data_type, values) else data_type


def _elements(values: list[Any]) -> list[Any]:
    return [one for value in values if isinstance(value, list) for one in value]


def _without_malformed(frame: DataFrame) -> Records:
    if _CORRUPT not in frame.columns:
        return Records.of(frame)
    # Spark refuses to read the malformed text alone, as it would for a count; hence a second
    # column, in a condition that is always true and that no optimizer knows to be.
    other = quote(next(name for name in frame.columns if name != _CORRUPT))
    malformed = frame.where(f"{_CORRUPT} is not null").select(_CORRUPT, other)
    whole = f"{_CORRUPT} is null and hash({other}) >= -2147483648"
    good = frame.where(whole).drop(_CORRUPT)
    return Records.of(good).next(frame=good, errors=(_errors(malformed),))


def _only_errors(spark: SparkSession, texts: DataFrame) -> Records:
    nothing = Records.none(spark)
    return nothing.next(frame=nothing.frame, errors=(_errors(texts),))


def _errors(texts: DataFrame) -> Errors:
    return Errors(rows=lambda: map_in_arrow(texts, _malformed, ERROR_SCHEMA))


def _malformed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        texts = batch.column(0).to_pylist()
        rows = [error_row("", "", "The text is not valid JSON.", "", text) for text in texts]
        yield pa.RecordBatch.from_pylist(rows, ERROR_ARROW)


def _sample(files: FileSystem, path: str) -> list[Any]:
    """Return the values at the beginning of a file."""
    text = files.head(path, _SAMPLE_BYTES).decode("utf-8", errors="replace")
    values: list[Any] = []
    for value in values_in(text):
        try:
            values.append(json.loads(value))
        except json.JSONDecodeError:  # malformed, or cut off: the order of the others is enough
            break
    return values


def _in_order(fields: Iterable[StructField], values: list[Any]) -> list[StructField]:
    """Return fields in the order in which records have them; Spark sorts them by name."""
    records = [value for value in values if isinstance(value, dict)]
    seen = {name: position for position, name in enumerate(dict.fromkeys(chain(*records)))}
    return [
        StructField(
            field.name,
            _ordered_type(field.dataType, [record.get(field.name) for record in records]),
        )
        for field in sorted(fields, key=lambda field: seen.get(field.name, len(seen)))
    ]


def _ordered_type(data_type: DataType, values: list[Any]) -> DataType:
    if isinstance(data_type, StructType):
        return StructType(_in_order(data_type.fields, values))
    if isinstance(data_type, ArrayType):
        return ArrayType(_ordered_type(data_type.elementType, _elements(values)))
    return data_type
