"""Which rows of a table are new: those behind the last one read, in the order of its keys.

Keys have to grow (or shrink) strictly from row to row, gaps allowed; rows that are changed or have
no key are not seen. https://docs.aws.amazon.com/glue/latest/dg/programming-etl-connect-bookmarks.html
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import types as spark_types

from awsglue._errors import ConnectionOptionError
from awsglue._jdbc import statements
from awsglue._jdbc.session import JdbcSession
from awsglue._jdbc.statements import Asked, Key
from awsglue._jdbc.vendors import Kind
from awsglue._paths import as_list
from glueball_runtime.bookmarks import Bookmarks, KeyMark

_logger = logging.getLogger(__name__)

_NO_ROW = "1 = 0"
_TIMES = (spark_types.DateType, spark_types.TimestampType, spark_types.TimestampNTZType)


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """The order that new rows come in."""

    keys: tuple[Key, ...]
    descending: bool = False

    def mark(self, values: tuple[str, ...]) -> KeyMark:
        """Return what the bookmark remembers of a row."""
        columns = tuple(key.column for key in self.keys)
        return KeyMark(columns=columns, values=values, descending=self.descending)

    def has(self, mark: KeyMark) -> bool:
        """Tell whether a row was remembered in this very order."""
        return mark == self.mark(mark.values) and len(mark.values) == len(self.keys)


def is_descending(options: Mapping[str, Any]) -> bool:
    """Read `jobBookmarkKeysSortOrder`.

    Raises:
        ConnectionOptionError: it is neither asc nor desc.
    """
    order = str(options.get("jobBookmarkKeysSortOrder") or "asc").lower()
    if order not in ("asc", "desc"):
        raise ConnectionOptionError(
            "jobBookmarkKeysSortOrder", f'is {order!r}; it must be "asc" or "desc".'
        )
    return order == "desc"


def keys_of(
    session: JdbcSession,
    asked: Asked,
    options: Mapping[str, Any],
    schema: spark_types.StructType,
) -> tuple[Key, ...]:
    """Return the keys that a script names, else the primary key; () when there is none.

    Raises:
        ConnectionOptionError: a key is no column, or has no order that can be remembered.
    """
    names = as_list(options.get("jobBookmarkKeys") or ())
    if not names and asked.table:
        names = session.primary_key(asked.table)
    columns = [statements.resolve(schema.names, name, "jobBookmarkKeys") for name in names]
    return tuple(Key(column=name, kind=_kind(name, schema[name].dataType)) for name in columns)


def _kind(name: str, of: spark_types.DataType) -> Kind:
    if isinstance(of, spark_types.NumericType):
        return Kind.NUMBER
    if isinstance(of, _TIMES):
        return Kind.TIME
    if isinstance(of, spark_types.StringType):
        return Kind.TEXT
    raise ConnectionOptionError(
        "jobBookmarkKeys", f"names {name!r}, and a {of.simpleString()} has no order to read by."
    )


def conditions(
    active: Bookmarks, ctx: str, order: Order, *, relation: str, session: JdbcSession
) -> list[str]:
    """Return the conditions for what this run has to read, and note up to where it does.

    What comes into the table from now on is for the next run, whenever the rows are read.
    """
    rows = active.keys_to_read(ctx)
    if rows.nothing:
        return [_NO_ROW]
    vendor, keys, descending = session.vendor, order.keys, order.descending
    behind: list[str] = []
    if rows.after is not None and order.has(rows.after):
        behind = [statements.after(vendor, keys, rows.after.values, descending)]
    elif rows.after is not None:
        _logger.warning("The bookmark keys of %s are others now: it is read from its start.", ctx)
    if rows.until is not None and order.has(rows.until):
        last: tuple[str, ...] | None = rows.until.values
    else:
        query = statements.last_row(vendor, relation, keys, behind, descending)
        last = session.first_row(query, len(keys))
    if last is None:
        return [_NO_ROW]
    active.remember_keys(ctx, order.mark(last))
    return [*behind, statements.up_to(vendor, keys, last, descending)]
