"""Avro: the schema in a container file's header, as Hive's types.

https://avro.apache.org/docs/1.11.1/specification/ (object container files, logical types)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from glueball.crawl import hive_types as hive
from glueball.crawl.hive_types import Field, HiveType
from glueball.crawl.kinds import Classified, Kind
from glueball.crawl.samples import FARTHEST, MEGABYTE, Beginning, Sample
from glueball.crawl.schemas import schema_of

_MAGIC: Final = b"Obj\x01"
_SYNC_BYTES: Final = 16
#: parts of a schema's types; where each record has the one before it twice, there is no end of them
_MOST_PARTS: Final = 100_000

_PRIMITIVES: Final[Mapping[str, HiveType]] = {
    "null": hive.NOTHING,
    "boolean": hive.BOOLEAN,
    "int": hive.INT,
    "long": hive.BIGINT,
    "float": hive.FLOAT,
    "double": hive.DOUBLE,
    "bytes": hive.BINARY,
    "string": hive.STRING,
}
#: by the type, and what it stands for
_LOGICAL: Final[Mapping[tuple[str, str], HiveType]] = {
    ("int", "date"): hive.DATE,
    ("long", "timestamp-millis"): hive.TIMESTAMP,
    ("long", "timestamp-micros"): hive.TIMESTAMP,
    ("long", "timestamp-nanos"): hive.TIMESTAMP,
    ("long", "local-timestamp-millis"): hive.TIMESTAMP,
    ("long", "local-timestamp-micros"): hive.TIMESTAMP,
    ("long", "local-timestamp-nanos"): hive.TIMESTAMP,
    ("fixed", "uuid"): hive.STRING,
}


class _Cut(Exception):
    """The header goes on behind what was read."""


def recognise(sample: Sample) -> Classified | None:
    """Return what an Avro file is; None where the sample is none, or a damaged one.

    Raises:
        ObjectGone: the file is no longer there.
    """
    if not sample.magic.startswith(_MAGIC):
        return None
    for most in (MEGABYTE, FARTHEST):
        try:
            return _read(sample, sample.beginning(most))
        except _Cut:
            continue
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
    return None


def _read(sample: Sample, beginning: Beginning) -> Classified:
    reader = _Reader(beginning.data, len(_MAGIC))
    metadata = reader.metadata()
    schema = json.loads(metadata["avro.schema"].decode())
    reader.skip(_SYNC_BYTES)
    records, length = reader.blocks()
    total = round(records * (sample.size - reader.header) / length) if length else 0
    record = _Types().type_of(schema, "", ())
    fields = record.fields if isinstance(record, hive.Struct) else (Field("value", record),)
    return Classified(
        kind=Kind(classification="avro"),
        schema=schema_of(fields),
        records=total,
        record_bytes=length / records if records else 0.0,
        avro_schema=json.dumps(schema, separators=(",", ":"), ensure_ascii=False),
    )


class _Reader:
    """Reads the parts of a container file's beginning."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self._place = place
        self.header = 0  #: bytes before the first block

    def metadata(self) -> dict[str, bytes]:
        """Read the map in the header."""
        found = {}
        while count := self._long():
            if count < 0:  # the length of the block follows, for those who skip it
                count = -count
                self._long()
            for _ in range(count):
                key = self._bytes().decode()
                found[key] = self._bytes()
        return found

    def skip(self, length: int) -> None:
        """Step over bytes; what follows is the first block."""
        self._take(length)
        self.header = self._place

    def blocks(self) -> tuple[int, int]:
        """Return how many records the blocks that begin here have, and in how many bytes."""
        records = 0
        end = self._place
        try:
            while self._place < len(self._data):
                count, length = self._long(), self._long()
                if count < 0 or length < 0:
                    raise ValueError("a block of a negative length")
                records += count
                self._place = end = self._place + length + _SYNC_BYTES
        except _Cut:
            self._place = end  # the end has cut the head of a block: it is not counted
        return records, end - self.header

    def _take(self, length: int) -> bytes:
        if length < 0:
            raise ValueError("a negative length")
        if self._place + length > len(self._data):
            raise _Cut
        self._place += length
        return self._data[self._place - length : self._place]

    def _bytes(self) -> bytes:
        return self._take(self._long())

    def _long(self) -> int:
        """Read a number: seven bits a byte, the lowest first, the sign in the lowest bit."""
        number = shift = 0
        while True:
            byte = self._take(1)[0]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (number >> 1) ^ -(number & 1)
            if shift > 63:
                raise ValueError("a number of more than ten bytes")


