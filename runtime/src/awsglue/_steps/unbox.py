"""`unbox`: a text field replaced by what its text says.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Unbox.html
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, functions

from awsglue import _paths
from awsglue._errors import NotAvailableError
from awsglue._files.inference import parse_schema
from awsglue._files.json_files import parse_column
from awsglue._options import flag
from awsglue._python.python_steps import Origin
from awsglue._records import Errors, Records
from awsglue._steps.casts import Expression, cast, member, struct, unless_null
from awsglue._steps.mapping import take
from awsglue._steps.names import exact
from awsglue._steps.rewrite import Item, Path, rewrite
from awsglue._types import ddl
from awsglue.gluetypes import (
    AtomicType,
    Field,
    NullType,
    StringType,
    StructType,
)

logger = logging.getLogger(__name__)

_PARSED = "__unboxed"
_CORRUPT = "__malformed"


def unbox(
    records: Records, path: str, format: str, options: Mapping[str, Any], origin: Origin
) -> Records:
    """Return the records with the text at a path replaced by the value that it holds.

    Args:
        records: what to change.
        path: the path of the text field. One that no record has is passed over, with a warning.
        format: `json` or `csv`.
        options: `withSchema`, the value's type as JSON; for csv also `separator`, `escaper`,
            `skipFirst` and `withHeader`.
        origin: for the error records of texts that are malformed.

    Raises:
        NotAvailableError: fields of this format cannot be read.
        ValueError: the field is no text, or an option is none.
    """
    readers = {"json": _read_json, "csv": _read_csv}
    if format.lower() not in readers:
        raise NotAvailableError(f"unbox with the format {format!r}", "These work: json, csv.")
    if not records.schema.fields:
        return records
    text = _text_at(records, path)
    if text is None:
        return records
    with exact(records.spark, records.schema):
        prepared, value = readers[format.lower()](records, text.sql, options, origin)
    place = _paths.resolve(path, records.schema)

    def rule(at: Path, item: Item) -> Sequence[Item] | None:
        return [item.with_nullable(value.sql, value.type)] if at == place else None

    unboxed = prepared.select(rewrite(prepared.items, rule))
    return records.next(frame=unboxed.frame, schema=unboxed.schema, errors=prepared.stage_errors)


def _text_at(records: Records, path: str) -> Expression | None:
    """Return the field as a text; None when it is null in all records, or in none."""
    found = take(records.schema, path)
    if found is None:
        logger.warning("Unbox: no record has a field %s.", path)
        return None
    if isinstance(found.type, NullType):
        return None
    text = cast(found.sql, found.type, StringType())
    if isinstance(found.type, AtomicType) and not isinstance(found.type, StringType):
        raise ValueError(f"{path} is of the type {found.type.typeName()}; only texts are unboxed.")
    return text


def _read_json(
    records: Records, text: str, options: Mapping[str, Any], origin: Origin
) -> tuple[Records, Expression]:
    schema = parse_schema(options.get("withSchema"))
    if schema is not None:
        return _read_json_by(schema, records, text, origin)
    parsed = parse_column(records, text)
    value = Expression(parsed.sql, parsed.type)
    if not parsed.malformed:
        return records, value
    bad = f"{text} is not null and trim({text}) != 'null' and {parsed.sql} is null"
    rows = records.frame.where(bad).selectExpr(f"{text} AS input")
    errors = Errors(rows=lambda: _malformed(rows, origin), count=lambda: parsed.malformed)
    return records.next(frame=records.frame.where(f"not ({bad})"), errors=(errors,)), value


def _read_json_by(
    schema: StructType, records: Records, text: str, origin: Origin
) -> tuple[Records, Expression]:
    """Read JSON of known types in one pass, without looking for them.

    A value that does not fit its type is null; a text that is no record at all is an error.
    """
    wanted = StructType([*schema.fields, Field(_CORRUPT, StringType())])
    options = f"map('columnNameOfCorruptRecord', '{_CORRUPT}')"
    parsed = f"from_json({text}, '{_literal(ddl(wanted))}', {options})"
    frame = records.frame.withColumn(_PARSED, functions.expr(parsed))
    # Spark keeps the text of both; only what is malformed is no map of anything either.
    no_map = f"from_json({text}, 'map<string,string>') is null"
    no_record = f"{_PARSED} is null or ({_PARSED}.{_CORRUPT} is not null and {no_map})"
    nothing = f"({text} is null or trim({text}) = 'null')"
    bad = f"(not {nothing} and ({no_record}))"
    rows = frame.where(bad).selectExpr(f"{text} AS input")
    errors = Errors(rows=lambda: _malformed(rows, origin))
    fields = struct([(field.name, member(_PARSED, field.name)) for field in schema])
    value = Expression(f"if({nothing}, null, {fields})", schema)
    return records.next(frame=frame.where(f"not {bad}"), errors=(errors,)), value


def _malformed(rows: DataFrame, origin: Origin) -> DataFrame:
    return rows.select(
        functions.lit(origin.site).alias("site"),
        functions.lit(origin.info).alias("info"),
        functions.lit("The text is not valid JSON.").alias("msg"),
        functions.lit("").alias("stackTrace"),
        "input",
        functions.lit("").alias("source"),
    )


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _read_csv(
    records: Records, text: str, options: Mapping[str, Any], origin: Origin
) -> tuple[Records, Expression]:
    """Read a text as lines of csv, of which the first behind the header counts."""
    separator = _character(options, "separator") or ","
    escaper = _character(options, "escaper")
    skip = flag(options.get("skipFirst"))
    header = flag(options.get("withHeader"))
    schema = parse_schema(options.get("withSchema"))
    names = None if schema is None else [field.name for field in schema]
    # Without annotations: Spark 4 would choose a kind of function by them.
    parser = functions.udf(
        lambda value: (
            None if value is None else _fields(value, separator, escaper, skip, header, names)
        ),
        "array<struct<name string,value string>>",
    )
    frame = records.frame.withColumn(_PARSED, parser(functions.expr(text)))
    found = _names(frame) if schema is None else [field.name for field in schema]
    types = schema or StructType(Field(name, StringType()) for name in found)
    by_name = f"map_from_entries({_PARSED})"
    values = [
        (field.name, cast(f"{by_name}['{_literal(field.name)}']", StringType(), field.dataType).sql)
        for field in types
    ]
    return records.next(frame=frame), Expression(unless_null(_PARSED, struct(values)), types)


def _character(options: Mapping[str, Any], name: str) -> str | None:
    text = str(options.get(name) or "")
    if len(text) > 1:
        raise ValueError(f"unbox's option {name} must be one character; it is {text!r}.")
    return text or None


def _fields(
    text: str,
    separator: str,
    escaper: str | None,
    skip: bool,
    header: bool,
    names: list[str] | None,
) -> list[tuple[str, str]] | None:
    lines = csv.reader(text.splitlines(), delimiter=separator, escapechar=escaper)
    rows = [row for row in lines if row][1 if skip else 0 :]
    if header and rows:
        first, *rows = rows
        names = names or first
    if not rows:
        return None
    numbered = [f"col{number}" for number in range(len(rows[0]))]
    named = zip([*(names or numbered), *numbered[len(names or numbered) :]], rows[0], strict=False)
    return list(dict(named).items())


def _names(frame: DataFrame) -> list[str]:
    """Return the names of all columns found, in the order of their places."""
    places = frame.selectExpr(f"posexplode({_PARSED}.name) AS (place, name)")
    found = places.groupBy("name").agg(functions.min("place").alias("place"))
    return [row["name"] for row in found.orderBy("place", "name").collect()]
