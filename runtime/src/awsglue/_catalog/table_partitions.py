"""Partitions of a table: which are read, and how their values become columns.

A partition's values are those of the catalog; its directory need not be named after them.
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-partitions.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession
from pyspark.sql import functions as sql

from awsglue import gluetypes as glue
from awsglue._catalog.table import NULL_VALUE, Partition, Table, partition_path
from awsglue._errors import TableError
from awsglue._files.listing import Listing, Source
from awsglue._jvm import FileSystem
from awsglue._paths import quote
from awsglue._records import Records
from awsglue._steps.casts import cast
from awsglue._steps.rewrite import Item

_NUMBER = "__glueball_partition"
_DIRECTORY = "__glueball_directory"


def select(
    spark: SparkSession, table: Table, partitions: Sequence[Partition], predicate: str
) -> list[Partition]:
    """Return the partitions that a condition holds for.

    Args:
        spark: the session that evaluates it.
        table: the table.
        partitions: its partitions.
        predicate: a condition of Spark SQL over the partition keys; "" holds for all.

    Raises:
        TableError: it is no condition over the partition keys.
    """
    keys = [key.name for key in table.partition_keys]
    try:
        numbers = holding(
            spark, keys, [_nulled(one.values) for one in partitions], key_items(table), predicate
        )
    except AnalysisException as error:
        raise TableError(
            table.full_name,
            f"the condition {predicate!r} cannot be checked against the partition keys: "
            f"{', '.join(keys) or 'there are none'}. Conditions over other columns belong into "
            "Filter, or toDF().where.",
        ) from error
    return [partitions[number] for number in numbers]


def holding(
    spark: SparkSession,
    keys: Sequence[str],
    values: Sequence[Sequence[str | None]],
    typed: Sequence[Item],
    predicate: str,
) -> list[int]:
    """Return the positions of the values that a condition holds for.

    Args:
        spark: the session that evaluates it.
        keys: the names of the values.
        values: one text for each key, or None.
        typed: what the condition is about, made of the texts.
        predicate: a condition of Spark SQL; "" holds for all.

    Raises:
        AnalysisException: it is no condition over the keys.
    """
    if not predicate:
        return list(range(len(values)))
    columns = ", ".join([f"{_NUMBER} int", *(f"{quote(key)} string" for key in keys)])
    rows = [(number, *one) for number, one in enumerate(values)]
    known = spark.createDataFrame(rows, columns)
    known = known.selectExpr(_NUMBER, *(item.column for item in typed))
    return sorted(row[0] for row in known.where(predicate).select(_NUMBER).collect())


def _nulled(values: tuple[str, ...]) -> list[str | None]:
    return [None if value == NULL_VALUE else value for value in values]


def key_items(table: Table) -> list[Item]:
    """Return the partition keys, whose values are texts, with their types of the catalog."""
    items = []
    for key in table.partition_keys:
        typed = cast(quote(key.name), glue.StringType(), key.field.dataType)
        items.append(Item(key.name, typed.sql, typed.type))
    return items


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The files of a table's partitions."""

    #: those in the `name=value` directories that Spark would make: it finds the values by itself
    named: Listing
    #: those in other directories, with their partitions
    others: tuple[tuple[Source, Partition], ...]


def divide(listing: Listing, table: Table, partitions: Sequence[Partition]) -> Found:
    """Divide the files of partitions by whether their directories tell the values."""
    by_location = {one.location: one for one in partitions}
    keys = [key.name for key in table.partition_keys]
    named: list[Source] = []
    others: list[tuple[Source, Partition]] = []
    for source in listing.sources:
        if not source.files:
            continue
        partition = by_location[source.path]
        expected = partition_path(table.location, keys, partition.values)
        if source.base == expected and not _has_more_names(source):
            named.append(replace(source, base=table.location))
        else:
            others.append((source, partition))
    return Found(named=replace(listing, sources=tuple(named)), others=tuple(others))


def _has_more_names(source: Source) -> bool:
    """Tell whether Spark would take a directory inside the partition's for another key."""
    return any("=" in file.path[len(source.base) :].rpartition("/")[0] for file in source.files)


def with_values(
    records: Records, table: Table, found: Sequence[tuple[Source, Partition]]
) -> Records:
    """Add the partition keys, as texts, to records that were read from these files.

    The records must come right from Spark's readers, so that it knows each one's file.
    """
    keys = [key.name for key in table.partition_keys]
    records = without(records, keys)
    directories = _directories(records.spark, found)
    schema = glue.StructType(
        [*records.schema.fields, *(glue.Field(key, glue.StringType()) for key in keys)]
    )
    if len(set(directories.values())) == 1:
        [values] = set(directories.values())
        literals = [
            sql.lit(value).cast("string").alias(key)
            for key, value in zip(keys, values, strict=True)
        ]
        return records.next(frame=records.frame.select("*", *literals), schema=schema)
    names = ", ".join(f"{quote(name)} string" for name in (_DIRECTORY, *keys))
    rows = [(directory, *values) for directory, values in directories.items()]
    known = sql.broadcast(records.spark.createDataFrame(rows, names))
    directory = sql.regexp_replace(sql.input_file_name(), "/[^/]*$", "").alias(_DIRECTORY)
    frame = records.frame.select("*", directory).join(known, _DIRECTORY, "left")
    return records.next(frame=frame.drop(_DIRECTORY), schema=schema)


def without(records: Records, names: Sequence[str]) -> Records:
    """Return records without the fields that partition keys hide: in any case of their names."""
    hidden = {name.lower() for name in names}
    return records.select([item for item in records.items if item.name.lower() not in hidden])


def _directories(
    spark: SparkSession, found: Sequence[tuple[Source, Partition]]
) -> Mapping[str, tuple[str | None, ...]]:
    """Return the values by the directories of files, written as Spark tells them of a record."""
    files = FileSystem(spark)
    plain = {
        file.path.rpartition("/")[0]: tuple(_nulled(partition.values))
        for source, partition in found
        for file in source.files
    }
    return {files.uri(directory): values for directory, values in plain.items()}
