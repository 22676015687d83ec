"""Attack 15: archives that write where they should not, or fill the disk."""

from __future__ import annotations

import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from glueball_runtime import archives
from glueball_runtime.archives import check, extract
from glueball_runtime.launch_error import LaunchError


def _archive(path: Path, *entries: zipfile.ZipInfo | str) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of doubled names
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for entry in entries:
                file.writestr(entry, b"print('hello')")
    return path


def _special(name: str, mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    return entry


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("../../x.py", "leads out"),
        ("a/../../x.py", "leads out"),
        ("/etc/cron.d/x", "leads out"),
        ("C:/x.py", "leads out"),
        ("..\\..\\x.py", "not portable"),
        (_special("link", 0o120777), "is a link or a device"),
        (_special("fifo", 0o010644), "is a link or a device"),
        (_special("device", 0o020644), "is a link or a device"),
    ],
)
def test_entries_that_lead_out_are_refused(
    tmp_path: Path, entry: zipfile.ZipInfo | str, complaint: str
) -> None:
    archive = _archive(tmp_path / "x.zip", "good.py", entry)
    with pytest.raises(LaunchError, match=complaint):
        extract(archive, tmp_path / "out", "s3://b/x.zip")
    assert not (tmp_path / "out").exists()


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    archive = _archive(tmp_path / "x.zip", "a.py")
    data = bytearray(archive.read_bytes())
    flags = data.rfind(b"PK\x01\x02") + 8
    data[flags] |= 1
    archive.write_bytes(data)
    with pytest.raises(LaunchError, match="is encrypted"):
        check(archive, "s3://b/x.zip")


def test_a_bomb_is_refused_by_what_it_says_it_unpacks_to(tmp_path: Path) -> None:
    archive = _archive(tmp_path / "x.zip", "a.py", "b.py")
    data = bytearray(archive.read_bytes())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:  # 2 × 1.5 GiB, while packed it is nothing
        struct.pack_into("<L", data, at + 24, 3 << 29)
        at += 4
    archive.write_bytes(data)
    with pytest.raises(LaunchError, match="unpacks to more than 2 GiB"):
        check(archive, "s3://b/x.zip")


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_further(tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.py", b"0" * 10_000_000)
    data = bytearray(archive.read_bytes())
    struct.pack_into("<L", data, data.find(b"PK\x01\x02") + 24, 100)
    archive.write_bytes(data)
    with pytest.raises(LaunchError, match="is damaged"):
        extract(archive, tmp_path / "out", "s3://b/x.zip")
    assert (tmp_path / "out" / "a.py").stat().st_size <= 100


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_ENTRIES", 10)
    archive = _archive(tmp_path / "x.zip", *(f"{number}.py" for number in range(11)))
    with pytest.raises(LaunchError, match="more than 10 entries"):
        check(archive, "s3://b/x.zip")


@pytest.mark.parametrize("large", [False, True])  # True: the Zip64 form of the end record
def test_a_huge_table_of_contents_is_not_even_read(tmp_path: Path, large: bool) -> None:
    archive = _archive(tmp_path / "x.zip", "a.py")
    data = bytearray(archive.read_bytes())
    end = data.rfind(b"PK\x05\x06")
    if large:
        sizes = (1, 1, 1 << 40, 0)
        record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, *sizes)
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
        data[end:end] = record + locator
    else:
        struct.pack_into("<L", data, end + 12, 1 << 31)
    archive.write_bytes(data)
    with pytest.raises(LaunchError, match="more than 100000 entries"):
        check(archive, "s3://b/x.zip")


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "x.zip"
    archive.write_bytes(content)
    with pytest.raises(LaunchError, match="refused"):
        check(archive, "s3://b/x.zip")


def test_an_honest_archive_is_unpacked(tmp_path: Path) -> None:
    archive = _archive(tmp_path / "x.zip", "package/__init__.py", "package/data..txt", "a.py")
    extract(archive, tmp_path / "out", "s3://b/x.zip")
    assert (tmp_path / "out" / "package" / "data..txt").is_file()
