from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from glueball.stores import tags
from glueball.stores.damage import FOLDER, find_damage
from glueball.stores.database import Database
from glueball.stores.log_record import LogState
from glueball.stores.write_ahead_log import LogFrames

_SALTS, _BOOT = b"saltsalt", "boot-1"
_FRAME = 24 + 4096
_COMMITS = 60


def _frames(last: int, *commits: int) -> LogFrames:
    return LogFrames(salts=_SALTS, last=last, commits=commits)


def _state(
    synced: int, checkpointed: int = 0, boot: str = _BOOT, salts: bytes = _SALTS
) -> LogState:
    return LogState(salts=salts.hex(), synced=synced, checkpointed=checkpointed, boot=boot)


_CASES = [
    # frames, recovered, record, lost transactions or None for no damage, why
    (_frames(6, 2, 4, 6), 6, _state(6), None, "whole"),
    (_frames(6, 2, 4, 6), 2, _state(6), 2, "a byte flipped in the third frame"),
    (_frames(6, 2, 4, 6), 2, None, 2, "the same where nothing was noted"),
    (_frames(6, 2, 4, 6), 4, _state(4), None, "killed while the last frame was written"),
    (_frames(6, 2, 4, 6), 4, None, None, "the same where nothing was noted"),
    (_frames(6, 2, 4, 6), 4, _state(6), 1, "the last frame is damaged, and was synced"),
    (_frames(7, 2, 4), 4, _state(4), None, "killed within a transaction"),
    (_frames(4, 2), 2, _state(4), 1, "the mark of a synced commit is damaged"),
    (_frames(2, 2), 2, _state(6), 1, "the file was cut off"),
    (_frames(9, 2, 4, 6, 8, 9), 4, _state(4, boot="old"), None, "a power cut, unsynced frames"),
    (_frames(9, 2, 4, 6, 8, 9), 4, _state(6, boot="old"), 3, "a power cut, and a synced frame"),
    (_frames(6, 2, 4, 6), 2, _state(6, 6), 0, "all of it had reached the database"),
    (_frames(6, 2, 4, 6), 2, _state(6, 4), 1, "a part had reached the database"),
    (_frames(6, 2, 4, 6), 6, _state(90, salts=b"earlier!"), None, "noted of an earlier log"),
    (LogFrames(salts=b""), 0, None, None, "no log"),
    (LogFrames(salts=b""), 0, _state(5, 5), None, "the log was emptied, and then the kill"),
    (LogFrames(salts=b""), 0, _state(5, 3), 1, "the log was deleted"),
    (LogFrames(salts=b"", has_damaged_header=True), 0, _state(5), 1, "its header is damaged"),
]


@pytest.mark.parametrize(("frames", "recovered", "record", "lost", "_why"), _CASES)
def test_damage_is_told_from_what_kills_and_power_cuts_leave(
    frames: LogFrames, recovered: int, record: LogState | None, lost: int | None, _why: str
) -> None:
    damage = find_damage(frames, recovered, record, _BOOT)
    assert (None if damage is None else damage.lost) == lost


_WRITER = """
import os, sys
from pathlib import Path
from glueball.stores import tags
from glueball.stores.database import Database
database = Database(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    with database.write() as connection:
        tags.add(connection, f"arn-{number}", {"a": "1"})
if "synced" not in sys.argv:
    (Path(sys.argv[1] + "-synced")).unlink()
print("written", flush=True)
sys.stdin.read()
"""


def _crashed(home: Path, *words: str) -> Path:
    """Return a database whose service was killed after so many commits."""
    path = home / "glueball.db"
    command = [sys.executable, "-c", _WRITER, str(path), str(_COMMITS), *words]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline() == b"written\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    process.stdin.close()
    return path


def _flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


def _count(database: Database) -> int:
    with database.read() as connection:
        return sum(bool(tags.get(connection, f"arn-{number}")) for number in range(_COMMITS))


def _middle(log: Path) -> int:
    return 32 + (log.stat().st_size - 32) // _FRAME // 2 * _FRAME


