from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from glueball.stores.directory_names import DirectoryNames
from glueball.stores.object_files import opened

Read = Callable[[], Sequence[str]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    names = DirectoryNames()

    def of() -> Sequence[str]:
        with opened(tmp_path) as descriptor:
            return names.of(descriptor)

    return of


def _rest(directory: Path) -> None:
    """Let a directory's last change lie an hour back."""
    long_ago = os.stat(directory).st_mtime_ns - 3600 * 10**9
    os.utime(directory, ns=(long_ago, long_ago))


def test_only_what_keys_can_name_in_the_order_of_keys(tmp_path: Path, read: Read) -> None:
    for name in ("a.b", "a-b", "é", ".crc", ".hidden", ".a.b.crc"):
        (tmp_path / name).touch()
    (tmp_path / "a").mkdir()
    (tmp_path / ".dir.crc").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "fifo")
    with open(os.path.join(os.fsencode(tmp_path), b"\xff"), "wb"):
        pass
    assert read() == [".crc", ".dir.crc/", ".hidden", "a-b", "a.b", "a/", "é"]


def test_a_large_directory_at_rest_is_read_once(tmp_path: Path, read: Read) -> None:
    for number in range(2_000):
        (tmp_path / f"{number:04}").touch()
    _rest(tmp_path)
    first = read()
    assert read() is first
    (tmp_path / "new").touch()
    assert read() == [*first, "new"]
    (tmp_path / "0000").unlink()
    assert read() == [*first[1:], "new"]
    _rest(tmp_path)
    assert read() == [*first[1:], "new"]


def test_one_that_changed_just_now_is_read_again(tmp_path: Path, read: Read) -> None:
    for number in range(2_000):
        (tmp_path / f"{number:04}").touch()
    assert read() is not read()
