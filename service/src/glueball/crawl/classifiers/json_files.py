"""JSON: records one after another, or in an array, and the types of their fields.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html. An array of objects is as many
records here, as it is to the jobs that read the table; AWS makes one column of it.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Sequence
from typing import Any, Final

from glueball.crawl import hive_types as hive
from glueball.crawl.classifiers.texts import text_of
from glueball.crawl.hive_types import Field, HiveType
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.samples import FARTHEST, MEGABYTE, Beginning, Sample
from glueball.crawl.schemas import schema_of

#: records of a file that are looked at, and damaged ones
_MOST_RECORDS: Final = 1000
#: the share of a text that may be no JSON
_MOST_BROKEN: Final = 0.5
_BETWEEN = re.compile(r"[ \t\r\n,]*")
_NEXT_RECORD = re.compile(r"\n[ \t]*(?=[{\[])")


def recognise(sample: Sample) -> Classified | None:
    """Return what a JSON file is; None where the sample is none.

    Raises:
        ObjectGone: the file is no longer there.
    """
    for most in (MEGABYTE, FARTHEST):
        beginning = sample.beginning(most)
        if not _may_be_json(beginning.data):
            return None
        text = text_of(beginning)
        if text is None or not text.lstrip(" \t\r\n").startswith(("{", "[")):
            return None
        values = _Values(text)
        records = values.records()
        if records:
            return _classified(sample, beginning, values, records)
        if beginning.complete or values.broken:
            return None
    return None


def _may_be_json(data: bytes) -> bool:
    """Tell whether bytes begin as JSON does, before they are decoded as a text."""
    return data.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n").startswith((b"{", b"["))


def _classified(
    sample: Sample, beginning: Beginning, values: _Values, records: Sequence[dict[str, Any]]
) -> Classified | None:
    if values.broken > _MOST_BROKEN * values.seen:
        return None
    # Characters stand for bytes: what is asked for are shares.
    share = values.place / values.length
    whole = beginning.complete and values.ended
    packed = beginning.packed * share
    return Classified(
        kind=Kind(classification="json", compression=sample.compression),
        schema=schema_of(_fields(records)),
        records=len(records) if whole else round(len(records) * sample.size / max(1.0, packed)),
        record_bytes=len(beginning.data) * share / len(records),
        multi_line=values.multi_line,
    )


def _fields(records: Sequence[dict[str, Any]]) -> tuple[Field, ...]:
    """Return the fields of all records; names in another case are the same, as in structs."""
    merged: dict[str, Field] = {}
    for record in records:
        for name, value in record.items():
            found = _type_of(value, 1)
            known = merged.setdefault(name.lower(), Field(name, found))
            if known.type != found:  # most values have the type that is known
                merged[name.lower()] = Field(known.name, hive.merge(known.type, found))
    return tuple(merged.values())


def _type_of(value: Any, depth: int) -> HiveType:
    match value:
        case None:
            return hive.NOTHING
        case bool():
            return hive.BOOLEAN
        case int():
            return _number(value)
        case float():
            return hive.DOUBLE
        case dict() | list() if depth > hive.DEEPEST:
            return hive.STRING
        case dict():
            return hive.struct(
                [Field(name, _type_of(one, depth + 1)) for name, one in value.items()]
            )
        case list():
            return hive.Array(hive.merge_all([_type_of(one, depth + 1) for one in value]))
    return hive.STRING


def _number(value: int) -> HiveType:
    if -(2**31) <= value < 2**31:
        return hive.INT
    return hive.BIGINT if -(2**63) <= value < 2**63 else hive.DOUBLE


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


class _Values:
    """The values that a text begins with.

    Args:
        text: it may be cut off anywhere.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder(parse_constant=_refuse)
        self._records: list[dict[str, Any]] = []
        self._faults = 0
        self._fault = 0  # where the last value that could not be read is wrong
        self.length = len(text)
        self.place = 0  #: the end of the last value that was read whole
        self.seen = 0  #: how far the text was looked at
        self.ended = False  #: whether that is all of it
        #: characters that are no JSON; the line that the text ends in does not count
        self.broken = 0
        self.multi_line = False  #: whether a value has a line end in it

    def records(self) -> list[dict[str, Any]]:
        """Return the objects that the text holds, also those in arrays, a thousand at most."""
        start: int | None = self._behind_space(0)
        while start is not None and self._goes_on(start):
            end = self._array(start) if self._text[start] == "[" else self._record(start)
            start = self._next_record(start) if end is None else self._behind_space(end)
            self.seen = self.length if start is None else start
        self.ended = start == self.length
        return self._records

    def _goes_on(self, place: int) -> bool:
        return place < self.length and len(self._records) + self._faults < _MOST_RECORDS

    def _record(self, start: int) -> int | None:
        """Read an object and keep it; return its end, None where there is none."""
        if self._text[start] != "{":
            self._fault = start
            return None
        return self._value(start)

    def _value(self, start: int) -> int | None:
        """Read a value and keep it if it is an object; return its end, None where it has none."""
        try:
            value, end = self._decoder.raw_decode(self._text, start)
        except json.JSONDecodeError as error:
            self._fault = error.pos
            return None
        except (ValueError, RecursionError):  # NaN, a number of more digits than Python reads
            self._fault = start
            return None
        if isinstance(value, dict):
            self._records.append(value)
        return self._noted(start, end)

    def _array(self, start: int) -> int | None:
        """Read the values of an array, as far as they go; return its end, None if it has none."""
        place: int | None = self._behind_space(start + 1)
        while place is not None and self._goes_on(place):
            if self._text[place] == "]":
                return self._noted(start, place + 1)
            end = self._value(place)
            place = self._next_record(place) if end is None else self._behind_space(end)
        self._noted(start, self.place)
        if place is None or place == self.length:
            self._fault = self.length
            return None
        return place

    def _noted(self, start: int, end: int) -> int:
        self.place = end
        self.multi_line = self.multi_line or self._text.find("\n", start, end) >= 0
        return end

    def _next_record(self, start: int) -> int | None:
        """Step over a value that cannot be read; return where the next one begins, if any does.

        That is the next line that begins like this: those within a damaged record lie deeper.
        """
        if self._text.find("\n", self._fault) < 0:
            return None  # it goes on behind the text's end
        self._faults += 1
        found = self._beginning_like(start).search(self._text, start)
        self.broken += (found.end() if found else self.length) - start
        return found.end() if found else None

    def _beginning_like(self, start: int) -> re.Pattern[str]:
        if self._text[start] != "{":
            return _NEXT_RECORD
        indent = self._text[self._text.rfind("\n", 0, start) + 1 : start]
        return re.compile("\n" + (indent if indent.isspace() else "") + "(?={)")

    def _behind_space(self, place: int) -> int:
        found = _BETWEEN.match(self._text, place)
        assert found is not None  # it matches nothing, too
        return found.end()
