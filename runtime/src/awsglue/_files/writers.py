"""Writing records as files below a path. Files are only ever added.

Files have Spark's names (`part-00000-<uuid>-c000.snappy.parquet`), not AWS's
(`run-<ms>-part-r-00000`): both are unique, and renaming many objects after a write is slow and not
atomic.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, DataFrameWriter, SparkSession

from awsglue import gluetypes as glue
from awsglue._files import write_checks
from awsglue._files.avro_files import missing_jar_named
from awsglue._files.formats import unknown_format
from awsglue._jvm import FileSystem, naming_refused_values, refusal, require_inside
from awsglue._options import flag
from awsglue._paths import ELEMENT, as_list, quote
from awsglue._records import Records
from awsglue._steps.casts import cast, member, null, struct
from awsglue._steps.json_text import has_choice, json_record
from awsglue._steps.names import exact
from awsglue._steps.rewrite import Item, Path, rewrite
from awsglue._types import members

#: the formats that can be written, by the name of Spark's writer
FORMATS: Mapping[str, str] = {
    "avro": "avro",
    "csv": "csv",
    "json": "json",
    "parquet": "parquet",
    "glueparquet": "parquet",
    "orc": "orc",
}
#: the options of formats, by the name of Spark's writer; `compression` is also one of the target
_SIZES = {"blockSize": "parquet.block.size", "pageSize": "parquet.page.size"}
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "csv": ("separator", "quoteChar", "escaper", "writeHeader"),
    "parquet": ("compression", *_SIZES),
}
_CODECS = {"gz": "gzip", "bzip": "bzip2", "uncompressed": "none"}
_QUOTE_OR_REPLACE = "Let a quoteChar be, or replace the line breaks before."
_SMALL_FILE_BYTES = 262_144


def write(
    records: Records,
    *,
    path: str,
    name: str,
    partition_keys: Sequence[str] = (),
    compression: str | None = None,
    options: Mapping[str, Any],
    through: Callable[[DataFrame], DataFrame] = lambda frame: frame,
) -> None:
    """Write records; none at all leave the path as it was.

    Args:
        records: what to write. Fields that are only ever null are left out.
        path: the directory to add files to.
        name: the format, one of `FORMATS`.
        partition_keys: fields that become `name=value` directories and leave the files.
        compression: the codec; `None` takes the format's own default.
        options: the format options.
        through: a step of the DataFrame just before it is written that leaves its rows as they
            are, such as one that observes them. It is not called when there is nothing to write.

    Raises:
        NotAvailableError: there is no writer for the format yet.
        FieldNotFoundError: a partition key is not a field.
        PartitionKeysError: all fields are partition keys, or one is twice.
        UnwritableFieldError: a partition key has no plain values; csv is to hold bytes, or line
            breaks without quotes.
        UnwritableNameError: the format does not take the name of a field.
        BucketNotFoundError: there is no such bucket.
        ValueError: the path leads out of its bucket, or there is no such format.
    """
    require_inside(path)
    spark_format = FORMATS.get(name)
    if spark_format is None:
        raise unknown_format(name, f"These can be written: {', '.join(sorted(FORMATS))}.")
    records = records.complete()
    given = records.schema
    if spark_format == "json":
        records = _writable_json(records, partition_keys)
    else:
        records = writable(records, spark_format, partition_keys)
    if all(_is_void(given.field_map[field.name].dataType) for field in records.schema):
        return
    write_checks.require_fields(records.schema, partition_keys)
    write_checks.require_names(records.schema, spark_format)
    if spark_format == "csv":
        write_checks.require_texts(records.schema)
    write_checks.require_bucket(records.spark, path)
    if spark_format == "json" and (has_choice(records.schema) or _has_no_fields(records.schema)):
        spark_format = "text"
    frame, written = _prepared(records, spark_format, partition_keys, options)
    written |= _compression(spark_format, compression or options.get("compression"))
    writer = through(frame).write.format(spark_format).mode("append").options(**written)
    with exact(records.spark, records.schema), naming_refused_values():
        missing_jar_named(
            lambda: _save(records.spark, writer, path, partition_keys, spark_format, written)
        )


def writable(records: Records, spark_format: str, partition_keys: Sequence[str] = ()) -> Records:
    """Drop what holds no value, and make texts of what a csv file cannot hold.

    A partition key stays though it is always null. Of JSON these are the fields that a table can
    have as columns, which empty lists can be; what is written holds more: `_writable_json`.

    Raises:
        PartitionKeysError: a partition key is no name, or is there twice.
        UnwritableFieldError: a partition key has no plain values.
    """
    write_checks.require_plain_keys(records.schema, partition_keys)

    def rule(path: Path, item: Item) -> list[Item] | None:
        if _is_void(item.type):
            kept = path[1:] == () and item.name in partition_keys
            in_list = spark_format == "json" and path[-1] == ELEMENT
            nothing = null(glue.StringType())
            return [Item(item.name, nothing.sql, nothing.type)] if kept or in_list else []
        if spark_format == "json" and _has_empty_list(item.type):
            return None
        if spark_format == "csv" and not isinstance(item.type, glue.AtomicType):
            text = cast(item.sql, item.type, glue.StringType())
            return [Item(item.name, text.sql, text.type)]
        if _is_empty(item.type):  # no file format of Spark has structs without fields
            return []
        if isinstance(item.type, glue.ChoiceType) and any(
            map(_is_empty, item.type.choices.values())
        ):
            return rewrite([_without_empty(item, item.type)], rule)
        return None

    return records.select(rewrite(records.items, rule))


def _writable_json(records: Records, partition_keys: Sequence[str]) -> Records:
    """Drop the fields that are only ever null; records and lists without anything in them stay."""
    write_checks.require_plain_keys(records.schema, partition_keys)
    items = []
    for item in records.items:
        if not _is_void(item.type):
            items.append(item)
        elif item.name in partition_keys:
            nothing = null(glue.StringType())
            items.append(Item(item.name, nothing.sql, nothing.type))
    return records.select(items)


def _has_no_fields(kind: glue.DataType) -> bool:
    """Tell whether there are structs without fields inside of a type; Spark writes no such."""
    if isinstance(kind, glue.StructType):
        return any(_is_bare(field.dataType) for field in kind)
    if isinstance(kind, glue.ArrayType):
        return _is_bare(kind.elementType)
    return isinstance(kind, glue.MapType) and _is_bare(kind.valueType)


def _is_bare(kind: glue.DataType) -> bool:
    return kind == glue.StructType() or _has_no_fields(kind)


def _is_void(kind: glue.DataType) -> bool:
    """Tell whether a type has no value but null."""
    return isinstance(kind, (glue.NullType, glue.UnknownType))


def _has_empty_list(kind: glue.DataType) -> bool:
    """Tell whether values of a type are, or have, lists of nothing but nulls."""
    if isinstance(kind, glue.StructType):
        return any(_has_empty_list(field.dataType) for field in kind)
    if not isinstance(kind, glue.ArrayType):
        return False
    return _is_void(kind.elementType) or _has_empty_list(kind.elementType)


def _is_empty(kind: glue.DataType) -> bool:
    """Tell whether values of a type are empty structs, or arrays of them, and nothing else."""
    if isinstance(kind, glue.StructType):
        return all(_is_empty(field.dataType) for field in kind)
    if isinstance(kind, glue.ArrayType):
        return _is_empty(kind.elementType)
    return _is_void(kind)


def _without_empty(item: Item, choice: glue.ChoiceType) -> Item:
    left = [(name, kind) for name, kind in members(choice) if not _is_empty(kind)]
    if not left:
        return Item(item.name, item.sql, glue.NullType())
    if len(left) == 1:
        ((name, kind),) = left
        return Item(item.name, member(item.sql, name), kind)
    values = [(name, member(item.sql, name)) for name, _ in left]
    nothing = " AND ".join(f"isnull({sql})" for _, sql in values)
    sql = f"if({nothing}, null, {struct(values)})"
    return Item(item.name, sql, glue.ChoiceType(kind for _, kind in left))


def _prepared(
    records: Records, spark_format: str, partition_keys: Sequence[str], options: Mapping[str, Any]
) -> tuple[DataFrame, dict[str, str]]:
    """Return the DataFrame to write and the options of Spark's writer."""
    if spark_format == "csv":
        return _prepared_csv(records, partition_keys, options)
    if spark_format == "text":
        return _json_lines(records, partition_keys), {}
    sizes = {_SIZES[key]: str(value) for key, value in options.items() if key in _SIZES}
    return records.frame, sizes


