"""A column that tells which file each record was read from: the format option `attachFilename`.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import functions as sql

from awsglue._errors import NotAvailableError
from awsglue._records import Lazy, Records
from awsglue.gluetypes import Field, StringType, StructType


def attached(records: Lazy[Records], options: Mapping[str, Any]) -> Lazy[Records]:
    """Return the records of files with the column that the format options ask for, if any.

    Args:
        records: as they were read, before anything moves them to another partition.
        options: `attachFilename` is the name of a column for each record's file, `s3://…`.

    Raises:
        NotAvailableError: the time of files is asked for as well.
        ValueError: the records have a field of that name.
    """
    if options.get("attachTimestamp"):
        raise NotAvailableError(
            "The format option attachTimestamp",
            "attachFilename gives each record's file, and boto3 the time of a file.",
        )
    name = options.get("attachFilename")
    return records.then(lambda read: _with_file(read, str(name))) if name else records


def _with_file(records: Records, name: str) -> Records:
    if name.lower() in (known.lower() for known in records.frame.columns):
        raise ValueError(f"attachFilename: the files have a field {name!r}. Choose another name.")
    # Spark tells a URI; url_decode also takes "+" for a space, which a URI's path does not
    file = sql.url_decode(sql.regexp_replace(sql.input_file_name(), r"\+", "%2B"))
    field = Field(name, StringType())
    return records.next(
        frame=records.frame.select("*", file.alias(name)),
        schema=StructType([*records.schema.fields, field]),
    )
