"""Reading JSON: records in lines, or values anywhere in files.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-json-home.html

One pass finds the exact types of all records, at any depth. A field of several types is a choice of
them, and no value is converted. Text that is no JSON becomes error records, counted by that pass.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from awsglue import gluetypes as glue
from awsglue._files import json_path
from awsglue._files.inference import parse_schema, read_files, with_schema
from awsglue._files.listing import Group
from awsglue._jvm import scala
from awsglue._options import flag
from awsglue._records import Records


def read(spark: SparkSession, groups: Sequence[Group], options: Mapping[str, Any]) -> Records:
    """Return the records of JSON files; text that is no JSON becomes error records.

    Args:
        spark: the session.
        groups: the files.
        options: the format options. Without `multiline` a record is a line; with it a file holds
            any number of records, one after the other or in an array. `jsonPath` tells where in
            each line, or value, the records are. `encoding` is UTF-8 unless given. `withSchema` is
            the JSON of a `StructType` that the records are brought to. `optimizePerformance`
            changes nothing: there is one reader, the fast one.

    Raises:
        ValueError: an option has no meaning.
    """
    records = read_files(spark, groups, source(options))
    wanted = parse_schema(options.get("withSchema"))
    return records if wanted is None else with_schema(records, wanted)


def source(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the Scala part must know of the format options.

    Raises:
        ValueError: as `read`.
    """
    parse_schema(options.get("withSchema"))
    return {
        "format": "json",
        "multiline": flag(options.get("multiline", options.get("multiLine"))),
        "steps": json_path.parse(str(options.get("jsonPath") or "$")),
        "encoding": encoding(options),
    }


def encoding(options: Mapping[str, Any]) -> str:
    """Return the name of the option `encoding`.

    Raises:
        ValueError: there is no such encoding.
    """
    name = str(options.get("encoding") or "UTF-8")
    try:
        known = codecs.lookup(name).name
    except LookupError:
        raise ValueError(f"There is no encoding {name!r}; UTF-8 is the default.") from None
    # Java knows these names of Python but for those of UTF-16 and 32 with an order of bytes, and
    # Spark 4 knows two by other names.
    spelled = {"iso8859-1": "iso-8859-1", "ascii": "us-ascii"}.get(known, known)
    return re.sub(r"^(utf-\d\d)-([bl]e)$", r"\1\2", spelled)


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedColumn:
    """How to read a column of JSON texts."""

    sql: str  #: gives the value of a text, null for one that is malformed
    type: glue.DataType  #: of the values
    malformed: int  #: how many texts are no JSON


def parse_column(records: Records, sql: str) -> ParsedColumn:
    """Find the types of a column of JSON texts; this runs a Spark job.

    Args:
        records: where the column is.
        sql: the column, or what gives the texts.
    """
    door = scala(records.spark)
    found = json.loads(door.columnTypes(records.frame.selectExpr(sql)._jdf))
    kind = json.dumps(found["type"])
    name = door.function(records.spark._jsparkSession, kind)
    holder = glue.StructType.fromJsonValue(
        {"fields": [{"name": "value", "container": found["type"], "properties": {}}]}
    )
    return ParsedColumn(
        sql=f"{name}({sql})",
        type=holder.fields[0].dataType,
        malformed=found["malformed"],
    )
