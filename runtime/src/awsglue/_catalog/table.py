"""Tables and partitions as the Data Catalog describes them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-tables.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from awsglue import gluetypes as glue
from awsglue._catalog.column_types import parse_column


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column or partition key."""

    name: str
    type: str  #: as Hive writes it: "struct<a:int>"

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Column:
        """Read a column of an answer; without a type it is a text."""
        return cls(name=answer["Name"], type=answer.get("Type") or "string")

    @property
    def field(self) -> glue.Field:
        """The column as a field of a frame's schema."""
        return glue.Field(self.name, parse_column(self.name, self.type))


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table."""

    database: str
    name: str
    columns: tuple[Column, ...]  #: without the partition keys
    partition_keys: tuple[Column, ...]
    location: str  #: without a slash at its end; "" when there is none
    parameters: Mapping[str, str]  #: of the table, and of its storage where they are not there
    serde: str  #: the class that Hive would read rows with; "" when there is none
    serde_parameters: Mapping[str, str]
    input_format: str  #: the class that Hive would read files with; "" when there is none
    kind: str  #: "EXTERNAL_TABLE", "VIRTUAL_VIEW"
    definition: Mapping[str, Any]  #: as the catalog answered it

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Table:
        """Read the table of an answer."""
        storage = answer.get("StorageDescriptor") or {}
        serde = storage.get("SerdeInfo") or {}
        return cls(
            database=answer["DatabaseName"],
            name=answer["Name"],
            columns=tuple(map(Column.of, storage.get("Columns") or ())),
            partition_keys=tuple(map(Column.of, answer.get("PartitionKeys") or ())),
            location=str(storage.get("Location") or "").rstrip("/"),
            parameters={**(storage.get("Parameters") or {}), **(answer.get("Parameters") or {})},
            serde=serde.get("SerializationLibrary") or "",
            serde_parameters=serde.get("Parameters") or {},
            input_format=storage.get("InputFormat") or "",
            kind=answer.get("TableType") or "",
            definition=answer,
        )

    @property
    def full_name(self) -> str:
        """How messages call it."""
        return f"{self.database}.{self.name}"

    @property
    def schema(self) -> glue.StructType:
        """The types of all columns, the partition keys last."""
        return glue.StructType(column.field for column in (*self.columns, *self.partition_keys))


@dataclass(frozen=True, kw_only=True, slots=True)
class Partition:
    """A part of a table that has one value for each partition key."""

    values: tuple[str, ...]
    location: str  #: without a slash at its end

    @classmethod
    def of(cls, answer: Mapping[str, Any], table: Table) -> Partition:
        """Read the partition of an answer; without a location it lies where Hive would put it."""
        storage = answer.get("StorageDescriptor") or {}
        values = tuple(answer["Values"])
        return cls(
            values=values,
            location=str(storage.get("Location") or "").rstrip("/") or table_path(table, values),
        )


#: what Hive, Spark and Glue write for a partition value that is null
NULL_VALUE = "__HIVE_DEFAULT_PARTITION__"
#: what Hive and Spark write as `%` and two hex digits in the name of a directory
_ESCAPED = frozenset("\"#%'*/:=?\\\x7f{[]^") | {chr(code) for code in range(1, 32)}


def table_path(table: Table, values: tuple[str, ...]) -> str:
    """Return where Spark writes the records of a partition."""
    return partition_path(table.location, [key.name for key in table.partition_keys], values)


def partition_path(base: str, keys: list[str], values: tuple[str, ...]) -> str:
    """Return the `name=value` directory of a partition."""
    pairs = zip(keys, values, strict=True)
    return "/".join([base, *(f"{_escaped(key)}={_escaped(value)}" for key, value in pairs)])


def _escaped(text: str) -> str:
    return "".join(f"%{ord(one):02X}" if one in _ESCAPED else one for one in text)
