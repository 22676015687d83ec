"""Text files: whether bytes are text, and in which line ends they can be cut."""

from __future__ import annotations

import codecs
import re
from typing import Final

from glueball.crawl.samples import Beginning

#: what no text has: no tab, line end, form feed, escape, and not Ctrl-A, a delimiter of Hive's
_CONTROL = re.compile("[\x02-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
#: the share of odd characters from which on bytes are no text; that of Latin-1 texts is lower
_ODD: Final = 0.1
_OTHER_ENCODINGS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # of UTF-32 it has zeros


def text_of(beginning: Beginning) -> str | None:
    """Return the text that a file begins with; None where it is none, or none in UTF-8.

    A character that the end has cut in two is left out.
    """
    data = beginning.data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data or data.startswith(_OTHER_ENCODINGS):
        return None
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data, final=beginning.complete)
    odd = len(_CONTROL.findall(text))
    return text if text and odd <= _ODD * len(text) else None


def whole_lines(text: str, beginning: Beginning) -> str:
    """Return a text without its last line if that was cut off."""
    if beginning.complete:
        return text
    return text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
