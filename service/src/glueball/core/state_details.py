"""What StateDetail says of a run: one text, made of parts."""

from __future__ import annotations

_BETWEEN = "; "


def joined(*parts: str | None) -> str | None:
    """Return one text of those parts that say something; None where none does.

    >>> joined("runs with 100", None, "", "ahead of the reserve"), joined(None)
    ('runs with 100; ahead of the reserve', None)
    """
    return _BETWEEN.join(part for part in parts if part) or None


def parts_of(detail: str | None) -> list[str]:
    """Return the parts of a text again."""
    return detail.split(_BETWEEN) if detail else []
