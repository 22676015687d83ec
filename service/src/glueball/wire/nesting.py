"""How deep a JSON text nests, how many parts it has and how long its numbers are, found without
decoding it."""

from __future__ import annotations

import re
from array import array
from itertools import accumulate

#: no request of any service nests half as deep
DEEPEST = 100
#: objects and arrays; a BatchCreatePartition of 100 partitions with 1,000 columns each has 100,303
MOST_PARTS = 200_000
#: strings, and values between commas, of a request about one thing
MOST_VALUES = 200_000
#: of a number; a double has 767 significant ones at most
MOST_DIGITS = 1_000

_OPENING, _CLOSING = b"[{", b"]}"
_IRRELEVANT = bytes(set(range(256)) - set(_OPENING + _CLOSING + b'"'))
_STEPS = bytes.maketrans(_OPENING + _CLOSING, b"\x01\x01\xff\xff")
#: every digit as a 0, all else as a blank
_DIGITS = bytes(0x30 if 0x30 <= byte <= 0x39 else 0x20 for byte in range(256))
_TOO_MANY_DIGITS = b"0" * (MOST_DIGITS + 1)
_STRING = re.compile(rb'"[^"]*"')
_SLICE = 1 << 16  #: bytes looked at together; bounds the memory


def is_excessive(text: bytes, most_values: int = MOST_VALUES) -> bool:
    """Tell whether a JSON text has more than `MOST_PARTS` parts, nests deeper than `DEEPEST`, or
    has a number of more than `MOST_DIGITS` digits, also in a member that nobody knows.

    Args:
        text: the JSON text.
        most_values: strings, and values between commas, that it may have; decoders keep all other
            threads waiting, in proportion to them.

    Brackets in strings do not count. Decoders recurse, and make an object of tens of bytes of
    every pair of brackets, so this must be known before they run. It takes time linear in the
    length (half a second for 16 MB of brackets at most), and next to none for a text with few
    brackets. A text that is not JSON gets an arbitrary answer: the decoder will refuse it anyway.
    """
    if _has_many_values(text, most_values) or _has_long_number(text):
        return True
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    marks = _unescaped(text).translate(None, _IRRELEVANT)
    depth = parts = in_string = 0
    for start in range(0, len(marks), _SLICE):
        pieces = marks[start : start + _SLICE].split(b'"')
        outside = b"".join(pieces[in_string::2])
        in_string ^= (len(pieces) - 1) & 1
        steps = array("b", outside.translate(_STEPS))
        parts += outside.count(b"[") + outside.count(b"{")
        if parts > MOST_PARTS or max(accumulate(steps, initial=depth)) > DEEPEST:
            return True
        depth += sum(steps)
    return False


def _has_many_values(text: bytes, most: int) -> bool:
    if text.count(b'"') > 2 * most and _unescaped(text).count(b'"') > 2 * most:
        return True
    return text.count(b",") > most and _STRING.sub(b"", _unescaped(text)).count(b",") > most


def _has_long_number(text: bytes) -> bool:
    if _TOO_MANY_DIGITS not in text.translate(_DIGITS):
        return False
    return _TOO_MANY_DIGITS in _STRING.sub(b'""', _unescaped(text)).translate(_DIGITS)


def _unescaped(text: bytes) -> bytes:
    """Leave out what a backslash protects: "\\\\" ends nothing, "\\"" is no quote."""
    return text.replace(b"\\\\", b"").replace(b'\\"', b"")
