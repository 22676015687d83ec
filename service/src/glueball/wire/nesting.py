"""How deep a JSON text nests and how many parts it has, found without decoding it."""

from __future__ import annotations

from array import array
from itertools import accumulate

#: no request of any service nests half as deep
DEEPEST = 100
#: objects and arrays; a BatchCreatePartition of 100 partitions with 1,000 columns each has 100,303
MOST_PARTS = 200_000

_OPENING, _CLOSING = b"[{", b"]}"
_IRRELEVANT = bytes(set(range(256)) - set(_OPENING + _CLOSING + b'"'))
_STEPS = bytes.maketrans(_OPENING + _CLOSING, b"\x01\x01\xff\xff")
_SLICE = 1 << 16  #: bytes looked at together; bounds the memory


def is_excessive(text: bytes) -> bool:
    """Tell whether a JSON text has more parts than `MOST_PARTS` or nests deeper than `DEEPEST`.

    Brackets in strings do not count. Decoders recurse, and make an object of tens of bytes of
    every pair of brackets, so this must be known before they run. It takes time linear in the
    length (half a second for 16 MB of brackets at most), and next to none for a text with few
    brackets. A text that is not JSON gets an arbitrary answer: the decoder will refuse it anyway.
    """
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    # What a backslash protects goes first: "\\" ends nothing, "\"" is no quote.
    marks = text.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _IRRELEVANT)
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