class _Types:
    """Avro's types as Hive's."""

    def __init__(self) -> None:
        self._names: dict[str, HiveType] = {}  # that were met, by their full names
        self._parts = 0  # of all that was made so far, those of named types each time
        self._parts_of: dict[str, int] = {}

    def type_of(self, given: Any, space: str, within: Sequence[str]) -> HiveType:
        """Return a type.

        Args:
            given: as the schema has it.
            space: the namespace that names belong to.
            within: the records that it is part of. Hive has none that holds itself: that one is a
                string.

        Raises:
            KeyError: it has no such type, or lacks a member.
        """
        self._parts += 1
        if isinstance(given, list):
            return self._union([self.type_of(one, space, within) for one in given])
        if isinstance(given, str):
            if given in _PRIMITIVES:
                return _PRIMITIVES[given]
            return self._known(_full(given, space), within)
        kind = given["type"]
        if "name" in given and kind in ("record", "error", "enum", "fixed"):
            return self._named(given, given.get("namespace", space), within)
        if kind == "array":
            return hive.Array(self.type_of(given["items"], space, within))
        if kind == "map":
            return hive.Map(hive.STRING, self.type_of(given["values"], space, within))
        return _logical(given) or self.type_of(kind, space, within)

    def _known(self, name: str, within: Sequence[str]) -> HiveType:
        """Return a type that is named; where a schema would get endless by it, a string."""
        if name in within or self._parts + self._parts_of[name] > _MOST_PARTS:
            return hive.STRING
        self._parts += self._parts_of[name]
        return self._names[name]

    def _named(self, given: Mapping[str, Any], space: str, within: Sequence[str]) -> HiveType:
        name = _full(given["name"], space)
        space = name.rpartition(".")[0]
        before = self._parts
        if given["type"] in ("record", "error"):
            fields = [
                Field(field["name"], self.type_of(field["type"], space, (*within, name)))
                for field in given["fields"]
            ]
            found: HiveType = hive.struct(fields)
        else:
            plain = hive.STRING if given["type"] == "enum" else hive.BINARY
            found = _logical(given) or plain
        self._names[name] = found
        self._parts_of[name] = self._parts - before
        return found

    def _union(self, members: Sequence[HiveType]) -> HiveType:
        """Return the type of one of several; null is no type of Hive's, where all may be null."""
        found = tuple(dict.fromkeys(one for one in members if one != hive.NOTHING))
        if len(found) < 2:
            return found[0] if found else hive.NOTHING
        if all(map(hive.is_number, found)):
            return hive.merge_all(found)
        return hive.Union(found)


def _full(name: str, space: str) -> str:
    return name if "." in name or not space else f"{space}.{name}"


def _logical(given: Mapping[str, Any]) -> HiveType | None:
    """Return what a type's logical type stands for.

    Returns:
        None where it has none that Hive knows, or a wrong one, which does not count.
    """
    kind, plain = given.get("logicalType"), given["type"]
    if kind == "decimal" and plain in ("bytes", "fixed"):
        precision, scale = given.get("precision"), given.get("scale", 0)
        if not isinstance(precision, int) or not isinstance(scale, int):
            return None
        return hive.decimal(precision, scale) if 0 <= scale <= precision > 0 else None
    return _LOGICAL.get((str(plain), str(kind)))
