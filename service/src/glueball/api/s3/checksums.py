"""Checksums of objects that were put together from parts.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from glueball.stores.uploads import Part
from glueball.wire import checksums as algorithms
from glueball.wire.payload_errors import InvalidRequest

_CHUNK_BYTES = 1024 * 1024

#: generator polynomials, lowest bit first, of the checksums that can be combined
_POLYNOMIALS: Mapping[str, tuple[int, int]] = {
    "CRC32": (0xEDB88320, 32),
    "CRC32C": (0x82F63B78, 32),
    "CRC64NVME": (0x9A6C9329AC4BC9B5, 64),
}


def members(checksums: Mapping[str, str]) -> dict[str, str]:
    """Return checksums as members of a response: `ChecksumCRC32` and the like."""
    return {f"Checksum{algorithm}": value for algorithm, value in checksums.items()}


def given(members: Mapping[str, object]) -> dict[str, str]:
    """Return the checksums among a request's members, by algorithm."""
    return {
        algorithm: str(members[f"Checksum{algorithm}"])
        for algorithm in algorithms.ALGORITHMS
        if members.get(f"Checksum{algorithm}")
    }


def algorithm_of(request: Mapping[str, object]) -> str | None:
    """Return the algorithm whose checksum a client wants to be kept.

    Raises:
        InvalidRequest: it is none that we can compute.
    """
    algorithm = request.get("ChecksumAlgorithm")
    if algorithm is None:
        return None
    if algorithm not in algorithms.ALGORITHMS:
        raise InvalidRequest(
            f"Checksum algorithm provided is unsupported. Please try again with any of the valid "
            f"types: {', '.join(algorithms.ALGORITHMS)}"
        )
    return str(algorithm)


def compute(algorithm: str, path: Path) -> str:
    """Return the checksum of a file, base64."""
    running = algorithms.ALGORITHMS[algorithm]()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            running.update(chunk)
    return algorithms.encode(running.digest())


def can_cover_whole(algorithm: str) -> bool:
    """Whether a whole object's checksum can be had from those of its parts."""
    return algorithm in _POLYNOMIALS


def of_whole(algorithm: str, parts: Sequence[Part]) -> str:
    """Return the FULL_OBJECT checksum of parts, computed from theirs without reading them."""
    _, width = _POLYNOMIALS[algorithm]
    ring = _ring(algorithm)
    whole = 0
    for part in parts:
        digest = algorithms.decode(part.checksums[algorithm], width // 8)
        whole = ring.append(whole, int.from_bytes(digest or b"", "big"), part.size)
    return algorithms.encode(whole.to_bytes(width // 8, "big"))


def composite(algorithm: str, parts: Sequence[Part]) -> str:
    """Return the COMPOSITE checksum of parts: that of their checksums, and their number."""
    running = algorithms.ALGORITHMS[algorithm]()
    size = len(running.digest())
    for part in parts:
        running.update(algorithms.decode(part.checksums[algorithm], size) or b"")
    return f"{algorithms.encode(running.digest())}-{len(parts)}"


@dataclass(frozen=True, slots=True)
class _Ring:
    """Polynomials over GF(2) modulo a generator, bits reflected: the highest bit is x^0."""

    polynomial: int
    width: int

    def append(self, first: int, second: int, size: int) -> int:
        """Return the CRC of bytes followed by `size` others, from both CRCs.

        Appending n bytes multiplies the register by x^(8n); the constants that CRCs begin and end
        with cancel out.
        """
        return self._multiply(self._power_of_x(8 * size), first) ^ second

    def _multiply(self, left: int, right: int) -> int:
        product = 0
        for bit in range(self.width - 1, -1, -1):
            if left >> bit & 1:
                product ^= right
            right = right >> 1 ^ (self.polynomial if right & 1 else 0)
        return product

    def _power_of_x(self, exponent: int) -> int:
        result = 1 << self.width - 1
        square = result >> 1
        while exponent:
            if exponent & 1:
                result = self._multiply(result, square)
            square = self._multiply(square, square)
            exponent >>= 1
        return result


@functools.cache
def _ring(algorithm: str) -> _Ring:
    return _Ring(*_POLYNOMIALS[algorithm])
