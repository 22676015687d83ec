"""The checksums that S3 clients send, by the names that S3 gives them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import Protocol

from glueball.wire.crc import crc32c, crc64nvme


class Checksum(Protocol):
    """A checksum that is being computed."""

    def update(self, data: bytes, /) -> None:
        """Take in the next bytes."""
        ...

    def digest(self) -> bytes:
        """Return the checksum of what was taken in."""
        ...


class Crc32:
    """CRC-32 as zlib has it: what AWS SDKs send by default."""

    def __init__(self) -> None:
        self._register = 0

    def update(self, data: bytes) -> None:
        self._register = zlib.crc32(data, self._register)

    def digest(self) -> bytes:
        return self._register.to_bytes(4, "big")


def _md5() -> Checksum:
    return hashlib.md5(usedforsecurity=False)


def _sha1() -> Checksum:
    return hashlib.sha1(usedforsecurity=False)


#: by S3's algorithm name; S3's XXHASH family is in no library that we depend on
ALGORITHMS: Mapping[str, Callable[[], Checksum]] = {
    "CRC32": Crc32,
    "CRC32C": crc32c,
    "CRC64NVME": crc64nvme,
    "MD5": _md5,
    "SHA1": _sha1,
    "SHA256": hashlib.sha256,
    "SHA512": hashlib.sha512,
}


def header_of(algorithm: str) -> str:
    """Return the header, or trailer, that carries a checksum: ``x-amz-checksum-crc32``."""
    return f"x-amz-checksum-{algorithm.lower()}"


#: algorithm name by header
BY_HEADER: Mapping[str, str] = {header_of(name): name for name in ALGORITHMS}


def decode(text: str, size: int) -> bytes | None:
    """Return the bytes of a base64 checksum; None if it is not the base64 of `size` bytes."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        return None
    return value if len(value) == size and encode(value) == text else None


def encode(value: bytes) -> str:
    """Return a checksum as S3 writes it: base64."""
    return base64.b64encode(value).decode()
