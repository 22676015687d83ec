"""What names begin with that match a pattern of `name_patterns.py`: an index finds them by it."""

from __future__ import annotations

import re
from typing import Final

#: characters that stand for themselves, whatever the language of patterns
_LITERAL = re.compile(r"[\w \-/:@#%&=,;!~]*")
#: what makes the character before it one that may be missing
_OPTIONAL: Final = ("?", "{")


def literal_prefix(pattern: str) -> str:
    """Return a text that every name begins with that a pattern matches, in lower case; often "".

    Args:
        pattern: an expression of `NamePattern`. One that cannot be read may have any prefix.
    """
    if "|" in pattern:
        return ""
    pattern = pattern.removeprefix("^")
    match = _LITERAL.match(pattern)
    prefix = match[0] if match else ""
    if pattern[len(prefix) :].startswith(_OPTIONAL):
        prefix = prefix[:-1]
    if not prefix.isascii():  # beyond ASCII, what is the same but for case is a wide field
        return ""
    return prefix.lower()
