"""Checksums against their published check values and a reference that goes bit by bit."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.wire import checksums
from glueball.wire.crc import Crc, crc32c, crc64nvme

#: (algorithm, message, value) as catalogues and RFCs print them
PUBLISHED = [
    ("CRC32", b"123456789", "cbf43926"),
    ("CRC32C", b"123456789", "e3069283"),
    ("CRC32C", bytes(32), "8a9136aa"),  # RFC 3720, B.4
    ("CRC32C", b"\xff" * 32, "62a8ab43"),  # RFC 3720, B.4
    ("CRC32C", bytes(range(32)), "46dd794e"),  # RFC 3720, B.4
    ("CRC64NVME", b"123456789", "ae8b14860a799888"),
    ("CRC64NVME", b"", "0000000000000000"),
    ("MD5", b"", "d41d8cd98f00b204e9800998ecf8427e"),
    ("SHA1", b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
]


@pytest.mark.parametrize(("algorithm", "message", "value"), PUBLISHED)
def test_published_values(algorithm: str, message: bytes, value: str) -> None:
    running = checksums.ALGORITHMS[algorithm]()
    running.update(message)
    assert running.digest().hex() == value


def by_bits(polynomial: int, width: int, message: bytes) -> bytes:
    """Compute a CRC by its definition."""
    ones = (1 << 8 * width) - 1
    register = ones
    for byte in message:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (polynomial if register & 1 else 0)
    return (register ^ ones).to_bytes(width, "big")


@pytest.mark.parametrize(
    ("polynomial", "width"), [(0x82F63B78, 4), (0x9A6C9329AC4BC9B5, 8), (0xEDB88320, 4)]
)
@given(pattern=st.binary(min_size=1, max_size=50), repeats=st.integers(1, 40), cut=st.floats(0, 1))
def test_folding_agrees_with_the_definition(
    polynomial: int, width: int, pattern: bytes, repeats: int, cut: float
) -> None:
    message = pattern * repeats
    middle = int(cut * len(message))
    running = Crc(polynomial, width)
    running.update(message[:middle])
    running.update(message[middle:])
    assert running.digest() == by_bits(polynomial, width, message)


@pytest.mark.parametrize("size", [255, 256, 257, 1 << 16, (1 << 16) + 3, 300_001])
def test_folding_of_long_messages_agrees_with_zlib(size: int) -> None:
    message = (b"%d," % size * size)[:size]
    running = Crc(0xEDB88320, 4)
    running.update(message)
    assert int.from_bytes(running.digest(), "big") == zlib.crc32(message)


@pytest.mark.parametrize("new", [crc32c, crc64nvme])
def test_pieces_or_whole(new: Callable[[], Crc]) -> None:
    message = bytes(range(256)) * 1000
    whole, pieces = new(), new()
    whole.update(message)
    for start in range(0, len(message), 999):
        pieces.update(message[start : start + 999])
    assert whole.digest() == pieces.digest()


def test_headers_have_the_names_of_s3() -> None:
    assert checksums.header_of("CRC64NVME") == "x-amz-checksum-crc64nvme"
    assert checksums.BY_HEADER["x-amz-checksum-sha256"] == "SHA256"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("AAAAAA==", bytes(4), id="right"),
        pytest.param("AAAAAAA=", None, id="five bytes"),
        pytest.param("AAAA AA==", None, id="a space"),
        pytest.param("AAAAAB==", None, id="bits that no byte holds"),
        pytest.param("AAAAAA", None, id="no padding"),
        pytest.param("é", None, id="not ASCII"),
        pytest.param("", None, id="empty"),
    ],
)
def test_decode(text: str, value: bytes | None) -> None:
    assert checksums.decode(text, 4) == value
