"""Lines of the log on tables and partitions that stay though a crawl has not found them.

Each says what stays, why, and what there is to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from glueball.crawl.names import location_of
from glueball.crawl.places import are_related

_EXAMPLES: Final = 5
_STRAY: Final = (
    "a file that does not belong there may have parted them: remove it, or exclude it by the "
    "target's Exclusions, and crawl again"
)
_NOT_COUNTED: Final = (
    "none that a table is made of: they are excluded, hidden or of no known format"
)


def regrouped_table(database: str, table: Mapping[str, Any], located: Mapping[str, str]) -> str:
    """Say that a table stays whose files are in other tables.

    Args:
        database: its database.
        table: AWS's `Table`.
        located: the names of the tables that were found, and where they lie.
    """
    name, location = table["Name"], location_of(table)
    others = sorted(one for one, place in located.items() if are_related(place, location))
    return (
        f"Table {name} in database {database} is left as it is: S3 has its files at {location} "
        f"still, but they are in other tables now{_named(others)}. Delete the table if these take "
        f"its place; else {_STRAY}."
    )


def passed_over_table(database: str, table: Mapping[str, Any]) -> str:
    """Say that a table stays at whose location there are only files that do not count.

    Args:
        database: its database.
        table: AWS's `Table`.
    """
    return (
        f"Table {table['Name']} in database {database} is left as it is: there are files at "
        f"{location_of(table)}, but {_NOT_COUNTED}. Delete the table if it is not needed."
    )


def regrouped_partitions(table: str, values: Sequence[str]) -> str:
    """Say that partitions stay whose files are in other tables or partitions.

    Args:
        table: the name of their table.
        values: those of each partition, with slashes between them.
    """
    return (
        f"Table {table} keeps {_counted(values)}: S3 has the files still, but they are in other "
        f"tables or partitions now. Delete what these take the place of; else {_STRAY}."
    )


def passed_over_partitions(table: str, values: Sequence[str]) -> str:
    """Say that partitions stay at whose locations there are only files that do not count.

    Args:
        table: the name of their table.
        values: those of each partition, with slashes between them.
    """
    return (
        f"Table {table} keeps {_counted(values)}: there are files, but {_NOT_COUNTED}. Delete what "
        "is not needed."
    )


def _counted(values: Sequence[str]) -> str:
    what = "partition" if len(values) == 1 else "partitions"
    return f"{len(values)} {what}{_named(values)}"


def _named(names: Iterable[str]) -> str:
    """Return some names in brackets, with a space before them; "" where there are none."""
    listed = list(names)
    more = ", …" if len(listed) > _EXAMPLES else ""
    return f" ({', '.join(listed[:_EXAMPLES])}{more})" if listed else ""
