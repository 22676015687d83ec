"""Reading the files of a source by their format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import chain
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, DataFrameReader, SparkSession
from pyspark.sql import types as spark_types

from awsglue import _csv
from awsglue._casts import conform, null
from awsglue._errors import NotAvailableError
from awsglue._functions import ERROR_ARROW, error_row
from awsglue._jvm import FileSystem
from awsglue._listing import Group
from awsglue._options import flag
from awsglue._paths import quote
from awsglue._records import ERROR_SCHEMA, Errors, Lazy, Records
from awsglue._rewrite import Item
from awsglue.gluetypes import DataType, StructType, mergeDataTypes

Read = Callable[[SparkSession, Sequence[Group], Mapping[str, Any]], Records]

_CORRUPT = "__glueball_corrupt"
_SAMPLE_BYTES = 65_536


def read(
    spark: SparkSession, name: str, groups: Sequence[Group], options: Mapping[str, Any]
) -> Lazy[Records]:
    """Return the records of files, made when needed if a Spark job must find their types first.

    Args:
        spark: the session.
        name: the format: `csv`, `json`, `parquet` or `orc`.
        groups: the files; without any there are no records, and no types.
        options: the format options.

    Raises:
        NotAvailableError: the format or an option is not there yet.
    """
    reader = _READERS.get(name)
    if reader is None:
        raise NotAvailableError(
            f"The format {name!r}", f"These can be read: {', '.join(sorted(_READERS))}."
        )
    if options.get("jsonPath"):
        raise NotAvailableError("The option jsonPath", "Without it, records are read whole.")
    if not groups:
        return Lazy.made(Records.none(spark))
    if name == "csv":
        return Lazy.made(reader(spark, groups, options))
    return Lazy(lambda: reader(spark, groups, options))


def _typed(name: str) -> Read:
    """Return the reader of a format whose files tell their types."""

    def read_typed(
        spark: SparkSession, groups: Sequence[Group], options: Mapping[str, Any]
    ) -> Records:
        passed = {key: str(options[key]) for key in ("mergeSchema",) if key in options}
        return merge(
            [Records.of(_read_group(spark.read.options(**passed), name, group)) for group in groups]
        )

    return read_typed


def _read_group(reader: DataFrameReader, name: str, group: Group) -> DataFrame:
    """Read files of one shape; partition columns are texts, as on AWS, leading zeros and all."""
    frame = reader.format(name).load(list(group.paths))
    if not group.partitions:
        return frame
    known = [field for field in frame.schema if field.name not in group.partitions]
    texts = [spark_types.StructField(one, spark_types.StringType()) for one in group.partitions]
    schema = spark_types.StructType([*known, *texts])
    based = reader.format(name).schema(schema).options(**group.options())
    return based.load(list(group.paths))


def merge(parts: Sequence[Records]) -> Records:
    """Return all records of several, by field name. A field of different types is a choice."""
    types: list[DataType] = [part.schema for part in parts]
    schema = reduce(mergeDataTypes, types)
    assert isinstance(schema, StructType)
    frames = [part.frame.selectExpr(*_conforming(part.schema, schema)) for part in parts]
    return Records(
        frame=parts[0].frame if len(parts) == 1 else reduce(DataFrame.unionAll, frames),
        schema=schema,
        earlier_errors=tuple(error for part in parts for error in part.errors),
    )


def _conforming(source: StructType, target: StructType) -> list[str]:
    known = source.field_map
    return [
        Item(
            field.name,
            conform(quote(field.name), known[field.name].dataType, field.dataType)
            if field.name in known
            else null(field.dataType).sql,
            field.dataType,
        ).column
        for field in target
    ]


def _read_json(spark: SparkSession, groups: Sequence[Group], options: Mapping[str, Any]) -> Records:
    """Return the records of JSON files, one per line or, with `multiline`, one or more per file.

    A field of several types keeps every value as its JSON text (numbers of both kinds are doubles);
    a line that is no JSON is an error record.
    """
    multi_line = flag(options.get("multiline", options.get("multiLine")))
    return merge([_read_json_group(spark, group, multi_line) for group in groups])


def _read_json_group(spark: SparkSession, group: Group, multi_line: bool) -> Records:
    reader = spark.read.options(
        multiLine=multi_line, mode="PERMISSIVE", columnNameOfCorruptRecord=_CORRUPT
    )
    paths = list(group.paths)
    inferred = reader.json(paths).schema
    own = [one for one in inferred if one.name not in (_CORRUPT, *group.partitions)]
    if not own:
        return _all_malformed(spark, paths)
    data = _in_order(own, _sample(FileSystem(spark), group.files[0].path))
    texts = [spark_types.StructField(name, spark_types.StringType()) for name in group.partitions]
    broken = [one for one in inferred if one.name == _CORRUPT]
    schema = spark_types.StructType([*data, *broken, *texts])
    frame = reader.options(**group.options()).schema(schema).json(paths)
    if not broken:
        return Records.of(frame)
    # Spark refuses to read the malformed text alone, hence a second column.
    malformed = frame.where(f"{_CORRUPT} is not null").select(_CORRUPT, quote(data[0].name))
    good = frame.where(f"{_CORRUPT} is null").drop(_CORRUPT)
    return Records.of(good).next(
        frame=good,
        errors=(Errors(rows=lambda: malformed.mapInArrow(_malformed, ERROR_SCHEMA)),),
    )


def _all_malformed(spark: SparkSession, paths: list[str]) -> Records:
    lines = spark.read.text(paths).where("trim(value) not in ('', '{}')")
    nothing = Records.none(spark)
    return nothing.next(
        frame=nothing.frame,
        errors=(Errors(rows=lambda: lines.mapInArrow(_malformed, ERROR_SCHEMA)),),
    )


def _malformed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        texts = batch.column(0).to_pylist()
        rows = [error_row("", "", "The text is not valid JSON.", "", text) for text in texts]
        yield pa.RecordBatch.from_pylist(rows, ERROR_ARROW)


def _sample(files: FileSystem, path: str) -> list[Any]:
    """Return what can be read of the JSON values at the beginning of a file."""
    text = files.head(path, _SAMPLE_BYTES).decode("utf-8", errors="replace")
    decoder = json.JSONDecoder()
    values: list[Any] = []
    position = 0
    while position < len(text):
        if text[position] in " \t\r\n,[]\ufeff":
            position += 1
            continue
        try:
            value, position = decoder.raw_decode(text, position)
            values.append(value)
        except json.JSONDecodeError:
            position = (text.find("\n", position) + 1) or len(text)
    return values


def _in_order(
    fields: Iterable[spark_types.StructField], values: list[Any]
) -> list[spark_types.StructField]:
    """Return fields in the order in which records have them; Spark sorts them by name."""
    records = [value for value in values if isinstance(value, dict)]
    seen = {name: position for position, name in enumerate(dict.fromkeys(chain(*records)))}
    return [
        spark_types.StructField(
            field.name,
            _ordered_type(field.dataType, [record.get(field.name) for record in records]),
        )
        for field in sorted(fields, key=lambda field: seen.get(field.name, len(seen)))
    ]


def _ordered_type(data_type: spark_types.DataType, values: list[Any]) -> spark_types.DataType:
    if isinstance(data_type, spark_types.StructType):
        return spark_types.StructType(_in_order(data_type.fields, values))
    if isinstance(data_type, spark_types.ArrayType):
        elements = [one for value in values if isinstance(value, list) for one in value]
        return spark_types.ArrayType(_ordered_type(data_type.elementType, elements))
    return data_type


_READERS: dict[str, Read] = {
    "csv": _csv.read,
    "json": _read_json,
    "parquet": _typed("parquet"),
    "orc": _typed("orc"),
}
