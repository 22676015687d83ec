"""Which tables a search finds, and in which order: the rules of SearchTables.

A filter on a text compares it with the words of the member, whole: `link` finds `customer-link`
and `xx-link-yy`, not `xxlinkyy`. The search text is looked for anywhere in the names, descriptions
and parameters of a table and its columns; in quotes, it must be the whole of one of them. Case
never matters. https://docs.aws.amazon.com/glue/latest/webapi/API_SearchTables.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from glueball.core.errors import InvalidInput

#: members of AWS's `Table` shape
_TEXTS = frozenset({"Name", "DatabaseName", "Description", "Owner", "TableType", "CreatedBy"})
_TIMES = frozenset({"CreateTime", "UpdateTime", "LastAccessTime", "LastAnalyzedTime"})
_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r'"(.*)"|\'(.*)\'', re.DOTALL)
_EPOCH = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
_COMPARATORS: Mapping[str, Callable[[float, float], bool]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN_EQUALS": operator.le,
}


def found(
    tables: Sequence[Mapping[str, Any]],
    *,
    text: str = "",
    filters: Sequence[Mapping[str, str]] = (),
    sort: Sequence[Mapping[str, str]] = (),
) -> list[Mapping[str, Any]]:
    """Return the tables that have the text and pass all filters, in the order asked for.

    Args:
        tables: AWS's `Table` shapes.
        text: what to look for.
        filters: AWS's `PropertyPredicate` shapes.
        sort: AWS's `SortCriterion` shapes, one at most; the order given stays among equals.

    Raises:
        InvalidInput: a filter or the order names what cannot be compared.
    """
    tests = [_filter(one) for one in filters]
    chosen = [table for table in tables if _has(table, text) and all(test(table) for test in tests)]
    for criterion in sort:
        name = criterion.get("FieldName", "Name")
        if name not in _TEXTS | _TIMES:
            raise InvalidInput(f"Tables cannot be sorted by {name}; {_known(_TEXTS | _TIMES)}.")
        empty: Any = "" if name in _TEXTS else 0.0
        descending = criterion.get("Sort") == "DESC"
        chosen.sort(key=lambda table: table.get(name, empty), reverse=descending)
    return chosen


@dataclass(frozen=True, kw_only=True, slots=True)
class Hints:
    """What every table has that a search finds, in lower case: an index may look for it first."""

    texts: tuple[str, ...]  #: somewhere in its `search_text`
    names: tuple[str, ...]  #: somewhere in its name
    databases: tuple[str, ...]  #: somewhere in the name of its database


def hints(text: str, filters: Sequence[Mapping[str, str]]) -> Hints:
    """Return what every table has that has a text and passes all filters.

    Args:
        text: what to look for.
        filters: AWS's `PropertyPredicate` shapes.
    """
    quoted = _QUOTED.fullmatch(text)
    whole = (quoted[1] or quoted[2] or "") if quoted else text
    words: dict[str, list[str]] = {"Name": [], "DatabaseName": [], "": [whole.lower()]}
    for each in filters:
        key = each.get("Key", "")
        if key in _TEXTS and key != "CreatedBy":
            place = key if key in words else ""
            words[place] += _words(each.get("Value", ""))
    return Hints(
        texts=tuple(word for word in words[""] if word),
        names=tuple(words["Name"]),
        databases=tuple(words["DatabaseName"]),
    )


def search_text(table: Mapping[str, Any]) -> str:
    """Return all texts of a table that `SearchText` is looked for in, in lower case, in lines.

    Args:
        table: AWS's `Table` shape.
    """
    return "\n".join(text for text in _texts(table) if text).lower()


def _has(table: Mapping[str, Any], text: str) -> bool:
    if not text:
        return True
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        whole = (quoted[1] or quoted[2] or "").lower()
        return any(part.lower() == whole for part in _texts(table))
    return any(text.lower() in part.lower() for part in _texts(table))


def _texts(table: Mapping[str, Any]) -> Iterator[str]:
    for name in _TEXTS - {"CreatedBy"}:
        yield table.get(name, "")
    for pair in table.get("Parameters", {}).items():
        yield from pair
    descriptor = table.get("StorageDescriptor", {})
    for column in (*descriptor.get("Columns", ()), *table.get("PartitionKeys", ())):
        yield column["Name"]
        yield column.get("Comment", "")


def _filter(given: Mapping[str, str]) -> Callable[[Mapping[str, Any]], bool]:
    key, value = given.get("Key", ""), given.get("Value", "")
    if key in _TIMES:
        compare = _COMPARATORS[given.get("Comparator", "EQUALS")]
        moment = _moment(key, value)
        return lambda table: key in table and compare(table[key], moment)
    if key not in _TEXTS:
        raise InvalidInput(f"Tables cannot be filtered by '{key}'; {_known(_TEXTS | _TIMES)}.")
    words = _words(value)
    return lambda table: _holds(_words(table.get(key, "")), words)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether `wanted` stands in `words`, in a row."""
    starts = range(len(words) - len(wanted) + 1)
    return any(list(words[start : start + len(wanted)]) == list(wanted) for start in starts)


def _moment(key: str, value: str) -> float:
    """Return seconds since the epoch; given as such, or as a date of ISO 8601, in UTC by default.

    Raises:
        InvalidInput: it is neither.
    """
    if _EPOCH.fullmatch(value):
        return float(value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidInput(
            f"The value '{value}' of the filter {key} is no time: give seconds since 1970, or a "
            "date such as 2024-07-01T10:00:00Z."
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _known(names: frozenset[str]) -> str:
    return f"they can by {', '.join(sorted(names))}"
