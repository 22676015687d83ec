"""Reading the files of a source by their format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format that can be read."""

    name: str  #: as AWS spells it
    read: Read
    options: tuple[str, ...] = ()  #: the format options that it reads
    accepted: tuple[str, ...] = ()  #: those that AWS has, and that change nothing here
    #: raises for options without a meaning, before anything is read
    check: Callable[[Mapping[str, Any]], object] = lambda options: None


#: by name, in small letters
FORMATS: dict[str, Format] = {
    one.name.lower(): one
    for one in (
        Format(
            name="csv",
            read=csv_files.read,
            options=(
                *("separator", "quoteChar", "escaper", "multiLine", "withHeader", "skipFirst"),
                "encoding",
            ),
            accepted=("optimizePerformance", "strictCheckForQuoting"),
        ),
        Format(
            name="json",
            read=json_files.read,
            check=json_files.source,
            options=("multiline", "jsonPath", "encoding", "withSchema"),
            accepted=("optimizePerformance",),
        ),
        Format(name="parquet", read=column_files.reader("parquet"), accepted=("mergeSchema",)),
        Format(name="orc", read=column_files.reader("orc"), accepted=("mergeSchema",)),
        Format(name="avro", read=avro_files.read, accepted=("version",)),
        Format(
            name="xml",
            read=xml_files.read,
            check=xml_files.source,
            options=(
                *("rowTag", "encoding", "excludeAttribute", "treatEmptyValuesAsNulls"),
                *("attributePrefix", "valueTag", "ignoreSurroundingSpaces", "withSchema"),
            ),
        ),
        Format(name="ion", read=ion_files.read),
        Format(
            name="grokLog",
            read=grok_logs.read,
            options=("logFormat", "customPatterns", "MISSING", "StrictMode"),
            accepted=("LineCount",),
        ),
    )
}
#: AWS's other formats, in small letters
LATER = frozenset({"delta", "excel", "hudi", "hyper", "iceberg"})


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
    format = FORMATS.get(name)
    if format is None:
        raise unknown_format(name, f"These can be read: {_readable()}.")
    format.check(options)
    if not groups:
        return Lazy.made(Records.none(spark))
    if name == "csv":
        return Lazy.made(format.read(spark, groups, options))
    return Lazy(lambda: format.read(spark, groups, options))


def unknown_format(name: str, instead: str) -> Exception:
    """Return the error for a format that cannot be read, or not be written."""
    if name in FORMATS:
        return ValueError(f"The format {FORMATS[name].name!r} is only read, on AWS too. {instead}")
    if name in LATER:
        return NotAvailableError(f"The format {name!r}", instead)
    return ValueError(f"There is no format {name!r}. {instead}")


def _readable() -> str:
    return ", ".join(FORMATS[name].name for name in sorted(FORMATS))
