"""Versions of Glue, as `GlueVersion` writes them."""

from __future__ import annotations

from glueball.core.errors import InvalidInput

DEFAULT_GLUE_VERSION = "5.1"


def version_number(glue_version: str | None) -> tuple[int, ...]:
    """Turn "5.1" into (5, 1); "auto" and None mean the default version.

    Raises:
        InvalidInput: it is anything else than numbers with dots between them.
    """
    if glue_version is None or glue_version == "auto":
        glue_version = DEFAULT_GLUE_VERSION
    parts = glue_version.split(".")
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise InvalidInput(f"Given GlueVersion [{glue_version}] is not valid.")
    return tuple(int(part) for part in parts)
