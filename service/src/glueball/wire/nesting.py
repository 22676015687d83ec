"""How deep a JSON text nests, found without decoding it."""

from __future__ import annotations

from array import array
from itertools import accumulate

#: no request of any service nests half as deep
DEEPEST = 100

_OPENING, _CLOSING = b"[{", b"]}"
_IRRELEVANT = bytes(set(range(256)) - set(_OPENING + _CLOSING + b'"'))
_STEPS = bytes.maketrans(_OPENING + _CLOSING, b"\x01\x01\xff\xff")
_SLICE = 1 << 16  #: bytes looked at together; bounds the memory


def is_too_deep(text: bytes) -> bool:
    """Tell whether a JSON text nests deeper than `DEEPEST`; brackets in strings do not count.

    Decoders recurse, so this must be known before they run. It takes time linear in the length
    (a second for 16 MB of brackets at most), and next to none for a text with few brackets.
    A text that is not JSON gets an arbitrary answer: the decoder will refuse it anyway.
    """
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    # What a backslash protects goes first: "\\" ends nothing, "\"" is no quote.
    marks = text.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _IRRELEVANT)
    depth = 0
    in_string = 0
    for start in range(0, len(marks), _SLICE):
        pieces = marks[start : start + _SLICE].split(b'"')
        outside = b"".join(pieces[in_string::2])
        in_string ^= (len(pieces) - 1) & 1
        steps = array("b", outside.translate(_STEPS))
        if max(accumulate(steps, initial=depth)) > DEEPEST:
            return True
        depth += sum(steps)
    return False
