"""Values of partitions as their keys' types read them.

A value becomes a *sort text*: two texts are in the order of the values that they stand for when
they are compared by code points, as databases compare under the collation "C". So any database
evaluates expressions over numbers of any size, dates and texts with comparisons of texts alone.

The types are those that AWS lists for GetPartitions' `Expression`:
https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from glueball.core.errors import InvalidInput

#: what Hive writes where a partition's value is null
NULL: Final = "__HIVE_DEFAULT_PARTITION__"
#: the sort text of a value that its key's type cannot read; texts have no such value
UNREADABLE: Final = ""

_INTEGER = re.compile(r"([+-]?)([0-9]+)")
_DECIMAL = re.compile(r"([+-]?)(?:([0-9]+)\.?([0-9]*)|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,4}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]{1,9}))?"
)
_COMPLEMENT = str.maketrans("0123456789", "9876543210")
#: exponents of ten that one character stands for
_SHORT_EXPONENT: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueType:
    """How the values of a partition key are read."""

    noun: str  #: what a literal is not where it cannot be read
    #: from a value to its sort text; `UNREADABLE` where it is not a value of the type
    read: Callable[[str], str]


def _text(value: str) -> str:
    return value


def _integer(value: str) -> str:
    match = _INTEGER.fullmatch(value)
    return _number(match[1] == "-", match[2], "", 0) if match else UNREADABLE


def _decimal(value: str) -> str:
    match = _DECIMAL.fullmatch(value)
    if match is None:
        return UNREADABLE
    sign, whole, fraction, bare_fraction, exponent = match.groups()
    return _number(sign == "-", whole or "", fraction or bare_fraction or "", int(exponent or 0))


def _number(negative: bool, whole: str, fraction: str, exponent: int) -> str:
    """Return the sort text of a number: its sign, its exponent of ten, its digits.

    The exponent is that of the first digit that is not 0. Of a negative number exponent and digits
    are turned round, and an end that is greater than any digit follows.
    """
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return "o"
    leading = exponent + len(digits) - len(fraction)
    digits = digits.rstrip("0")
    if negative:
        return f"n{_exponent(-leading)}{digits.translate(_COMPLEMENT)}~"
    return f"p{_exponent(leading)}{digits}"


def _exponent(exponent: int) -> str:
    if exponent > _SHORT_EXPONENT:
        return f"t{exponent:05d}"
    if exponent < -_SHORT_EXPONENT:
        return f'"{99_999 + exponent:05d}'
    return chr(ord("K") + exponent)


def _date(value: str) -> str:
    if not _DATE.fullmatch(value):
        return UNREADABLE
    try:
        date.fromisoformat(value)
    except ValueError:  # the 30th of February
        return UNREADABLE
    return value


def _timestamp(value: str) -> str:
    match = _TIMESTAMP.fullmatch(value)
    if match is None or not _date(match[1]):
        return UNREADABLE
    fraction = (match[3] or "").rstrip("0")
    return f"{match[1]} {match[2]}{fraction and '.'}{fraction}"


TEXT: Final = ValueType(noun="a text", read=_text)
_INTEGER_TYPE = ValueType(noun="an integer", read=_integer)
_TYPES: Mapping[str, ValueType] = {
    **dict.fromkeys(("string", "varchar", "char"), TEXT),
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint", "long"), _INTEGER_TYPE),
    "decimal": ValueType(noun="a decimal", read=_decimal),
    "date": ValueType(noun="a date (yyyy-mm-dd)", read=_date),
    "timestamp": ValueType(noun="a timestamp (yyyy-mm-dd hh:mm:ss[.fffffffff])", read=_timestamp),
}


def value_type(type_name: str) -> ValueType:
    """Return how values of a type are read and compared.

    Raises:
        InvalidInput: expressions cannot compare that type.
    """
    name = _base(type_name)
    if name not in _TYPES:
        raise InvalidInput(
            f"Unknown type : '{type_name}'. An expression can compare partition keys of the types "
            f"{', '.join(_TYPES)}."
        )
    return _TYPES[name]


def ordering_type(type_name: str) -> ValueType:
    """Return how values of any type are ordered: as texts where expressions cannot compare them."""
    return _TYPES.get(_base(type_name), TEXT)


def _base(type_name: str) -> str:
    return type_name.partition("(")[0].strip().lower()


def read_literal(type_of_key: ValueType, literal: str) -> str:
    """Return the sort text of a literal, as the type of the key that it is compared with.

    Raises:
        InvalidInput: it is not a value of that type.
    """
    value = type_of_key.read(literal)
    if value == UNREADABLE and type_of_key is not TEXT:
        raise InvalidInput(f'"{literal}" is not {type_of_key.noun}.')
    return value
