"""Reading the files of a source by their format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyspark.sql import SparkSession

from awsglue._errors import NotAvailableError
from awsglue._files import (
    avro_files,
    column_files,
    csv_files,
    grok_logs,
    ion_files,
    json_files,
    xml_files,
)
from awsglue._files.listing import Group
from awsglue._records import Lazy, Records

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
    "parquet": column_files.reader("parquet"),
    "orc": column_files.reader("orc"),
}
#: what raises for options without a meaning, before anything is read
_CHECKS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "json": json_files.source,
    "xml": xml_files.source,
}
