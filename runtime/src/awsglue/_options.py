"""Options as scripts write them: true values and their texts alike, numbers as texts."""

from __future__ import annotations

import operator
from typing import Any


def flag(value: Any, default: bool = False) -> bool:
    """Return an option as true or false; `"true"` in any case is true.

    Raises:
        ValueError: it is neither.
    """
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in ("true", "false"):
        raise ValueError(f"{value!r} is neither true nor false.")
    return text == "true"


def amount(name: str, value: Any) -> int:
    """Return an argument that is a number of things.

    Args:
        name: the argument.
        value: what was given for it.

    Raises:
        ValueError: it is no whole number, or less than 1.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1:
        raise ValueError(f"{name} is {value!r}; it must be a whole number from 1 on.")
    return number
