from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.api.s3 import checksums
from glueball.stores.uploads import Part
from glueball.wire.checksums import ALGORITHMS, encode
from glueball.wire.payload_errors import InvalidRequest


def _digest(algorithm: str, data: bytes) -> str:
    running = ALGORITHMS[algorithm]()
    running.update(data)
    return encode(running.digest())


def _part(algorithm: str, data: bytes) -> Part:
    digests = {algorithm: _digest(algorithm, data)}
    return Part(number=1, size=len(data), etag="", modified=0.0, checksums=digests, file="")


@given(
    algorithm=st.sampled_from(["CRC32", "CRC32C", "CRC64NVME"]),
    pieces=st.lists(st.binary(max_size=300), min_size=1, max_size=5),
)
def test_the_whole_is_known_from_its_parts(algorithm: str, pieces: list[bytes]) -> None:
    parts = [_part(algorithm, piece) for piece in pieces]
    assert checksums.of_whole(algorithm, parts) == _digest(algorithm, b"".join(pieces))


def test_a_composite_is_the_checksum_of_checksums() -> None:
    parts = [_part("CRC32", b"first"), _part("CRC32", b"second")]
    joined = b"".join(base64.b64decode(part.checksums["CRC32"]) for part in parts)
    expected = base64.b64encode(zlib.crc32(joined).to_bytes(4, "big")).decode()
    assert checksums.composite("CRC32", parts) == f"{expected}-2"


def test_only_crcs_can_cover_the_whole() -> None:
    can = {name for name in ALGORITHMS if checksums.can_cover_whole(name)}
    assert can == {"CRC32", "CRC32C", "CRC64NVME"}


def test_algorithms_that_nobody_here_can_compute_are_refused() -> None:
    assert checksums.algorithm_of({}) is None
    assert checksums.algorithm_of({"ChecksumAlgorithm": "SHA256"}) == "SHA256"
    with pytest.raises(InvalidRequest, match="CRC64NVME"):
        checksums.algorithm_of({"ChecksumAlgorithm": "XXHASH3"})
