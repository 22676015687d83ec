"""`relationalize`: nested records as flat tables that are joined by keys.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Relationalize.html

Fields of structs become fields `a.b`. An array becomes a table of its own, `<root>_<path>`, with a
row for each element: `id`, `index` and `<path>.val`, or `<path>.val.<field>` for each field of a
struct. In its place the record has the key that is the `id` of those rows: null for no array; a key
without rows is an empty array. A map is an array of structs with the fields `key` and `value`.

Keys are positions of rows, and every table is computed by itself, whenever it is asked for. So the
rows must come in the same order each time: they do from files of columns; anything else (a join,
users' functions, texts that would be parsed again for each table) is written to the staging path
first and read from there. And the places where Spark cuts files into partitions are settled once.

The root table needs of an array only whether there is one. It reads one field of the elements for
that, and not the whole array, where every file is known to have that field: Spark 3 takes an array
for null in a file that has none of the fields that are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from pyspark.sql import DataFrame

from awsglue import _jvm
from awsglue._errors import FlattenedNamesError
from awsglue._paths import quote
from awsglue._records import Records
from awsglue._steps.casts import is_null, member
from awsglue._steps.names import exact
from awsglue._steps.rewrite import Item, schema_of, select_list
from awsglue._steps.unnest import flatten
from awsglue._types import columns_of, ddl, mark_of, members, parse
from awsglue.gluetypes import (
    ArrayType,
    AtomicType,
    BinaryType,
    ChoiceType,
    DataType,
    EnumType,
    Field,
    IntegerType,
    LongType,
    MapType,
    NullType,
    StringType,
    StructType,
    UnknownType,
)
from awsglue.utils import _global_args
from glueball_runtime import bookmarks

_KEY = "__key"
_VALUE = "__value"
_KEYS_OF_A_PARTITION = 1 << 33  # as `monotonically_increasing_id` counts
_LONG = (StringType, BinaryType, EnumType)  # what takes more space than a number


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The records, as rows that come in the same order each time."""

    frame: DataFrame
    items: list[Item]  #: its columns, under plain names
    complete: bool  #: whether every file that is read has all of them, with all their fields


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One of the tables, still to be computed."""

    name: str
    frame: DataFrame
    items: list[Item]  #: its columns

    def flat(self) -> DataFrame:
        """Return its rows."""
        return self.frame.selectExpr(*select_list(self.items))


def staging_path(given: str | None) -> str:
    """Return where to stage: as given, or else the job's temporary directory.

    Raises:
        KeyError: nothing was given, and `getResolvedOptions` was never called.
        RuntimeError: it was called, and there is no temporary directory either.
    """
    path = given or _global_args["TempDir"]
    if not path:
        names = ", ".join(sorted(_global_args))
        raise RuntimeError(
            f"Unable to set staging_path using args {names}: TempDir has no value. Give the "
            "argument staging_path, or start the job with --TempDir."
        )
    return str(path)


def relationalize(
    records: Records, root: str, staging: str, transformation_ctx: str = ""
) -> dict[str, Records]:
    """Return the tables of the records by name, the root table first.

    Args:
        records: what to take apart.
        root: the name of the root table, and the beginning of all others.
        staging: a directory for what must be computed once only.
        transformation_ctx: with a job bookmark, the name of the counter by which keys are not
            given again in later runs.

    Raises:
        FlattenedNamesError: two fields of a table, or two tables, would get one name.
    """
    if not any(_is_pivoted(item) for item in flatten(records.items)):
        flat = records.select(flatten(records.items))
        return {root: flat}
    with exact(records.spark, records.schema), _jvm.settled_parallelism(records.spark):
        source = repeatable(records, staging)
        tables = flat_tables(source, root, _first_key(source.frame, transformation_ctx))
        return {table.name: _computed(records, table) for table in tables}


def flat_tables(source: Source, root: str, first: int = 1) -> list[Table]:
    """Return the tables of the records, the root table first.

    Args:
        source: what to take apart.
        root: the name of the root table, and the beginning of all others.
        first: the first key.

    Raises:
        FlattenedNamesError: two fields of a table, or two tables, would get one name.
    """
    frame, missing = _with_missing(source)
    keyed = frame.selectExpr(f"{_new_key(first)} AS {_KEY}", "*")
    tables = list(_tables(root, "", keyed, source.items, first, missing))
    _require_distinct(table.name for table in tables)
    return tables


def _require_distinct(names: Iterable[str]) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise FlattenedNamesError(repeated)


def _is_pivoted(item: Item) -> bool:
    kinds = item.type.choices.values() if isinstance(item.type, ChoiceType) else [item.type]
    return any(isinstance(kind, (ArrayType, MapType)) for kind in kinds)


def repeatable(records: Records, staging: str) -> Source:
    """Return the records as rows that come in the same order each time, staged if need be."""
    columns = columns_of(records.schema)
    names = [f"c{number}" for number in range(len(columns))]
    items = _named(records.items, dict(zip((one.name for one in columns), names, strict=True)))
    if _jvm.repeats_itself(records.frame):
        complete = _jvm.columns_are_everywhere(records.frame)
        return Source(frame=records.ordered.toDF(*names), items=items, complete=complete)
    _jvm.require_inside(staging)
    path = f"{staging.rstrip('/')}/relationalize-{uuid4()}"
    types = [ddl(_storable(one.dataType)) for one in columns]
    stored = [
        f"cast({quote(one.name)} as {kind}) AS {name}"
        for one, kind, name in zip(columns, types, names, strict=True)
    ]
    records.frame.selectExpr(*stored).write.parquet(path)
    schema = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
    staged = records.spark.read.schema(schema).parquet(path)
    return Source(frame=staged, items=items, complete=True)


def _named(items: Iterable[Item], names: Mapping[str, str]) -> list[Item]:
    """Return the fields of a frame whose columns have got other names."""
    renamed = []
    for item in items:
        sql, absent = names[item.name], item.absent
        if absent:
            absent = names[mark_of(item.name)] if item.nullable else is_null(sql)
        renamed.append(replace(item, sql=sql, absent=absent))
    return renamed


def _storable(kind: DataType) -> DataType:
    """Return a type with texts in the place of what Parquet has no type for, and has no value."""
    if _is_void(kind) or (isinstance(kind, StructType) and not kind.fields):
        return StringType()
    if isinstance(kind, StructType):
        return StructType(
            Field(
                one.name,
                _storable(one.dataType),
                optional=one.optional,
                nullable=one.nullable,
            )
            for one in kind
        )
    if isinstance(kind, ChoiceType):
        return StructType(Field(name, _storable(one)) for name, one in members(kind))
    if isinstance(kind, ArrayType):
        return ArrayType(_storable(kind.elementType))
    if isinstance(kind, MapType):
        return MapType(_storable(kind.valueType), kind.properties)
    return kind


def _is_void(kind: DataType) -> bool:
    """Tell whether a type has no values but null."""
    return isinstance(kind, NullType) or kind == UnknownType()


def _first_key(source: DataFrame, transformation_ctx: str) -> int:
    active = bookmarks.active()
    if active is None or not transformation_ctx:
        return 1
    partitions = source.rdd.getNumPartitions()
    return 1 + active.numbers(transformation_ctx, partitions * _KEYS_OF_A_PARTITION)


def _new_key(first: int) -> str:
    return f"{first}L + monotonically_increasing_id()"


def _with_missing(source: Source) -> tuple[DataFrame, dict[str, str]]:
    """Add columns that tell where there is no array, and return their names by the array's SQL.

    They must be there before the keys: Spark does not look behind those for what can be left out.
    """
    arrays: list[Item] = []

    def note(item: Item) -> None:
        if source.complete and isinstance(item.type, ArrayType):
            arrays.append(item)

    flatten(source.items, note)
    witnesses = {one.sql: found for one in arrays if (found := witness(one.sql, one.type))}
    missing = {sql: f"__missing{number}" for number, sql in enumerate(witnesses)}
    columns = (f"isnull({witnesses[sql]}) AS {name}" for sql, name in missing.items())
    return source.frame.selectExpr("*", *columns), missing


def witness(sql: str, kind: DataType) -> str | None:
    """Return the SQL of what is null where an array is, and is less to read than all of it.

    It is the field of its elements that takes the least space. None if they have no other, or no
    field that is a plain value.

    Args:
        sql: the array.
        kind: its type.
    """
    if not isinstance(kind, ArrayType) or not isinstance(kind.elementType, StructType):
        return None
    fields = list(_fields(sql, kind.elementType))
    plain = [one for one in fields if isinstance(one.type, AtomicType) and not _is_void(one.type)]
    if len(fields) == 1 or not plain:
        return None
    return min(plain, key=lambda one: isinstance(one.type, _LONG)).sql


def _fields(sql: str, kind: StructType) -> Iterator[Item]:
    """Yield the fields of a struct, or of the structs in an array, and of all structs in it."""
    for field in kind:
        item = Item(field.name, member(sql, field.name), field.dataType)
        if isinstance(item.type, StructType):
            yield from _fields(item.sql, item.type)
        else:
            yield item


def _tables(
    name: str,
    prefix: str,
    frame: DataFrame,
    items: list[Item],
    first: int,
    missing: Mapping[str, str],
) -> Iterator[Table]:
    """Yield a table, and those of the arrays in it.

    Args:
        name: of the root table.
        prefix: the path of the array that this is the table of; "" for the root.
        frame: has the key of each row, and what the items are made of.
        items: the columns, still nested.
        first: the first key.
        missing: columns of the frame that tell where there is no array, by the array's SQL.
    """
    pivoted: list[Item] = []

    def replace(item: Item) -> Item | None:
        if _is_void(item.type):
            return item.with_nullable("cast(null as void)", item.type)
        if not isinstance(item.type, (ArrayType, MapType)):
            return None
        pivoted.append(item)
        no_array = missing.get(item.sql, f"isnull({item.sql})")
        return item.with_value(f"if({no_array}, null, {_KEY})", LongType())

    columns = flatten(items, replace)
    yield Table(name=f"{name}_{prefix}" if prefix else name, frame=frame, items=columns)
    for item in pivoted:
        yield from _tables(name, item.name, *_exploded(frame, item, first), first, {})


def _exploded(frame: DataFrame, item: Item, first: int) -> tuple[DataFrame, list[Item]]:
    array, element = item.sql, item.type
    if isinstance(item.type, MapType):
        array, element = f"map_entries({item.sql})", _entry(item.type)
    elif isinstance(item.type, ArrayType):
        element = item.type.elementType
    rows = frame.selectExpr(f"{_KEY} AS id", f"posexplode({array}) AS (`index`, {_VALUE})")
    items = [
        Item("id", "id", LongType()),
        Item("index", quote("index"), IntegerType()),
        Item(f"{item.name}.val", _VALUE, element),
    ]
    if any(_is_pivoted(one) for one in flatten(items)):
        rows = rows.selectExpr(f"{_new_key(first)} AS {_KEY}", "*")
    return rows, items


def _entry(kind: MapType) -> StructType:
    key = parse(str(kind.properties.get("keyType", "string")))
    return StructType([Field("key", key), Field("value", kind.valueType)])


def _computed(records: Records, table: Table) -> Records:
    return records.next(frame=_jvm.settled(table.flat()), schema=schema_of(table.items))
