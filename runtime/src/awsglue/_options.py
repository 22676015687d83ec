"""Options as scripts write them: true values and their texts alike, numbers as texts."""

from __future__ import annotations

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
