"""What is asked of a database: SQL, made of a script's options and of keys that were read before.

Names and expressions come from the script and are SQL. Keys come from data: they only enter as
literals that their vendor writes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from awsglue._errors import ConnectionOptionError
from awsglue._jdbc.vendors import Kind, Vendor
from awsglue._options import flag

#: into how many parts a table is read when a script says by what alone
DEFAULT_PARTITIONS = 7
_OPEN_END = re.compile(r"\s+(where|and)\s*$", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a script wants to read."""

    relation: str  #: as it follows FROM
    table: str = ""  #: the table's name as the script wrote it; "" for a query
    partitioned: bool = True  #: whether the options for parallel reading count


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A column that rows are ordered by, with what it holds."""

    column: str
    kind: Kind


def asked(options: Mapping[str, Any]) -> Asked:
    """Return what to read: `sampleQuery`, else `query`, else `dbtable`.

    Raises:
        ConnectionOptionError: there is none of them.
    """
    if sample := str(options.get("sampleQuery") or "").strip():
        partitioned = flag(options.get("enablePartitioningForSampleQuery"))
        # AWS appends the conditions of the parts to it, so it ends in WHERE or AND there.
        return Asked(relation=_as_relation(_OPEN_END.sub("", sample)), partitioned=partitioned)
    if query := str(options.get("query") or "").strip():
        return Asked(relation=_as_relation(query))
    table = str(options.get("dbtable") or options.get("dbTable") or "").strip()
    if not table:
        raise ConnectionOptionError("dbtable", "is missing: the table to read.")
    is_query = table.startswith("(")
    return Asked(relation=table, table="" if is_query else table)


def _as_relation(query: str) -> str:
    return f"({query.rstrip(';').rstrip()}) glueball_query"


def narrowed(relation: str, conditions: Sequence[str]) -> str:
    """Return a relation with the rows that meet all conditions."""
    if not conditions:
        return relation
    where = " AND ".join(f"({one})" for one in conditions)
    return f"(SELECT * FROM {relation} WHERE {where}) glueball_rows"


def partitions(vendor: Vendor, options: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    """Return conditions that cut a table into parts: every row meets exactly one.

    Args:
        vendor: whose SQL.
        options: `hashexpression` (SQL that gives a whole number), else `hashfield` (a column of
            any type), and `hashpartitions` (7 by default).
        columns: of the table.

    Raises:
        ConnectionOptionError: there is no such column, or the number is none.
    """
    if expression := str(options.get("hashexpression") or "").strip():
        value = f"({expression})"
    elif field := str(options.get("hashfield") or "").strip():
        column = resolve(columns, field, "hashfield")
        value = vendor.hash(vendor.name_of(column))
    else:
        return []
    count = _count(options.get("hashpartitions"))
    # ABS, as remainders of negative numbers are negative; FLOOR, as nothing must be lost when an
    # expression gives fractions; and no value at all is in the first part.
    part = f"FLOOR(ABS({vendor.remainder(value, count)}))"
    others = [f"{part} = {number}" for number in range(1, count)]
    return [f"({part} = 0 OR {value} IS NULL)", *others]


def _count(value: Any) -> int:
    if value in (None, ""):
        return DEFAULT_PARTITIONS
    try:
        count = int(str(value))
    except ValueError:
        count = 0
    if count < 1:
        raise ConnectionOptionError("hashpartitions", f"is {value!r}; it must be 1 or more.")
    return count


def resolve(columns: Sequence[str], name: str, option: str) -> str:
    """Return the column of a name, in the case that the table has it in.

    Raises:
        ConnectionOptionError: there is none.
    """
    plain = name.strip('`"[]')
    if plain in columns:
        return plain
    for column in columns:
        if column.lower() == plain.lower():
            return column
    raise ConnectionOptionError(
        option, f"names {name!r}, which is no column. There are: {', '.join(columns)}."
    )


def after(vendor: Vendor, keys: Sequence[Key], values: Sequence[str], descending: bool) -> str:
    """Return the condition for rows behind one, in the order of the keys."""
    return _beyond(vendor, keys, values, "<" if descending else ">")


def up_to(vendor: Vendor, keys: Sequence[Key], values: Sequence[str], descending: bool) -> str:
    """Return the condition for rows up to one and with it, in the order of the keys."""
    before = _beyond(vendor, keys, values, ">" if descending else "<")
    return f"{before} OR ({_equal(vendor, keys, values)})"


def _beyond(vendor: Vendor, keys: Sequence[Key], values: Sequence[str], sign: str) -> str:
    ways = []
    for number, key in enumerate(keys):
        side = f"{vendor.name_of(key.column)} {sign} {vendor.literal(values[number], key.kind)}"
        same = _equal(vendor, keys[:number], values)
        ways.append(f"({same} AND {side})" if same else f"({side})")
    return " OR ".join(ways)


def _equal(vendor: Vendor, keys: Sequence[Key], values: Sequence[str]) -> str:
    pairs = zip(keys, values, strict=False)
    return " AND ".join(
        f"{vendor.name_of(key.column)} = {vendor.literal(value, key.kind)}" for key, value in pairs
    )


def last_row(
    vendor: Vendor, relation: str, keys: Sequence[Key], conditions: Sequence[str], descending: bool
) -> str:
    """Return the query for the keys of the last row, as texts."""
    names = [vendor.name_of(key.column) for key in keys]
    # PostgreSQL names a cast column like the column: ORDER BY would mean the text, with 9 above 10
    texts = ", ".join(
        f"{vendor.text(vendor.name_of(key.column), key.kind)} AS glueball_text_{number}"
        for number, key in enumerate(keys)
    )
    direction = "ASC" if descending else "DESC"
    there = [f"{name} IS NOT NULL" for name in names]
    order = ", ".join(f"{name} {direction}" for name in names)
    rows = narrowed(relation, [*conditions, *there])
    return vendor.first(f"SELECT {texts} FROM {rows} ORDER BY {order}")
