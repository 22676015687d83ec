"""Reading XML: the elements of one name are the records.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-xml-home.html

Text has the type that it would have in JSON; text that would change as a number, such as 007, stays
text. An element that is repeated in any record is an array in all. A malformed record becomes an
error record and does not harm the next. Nothing outside a file is ever read: no external entities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import SparkSession

from awsglue import gluetypes as glue
from awsglue._files.inference import parse_schema, read_files, with_schema
from awsglue._files.json_files import encoding
from awsglue._files.listing import Group
from awsglue._options import flag
from awsglue._records import Records


def read(spark: SparkSession, groups: Sequence[Group], options: Mapping[str, Any]) -> Records:
    """Return the records of XML files; malformed ones become error records.

    Args:
        spark: the session.
        groups: the files.
        options: the format options: `rowTag`, the name of the elements that are records;
            `encoding` (UTF-8); `excludeAttribute`; `treatEmptyValuesAsNulls`, which also holds for
            blanks; `attributePrefix` (`_`); `valueTag` (`_VALUE`), the field of text that stands
            beside attributes or elements; `ignoreSurroundingSpaces`; `withSchema`, the JSON of a
            `StructType` that the records are brought to.

    Raises:
        ValueError: `rowTag` is missing, or an option has no meaning.
    """
    wanted = parse_schema(options.get("withSchema"))
    if wanted is None:
        return read_files(spark, groups, source(options))
    records = read_files(spark, groups, source(options), lambda found: _with_arrays(found, wanted))
    return with_schema(records, wanted)


def source(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the Scala part must know of the format options.

    Raises:
        ValueError: as `read`.
    """
    parse_schema(options.get("withSchema"))
    row_tag = str(options.get("rowTag") or "").strip().strip("<>")
    if not row_tag:
        raise ValueError(
            'format_options needs "rowTag" for xml: the name of the elements that are records.'
        )
    return {
        "format": "xml",
        "rowTag": row_tag,
        "encoding": encoding(options),
        "attributes": not flag(options.get("excludeAttribute")),
        "emptyIsNull": flag(options.get("treatEmptyValuesAsNulls")),
        "attributePrefix": str(options.get("attributePrefix", "_")),
        "valueTag": str(options.get("valueTag") or "_VALUE"),
        "trims": flag(options.get("ignoreSurroundingSpaces")),
    }


def _with_arrays(found: glue.StructType, wanted: glue.StructType) -> glue.StructType:
    """Return the types with arrays where a schema has them: one element alone shows none."""
    named = wanted.field_map
    return glue.StructType(
        glue.Field(
            field.name,
            _with_array(field.dataType, named[field.name].dataType),
            optional=field.optional,
            nullable=field.nullable,
        )
        if field.name in named
        else field
        for field in found
    )


def _with_array(found: glue.DataType, wanted: glue.DataType) -> glue.DataType:
    if isinstance(wanted, glue.ArrayType):
        element = found.elementType if isinstance(found, glue.ArrayType) else found
        return glue.ArrayType(_with_array(element, wanted.elementType))
    if isinstance(wanted, glue.StructType) and isinstance(found, glue.StructType):
        return _with_arrays(found, wanted)
    return found
