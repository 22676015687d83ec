from __future__ import annotations

import bz2
import gzip
import io
import random
from collections.abc import Callable

import pytest

from crawl.memory_objects import MemoryObjects, one_object, sample_of
from glueball.crawl import samples
from glueball.crawl.objects import ObjectGone
from glueball.crawl.samples import MEGABYTE, Beginning, Sample

FIRST = 64 * 1024
NOISE = random.Random(1).randbytes(3 * MEGABYTE)  # it cannot be packed

PACKERS = pytest.mark.parametrize("pack", [gzip.compress, bz2.compress], ids=["gzip", "bzip2"])


@pytest.mark.parametrize(
    ("content", "compression"),
    [
        pytest.param(gzip.compress(b"a"), "gzip", id="gzip"),
        pytest.param(bz2.compress(b"a"), "bzip2", id="bzip2"),
        pytest.param(bz2.compress(b""), "bzip2", id="bzip2 of nothing"),
        pytest.param(b"BZh9,a\n", "none", id="text that begins as bzip2 does"),
        pytest.param(b"a,b\n", "none", id="text"),
        pytest.param(b"\x1f", "none", id="one byte"),
    ],
)
def test_compressions(content: bytes, compression: str) -> None:
    assert sample_of(content).compression == compression


@pytest.mark.parametrize(
    ("size", "most", "reads"),
    [
        pytest.param(10, 1, [(0, 10)], id="a small file is one request"),
        pytest.param(FIRST, MEGABYTE, [(0, FIRST)], id="as large as the first request"),
        pytest.param(FIRST + 1, 10, [(0, FIRST)], id="what is not needed is not read"),
        pytest.param(
            2 * MEGABYTE, MEGABYTE, [(0, FIRST), (FIRST, MEGABYTE - FIRST)], id="the rest of it"
        ),
    ],
)
def test_only_what_is_asked_for_is_read(size: int, most: int, reads: list[tuple[int, int]]) -> None:
    objects, found = one_object(NOISE[:size])
    sample = Sample(objects, found)
    assert sample.magic == NOISE[:size][:16]
    expected = Beginning(
        data=NOISE[: min(most, size)], packed=min(most, size), complete=most >= size
    )
    assert sample.beginning(most) == expected
    assert sample.beginning(most) == expected
    assert objects.reads == reads


@PACKERS
def test_packed_files(pack: Callable[[bytes], bytes]) -> None:
    text = b"hello, world\n" * 1000
    packed = pack(text)
    whole = Beginning(data=text, packed=len(packed), complete=True)
    assert sample_of(packed).beginning() == whole
    assert sample_of(packed).beginning(len(text)) == whole
    cut = sample_of(packed).beginning(len(text) - 1)
    assert (cut.data, cut.complete) == (text[:-1], False)


@PACKERS
def test_files_that_were_packed_in_parts(pack: Callable[[bytes], bytes]) -> None:
    parts = [b"a" * 5000, b"", b"b", NOISE[:5000]]
    content = b"".join(map(pack, parts))
    found = sample_of(content).beginning()
    assert found == Beginning(data=b"".join(parts), packed=len(content), complete=True)


@pytest.mark.parametrize("zeros", [1, 511, 512, 1024, 100_000])
def test_zeros_behind_a_packed_file_do_not_count(zeros: int) -> None:
    content = gzip.compress(NOISE[:2000]) + bytes(zeros)
    found = sample_of(content).beginning()
    assert found == Beginning(data=NOISE[:2000], packed=len(content), complete=True)
    more = sample_of(content + gzip.compress(b"more")).beginning()
    assert (more.data, more.complete) == (NOISE[:2000] + b"more", True)


@PACKERS
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda packed: packed[:-6], id="cut off"),
        pytest.param(lambda packed: packed + b"garbage behind it", id="garbage behind it"),
        pytest.param(lambda packed: packed[:-6] + b"\0\1\2\3\4\5", id="a wrong sum"),
    ],
)
def test_where_the_packing_is_damaged_the_data_ends(
    pack: Callable[[bytes], bytes], damage: Callable[[bytes], bytes]
) -> None:
    text = NOISE[:50_000]
    found = sample_of(damage(pack(text))).beginning()
    assert text.startswith(found.data)
    assert not found.complete


def test_what_is_read_before_the_damage_is_there() -> None:
    packed = bytearray(gzip.compress(NOISE[:200_000]))
    packed[-10_000] ^= 0xFF  # NOISE is stored as it is: the sum at the end is wrong
    found = sample_of(bytes(packed)).beginning()
    assert found.data[:180_000] == NOISE[:180_000]
    assert not found.complete


def test_what_the_beginning_takes_up_is_known() -> None:
    """A tenth of the data is a tenth of the file, also where that is small: 20 KB here."""
    content = gzip.compress(bytes(20_000_000))
    found = sample_of(content).beginning(2_000_000)
    assert found.packed / len(content) == pytest.approx(0.1, abs=0.05)


def test_bzip2_takes_up_whole_blocks() -> None:
    """A block of 900 000 bytes is unpacked as a whole or not at all."""
    content = bz2.compress(NOISE)
    found = sample_of(content).beginning(1_000_000)
    assert found.packed / len(content) == pytest.approx(1_800_000 / len(NOISE), rel=0.01)


@PACKERS
def test_packed_files_are_read_by_ever_larger_parts(pack: Callable[[bytes], bytes]) -> None:
    content = pack(NOISE)
    objects, found = one_object(content)
    sample = Sample(objects, found)
    data = sample.beginning().data
    assert sample.beginning().data is data == NOISE[:MEGABYTE]
    assert len(objects.reads) <= 6
    assert objects.bytes_read <= 2 * 1.1 * MEGABYTE + FIRST


def test_what_unpacks_to_nothing_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "FARTHEST", MEGABYTE)
    objects, found = one_object(gzip.compress(b"") * (3 * MEGABYTE // 20))
    data = Sample(objects, found).beginning(10).data
    assert data == b""
    assert objects.bytes_read < found.size


@pytest.mark.parametrize("content", [b"a" * 10, gzip.compress(b"a" * 10)], ids=["plain", "packed"])
def test_objects_that_are_gone(content: bytes) -> None:
    objects, found = one_object(content)
    sample = Sample(MemoryObjects({"data": {}}), found)
    with pytest.raises(ObjectGone):
        sample.beginning()
    shorter = Sample(MemoryObjects({"data": {"one": objects.buckets["data"]["one"][:-1]}}), found)
    with pytest.raises(ObjectGone):
        shorter.beginning()


def test_files_are_read_anywhere() -> None:
    objects, found = one_object(NOISE)
    file = Sample(objects, found).file()
    model = io.BytesIO(NOISE)
    assert (file.readable(), file.seekable()) == (True, True)
    steps = [
        (0, io.SEEK_SET, 10),
        (-8, io.SEEK_END, 8),
        (-8, io.SEEK_END, 100),
        (5, io.SEEK_END, 1),
        (FIRST - 5, io.SEEK_SET, 10),
        (-3, io.SEEK_CUR, 7),
        (100, io.SEEK_SET, 0),
    ]
    for offset, whence, size in steps:
        assert file.seek(offset, whence) == model.seek(offset, whence)
        assert file.read(size) == model.read(size)
        assert file.tell() == model.tell()
    file.seek(len(NOISE) - 3)
    assert file.read() == NOISE[-3:]
    assert file.seek(-1) == 0
    assert objects.bytes_read < 2 * FIRST
