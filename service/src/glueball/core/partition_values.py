"""Values of partitions as their keys' types read them.

The types are those that AWS lists for GetPartitions' `Expression`:
https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from glueball.core.errors import InvalidInput

#: what Hive writes where a partition's value is null
NULL = "__HIVE_DEFAULT_PARTITION__"

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]{1,9}))?"
)

#: from a value's text to something that compares with others of its type; None where it is no
#: value of that type
Reader: TypeAlias = Callable[[str], Any]


def _text(value: str) -> str:
    return value


def _integer(value: str) -> int | None:
    return int(value) if _INTEGER.fullmatch(value) else None


def _decimal(value: str) -> Decimal | None:
    return Decimal(value) if _DECIMAL.fullmatch(value) else None


def _date(value: str) -> date | None:
    if not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:  # the 30th of February
        return None


def _timestamp(value: str) -> tuple[date, str, str] | None:
    found = _TIMESTAMP.fullmatch(value)
    day = _date(found[1]) if found else None
    if found is None or day is None:
        return None
    return day, found[2], (found[3] or "").ljust(9, "0")


_READERS: Mapping[str, Reader] = {
    **dict.fromkeys(("string", "varchar", "char"), _text),
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint", "long"), _integer),
    "decimal": _decimal,
    "date": _date,
    "timestamp": _timestamp,
}
#: what a literal is not when its type cannot read it
_NOUNS: Mapping[Reader, str] = {
    _integer: "an integer",
    _decimal: "a decimal",
    _date: "a date (yyyy-mm-dd)",
    _timestamp: "a timestamp (yyyy-mm-dd hh:mm:ss[.fffffffff])",
}


def reader_of(type_name: str) -> Reader:
    """Return how values of a type are read.

    Raises:
        InvalidInput: expressions cannot compare that type.
    """
    name = type_name.partition("(")[0].strip().lower()
    if name not in _READERS:
        raise InvalidInput(
            f"Unknown type : '{type_name}'. An expression can compare partition keys of the types "
            f"{', '.join(_READERS)}."
        )
    return _READERS[name]


def is_text(reader: Reader) -> bool:
    """Tell whether values are compared as the texts that they are."""
    return reader is _text


def read_literal(reader: Reader, literal: str) -> Any:
    """Return a literal as the type of the key that it is compared with.

    Raises:
        InvalidInput: it is no value of that type.
    """
    value = reader(literal)
    if value is None:
        raise InvalidInput(f'"{literal}" is not {_NOUNS[reader]}.')
    return value
