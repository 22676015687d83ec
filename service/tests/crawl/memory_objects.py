"""Objects in memory, which count what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import md5

from glueball.crawl.errors import MissingBucket
from glueball.crawl.objects import FIRST_BYTES, FoundObject, ObjectGone
from glueball.crawl.samples import MEGABYTE, Sample


@dataclass(slots=True)
class MemoryObjects:
    """Objects by bucket and key, as `Objects` has them."""

    buckets: Mapping[str, Mapping[str, bytes]]
    reads: list[tuple[int, int]] = field(default_factory=list)  #: start and length of each read
    lists: list[tuple[str, int | None]] = field(default_factory=list)  #: prefix and most
    opened: list[str] = field(default_factory=list)  #: the key of each read

    def list(self, bucket: str, prefix: str, most: int | None = None) -> Iterator[FoundObject]:
        self.lists.append((prefix, most))
        if bucket not in self.buckets:
            raise MissingBucket(bucket)
        keys = [key for key in sorted(self.buckets[bucket]) if key.startswith(prefix)]
        for key in keys[:most]:
            content = self.buckets[bucket][key]
            etag = md5(content).hexdigest()
            yield FoundObject(bucket=bucket, key=key, size=len(content), etag=etag)

    def beginnings(self, files: Sequence[FoundObject]) -> Sequence[bytes | None]:
        return [self._beginning(file) for file in files]

    def _beginning(self, file: FoundObject) -> bytes | None:
        try:
            return self.read(file, 0, min(file.size, FIRST_BYTES))
        except ObjectGone:
            return None

    def read(self, found: FoundObject, start: int, length: int) -> bytes:
        self.reads.append((start, length))
        self.opened.append(found.key)
        content = self.buckets[found.bucket].get(found.key)
        if content is None or start >= len(content):
            raise ObjectGone(found.location)
        return content[start : start + length]

    @property
    def bytes_read(self) -> int:
        """How many bytes were asked for."""
        return sum(length for _, length in self.reads)


def one_object(content: bytes) -> tuple[MemoryObjects, FoundObject]:
    """Return objects that are one, and this one as it is listed."""
    objects = MemoryObjects({"data": {"one": content}})
    return objects, FoundObject(bucket="data", key="one", size=len(content))


def sample_of(content: bytes) -> Sample:
    """Return a sample of an object with this content."""
    return Sample(*one_object(content))


def cut_in_a_character(row: bytes) -> bytes:
    """Repeat a row, behind blank lines, so that the first megabyte ends within a character."""
    rows = row * (MEGABYTE // len(row) + 10)
    texts = (b"\n" * blank + rows for blank in range(len(row)))
    return next(text for text in texts if text[MEGABYTE] & 0xC0 == 0x80)