@pytest.mark.parametrize("words", [("synced",), ()], ids=["noted", "not noted"])
@pytest.mark.parametrize(
    ("place", "_why"),
    [
        (lambda log: _middle(log) + 24 + 100, "a byte of a page"),
        (lambda log: _middle(log) + 9, "a byte of a frame's salts"),
        (lambda log: _middle(log) + 17, "a byte of a frame's checksum"),
        (lambda log: 9, "a byte of the log's header"),
    ],
)
def test_a_flipped_byte_in_the_log_is_told_and_a_copy_is_kept(
    tmp_path: Path, words: tuple[str, ...], place: Callable[[Path], int], _why: str
) -> None:
    path = _crashed(tmp_path, *words)
    log = Path(f"{path}-wal")
    _flip(log, place(log))
    damaged = log.read_bytes()
    database = Database(path)
    (warning,) = database.warnings
    assert _count(database) < _COMMITS
    assert "cannot be read" in warning and str(tmp_path / FOLDER) in warning
    (copy,) = (tmp_path / FOLDER).iterdir()
    assert (copy / "glueball.db-wal").read_bytes() == damaged
    database.close()
    again = Database(path)
    assert again.warnings == [], "it is told once"
    again.close()


def test_a_kill_loses_nothing_and_is_no_damage(tmp_path: Path) -> None:
    database = Database(_crashed(tmp_path, "synced"))
    assert (database.warnings, _count(database)) == ([], _COMMITS)
    assert not Path(f"{database.path}-wal").stat().st_size, "nothing lies in the log any more"
    database.close()


@pytest.mark.parametrize("left", [24, 24 + 2000], ids=["in its header", "in its page"])
def test_a_write_that_was_cut_off_is_no_damage(tmp_path: Path, left: int) -> None:
    path = _crashed(tmp_path)
    log = Path(f"{path}-wal")
    os.truncate(log, log.stat().st_size - _FRAME + left)
    database = Database(path)
    assert database.warnings == []
    database.close()


def test_a_log_that_was_cut_off_is_told(tmp_path: Path) -> None:
    path = _crashed(tmp_path, "synced")
    log = Path(f"{path}-wal")
    os.truncate(log, _middle(log))
    database = Database(path)
    assert len(database.warnings) == 1
    database.close()


def test_what_has_reached_the_database_survives_a_damaged_log(tmp_path: Path) -> None:
    """SQLite itself would mix old pages of the log with new ones of the file."""
    home = tmp_path / "home"
    home.mkdir()
    first = Database(home / "glueball.db")
    for number in range(_COMMITS):
        with first.write() as connection:
            tags.add(connection, f"arn-{number}", {"a": "1"})
    with first.read() as connection:
        first.journal.sync()
        from glueball.stores.checkpoints import checkpoint

        driver = connection.connection.dbapi_connection
        checkpoint(driver, Path(f"{first.path}-shm"), first._record)  # type: ignore[arg-type]
    copy = tmp_path / "copy"
    shutil.copytree(home, copy)  # as a kill would leave it
    first.close()
    (copy / "glueball.db-shm").unlink()
    log = copy / "glueball.db-wal"
    _flip(log, _middle(log) + 24 + 100)
    database = Database(copy / "glueball.db")
    assert "nothing is missing" in database.warnings[0]
    assert _count(database) == _COMMITS
    assert database.check() == []
    database.close()


def test_a_clean_end_leaves_nothing_beside_the_database(tmp_path: Path) -> None:
    database = Database(tmp_path / "glueball.db")
    with database.write() as connection:
        tags.add(connection, "arn", {"a": "1"})
    database.close()
    assert [path.name for path in tmp_path.iterdir()] == ["glueball.db"]


def test_damage_of_the_database_itself_is_found(tmp_path: Path) -> None:
    path = tmp_path / "glueball.db"
    database = Database(path)
    with database.write() as connection:
        for number in range(2000):
            tags.add(connection, f"arn-{number}", {"a": "1" * 50})
    assert database.check() == []
    database.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    database = Database(path)
    assert database.check() != []
    database.close()
