"""What tables are called, and which table of the catalog is the one that was found.

https://docs.aws.amazon.com/glue/latest/dg/crawler-running.html: letters, digits, underscores, 128
at most; a name that is taken gets a hash behind it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from glueball.crawl.schemas import unused
from glueball.crawl.tables import FoundTable

#: of a database, by name: AWS's `Table`s
_Tables: TypeAlias = Mapping[str, Mapping[str, Any]]

_LONGEST: Final = 128
_OTHERS = re.compile("[^a-z0-9_]")


def table_name(stem: str, prefix: str = "") -> str:
    """Return what a table is called that a folder or a file called `stem` holds.

    >>> table_name("Orders-2024.csv", "raw_")
    'raw_orders_2024_csv'
    """
    return _OTHERS.sub("_", (prefix + stem).lower())[:_LONGEST] or "_"


def same_place(one: str, other: str) -> bool:
    """Tell whether two locations are the same; a slash at the end does not matter."""
    return one.rstrip("/") == other.rstrip("/")


def location_of(table: Mapping[str, Any]) -> str:
    """Return where a table or a partition of the catalog lies; "" where it does not say."""
    return str((table.get("StorageDescriptor") or {}).get("Location") or "")


def named(found: Sequence[FoundTable], prefix: str, catalog: _Tables) -> list[str]:
    """Return the name of each table that was found: its own in the catalog, or one that is free.

    A table of the catalog that lies elsewhere keeps its name.

    Args:
        found: the tables, in an order that is always the same.
        prefix: what all names begin with.
        catalog: the tables of the database, by name.
    """
    names: dict[int, str] = {}
    taken: set[str] = set()
    for choose in (_same_kind, _same_location, _free, _numbered):
        for place, table in enumerate(found):
            if place not in names:
                name = next(choose(_candidates(table, prefix), table, catalog, taken), None)
                if name is not None:
                    names[place] = name
                    taken.add(name)
    return [names[place] for place in range(len(found))]


def _candidates(table: FoundTable, prefix: str) -> tuple[str, ...]:
    name = table_name(table.stem, prefix)
    place = f"{table.location} {table.kind} {'/'.join(table.keys)}"
    return name, _suffixed(name, table.location), _suffixed(name, place)


def _suffixed(name: str, text: str) -> str:
    ending = "_" + hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return name[: _LONGEST - len(ending)] + ending


def _same_location(
    candidates: Sequence[str], found: FoundTable, catalog: _Tables, taken: set[str]
) -> Iterator[str]:
    """Yield the tables of the catalog that lie where a found one does."""
    for name in candidates:
        place = location_of(catalog.get(name, {}))
        if name not in taken and place and same_place(place, found.location):
            yield name


def _same_kind(
    candidates: Sequence[str], found: FoundTable, catalog: _Tables, taken: set[str]
) -> Iterator[str]:
    """Yield those of them with the same format and as many partition keys."""
    for name in _same_location(candidates, found, catalog, taken):
        classification = (catalog[name].get("Parameters") or {}).get("classification")
        keys = catalog[name].get("PartitionKeys") or ()
        if classification == found.kind.classification and len(keys) == len(found.keys):
            yield name


def _free(
    candidates: Sequence[str], _found: FoundTable, catalog: _Tables, taken: set[str]
) -> Iterator[str]:
    """Yield the names that nothing has."""
    return (name for name in candidates if name not in catalog and name not in taken)


def _numbered(
    candidates: Sequence[str], _found: FoundTable, catalog: _Tables, taken: set[str]
) -> Iterator[str]:
    """Yield a name with a number behind it."""
    yield unused(candidates[0], {*catalog, *taken})