def _json_lines(records: Records, partition_keys: Sequence[str]) -> DataFrame:
    """Return records as texts: Spark's own JSON has the struct that stands for a choice."""
    fields = [field for field in records.schema if field.name not in partition_keys]
    line = f"{json_record(glue.StructType(fields))} AS value"
    return records.frame.selectExpr(line, *(quote(key) for key in partition_keys))


def _prepared_csv(
    records: Records, partition_keys: Sequence[str], options: Mapping[str, Any]
) -> tuple[DataFrame, dict[str, str]]:
    named = {key.lower(): value for key, value in options.items()}
    separator = str(named.get("separator") or ",")
    quote_char = str(named.get("quotechar", '"'))
    written = {
        "header": str(flag(named.get("writeheader"), default=True)),
        "emptyValue": "",
        "ignoreLeadingWhiteSpace": "false",
        "ignoreTrailingWhiteSpace": "false",
        "sep": separator,
        "quote": quote_char,
        "escape": str(named.get("escaper") or quote_char),
    }
    if quote_char not in ("-1", ""):
        return records.frame, written
    return _unquoted(records, partition_keys, separator), written | {
        "sep": "\x01",
        "quote": "\x00",
        "escape": "\x00",
    }


def _unquoted(records: Records, partition_keys: Sequence[str], separator: str) -> DataFrame:
    """Join the columns to one, of a name that is the header: Spark always quotes separators."""
    fields = [one for one in records.schema if one.name not in partition_keys]
    columns = [one.name for one in fields]
    literal = "'" + separator.replace("\\", "\\\\").replace("'", "\\'") + "'"
    texts = [
        _one_line(one.name)
        if isinstance(one.dataType, (glue.StringType, glue.EnumType))
        else f"coalesce(cast({quote(one.name)} as string), '')"
        for one in fields
    ]
    line = f"concat_ws({literal}, {', '.join(texts)}) AS {quote(separator.join(columns))}"
    return records.frame.selectExpr(line, *(quote(key) for key in partition_keys))


