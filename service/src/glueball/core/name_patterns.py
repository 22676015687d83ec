"""Patterns for names in the Data Catalog: of tables (GetTables' `Expression`), and of functions
(GetUserDefinedFunctions' `Pattern`).

Both are Java's regular expressions; the whole name must match, and capital letters match small
ones, since names are in lower case. For tables AWS takes Hive's wildcards, too: in ``sales_*`` the
asterisk stands for any text, in ``sales_.*`` it repeats the dot. There an asterisk repeats what is
before it after ``.``, ``]``, ``)`` or an escape, and stands for any text otherwise.
"""

from __future__ import annotations

from typing import Final

from glueball.core.errors import InvalidInput
from glueball.core.java_patterns import re2_expression
from glueball.core.linear_patterns import ANY_TEXT, LinearPattern, UnreadablePattern

#: instructions of a compiled pattern: it may have to look at every name of a database
_LARGEST_PROGRAM: Final = 4_000


class NamePattern:
    """A pattern, ready to match.

    Args:
        expression: as the client wrote it.
        wildcards: whether an asterisk may be Hive's.

    Raises:
        InvalidInput: it cannot be read.
    """

    def __init__(self, expression: str, *, wildcards: bool = True) -> None:
        any_text = ANY_TEXT if wildcards else None
        try:
            translated = re2_expression(expression, any_text=any_text)
            pattern = LinearPattern(translated, ignore_case=True, largest=_LARGEST_PROGRAM)
        except UnreadablePattern as error:
            raise InvalidInput(f"The expression '{expression}' cannot be read: {error}.") from error
        #: tells whether a whole name matches
        self.matches = pattern.matches
