"""Java's regular expressions, which AWS's models and some of its operations have, as RE2's.

What Java writes otherwise is translated: `\\Q…\\E`, `\\u0041`, `\\0101`, `\\cA`, `\\h`, `\\R`,
classes such as `\\p{Alpha}`, hyphens after a class, dots that match no line end, and a line end
that `\\s` has and RE2's lacks. What takes more than linear time (look-around, back references,
possessive and atomic groups), and classes within classes, are refused. The whole text must match,
as with Java's `matches()`. Every group is one that captures nothing.

https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/regex/Pattern.html
"""

from __future__ import annotations

import re
from typing import Final

from glueball.core.linear_patterns import UnreadablePattern, literal

_LINE_ENDS: Final = r"\n\r\x{85}\x{2028}\x{2029}"
_SPACES: Final = r" \t\n\x{b}\f\r"
_BLANKS: Final = r" \t\x{a0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"
_VERTICAL: Final = r"\n\x{b}\f\r\x{85}\x{2028}\x{2029}"
#: what a letter behind a backslash stands for within brackets
_CLASSES: Final = {
    "d": r"\d",
    "D": r"\D",
    "w": r"\w",
    "W": r"\W",
    "s": _SPACES,
    "h": _BLANKS,
    "v": _VERTICAL,
}
#: … which cannot stand within brackets
_COMPLEMENTS: Final = {"S": f"[^{_SPACES}]", "H": f"[^{_BLANKS}]", "V": f"[^{_VERTICAL}]"}
#: `\S` within brackets, by its ranges
_NO_SPACE: Final = r"\x{0}-\x{8}\x{e}-\x{1f}!-\x{10ffff}"
_CHARACTERS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_ANCHORS: Final = {"A": r"\A", "z": r"\z", "Z": r"\z", "b": r"\b", "B": r"\B"}
_POSIX: Final = {
    "Lower": "lower",
    "Upper": "upper",
    "ASCII": "ascii",
    "Alpha": "alpha",
    "Digit": "digit",
    "Alnum": "alnum",
    "Punct": "punct",
    "Graph": "graph",
    "Print": "print",
    "Blank": "blank",
    "Cntrl": "cntrl",
    "XDigit": "xdigit",
    "Space": "space",
}
_NUMBERED = re.compile(r"u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|0([0-7]{1,3})")
_LOW_SURROGATE = re.compile(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})")
_PROPERTY = re.compile(r"([pP])(?:\{(?:Is)?([A-Za-z]+)\}|([A-Z]))")
_REPEATED = re.compile(r"[*+?]|\{[0-9]{1,9}(?:,(?:[0-9]{1,9})?)?\}")
_FLAGS = re.compile(r"\(\?([ismu]*)(?:-([ismu]+))?([:)])")
_NAMED = re.compile(r"\(\?<[A-Za-z][A-Za-z0-9]*>")


def re2_expression(java: str, *, any_text: str | None = None) -> str:
    """Translate an expression.

    Args:
        java: the expression.
        any_text: what an asterisk stands for that has nothing to repeat but a plain character, or
            nothing at all; None: it is Java's asterisk always.

    Raises:
        UnreadablePattern: Java cannot read it, or no linear matcher can match it.
    """
    return _Reader(java, any_text).translated()


