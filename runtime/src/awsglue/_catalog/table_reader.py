"""Reading the files of a table.

Records tell their own types, as files do without a catalog. Only csv has none of its own: its
columns have the names and types of the table, and a value that does not fit its column's type stays
a text, so that the column becomes a choice.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-samples-medicaid.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, DataFrameReader, SparkSession

from awsglue import gluetypes as glue
from awsglue._catalog import table_partitions
from awsglue._catalog.client import Catalog
from awsglue._catalog.table import Column, Partition, Table
from awsglue._catalog.table_formats import FileFormat, format_of
from awsglue._errors import TableError
from awsglue._files import formats, grouping
from awsglue._files.listing import Group, Listing, Source, list_sources
from awsglue._options import flag
from awsglue._paths import quote
from awsglue._records import Lazy, Records
from awsglue._steps.casts import cast, null, struct
from awsglue._steps.merge import merge, merge_columns
from awsglue._steps.rewrite import Item
from awsglue._types import schema_ddl

#: formats whose records Spark's own readers make, so that it knows the file of each
_FROM_SPARK = frozenset({"csv", "json", "parquet", "orc"})
_PREDICATE = "catalogPartitionPredicate"
#: the formats whose records may lack fields; those of the others have all columns
_OF_RECORDS = frozenset({"ion", "json", "xml"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a script asks of a table."""

    table: Table
    catalog: Catalog
    push_down_predicate: str = ""  #: a condition of Spark SQL over the partition keys
    transformation_ctx: str = ""  #: the source's name in the job bookmark
    options: Mapping[str, Any]  #: `additional_options`

    @property
    def format(self) -> FileFormat:
        """How the files are read."""
        return format_of(self.table, self.options)


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """The files to read now."""

    listing: Listing
    partitions: Sequence[Partition]


def read(spark: SparkSession, request: Request) -> Lazy[Records]:
    """Return the records of a table, after its files were listed.

    Raises:
        TableError: the format or the condition cannot be used.
        NotAvailableError: the format, or an option, is not there yet.
    """
    files = list_files(spark, request)
    read_now = [file for source in files.listing.sources for file in source.files]
    if not read_now:
        return Lazy.made(Records.none(spark))
    lazy = _untyped(spark, request, files)
    lazy = grouping.grouped(lazy, spark, request.format.connection, read_now)
    return _typed(lazy, request)


def _untyped(spark: SparkSession, request: Request, files: Files) -> Lazy[Records]:
    """Return the records as their files tell them, with the partition keys as texts."""
    if not request.table.partition_keys:
        return formats.read(spark, *_asked(request.format, files.listing.groups()))
    found = table_partitions.divide(files.listing, request.table, files.partitions)
    parts = [
        *_named(spark, request, found.named),
        *_others(spark, request, found.others),
    ]
    if len(parts) == 1:
        return parts[0]
    together = merge if request.format.name.lower() in _OF_RECORDS else merge_columns
    return Lazy(lambda: together([part.get() for part in parts]))


def list_files(spark: SparkSession, request: Request) -> Files:
    """List the files of a table; partitions that are not asked for are not listed.

    Raises:
        TableError: the condition is none over the partition keys, or the table has no location.
    """
    table = request.table
    if not table.location:
        raise TableError(table.full_name, "it has no location. Set it in the Data Catalog.")
    partitions: list[Partition] = []
    if table.partition_keys or request.push_down_predicate or request.options.get(_PREDICATE):
        expression = str(request.options.get(_PREDICATE) or "")
        known = request.catalog.partitions(table, expression) if table.partition_keys else []
        partitions = table_partitions.select(spark, table, known, request.push_down_predicate)
    locations = [one.location for one in partitions] if table.partition_keys else [table.location]
    if not locations:
        return Files(listing=Listing(sources=(), everything=True), partitions=())
    listing = list_sources(
        spark,
        {**request.format.connection, "paths": locations},
        request.transformation_ctx,
        may_be_absent=True,
    )
    return Files(listing=listing, partitions=partitions)


def _asked(
    format: FileFormat, groups: Sequence[Group]
) -> tuple[str, Sequence[Group], Mapping[str, Any]]:
    return format.name.lower(), groups, format.options


def _named(spark: SparkSession, request: Request, listing: Listing) -> list[Lazy[Records]]:
    if not listing.sources:
        return []
    return [formats.read(spark, *_asked(request.format, listing.groups()))]


def _others(
    spark: SparkSession, request: Request, others: Sequence[tuple[Source, Partition]]
) -> list[Lazy[Records]]:
    """Return the records of partitions whose directories do not tell their values."""
    if not others:
        return []
    if request.format.name in _FROM_SPARK:
        return [_valued(spark, request, others)]
    by_partition: dict[Partition, list[tuple[Source, Partition]]] = {}
    for source, partition in others:
        by_partition.setdefault(partition, []).append((source, partition))
    return [_valued(spark, request, some) for some in by_partition.values()]


def _valued(
    spark: SparkSession, request: Request, found: Sequence[tuple[Source, Partition]]
) -> Lazy[Records]:
    listing = Listing(sources=tuple(source for source, _ in found), everything=False)
    lazy = formats.read(spark, *_asked(request.format, listing.groups()))
    return lazy.then(lambda records: table_partitions.with_values(records, request.table, found))


def _typed(lazy: Lazy[Records], request: Request) -> Lazy[Records]:
    """Give the partition keys, and the columns of csv, their types."""
    lazy = lazy.then(lambda records: _with_keys(records, request.table))
    if request.format.name != "csv" or not request.table.columns:
        return lazy
    by_name = flag(request.format.options.get("withHeader"))
    return Lazy(lambda: _typed_csv(lazy.get(), request.table, by_name))


