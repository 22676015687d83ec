"""A crawler's `Configuration`: the JSON that says how tables are grouped and written.

What it may hold stands here and nowhere else:
https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html, crawler-grouping-policy.html,
crawler-table-level.html and crawler-maximum-number-of-tables.html. AWS refuses unknown keys when
the crawler is defined: "CrawlerOutput.Partitions contains unsupported keys: UpdateBehavior."
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, Union

from glueball.core.errors import InvalidInput

#: takes a value and the path of names that it stands at; returns what it means
_Read: TypeAlias = Callable[[Any, str], Any]
_Members: TypeAlias = Mapping[str, Union[_Read, "_Members"]]

_WHOLE: Final = "Configuration"
_LONGEST_SHOWN: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """What a crawler's `Configuration` asks for."""

    merge_columns: bool = False  #: tables get new columns, and nothing else of them is changed
    most_tables: int | None = None  #: that a crawl may find
    inherit: bool = False  #: partitions are described as their table is
    combine: bool = False  #: files of one kind are one table, whatever their columns are
    table_level: int | None = None  #: how deep tables lie; the bucket is level 1
    partition_index: bool = True  #: new tables get one


def read_configuration(text: str | None) -> Configuration:
    """Read a `Configuration`.

    Args:
        text: JSON; where there is none, all is as by default.

    Raises:
        InvalidInput: it holds what is not known, or values of wrong types; the sentence names them.
    """
    if not text:
        return Configuration()
    known = _members(_parsed(text), "", _KNOWN)
    if "Version" not in known:
        raise InvalidInput('Configuration lacks Version. Begin it so: {"Version": 1.0, …}.')
    output, grouping = known.get("CrawlerOutput", {}), known.get("Grouping", {})
    tables, partitions = output.get("Tables", {}), output.get("Partitions", {})
    return Configuration(
        merge_columns="AddOrUpdateBehavior" in tables,
        most_tables=tables.get("TableThreshold"),
        inherit="AddOrUpdateBehavior" in partitions,
        combine="TableGroupingPolicy" in grouping,
        table_level=grouping.get("TableLevelConfiguration"),
        partition_index=known.get("CreatePartitionIndex", True),
    )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"Configuration is not valid JSON: {error}.") from error
    except RecursionError as error:
        raise InvalidInput("Configuration is nested too deep to be read.") from error


def _members(given: Any, path: str, known: _Members) -> dict[str, Any]:
    """Read an object of which each member is known.

    Args:
        given: what stands there.
        path: the names that lead to it; "" for the whole.
        known: what each member is read by.

    Raises:
        InvalidInput: it is no object, or has other members.
    """
    if not isinstance(given, dict):
        raise InvalidInput(
            f"{path or _WHOLE} must be a JSON object with members out of {', '.join(known)}; it is "
            f"{_shown(given)}."
        )
    if unknown := sorted(given.keys() - known.keys()):
        raise InvalidInput(
            f"{path or _WHOLE} contains unsupported keys: {_cut(', '.join(unknown))}. It can have "
            f"{', '.join(known)}."
        )
    return {name: _member(one, f"{path}.{name}".lstrip("."), known[name])
            for name, one in given.items()}  # fmt: skip


def _member(given: Any, path: str, known: _Read | _Members) -> Any:
    return known(given, path) if callable(known) else _members(given, path, known)


def _word(wanted: str) -> _Read:
    """Return a reader of a member that can be one word, or left out."""

    def read(given: Any, path: str) -> str:
        if given != wanted:
            raise InvalidInput(f"{path} is {_shown(given)}; it can be {wanted}, or left out.")
        return wanted

    return read


def _number(given: Any, path: str) -> int:
    """Read a number from 1 on; JSON writes it as 2 or as 2.0."""
    whole = isinstance(given, int) or (isinstance(given, float) and given.is_integer())
    if not whole or isinstance(given, bool) or given < 1:
        raise InvalidInput(f"{path} is {_shown(given)}; it must be a whole number from 1 on.")
    return int(given)


def _flag(given: Any, path: str) -> bool:
    if not isinstance(given, bool):
        raise InvalidInput(f"{path} is {_shown(given)}; it must be true or false.")
    return given


def _version(given: Any, path: str) -> int:
    # To Python true is 1, too.
    if isinstance(given, bool) or given != 1:
        raise InvalidInput(f"{path} of Configuration is {_shown(given)}; it must be 1.0.")
    return 1


def _shown(value: Any) -> str:
    """Write a value for a sentence: as JSON has it, but for what holds others."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return _cut(json.dumps(value))


def _cut(text: str) -> str:
    """Make text short, and such as can be sent: JSON may name half a character."""
    short = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return short.encode(errors="backslashreplace").decode()


_KNOWN: Final[_Members] = {
    "Version": _version,
    "CrawlerOutput": {
        "Tables": {"AddOrUpdateBehavior": _word("MergeNewColumns"), "TableThreshold": _number},
        "Partitions": {"AddOrUpdateBehavior": _word("InheritFromTable")},
    },
    "Grouping": {
        "TableGroupingPolicy": _word("CombineCompatibleSchemas"),
        "TableLevelConfiguration": _number,
    },
    "CreatePartitionIndex": _flag,
}
