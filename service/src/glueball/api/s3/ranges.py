"""Parts of objects: `Range: bytes=…` (RFC 9110, 14.2; S3 gives one range at a time)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glueball.api.s3.errors import InvalidPartNumber, InvalidRange
from glueball.stores.object_errors import InvalidArgument
from glueball.stores.stored_objects import StoredObject

_RANGE = re.compile(r"bytes\s*=\s*(\d{0,20})\s*-\s*(\d{0,20})", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class ByteRange:
    """Bytes of an object."""

    offset: int
    length: int

    def content_range(self, size: int) -> str:
        """Return the header that says which bytes of `size` these are."""
        return f"bytes {self.offset}-{self.offset + self.length - 1}/{size}"


def parse_range(header: str, size: int) -> ByteRange | None:
    """Read a `Range` header; None where it is to be ignored, as RFC 9110 has it.

    Args:
        header: `bytes=0-99`, `bytes=100-` or `bytes=-100`.
        size: of the object, in bytes.

    Raises:
        InvalidRange: the object has no byte of the range.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        offset = size - length
    else:
        offset = int(first)
        if last and int(last) < offset:
            return None
        length = (min(int(last), size - 1) if last else size - 1) - offset + 1
    if length <= 0:
        raise InvalidRange(header, size)
    return ByteRange(offset=offset, length=length)


def range_of_part(number: int, found: StoredObject) -> ByteRange:
    """Return the bytes of a part of a multipart upload; an object put at once is its part 1.

    Raises:
        InvalidPartNumber: it has no such part.
    """
    sizes = found.attributes.part_sizes or (found.size,)
    if not 1 <= number <= len(sizes):
        raise InvalidPartNumber(number, len(sizes))
    return ByteRange(offset=sum(sizes[: number - 1]), length=sizes[number - 1])


def parse_copy_range(header: str, size: int) -> ByteRange:
    """Read the range of UploadPartCopy, which must have both ends and lie within the source.

    Raises:
        InvalidArgument: it has not, or does not.
    """
    match = _RANGE.fullmatch(header)
    if match is None or not all(match.groups()) or int(match[1]) > int(match[2]):
        raise InvalidArgument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    first, last = int(match[1]), int(match[2])
    if last >= size:
        raise InvalidArgument(
            f"Range specified is not valid for source object of size: {size}",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    return ByteRange(offset=first, length=last - first + 1)