def _with_keys(records: Records, table: Table) -> Records:
    keys = {item.name.lower(): item for item in table_partitions.key_items(table)}
    kept = table_partitions.without(records, list(keys)).items
    return records.select([*kept, *keys.values()])


def _typed_csv(records: Records, table: Table, by_name: bool) -> Records:
    """Name and type columns, which are all texts, as the table has them.

    Args:
        records: of a csv source.
        table: the table.
        by_name: the files' own header names the columns; else their positions count.
    """
    sources = _columns(records, table, by_name)
    known = {source for source, _ in sources}
    keys = {key.name for key in table.partition_keys}
    others = [
        item for item in records.items if item.name in keys or (by_name and item.name not in known)
    ]
    broken = _broken(records.frame, sources)
    items = [_column(source, column, column.name in broken) for source, column in sources]
    return records.select([*items, *others])


def _columns(records: Records, table: Table, by_name: bool) -> list[tuple[str | None, Column]]:
    """Return the table's columns with the fields that they are read from; None: there is none."""
    names = {name.lower(): name for name in records.schema.field_map}
    return [
        (names.get(column.name.lower() if by_name else f"col{position}"), column)
        for position, column in enumerate(table.columns)
    ]


def _column(source: str | None, column: Column, broken: bool) -> Item:
    wanted = _plain(column)
    if source is None:
        return Item(column.name, null(wanted).sql, wanted)
    text = quote(source)
    if isinstance(wanted, glue.StringType):
        return Item(column.name, text, wanted)
    value = cast(text, glue.StringType(), wanted).sql
    if not broken:
        return Item(column.name, value, wanted)
    choice = glue.ChoiceType([wanted, glue.StringType()])
    values = {wanted.typeName(): value, "string": f"if({_misfit(source, wanted)}, {text}, null)"}
    fits = f"isnull({text}) or {text} = ''"
    return Item(column.name, f"if({fits}, null, {struct(sorted(values.items()))})", choice)


def _plain(column: Column) -> glue.DataType:
    """Return the type that a csv value can have: arrays and structs stay the texts they are."""
    wanted = column.field.dataType
    atomic = isinstance(wanted, glue.AtomicType)
    return wanted if atomic and not isinstance(wanted, glue.BinaryType) else glue.StringType()


def _misfit(source: str, wanted: glue.DataType) -> str:
    """Return the condition of a text that is there and is no value of a type."""
    text = quote(source)
    value = cast(text, glue.StringType(), wanted).sql
    return f"({text} <> '' and isnull({value}))"


def _broken(frame: DataFrame, sources: Sequence[tuple[str | None, Column]]) -> frozenset[str]:
    """Return the columns with values that do not fit, found in one pass over the texts."""
    typed = [
        (source, column)
        for source, column in sources
        if source is not None and not isinstance(_plain(column), glue.StringType)
    ]
    if not typed:
        return frozenset()
    tests = [f"max({_misfit(source, _plain(column))})" for source, column in typed]
    found = frame.selectExpr(*tests).first()
    assert found is not None  # an aggregate of no rows has a row
    return frozenset(
        column.name for (_, column), broken in zip(typed, found, strict=True) if broken
    )


def data_frame(spark: SparkSession, request: Request) -> DataFrame:
    """Read a table with Spark's own reader, as `useSparkDataSource` asks.

    The other options are those of that reader. With `useCatalogSchema` the columns are the table's,
    else the reader finds them in the files.
    """
    table = request.table
    files = list_files(spark, request)
    if not any(source.files for source in files.listing.sources):
        return spark.createDataFrame([], schema_ddl(table.schema))
    if not table.partition_keys:
        return _loaded(spark, request, files.listing, keyed=False).frame
    found = table_partitions.divide(files.listing, table, files.partitions)
    parts = []
    if found.named.sources:
        parts.append(_loaded(spark, request, found.named, keyed=True))
    if found.others:
        listing = Listing(sources=tuple(source for source, _ in found.others), everything=False)
        records = _loaded(spark, request, listing, keyed=False)
        parts.append(table_partitions.with_values(records, table, found.others))
    return _with_keys(merge_columns(parts), table).frame


def _loaded(spark: SparkSession, request: Request, listing: Listing, *, keyed: bool) -> Records:
    """Load files with Spark's reader; keys that their directories tell are texts, zeros and all."""
    options = {
        name: str(value) for name, value in request.options.items() if name not in _NOT_SPARKS
    }
    paths = [path for group in listing.groups() for path in group.paths]

    def reader() -> DataFrameReader:
        return spark.read.format(request.format.name.lower()).options(**options)

    if flag(request.options.get("useCatalogSchema")):
        columns = [column.field for column in request.table.columns]
    else:
        columns = Records.of(reader().load(paths)).schema.fields
    if not keyed:
        return Records.of(reader().schema(schema_ddl(glue.StructType(columns))).load(paths))
    names = [key.name for key in request.table.partition_keys]
    keys = [glue.Field(name, glue.StringType()) for name in names]
    data = [column for column in columns if column.name.lower() not in names]
    schema = schema_ddl(glue.StructType([*data, *keys]))
    based = reader().option("basePath", request.table.location).schema(schema)
    return Records.of(based.load(paths))


#: options that are not Spark's
_NOT_SPARKS = frozenset({"useSparkDataSource", "useCatalogSchema", "connectionName", _PREDICATE})