def _one_line(name: str) -> str:
    """Return the SQL of a text without quotes around it, which must be one line."""
    told = refusal(name, "line breaks", "csv with quoteChar -1", _QUOTE_OR_REPLACE)
    literal = "'" + told.replace("\\", "\\\\").replace("'", "\\'") + "'"
    broken = f"{quote(name)} rlike '[\\\\r\\\\n\\\\x00]'"
    return f"if({broken}, raise_error({literal}), coalesce({quote(name)}, ''))"


def _compression(spark_format: str, codec: Any) -> dict[str, str]:
    if not codec:
        return {"compression": "snappy"} if spark_format in ("parquet", "orc") else {}
    name = str(codec).lower()
    return {"compression": _CODECS.get(name, name)}


def _save(
    spark: SparkSession,
    writer: DataFrameWriter,
    path: str,
    partition_keys: Sequence[str],
    spark_format: str,
    written: dict[str, str],
) -> None:
    # AWS's sinks leave no _SUCCESS marker behind.
    writer = writer.option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
    if partition_keys:
        writer.partitionBy(*as_list(partition_keys)).save(path)
        return
    files = FileSystem(spark)
    # Spark's first task writes a file even without records: the schema, or a header.
    pattern = f"{path.rstrip('/')}/part-00000-*"
    before = {file.path for file in files.glob(pattern)}
    writer.save(path)
    for file in files.glob(pattern):
        small = file.size < _SMALL_FILE_BYTES and file.path not in before
        if small and _has_no_records(spark, file.path, file.size, spark_format, written):
            files.delete(file.path)


def _has_no_records(
    spark: SparkSession, path: str, size: int, spark_format: str, written: Mapping[str, str]
) -> bool:
    if size == 0:
        return True
    if spark_format == "json":
        return spark.read.text(path).isEmpty()
    reader = spark.read.options(**written).format(spark_format)
    if spark_format == "csv":
        reader = reader.schema("value string")
    return reader.load(path).isEmpty()
