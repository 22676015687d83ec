"""Reading the files of a source by their format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, DataFrameReader, SparkSession
from pyspark.sql import types as spark_types

from awsglue._errors import NotAvailableError, UnreadableFileError
from awsglue._files import avro_files, csv_files, grok_logs, ion_files, json_files, xml_files
from awsglue._files.listing import Group
from awsglue._jvm import JavaError, last_reason
from awsglue._records import Lazy, Records
from awsglue._steps.merge import merge

Read = Callable[[SparkSession, Sequence[Group], Mapping[str, Any]], Records]


def read(
    spark: SparkSession, name: str, groups: Sequence[Group], options: Mapping[str, Any]
) -> Lazy[Records]:
    """Return the records of files, made when needed if a Spark job must find their types first.

    Args:
        spark: the session.
        name: the format, in small letters.
        groups: the files; without any there are no records, and no types.
        options: the format options.

    Raises:
        NotAvailableError: the format or an option is not there yet.
        ValueError: there is no such format.
    """
    reader = _READERS.get(name)
    if reader is None:
        raise unknown_format(name, f"These can be read: {_readable()}.")
    if name in _CHECKS:
        _CHECKS[name](options)
    if not groups:
        return Lazy.made(Records.none(spark))
    if name == "csv":
        return Lazy.made(reader(spark, groups, options))
    return Lazy(lambda: reader(spark, groups, options))


def unknown_format(name: str, instead: str) -> Exception:
    """Return the error for a format that cannot be read, or not be written."""
    if name in _READERS:
        return ValueError(
            f"The format {_SPELLED.get(name, name)!r} is only read, on AWS too. {instead}"
        )
    if name in _LATER:
        return NotAvailableError(f"The format {name!r}", instead)
    return ValueError(f"There is no format {name!r}. {instead}")


def _readable() -> str:
    return ", ".join(_SPELLED.get(name, name) for name in sorted(_READERS))


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
    frame = _loaded(reader.format(name), group)
    if not group.partitions:
        return frame
    known = [field for field in frame.schema if field.name not in group.partitions]
    texts = [spark_types.StructField(one, spark_types.StringType()) for one in group.partitions]
    schema = spark_types.StructType([*known, *texts])
    based = reader.format(name).schema(schema).options(**group.options())
    return based.load(list(group.paths))


def _loaded(reader: DataFrameReader, group: Group) -> DataFrame:
    """Return the records of files, whose types the beginning or end of one of them tells.

    Raises:
        UnreadableFileError: a file is not of the format. Spark does not always say which.
    """
    try:
        return reader.load(list(group.paths))
    except (JavaError, AnalysisException) as error:
        for file in group.files:
            _require_readable(reader, file.path, error)
        raise


def _require_readable(reader: DataFrameReader, path: str, first: Exception) -> None:
    try:
        reader.load(path)
    except JavaError as error:
        raise UnreadableFileError(path, last_reason(error).rstrip(".")) from first
    except AnalysisException as error:
        raise UnreadableFileError(path, str(error).splitlines()[0].rstrip(".")) from first


#: AWS's other formats, in small letters
_LATER = frozenset({"delta", "excel", "hudi", "hyper", "iceberg"})
_SPELLED = {"groklog": "grokLog"}
_READERS: dict[str, Read] = {
    "avro": avro_files.read,
    "csv": csv_files.read,
    "groklog": grok_logs.read,
    "ion": ion_files.read,
    "json": json_files.read,
    "xml": xml_files.read,
    "parquet": _typed("parquet"),
    "orc": _typed("orc"),
}
#: what raises for options without a meaning, before anything is read
_CHECKS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "json": json_files.source,
    "xml": xml_files.source,
}