class _Reader:
    """One pass over an expression; what it has read is in `_out`."""

    def __init__(self, text: str, any_text: str | None) -> None:
        self._text = text
        self._any_text = any_text
        self._place = 0
        self._out: list[str] = []
        #: for each open group whether a dot matches line ends there; the last is the innermost
        self._dot_all = [False]
        #: what a repetition would repeat: "" (nothing), "character", "atom", "repeated"
        self._last = ""

    def translated(self) -> str:
        while self._place < len(self._text):
            self._part()
        if len(self._dot_all) > 1:
            raise UnreadablePattern("a group is not closed")
        return "".join(self._out)

    def _part(self) -> None:
        mark = self._text[self._place]
        if repeated := _REPEATED.match(self._text, self._place):
            self._repetition(repeated[0])
        elif mark == "{":
            raise UnreadablePattern("'{' has nothing to repeat, or no numbers")
        elif mark == "(":
            self._opening()
        elif mark == ")":
            self._closing()
        elif mark == "[":
            self._emit(self._brackets(), "atom")
        elif mark == "\\":
            self._escape()
        else:
            self._place += 1
            self._plain(mark)

    def _plain(self, mark: str) -> None:
        if mark == "|":
            self._emit(mark, "")
        elif mark in "^$":
            self._emit(r"\A" if mark == "^" else r"\z", "atom")
        elif mark == ".":
            self._emit("(?s:.)" if self._dot_all[-1] else f"[^{_LINE_ENDS}]", "atom")
        else:
            self._emit(literal(mark), "character")

    def _emit(self, expression: str, last: str) -> None:
        self._out.append(expression)
        self._last = last

    def _repetition(self, mark: str) -> None:
        self._place += len(mark)
        if mark == "*" and self._any_text is not None and self._last != "atom":
            self._emit(self._any_text, "repeated")
            return
        if self._last in ("", "repeated"):
            raise UnreadablePattern(f"'{mark}' has nothing to repeat")
        following = self._text[self._place : self._place + 1]
        if following == "+":
            raise UnreadablePattern(f"'{mark}+' repeats without stepping back; write '{mark}'")
        if following == "?":  # where the whole text must match, it changes nothing
            self._place += 1
        self._emit(mark, "repeated")

    def _opening(self) -> None:
        flags = _FLAGS.match(self._text, self._place)
        named = _NAMED.match(self._text, self._place)
        if flags:
            self._place = flags.end()
            self._flags(*flags.groups(""))
            return
        if named:
            self._place = named.end()
        elif self._text.startswith("(?", self._place):
            shown = self._text[self._place : self._place + 4]
            raise UnreadablePattern(f"'{shown}' looks around or is not a group of Java")
        else:
            self._place += 1
        self._dot_all.append(self._dot_all[-1])
        self._emit("(?:", "")

    def _flags(self, on: str, off: str, ends: str) -> None:
        dot_all = (self._dot_all[-1] or "s" in on) and "s" not in off
        kept_on, kept_off = ("".join(set(flags) & {"i"}) for flags in (on, off))
        if "m" in on + off:
            raise UnreadablePattern("the flag m is not supported")
        flags = kept_on + (f"-{kept_off}" if kept_off else "")
        if ends == ":":
            self._dot_all.append(dot_all)
            self._emit(f"(?{flags}:", "")
        else:
            self._dot_all[-1] = dot_all
            self._emit(f"(?{flags})" if flags else "", self._last)

    def _closing(self) -> None:
        if len(self._dot_all) == 1:
            raise UnreadablePattern(f"')' at character {self._place + 1} closes nothing")
        self._place += 1
        self._dot_all.pop()
        self._emit(")", "atom")

    def _escape(self) -> None:
        self._place += 1
        letter = self._text[self._place : self._place + 1]
        if letter == "Q":
            for character in self._quoted():
                self._emit(literal(character), "atom")
        elif letter == "R":
            self._place += 1
            self._emit(rf"(?:\r\n|[{_VERTICAL}])", "atom")
        elif letter in _ANCHORS and letter:
            self._place += 1
            self._emit(_ANCHORS[letter], "atom")
        elif letter in _COMPLEMENTS and letter:
            self._place += 1
            self._emit(_COMPLEMENTS[letter], "atom")
        else:
            expression = self._class_escape()
            self._emit(f"[{expression or literal(self._character_escape())}]", "atom")

    def _quoted(self) -> str:
        r"""Step over `Q…\E`, or to the end where there is no `\E`; return what stands between."""
        start = self._place + 1
        end = self._text.find("\\E", start)
        self._place = len(self._text) if end < 0 else end + 2
        return self._text[start:] if end < 0 else self._text[start:end]

    def _class_escape(self) -> str | None:
        """Step over the letter of a class, or `p{…}`; return it as it stands within brackets.

        None: no class is next, and nothing was stepped over.
        """
        letter = self._text[self._place : self._place + 1]
        if letter in _CLASSES and letter:
            self._place += 1
            return _CLASSES[letter]
        if letter == "S":
            self._place += 1
            return _NO_SPACE
        if letter not in ("p", "P"):
            return None
        named = _PROPERTY.match(self._text, self._place)
        if named is None:
            raise UnreadablePattern(f"'\\{letter}' names no class of characters")
        self._place = named.end()
        name = named[2] or named[3]
        if name not in _POSIX:
            return f"\\{letter}{{{name}}}"
        return f"[:{'^' if letter == 'P' else ''}{_POSIX[name]}:]"

    def _character_escape(self) -> str:
        """Step over what names one character behind a backslash, and return that character."""
        letter = self._text[self._place : self._place + 1]
        if numbered := _NUMBERED.match(self._text, self._place):
            self._place = numbered.end()
            return self._numbered(*numbered.groups())
        if not letter:
            raise UnreadablePattern("it ends with a backslash")
        self._place += 1
        if letter == "c" and self._place < len(self._text):
            self._place += 1
            return chr(ord(self._text[self._place - 1]) ^ 64)
        if letter in _CHARACTERS:
            return _CHARACTERS[letter]
        if letter.isascii() and letter.isalnum():
            raise UnreadablePattern(f"'\\{letter}' is not supported")
        return letter

    def _numbered(
        self, unit: str | None, short: str | None, long: str | None, octal: str | None
    ) -> str:
        if octal is not None:
            return chr(int(octal, 8))
        point = int(unit or short or long or "0", 16)
        low = _LOW_SURROGATE.match(self._text, self._place)
        if unit and 0xD800 <= point < 0xDC00 and low:
            self._place = low.end()
            point = 0x10000 + ((point - 0xD800) << 10) + (int(low[1], 16) - 0xDC00)
        if point > 0x10FFFF or 0xD800 <= point < 0xE000:
            raise UnreadablePattern(f"{point:#x} is no character")
        return chr(point)

    def _brackets(self) -> str:
        """Step over a class in brackets, and return RE2's."""
        start = self._place
        self._place += 1
        negated = self._text.startswith("^", self._place)
        self._place += negated
        items: list[str] = []
        while not self._text.startswith("]", self._place) or not items:
            if self._place >= len(self._text):
                raise UnreadablePattern(f"'[' at character {start + 1} is not closed")
            items.append(self._item())
        self._place += 1
        return f"[{'^' if negated else ''}{''.join(items)}]"

    def _item(self) -> str:
        """Step over one character, range or class within brackets."""
        if self._text.startswith("[", self._place):
            raise UnreadablePattern("a class within a class is not supported; write '\\[' for '['")
        if self._text.startswith("&&", self._place):
            raise UnreadablePattern("'&&' in a class is not supported")
        if self._text.startswith("\\Q", self._place):
            self._place += 1
            return "".join(map(_code, self._quoted()))
        if self._text.startswith("\\", self._place):
            self._place += 1
            expression = self._class_escape()
            if expression is not None:
                return expression
            low = self._character_escape()
        else:
            low = self._plain_character()
        following = self._text[self._place : self._place + 2]
        if following[:1] != "-" or following[1:] in ("]", "[", ""):
            return _code(low)
        self._place += 1
        high = self._bound()
        if high < low:
            raise UnreadablePattern(f"the range '{low}-{high}' in a class runs backward")
        return f"{_code(low)}-{_code(high)}"

    def _bound(self) -> str:
        """Step over the character that ends a range."""
        if self._text.startswith("\\", self._place):
            self._place += 1
            return self._character_escape()
        return self._plain_character()

    def _plain_character(self) -> str:
        self._place += 1
        return self._text[self._place - 1]


def _code(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"
