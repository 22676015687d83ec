"""CRC-32C and CRC-64/NVME without a compiled library, at about 80 MB/s.

A CRC register is a polynomial modulo the generator, and feeding zeros is a linear map of it. So a
message of two halves ``A B`` has the same CRC as the half-as-long ``shifted(A) xor B``, where every
word of A is moved on by the length of B. Moving is a look-up per byte, which `bytes.translate` does
for all words at once; `xor` of long integers does the rest. Halving again and again leaves a
few bytes for the ordinary loop.

Parameters: Koopman's and the "Catalogue of parametrised CRC algorithms".
"""

from __future__ import annotations

from functools import lru_cache

_SHORT = 256  #: bytes below which the plain loop is faster than folding
_LONG = 1 << 16  #: bytes above which blocks no longer fit the processor's cache; a power of two


class Crc:
    """A running CRC, reflected, with all bits set before and inverted after.

    Args:
        polynomial: reflected.
        width: in bytes.
    """

    def __init__(self, polynomial: int, width: int) -> None:
        self._polynomial = polynomial
        self._width = width
        self._register = (1 << 8 * width) - 1

    def update(self, data: bytes) -> None:
        """Take in the next bytes of the message."""
        start = 0
        while (left := len(data) - start) >= _SHORT:
            size = min(1 << (left.bit_length() - 1), _LONG)
            self._take_block(data[start : start + size])
            start += size
        self._register = _plain(self._polynomial, self._register, data[start:])

    def digest(self) -> bytes:
        """Return the CRC of what was taken in, in network order."""
        inverted = self._register ^ ((1 << 8 * self._width) - 1)
        return inverted.to_bytes(self._width, "big")

    def _take_block(self, block: bytes) -> None:
        """Take in a block whose size is a power of two from `_SHORT` to `_LONG`."""
        head = int.from_bytes(block[: self._width], "little") ^ self._register
        block = head.to_bytes(self._width, "little") + block[self._width :]
        while len(block) >= _SHORT:
            half = len(block) // 2
            tables = _shift_tables(self._polynomial, self._width, half)
            moved = _shifted(block[:half], tables)
            block = (moved ^ int.from_bytes(block[half:], "little")).to_bytes(half, "little")
        self._register = _plain(self._polynomial, 0, block)


def crc32c() -> Crc:
    """Return a running CRC-32C (Castagnoli), as iSCSI and S3 use it."""
    return Crc(0x82F63B78, 4)


def crc64nvme() -> Crc:
    """Return a running CRC-64/NVME, S3's default for whole objects."""
    return Crc(0x9A6C9329AC4BC9B5, 8)


def _plain(polynomial: int, register: int, data: bytes) -> int:
    table = _byte_table(polynomial)
    for byte in data:
        register = (register >> 8) ^ table[(register ^ byte) & 0xFF]
    return register


@lru_cache(maxsize=2)
def _byte_table(polynomial: int) -> tuple[int, ...]:
    table = []
    for entry in range(256):
        for _ in range(8):
            entry = (entry >> 1) ^ (polynomial if entry & 1 else 0)
        table.append(entry)
    return tuple(table)


def _shifted(words: bytes, tables: tuple[tuple[bytes, ...], ...]) -> int:
    """Return, as a little-endian number, all words moved on by the tables' distance."""
    width = len(tables)
    lanes = [words[lane::width] for lane in range(width)]
    moved = bytearray(len(words))
    for target in range(width):
        total = 0
        for source, lane in enumerate(lanes):
            total ^= int.from_bytes(lane.translate(tables[source][target]), "little")
        moved[target::width] = total.to_bytes(len(lanes[0]), "little")
    return int.from_bytes(moved, "little")


@lru_cache(maxsize=64)
def _shift_tables(polynomial: int, width: int, distance: int) -> tuple[tuple[bytes, ...], ...]:
    """Return ``tables[source][target]``: what a word's byte adds to a byte of the moved word."""
    basis = _shift_basis(polynomial, 8 * width, distance)
    tables = []
    for source in range(width):
        images = [
            _apply(basis, value << 8 * source).to_bytes(width, "little") for value in range(256)
        ]
        tables.append(tuple(bytes(column) for column in zip(*images, strict=True)))
    return tuple(tables)


@lru_cache(maxsize=64)
def _shift_basis(polynomial: int, bits: int, distance: int) -> tuple[int, ...]:
    """Return where feeding `distance` zero bytes (a power of two) sends each bit of a register."""
    if distance == 1:
        return tuple(_plain(polynomial, 1 << bit, b"\0") for bit in range(bits))
    half = _shift_basis(polynomial, bits, distance // 2)
    return tuple(_apply(half, image) for image in half)


def _apply(basis: tuple[int, ...], register: int) -> int:
    image = 0
    while register:
        lowest = register & -register
        image ^= basis[lowest.bit_length() - 1]
        register ^= lowest
    return image
