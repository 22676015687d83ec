"""The columns of a frame as rules see them: found by name, with SQL for their values."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as spark

from awsglue import _types
from awsglue._paths import quote
from awsglue._records import Records
from awsglue._steps import casts
from awsglue.gluetypes import ChoiceType
from awsgluedq._evaluation.outcome import RuleFailedError


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A column of the frame, or a field inside one."""

    name: str  #: as the rule writes it
    sql: str
    type: spark.DataType

    @property
    def column(self) -> Column:
        """The value."""
        return F.expr(self.sql)

    @property
    def is_number(self) -> bool:
        """Whether the type is a number's."""
        return isinstance(self.type, spark.NumericType)

    @property
    def is_text(self) -> bool:
        """Whether the type is a text's."""
        return isinstance(self.type, spark.StringType)

    @property
    def is_date(self) -> bool:
        """Whether the type is a date's, without a time."""
        return isinstance(self.type, spark.DateType)

    @property
    def is_moment(self) -> bool:
        """Whether the type is a date's or a timestamp's."""
        kinds = (spark.DateType, spark.TimestampType, spark.TimestampNTZType)
        return isinstance(self.type, kinds)

    @property
    def is_comparable(self) -> bool:
        """Whether values can be grouped by equality."""
        return not _has_map(self.type)

    @property
    def text(self) -> Column:
        """The value as a text."""
        return self.column if self.is_text else F.expr(f"cast({self.sql} as string)")

    def tried(self, to: str) -> Column:
        """Return the value as another type, null where it is none."""
        return F.expr(f"try_cast({self.sql} as {to})")

    def number(self, rule_type: str) -> Column:
        """Return the value of a column of numbers.

        Raises:
            RuleFailedError: it is a column of something else.
        """
        if self.is_number:
            return self.column
        found = self.type.simpleString()
        raise RuleFailedError(
            f"Column {self.name} is of type {found}, and {rule_type} is for numbers. Map it to a "
            "number before."
        )


class Fields:
    """The columns of some records.

    Args:
        records: with their choices; a choice counts as the text of whichever value it has.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        spark_session = records.spark
        self._case_sensitive = spark_session.conf.get("spark.sql.caseSensitive") == "true"

    @property
    def names(self) -> list[str]:
        """The columns, in their order."""
        return self._records.frame.columns

    def get(self, name: str) -> Field:
        """Return the column of a name; a path such as `address.city` reaches into structs.

        Raises:
            RuleFailedError: there is none.
        """
        parts, data_type = [name], self._top(name)
        if data_type is None and "." in name:
            parts = name.split(".")
            data_type = self._inner(parts)
        if data_type is None:
            raise RuleFailedError(f"Input data does not include column {name}!")
        sql = ".".join(map(quote, parts))
        if len(parts) == 1 and (choice := self._choice(name)) is not None:
            members = [casts.member(sql, member) for member, _ in _types.members(choice)]
            texts = ", ".join(f"cast({member} as string)" for member in members)
            return Field(name=name, sql=f"coalesce({texts})", type=spark.StringType())
        return Field(name=name, sql=sql, type=data_type)

    def _top(self, name: str) -> spark.DataType | None:
        return self._find(self._records.frame.schema, name)

    def _inner(self, parts: list[str]) -> spark.DataType | None:
        found: spark.DataType | None = self._records.frame.schema
        for part in parts:
            if not isinstance(found, spark.StructType):
                return None
            found = self._find(found, part)
        return found

    def _find(self, struct: spark.StructType, name: str) -> spark.DataType | None:
        for one in struct.fields:
            if one.name == name or (not self._case_sensitive and one.name.lower() == name.lower()):
                return one.dataType
        return None

    def _choice(self, name: str) -> ChoiceType | None:
        for one in self._records.schema:
            if one.name.lower() == name.lower() and isinstance(one.dataType, ChoiceType):
                return one.dataType
        return None


def _has_map(data_type: spark.DataType) -> bool:
    if isinstance(data_type, spark.StructType):
        return any(_has_map(one.dataType) for one in data_type.fields)
    if isinstance(data_type, spark.ArrayType):
        return _has_map(data_type.elementType)
    return data_type.typeName() in ("map", "variant")
